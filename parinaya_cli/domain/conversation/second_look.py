"""A second look at what can't be read for certain: what it most likely says, to be read back to the guest.

Nothing that is found here is ever recorded before the guest has said that it is right. What must be read by a person
(a condition, mourning, money, different people for different events) is not guessed at all.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from parinaya_cli.domain.conversation import clauses, counts, tagging, tokens
from parinaya_cli.domain.conversation.clauses import Clause, Says
from parinaya_cli.domain.conversation.items import Item
from parinaya_cli.domain.conversation.lists import REST, Line
from parinaya_cli.domain.conversation.meaning import Intent, Meaning
from parinaya_cli.domain.conversation.phrases import Tag

_INTENTS = {Says.YES: Intent.YES, Says.NO: Intent.NO, Says.MAYBE: Intent.MAYBE}
_OPPOSITE = {Says.YES: Says.NO, Says.NO: Says.YES}
_MOST_UNKNOWN = 5
"""Words that nobody knows in a clause that tells something."""

_SOFT_WORDS = "was had were went came any date miss some else chahiye post share group he she they wo ve"
_SOFT_WORDS_OF_OTHERS = "aap koi did baad kya kyun"
_SOFT = frozenset(f"{_SOFT_WORDS} {_SOFT_WORDS_OF_OTHERS}".split()) | {"not just", "not only"}
"""Words that can turn a sentence round, and mostly do not: for a guess they are like words that nobody knows."""

_SOFT_IN_A_NO_WORDS = (
    "after before until till would should could may when what where how who someone nobody kaise dont"
)
_SOFT_IN_A_NO = frozenset(_SOFT_IN_A_NO_WORDS.split()) | {"once", "as soon as"}
"""Words that may stand in a reason for staying away, or for not knowing yet."""

_OTHERS = _SOFT_IN_A_NO | set(f"he she they wo ve {_SOFT_WORDS_OF_OTHERS}".split())
"""Words that may stand in a reason or a greeting, and not in the sentence that tells."""

_ROUGH = frozenset({"approx", "atleast", "at least", "max", "minimum", "min"})
"""Beside a number: it is told all the same, and can be read back."""

_VAGUE = frozenset({tokens.RANGE, "to adults", "to log", "to kids"})
"""Signs of a number that is not certain: what is said of coming may be guessed, the number may not."""

_MEANT = {"nahi nahi": Tag.NAHI}
_PERSONS = frozenset({Tag.RELATION, Tag.CHILD, Tag.ADULT})
_ASKING = "is are am was were do does did has have had will can shall kya"
_INVERTED = frozenset(_ASKING.split())
_FEW = 4
_ONE = frozenset({"aayega", "payega"})
_MOST_UNKNOWN_IN_A_REGRET = 14
_COUNTED = frozenset({Tag.NUM, Tag.SOLO, Tag.DUO})
_TOTAL = frozenset({"kul", "total count", "hum total", "in all", "in total", "altogether"})
_SOFT_SAD = frozenset(
    {"sorry", "so sorry", "very sorry", "maaf", "busy", "sadly", "unfortunately", "khed", "exam", "exams"}
)
_EARLIER = frozenset({"earlier", "pehle", "said", "bola", "kaha", "told", "bole", "likha", "galti"})


@dataclass(frozen=True)
class _Part:
    """One clause: what it says, for which events, of how many; ``people``: it names some of the household."""

    items: list[Item]
    says: Says
    stated: bool
    events: tuple[str, ...]
    rest: bool
    except_: tuple[str, ...]
    heads: int | None
    counted: bool
    people: bool
    turns: bool

    @property
    def tells(self) -> bool:
        """Does it say anything about coming?"""
        return self.says is not Says.NOTHING or self.counted


def guess(items: list[Item]) -> Meaning | None:
    """What a message most likely says, always ``likely`` and never ``sure``; None when it is not for guessing."""
    eased = _eased(items)
    if not eased or asks(items[0]):
        return None
    cut = [piece for clause in clauses.split(eased) for piece in clauses.split_at_rest(clause)]
    parts = _without_others(_without_earlier([_part(clause) for clause in cut]))
    telling = [part for part in parts if part.tells or _names_events(part)]
    if any(part.says is Says.CONFLICT or _is_strange(part) for part in telling):
        return None
    if any(_names_people_alone(part) for part in parts if part not in telling):
        return None
    if not any(part.tells or part.except_ for part in parts):
        return _regrets(parts)
    if _is_roughly_counted(items, telling):
        return Meaning(Intent.NUMBER, heads=telling[0].heads, sure=False, likely=True)
    if not any(part.stated or part.says is Says.MAYBE or _accepts(part, telling) for part in telling):
        return None
    meaning = (
        _for_events(telling) if any(_names_events(part) for part in telling) else _for_all(telling, parts)
    )
    return _counted(meaning, telling) if meaning is not None else None


def _is_roughly_counted(items: list[Item], telling: list[_Part]) -> bool:
    """Max 4, approx 5 people: a number and nothing else."""
    rough = any(item.text in _ROUGH for item in items) and len(items) <= _FEW
    return rough and len(telling) == 1 and telling[0].heads is not None and telling[0].says is Says.NOTHING


def _accepts(part: _Part, telling: list[_Part]) -> bool:
    """Yes 4; except haldi: no sentence, and enough to ask."""
    if part.except_ or (part.counted and part.events):
        return True
    return part.says is Says.YES and any(one.heads and not unknown_is_counted(one.items) for one in telling)


def _regrets(parts: list[_Part]) -> Meaning | None:
    """Please excuse us, wish we could come: nothing but regrets, and no word about others."""
    sad = [
        item for part in parts for item in part.items if item.tag is Tag.SAD and item.text not in _SOFT_SAD
    ]
    unknown = sum(item.tag is Tag.UNKNOWN for part in parts for item in part.items)
    if not sad or unknown > _MOST_UNKNOWN_IN_A_REGRET or any(part.people for part in parts):
        return None
    return Meaning(Intent.NO, sure=False, likely=True)


def _eased(items: list[Item]) -> list[Item] | None:
    """The message with its reasons left out, and small dangers as words that nobody knows; None for great ones."""
    done: list[Item] = []
    skipping = False
    denies = any(item.tag in {Tag.STAY_AWAY, Tag.NEG, Tag.SAD, Tag.MAYBE} for item in items)
    vague = any(item.text in _VAGUE for item in items)
    for item in items:
        if item.tag in {Tag.BREAK, Tag.BUT} or (skipping and item.tag is Tag.COMMA):
            skipping = False
        if item.tag is Tag.DANGER and not _is_soft(item, denies):
            return None
        skipping = skipping or item.tag is Tag.REASON
        if skipping and item.tag in {Tag.COME, Tag.YES, Tag.MAYBE, Tag.NO, Tag.STAY_AWAY}:
            return None
        if not skipping and not (vague and item.tag is Tag.HEADS):
            done.append(_softened(item))
    return done


def _softened(item: Item) -> Item:
    if item.tag is not Tag.DANGER:
        return item
    if item.text in _MEANT:
        return replace(item, tag=_MEANT[item.text])
    if item.text in _ROUGH:
        return replace(item, tag=Tag.FILL)
    return replace(item, tag=Tag.STAY_AWAY if _is_one_away(item) else Tag.UNKNOWN)


def _is_one_away(item: Item) -> bool:
    """Kavita nahi aa payegi: one of the household stays away."""
    words = set(item.text.split())
    return "nahi" in words and not _ONE.isdisjoint(words)


def _is_soft(item: Item, denies: bool) -> bool:
    if item.text in _SOFT | _VAGUE | _ROUGH or item.text in _MEANT or _is_one_away(item):
        return True
    return denies and (item.text in _SOFT_IN_A_NO or tagging.is_event_word(item.text))


def asks(first: Item) -> bool:
    """Does a message that begins so ask? Not when it begins with will come or will let you know."""
    word = first.text.split()[0]
    states = first.tag in {Tag.MAYBE, Tag.SAD} or (
        word in {"will", "shall"} and first.tag in {Tag.COME, Tag.STAY_AWAY}
    )
    return word in _INVERTED and not states


def unknown_is_counted(items: list[Item]) -> bool:
    """4 gifts, gate 4: a number beside a word that nobody knows need not be people."""
    return any(
        item.tag is Tag.NUM
        and (_is_unknown(items, at + 1) or (_is_unknown(items, at - 1) and not _has_noun(items, at)))
        for at, item in enumerate(items)
    )


def _is_unknown(items: list[Item], place: int) -> bool:
    return 0 <= place < len(items) and items[place].tag is Tag.UNKNOWN


def _has_noun(items: list[Item], place: int) -> bool:
    after = items[place + 1].tag if place + 1 < len(items) else Tag.BREAK
    return after in {Tag.HEADS, Tag.ADULT, Tag.CHILD}


def _part(clause: list[Item]) -> _Part:
    known = _without_only([item for item in clause if item.tag is not Tag.UNKNOWN])
    read = clauses.read(known) if known else None
    has = {item.tag for item in known}
    counted = counts.count(known)
    return _Part(
        clause,
        _direction(known, read),
        read is not None and (read.stated or bool(has & {Tag.COME, Tag.STAY_AWAY})),
        read.events if read else (),
        read is not None and read.rest,
        read.except_ if read else (),
        counted.heads if counted else None,
        bool(has & _COUNTED) or any(item.text in _VAGUE for item in clause),
        bool(has & _PERSONS) or any(_is_one_away(item) for item in clause),
        clause[0].tag is Tag.BUT or Tag.NOW in has,
    )


def _without_only(clause: list[Item]) -> list[Item]:
    """Sangeet mein 2 hi aayenge: an only of people says nothing of the other events."""
    return [
        item
        for place, item in enumerate(clause)
        if item.tag is not Tag.ONLY
        or not any(near.tag is Tag.NUM for near in clause[max(0, place - 1) : place + 2])
    ]


def _direction(clause: list[Item], read: Clause | None) -> Says:
    """What a clause says, also where a word beside it is too much for the strict reading."""
    if read is None or read.says is not Says.CONFLICT:
        return read.says if read else Says.NOTHING
    tags = {item.tag for item in clause}
    polar = [item.tag for item in clause if item.tag in clauses.POLAR]
    if Tag.MAYBE in tags and not tags & _PERSONS:
        return Says.MAYBE
    if Tag.ONLY in tags and read.events and set(polar) == {Tag.STAY_AWAY} and not tags & _COUNTED:
        return Says.NO
    if Tag.ONLY in tags and read.events and Tag.COME in polar and _is_only_of_events(clause):
        return Says.YES if _affirms(polar) and not tags & _PERSONS else Says.CONFLICT
    if Tag.EXCEPT in tags and read.except_ and not polar:
        return Says.NOTHING
    if tags & {Tag.BOTH, Tag.ONLY, Tag.EXCEPT, Tag.EXCEPT_AFTER, Tag.ALL, Tag.ALL_EVENTS, Tag.HEADS}:
        return Says.CONFLICT
    if any(item.tag is Tag.SAD and item.text not in _SOFT_SAD for item in clause):
        return Says.CONFLICT if Tag.COME in polar else Says.NO
    if Tag.COME in polar:
        return Says.YES if _affirms(polar) and not tags & _PERSONS else Says.CONFLICT
    return Says.NO if Tag.STAY_AWAY in polar and tags & _PERSONS and not tags & _COUNTED else Says.CONFLICT


def _is_only_of_events(clause: list[Item]) -> bool:
    """Sirf reception, 2 log: the only stands before an event, and behind no number."""
    place = next(at for at, item in enumerate(clause) if item.tag is Tag.ONLY)
    after = clause[place + 1].tag if place + 1 < len(clause) else Tag.BREAK
    return after is Tag.EVENT and not (place and clause[place - 1].tag in {Tag.NUM, Tag.HEADS})


def _affirms(polar: list[Tag]) -> bool:
    """Nahi nahi, hum aayenge: a no stands before the whole sentence, which says the opposite."""
    behind = polar[polar.index(Tag.COME) :]
    before = polar[: polar.index(Tag.COME)]
    return set(behind) <= {Tag.COME, Tag.YES} and set(before) <= {Tag.NO, Tag.NAHI, Tag.YES}


def _is_strange(part: _Part) -> bool:
    """Are there too many words in it that nobody knows, or is it about somebody else?"""
    unknown = [item.text for item in part.items if item.tag is Tag.UNKNOWN]
    return part.tells and (len(unknown) > _MOST_UNKNOWN or not _OTHERS.isdisjoint(unknown))


def _names_people_alone(part: _Part) -> bool:
    """Mummy papa, nahi aa payenge: a clause of nobody but people is about who."""
    return part.people and all(item.tag in {*_PERSONS, Tag.AND, Tag.FILL} for item in part.items)


def _names_events(part: _Part) -> bool:
    return bool(part.events or part.rest or part.except_)


def _without_earlier(parts: list[_Part]) -> list[_Part]:
    """Earlier I said yes, but …: what was said before does not count where something new follows."""
    kept = [
        part
        for place, part in enumerate(parts)
        if place + 1 == len(parts) or not any(_EARLIER & set(item.text.split()) for item in part.items)
    ]
    return kept or parts


def _without_others(parts: list[_Part]) -> list[_Part]:
    """Dadi can't come, the 3 of us will: who stays away is told, and how many are left."""
    away = [part for part in parts if part.says is Says.NO and part.people and not _names_events(part)]
    left = [part for part in parts if part.heads is not None and part.says in {Says.YES, Says.NOTHING}]
    if (
        not away
        or len(left) != 1
        or any(part.says is not Says.NO for part in parts if part.tells and part not in left)
    ):
        return parts
    return [replace(left[0], says=Says.YES, stated=True, rest=False)]


