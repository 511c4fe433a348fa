"""From the words of a guest to a meaning. Whatever can be read in two ways is not sure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

from parinaya_cli.domain.conversation import (
    asides,
    clauses,
    corrections,
    counts,
    lists,
    persons,
    second_look,
    slips,
    small_talk,
    stopping,
    tagging,
    tokens,
)
from parinaya_cli.domain.conversation.clauses import Clause, Says
from parinaya_cli.domain.conversation.items import Item
from parinaya_cli.domain.conversation.meaning import UNCLEAR, Intent, Meaning
from parinaya_cli.domain.conversation.phrases import SERVICE_WORDS, Tag

__all__ = ["UNCLEAR", "Intent", "Meaning", "label_meaning", "understand"]

_INTENTS = {Says.YES: Intent.YES, Says.NO: Intent.NO, Says.MAYBE: Intent.MAYBE}
_ANSWERS = frozenset({*_INTENTS.values(), Intent.NUMBER})
_MOST_UNKNOWN = 6
_MOST_UNKNOWN_BESIDE_A_WORD = 3
_IN_A_REASON = frozenset(
    {Tag.UNKNOWN, Tag.FILL, Tag.SAD, Tag.RELATION, Tag.CHILD, Tag.AND, Tag.AT, Tag.COMMA}
)
_NEEDS_A_PLACE = frozenset(
    {
        Tag.NUM,
        Tag.SOLO,
        Tag.DUO,
        Tag.EVENT,
        Tag.REST,
        Tag.EXCEPT,
        Tag.EXCEPT_AFTER,
        Tag.ONLY,
        Tag.BOTH,
        Tag.DIET,
    }
)
_SILENT = frozenset({Tag.FILL, Tag.NOW, Tag.BREAK, Tag.COMMA, Tag.DASH})


def understand(text: str, event_names: Mapping[str, str]) -> Meaning:
    """What ``text`` means. ``event_names``: slug and title of the events that the guest can mean.

    Never raises. A message with an unknown word, a question or a contradiction is not sure.
    """
    wish = stopping.find(text)
    if wish is not None:
        return _stop(wish, event_names)
    if len(text) > tokens.LONGEST_TEXT:
        return UNCLEAR
    if tokens.is_cheer(text):
        return Meaning(Intent.THANKS)
    told = asides.take_out(text)
    meaning = _put_right(tokens.cut(told.text), event_names)
    if told.found:
        meaning = _beside(meaning)
    return replace(meaning, wish=True) if told.wish else meaning


def _stop(wish: stopping.Wish, event_names: Mapping[str, str]) -> Meaning:
    """A STOP, with what is said besides; thanks and greetings are nothing."""
    if not wish.besides:
        return Meaning(Intent.STOP)
    besides = _put_right(list(wish.besides), event_names)
    quiet = besides.intent is Intent.THANKS and (besides.sure or besides.greets)
    return Meaning(Intent.STOP, besides=None if quiet else besides)


def _put_right(words: list[str], event_names: Mapping[str, str]) -> Meaning:
    """What the words mean; where a word has a slip of the keyboard, what they most likely mean without it."""
    items = tagging.tag(words, event_names)
    meaning = _understood(items, event_names)
    if any(item.hint for item in items) and meaning.intent in _ANSWERS:
        meaning = _beside(meaning)
    if (
        any(small_talk.is_everyone(item) for item in items)
        and meaning.intent is Intent.YES
        and meaning.heads is None
    ):
        meaning = replace(meaning, everyone=True)
    unknown = {item.text for item in items if item.tag is Tag.UNKNOWN}
    mended = None if meaning.sure else slips.mend(words, unknown)
    if mended is None:
        return meaning
    put_right = tagging.tag(mended, event_names)
    if second_look.unknown_is_counted(items) and not _has_more_nouns(put_right, items):
        return meaning
    better = _understood(put_right, event_names)
    if better.intent is Intent.THANKS and better.sure:
        return better
    return _beside(better) if better.intent in _ANSWERS or better is UNCLEAR else meaning


def _has_more_nouns(items: list[Item], before: list[Item]) -> bool:
    nouns = {Tag.HEADS, Tag.ADULT, Tag.CHILD, Tag.DIET}
    return sum(item.tag in nouns for item in items) > sum(item.tag in nouns for item in before)


def _beside(meaning: Meaning) -> Meaning:
    """A time, a date or a room stood within the answer: likely what is left, and never sure."""
    if meaning.intent is Intent.HUMAN:
        return meaning
    if meaning.intent not in _ANSWERS:
        return UNCLEAR
    return replace(meaning, sure=False, likely=meaning.sure or meaning.likely)


def _understood(items: list[Item], event_names: Mapping[str, str]) -> Meaning:
    service = _service(items)
    if service is not None:
        return service
    has = {item.tag for item in items}
    mended = corrections.mend(items)
    if mended is not None:
        meaning = _understood(mended, event_names)
        return _beside(meaning) if meaning.heads is not None else UNCLEAR
    more = corrections.change(items)
    if more:
        return Meaning(Intent.NUMBER, sure=False, likely=True, more=more)
    if has - _SILENT == {Tag.MAYBE, Tag.QUESTION}:
        return Meaning(Intent.MAYBE, sure=False, likely=True)  # can I confirm later?
    if Tag.QUESTION in has or persons.differ(items):
        return UNCLEAR
    first = UNCLEAR if Tag.DANGER in has else _first_look(items, event_names)
    if first.sure or first.likely or first.intent is Intent.THANKS:
        return first
    return second_look.guess(items) or UNCLEAR


def _first_look(items: list[Item], event_names: Mapping[str, str]) -> Meaning:
    """What the words say by the strict rules."""
    if Tag.UNKNOWN not in {item.tag for item in items}:
        return _meaning(items, event_names)
    excused = _without_reason(items)
    plain = _meaning(excused, event_names)
    if plain.intent is Intent.NO and not plain.bare and Tag.UNKNOWN not in {i.tag for i in excused}:
        return plain
    known = [item for item in items if item.tag is not Tag.UNKNOWN]
    if {item.tag for item in known} - _SILENT <= small_talk.WHO:
        return UNCLEAR
    meaning = replace(_meaning(known, event_names), sure=False)
    if meaning.intent is Intent.THANKS:
        return Meaning(Intent.THANKS) if asides.is_blessing(items) else UNCLEAR
    return replace(meaning, likely=_is_likely(meaning, items, len(items) - len(known)))


def _without_reason(items: list[Item]) -> list[Item]:
    """A message without "due to …": why somebody stays away changes nothing, unless it speaks of events or people."""
    for place, item in enumerate(items):
        if item.tag is Tag.REASON:
            end = next((at for at in range(place, len(items)) if items[at].tag is Tag.BREAK), len(items))
            if {one.tag for one in items[place + 1 : end]} <= _IN_A_REASON:
                return items[:place] + items[end:]
    return items


def _is_likely(meaning: Meaning, items: list[Item], unknown: int) -> bool:
    """An answer beside a few words that nobody knows; not a question, nor a no that can deny anything."""
    if meaning.intent not in _ANSWERS or unknown > _MOST_UNKNOWN:
        return False
    if second_look.asks(items[0]) or second_look.unknown_is_counted(items):
        return False
    if meaning.intent is Intent.NUMBER:
        return meaning.heads is not None and unknown <= _MOST_UNKNOWN_BESIDE_A_WORD
    if not meaning.bare or _signed(items):
        return True
    regrets = any(item.tag is Tag.SAD for item in items)
    return (meaning.intent is Intent.YES or regrets) and unknown <= _MOST_UNKNOWN_BESIDE_A_WORD


def _signed(items: list[Item]) -> bool:
    """Yes, then a name on its own: all that nobody knows stands behind a mark."""
    unknown = [at for at, item in enumerate(items) if item.tag is Tag.UNKNOWN]
    marks = {Tag.BREAK, Tag.COMMA, Tag.DASH}
    return (
        items[unknown[0] - 1].tag in marks and unknown[-1] - unknown[0] + 1 == len(unknown)
        if unknown[0]
        else False
    )


def label_meaning(label: str) -> str | None:
    """What the label of a template's button means: yes, no, maybe or stop; None when that is not certain."""
    meaning = understand(label, {})
    answers = {Intent.YES, Intent.NO, Intent.MAYBE, Intent.STOP}
    plain = meaning.heads is None and not meaning.diets
    return meaning.intent.value if meaning.sure and plain and meaning.intent in answers else None


def _service(items: list[Item]) -> Meaning | None:
    """STOP and START as the whole message or nearly, and the wish for a person."""
    has = {item.tag for item in items}
    for tag, intent in ((Tag.STOP, Intent.STOP), (Tag.START, Intent.START)):
        if tag in has:
            return Meaning(intent) if all(_goes_with(item, tag) for item in items) else UNCLEAR
    if Tag.HUMAN in has:
        denied = has & {Tag.NO, Tag.NOT, Tag.NAHI, Tag.NEG} or {"dont", "mat"} & {item.text for item in items}
        return UNCLEAR if denied else Meaning(Intent.HUMAN)
    return None


def _goes_with(item: Item, tag: Tag) -> bool:
    if item.tag in {tag, Tag.BREAK, Tag.COMMA, Tag.DASH, Tag.SERVICE, Tag.THANKS}:
        return True
    return all(word in SERVICE_WORDS for word in item.text.split()) and item.tag is not Tag.QUESTION


def _meaning(items: list[Item], event_names: Mapping[str, str]) -> Meaning:
    has = {item.tag for item in items} - _SILENT - {Tag.FUNCTION, Tag.AND}
    if not has:
        return small_talk.courtesy({item.text for item in items if item.tag is Tag.FILL})
    if has <= {Tag.DIET, Tag.ALL} and Tag.DIET in has:
        return small_talk.diet_of_all(items)
    if has <= small_talk.WHO:
        return small_talk.household(items)
    if has <= {Tag.THANKS, Tag.ACK} or _congratulates(items, has):
        return Meaning(Intent.THANKS, sure=Tag.THANKS in has, likely=Tag.ACK in has)
    if Tag.SERVICE in has:
        return UNCLEAR
    if has == {Tag.YES, Tag.THANKS} and asides.is_receipt(items):
        return Meaning(Intent.YES, sure=False, likely=True)
    if has <= {Tag.SAD, Tag.THANKS} and any(
        item.tag is Tag.SAD and "sorry" not in item.text for item in items
    ):
        return Meaning(Intent.NO, sure=False, likely=True)
    return _sentence(items, event_names) or _list(items) or _gist(items)