def _for_all(telling: list[_Part], parts: list[_Part]) -> Meaning | None:
    """One direction for every event."""
    said = [part for part in telling if part.says is not Says.NOTHING]
    kinds = {part.says for part in said}
    some = any(part.people and not part.counted for part in telling)
    if some and kinds != {Says.YES} and not _total(telling):
        return None
    numbers = sum(item.tag is Tag.NUM for part in parts for item in part.items)
    if Says.MAYBE in kinds and (numbers > 1 or any(part.people for part in parts)):
        return None
    if kinds == {Says.YES, Says.MAYBE}:
        kinds = {Says.MAYBE}
    if kinds == {Says.YES, Says.NO}:
        kinds = _newest(said)
    if len(kinds) != 1:
        return None
    return Meaning(_INTENTS[kinds.pop()], sure=False, likely=True)


def _newest(said: list[_Part]) -> set[Says]:
    """Yes, got the card, but we can't come; no no, we will come: the sentence at the end is meant."""
    last = said[-1]
    before = [part for part in said[:-1] if part.stated and part.says is not last.says]
    turned = last.stated and not before and (last.turns or last.says is Says.YES)
    return {last.says} if turned else set()


def _for_events(telling: list[_Part]) -> Meaning | None:
    """An answer for each event that is named, and one for the rest where that is told."""
    if any(part.people for part in telling):
        return None
    lines: dict[str, Line] = {}
    standing: Says | None = None
    for part in telling:
        says = part.says
        if says is Says.NOTHING:
            says = standing or Says.YES
            if not (part.counted or standing or part.except_):
                return None
        names = part.events or ((REST,) if part.rest else ())
        if part.except_:
            says = Says.YES if part.says is Says.NOTHING else says
            if says not in _OPPOSITE or part.events:
                return None
            lines.update({slug: Line(slug, _OPPOSITE[says], None) for slug in part.except_})
            names = (REST,)
        if not names:
            names = (REST,) if lines and part.says is not Says.NOTHING else ()
            standing = part.says if part.says is not Says.NOTHING else standing
        if any(name in lines and lines[name].says is not says for name in names):
            return None
        heads = part.heads if says is Says.YES else None
        lines.update({name: Line(name, says, heads) for name in names})
        if _is_alone(part) and len(telling) == 1:
            lines[REST] = Line(REST, _OPPOSITE[says], None)
    if standing is not None and not any(line.says is standing for line in lines.values()):
        lines.setdefault(REST, Line(REST, standing, None))
    named = tuple(slug for slug in lines if slug != REST)
    if not named:
        return None
    return Meaning(Intent.YES, only=named, each=tuple(lines.values()), sure=False, likely=True)