def _gist(items: list[Item]) -> Meaning:
    """Likely, where one sentence says one thing and what stands beside it can't be placed.

    Never with a number or an event, whose place would be a guess, nor where the sentence is about some of the people.
    """
    if {item.tag for item in items} & _NEEDS_A_PLACE:
        return UNCLEAR
    parts = clauses.split(items)
    said = [clauses.read(part) for part in parts]
    spoken = {clause.says for clause in said} - {Says.NOTHING}
    telling = [part for part, clause in zip(parts, said, strict=True) if clause.says in spoken]
    some = any(item.tag in clauses.SOME_OF_US for part in telling for item in part)
    if len(spoken) != 1 or Says.CONFLICT in spoken or some or not any(clause.stated for clause in said):
        return UNCLEAR
    return Meaning(_INTENTS[spoken.pop()], sure=False, likely=True)


def _list(items: list[Item]) -> Meaning | None:
    each = lists.read(items)
    named = tuple(line.slug for line in each if line.slug != lists.REST)
    return Meaning(Intent.YES, only=named, each=each) if each else None


def _sentence(items: list[Item], event_names: Mapping[str, str]) -> Meaning | None:
    """What the clauses and the numbers say together; None when it can't be told."""
    counted = counts.count(items)
    if counted is None:
        return None
    said = [clauses.read(clause) for clause in clauses.split(items)]
    meaning = _answer(said, tuple(event_names))
    if meaning is None or (meaning.intent is Intent.NUMBER and not counted.any):
        return None
    if not counted.any:
        return meaning
    if meaning.intent is Intent.MAYBE and len(said) == 1:
        return replace(meaning, sure=False, likely=True)  # maybe four: the number is as open as the rest
    if meaning.intent in {Intent.NO, Intent.MAYBE} or (meaning.intent is Intent.YES and _no_has_events(said)):
        return None
    if meaning.intent is Intent.NUMBER and counted.heads is None and not counted.diets:
        return None
    return replace(
        meaning,
        heads=counted.heads,
        adults=counted.adults,
        children=counted.children,
        diets=MappingProxyType(counted.diets),
    )


def _congratulates(items: list[Item], has: set[Tag]) -> bool:
    """Congratulations on the wedding: an event is named, but only inside of the good wishes."""
    if not has <= {Tag.THANKS, Tag.EVENT}:
        return False
    parts = [{item.tag for item in part} for part in clauses.split(items)]
    return all(Tag.THANKS in part for part in parts if Tag.EVENT in part)


def _no_has_events(said: list[Clause]) -> bool:
    """Two kinds of events and a number: whose number it is can't be told when the clauses are mixed."""
    return any(clause.says is Says.NO for clause in said) and any(
        clause.says is Says.YES and clause.events for clause in said
    )


def _answer(said: list[Clause], slugs: tuple[str, ...]) -> Meaning | None:
    """Join the clauses to one meaning; None when they do not fit together."""
    spoken = {clause.says for clause in said} - {Says.NOTHING}
    if Says.CONFLICT in spoken or (Says.MAYBE in spoken and len(spoken) > 1):
        return None
    if Says.NO in spoken and any(clause.who for clause in said):
        return None
    if spoken == {Says.YES, Says.NO}:
        return _mixed(said)
    if spoken:
        return _alike(said, spoken.pop(), slugs)
    return _unspoken(said, slugs)


def _alike(said: list[Clause], says: Says, slugs: tuple[str, ...]) -> Meaning | None:
    """All clauses that say anything say the same."""
    events = _union(clause.events for clause in said)
    except_ = _union(clause.except_ for clause in said)
    only = any(clause.only for clause in said)
    if any(clause.rest for clause in said) or set(events) & set(except_) or (only and except_):
        return None
    if says is not Says.YES and (only or except_ or _event_after(said, says)):
        return None
    if only and not _only_names_all(said):
        return None
    if any(clause.all_events for clause in said):
        if events or says is not Says.YES:
            return None
        events = tuple(slug for slug in slugs if slug not in except_)
    bare = not any(clause.stated for clause in said) and not events and not except_
    return Meaning(_INTENTS[says], only=events, except_=except_, exclusive=only, bare=bare)


def _event_after(said: list[Clause], says: Says) -> bool:
    """Not haldi, sangeet: an event named behind a no without a word of its own."""
    seen = False
    for clause in said:
        seen = seen or clause.says is says
        if seen and clause.says is Says.NOTHING and clause.events:
            return True
    return False


def _only_names_all(said: list[Clause]) -> bool:
    """With "only sangeet", no event may be named outside of the clause that says only."""
    return all(clause.only or not clause.events for clause in said)


def _mixed(said: list[Clause]) -> Meaning | None:
    """Yes for some events and no for others. The no must name its events."""
    yes = [clause for clause in said if clause.says is Says.YES]
    no = [clause for clause in said if clause.says is Says.NO]
    if any(
        clause.says is Says.NOTHING and (clause.events or clause.rest or clause.except_) for clause in said
    ):
        return None
    away, come = _union(clause.events for clause in no), _union(clause.events for clause in yes)
    if not all(clause.events for clause in no) or any(clause.rest or clause.except_ for clause in no):
        return None
    if not any(clause.stated or clause.rest for clause in yes) or set(away) & set(come):
        return None
    if any(clause.except_ for clause in yes):
        return None
    open_end = any(clause.rest or clause.all_events for clause in yes)
    if open_end and come:
        return None
    only = any(clause.only for clause in said)
    return Meaning(Intent.YES, only=come, except_=away, exclusive=only)


def _unspoken(said: list[Clause], slugs: tuple[str, ...]) -> Meaning | None:
    """Nobody said yes or no: "only sangeet", "all except haldi", "4", "sangeet 4 log"."""
    events = _union(clause.events for clause in said)
    except_ = _union(clause.except_ for clause in said)
    if any(clause.rest for clause in said):
        return None
    if any(clause.all_events for clause in said) and not events and not except_:
        return Meaning(Intent.YES, only=slugs, sure=False, likely=True)
    if any(clause.only for clause in said):
        fits = events and not except_ and _only_names_all(said)
        return Meaning(Intent.YES, only=events, exclusive=True) if fits else None
    if except_:
        if events or not any(clause.everything for clause in said):
            return None
        every = any(clause.all_events for clause in said)
        others = tuple(slug for slug in slugs if slug not in except_) if every else ()
        return Meaning(Intent.YES, only=others, except_=except_)
    return Meaning(Intent.NUMBER, only=events)


def _union(groups: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(slug for group in groups for slug in group))