def _is_alone(part: _Part) -> bool:
    """Only haldi: is it said of these events and of no other?"""
    return (
        part.says in _OPPOSITE
        and any(item.tag is Tag.ONLY for item in _without_only(part.items))
        and bool(part.events)
    )


def _total(telling: list[_Part]) -> int | None:
    """Total 5: the number that is called the sum."""
    named = [part for part in telling if part.heads and any(item.text in _TOTAL for item in part.items)]
    return named[0].heads if len(named) == 1 else None


def _counted(meaning: Meaning, telling: list[_Part]) -> Meaning | None:
    """With the number that was said, when it is one and certain; None where it can't be told whose it is."""
    found = {part.heads for part in telling if part.counted}
    vague = any(item.text in _VAGUE for part in telling for item in part.items)
    strange = any(unknown_is_counted(part.items) for part in telling)
    total = _total(telling)
    if meaning.intent is Intent.YES and total is not None and not meaning.each and not vague:
        return replace(meaning, heads=total)
    if meaning.intent is not Intent.YES or not found or vague or strange:
        return meaning
    if None in found:
        return None
    if not meaning.each:
        return replace(meaning, heads=found.pop()) if len(found) == 1 else None
    general = {part.heads for part in telling if part.counted and not _names_events(part)}
    if not general:
        return meaning
    heads = general.pop()
    lines = (replace(one, heads=heads) if one.says is Says.YES else one for one in meaning.each)
    return replace(meaning, each=tuple(lines)) if len(found) == 1 else None
