"""Words become items with a tag; what a word does can depend on its neighbours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from parinaya_cli.domain.conversation import naming, shaping, tokens
from parinaya_cli.domain.conversation.items import Item, neighbour
from parinaya_cli.domain.conversation.phrases import DIETS, HINTS, LONGEST, TABLE, Tag
from parinaya_cli.domain.conversation.words import ALL_OF_US, HINDI_ONLY_NUMBERS, NUMBERS

MOST_HEADS = 99
"""The largest head count that is read from words."""


_MARKS = {
    tokens.BREAK: Tag.BREAK,
    tokens.COMMA: Tag.COMMA,
    tokens.DASH: Tag.DASH,
    tokens.QUESTION: Tag.QUESTION,
    tokens.STRANGE: Tag.DANGER,
    tokens.RANGE: Tag.DANGER,
    tokens.PICTURE: Tag.UNKNOWN,
    tokens.PLUS: Tag.DANGER,
}
_NOUNS = frozenset({Tag.HEADS, Tag.ADULT, Tag.CHILD, Tag.DIET})
_ADDED = frozenset({Tag.ADULT, Tag.CHILD, Tag.DIET, Tag.EVENT})
_NOT_PEOPLE = frozenset({Tag.KO, Tag.FUNCTION, Tag.DANGER, Tag.RELATION, Tag.EVENT})
_POLAR = frozenset({Tag.YES, Tag.NO, Tag.NEG, Tag.NOT, Tag.NAHI, Tag.COME, Tag.STAY_AWAY, Tag.WILL, Tag.VERB})

_WISHED = frozenset({"you", "aap", "they", "both", "all", "sab", "dono", "parivar", "ko"})

_EVENT_WORDS: dict[str, str] = {
    "sangeet": r"સંગીત(?:માં)?|ਸੰਗੀਤ|সঙ্গীত|sang[eiy]*t+h?|सगित",
    "mehendi": r"મહેંદી(?:માં)?|ਮਹਿੰਦੀ|m[ae]h?[ae]?n+dh?[iey]+|menhdi|henna|मेहदि|मेहदी|मेदहि|मेन्हदि",
    "haldi": r"પીઠી(?:માં)?|હલ્દી(?:માં)?|ਹਲਦੀ|हळद|hald[iey]+|हल्दि|pithi|peethi",
    "pheras": r"pheras?|phere|fer[ae]s?|feray|फेरे|फेरा|muhurtham|nikah|निकाह",
    "wedding": r"sh?a+di|wedd?ing|marriage|viva+h|bya+h|biyah|viya+h|lagna?|lagan|kalyanam|pelli|maduve"
    r"|biye|शादि|विवाह|ब्याह|लग्न|લગ્ન(?:માં)?|लग्नात|ਵਿਆਹ|திருமண\S*|கல்யாண\S*|పెళ్లి\S*|বিয়ে\S*|ಮದುವೆ\S*"
    r"|വിവാഹ\S*",
    "reception": r"રિસેપ્શન(?:માં)?|ਰਿਸੈਪਸ਼ਨ|রিসেপশন|ரிசப்ஷன்|రిసెప్షన్|ರಿಸೆಪ್ಷನ್|rec[ei]+pt?i?on"
    r"|recepti?ons?|risepshan|resepshan|recepshun|रिसेप्शन|स्वागत",
    "engagement": r"engagement|saga+i|mangni|सगाइ|मगनि|roka|रोका",
    "baraat": r"bar+a+t|बारात",
    "cocktail": r"cocktails?",
    "tilak": r"tilak|तिलक",
    "garba": r"garba|dandiya|गरबा",
    "vidai": r"vida+i|bida+i|विदाइ",
    "puja": r"pu?o*ja|पुजा|havan|हवन|katha|कथा|ganesh",
}
_KINDS = {kind: re.compile(pattern) for kind, pattern in _EVENT_WORDS.items()}


def tag(words: list[str], event_names: Mapping[str, str]) -> list[Item]:
    """The items of a message. ``event_names``: slug and title of every event that can be meant."""
    names = _names(tuple(event_names.items()))
    items: list[Item] = []
    place = 0
    while place < len(words):
        size, item = _longest(words, place, names)
        items.append(item)
        place += size
    rules = (
        _hindi_numbers,
        naming.family,
        shaping.shape,
        _small_words,
        naming.addressed,
        naming.consulted,
        _wishes,
        _ticks,
        _numbers_that_are_not_heads,
        _only_first,
        _verbs_denied,
        _questions,
    )
    for rule in rules:
        items = rule(items)
    return items


@lru_cache(maxsize=256)
def _names(events: tuple[tuple[str, str], ...]) -> _Names:
    return _Names(dict(events))


class _Names:
    """The words by which each event can be called, worked out once for a list of events."""

    def __init__(self, event_names: Mapping[str, str]) -> None:
        self._kinds: dict[str, set[str]] = {}
        self.phrases: dict[tuple[str, ...], set[str]] = {}
        for slug, title in event_names.items():
            called = [tokens.cut(text) for text in (slug.replace("-", " ").replace("_", " "), title)]
            for words in called:
                self._learn(slug, tuple(words))
            for kind in {kind for words in called for word in words if (kind := _kind(word))}:
                self._kinds.setdefault("pheras" if kind == "wedding" else kind, set()).add(slug)
        self.longest = max(map(len, self.phrases), default=0)

    def _learn(self, slug: str, words: tuple[str, ...]) -> None:
        """The whole name, and each word of it that means nothing else."""
        own = [word for word in words if word.isalpha() and _is_free(word)]
        if own:
            self.phrases.setdefault(words, set()).add(slug)
        for word in own:
            if len(word) > 3 and not _kind(word) and word not in _GENERIC:
                self.phrases.setdefault((word,), set()).add(slug)

    def of_kind(self, kind: str) -> set[str]:
        """The events that a word such as sangeet or shaadi can mean."""
        return self._kinds.get("pheras" if kind == "wedding" else kind, set())


_GENERIC_WORDS = (
    "night evening morning party dinner lunch brunch breakfast tea day welcome grand royal happy home house"
    " hall family friends bride groom side with shaam raat subah samaroh sandhya ladies gents"
)
_GENERIC = frozenset(_GENERIC_WORDS.split())


def _is_free(word: str) -> bool:
    return (word,) not in TABLE and word not in NUMBERS and word not in HINDI_ONLY_NUMBERS


def _kind(word: str) -> str | None:
    for kind, pattern in _KINDS.items():
        if pattern.fullmatch(word):
            return kind
    return None


def is_event_word(word: str) -> bool:
    """Is it a word for an event, of this wedding or of any?"""
    return _kind(word) is not None


def _longest(words: list[str], place: int, names: _Names) -> tuple[int, Item]:
    """The longest phrase that begins at ``place``, and how many words it takes."""
    for size in range(min(max(LONGEST, names.longest), len(words) - place), 0, -1):
        phrase = tuple(words[place : place + size])
        text = " ".join(phrase)
        if phrase in names.phrases:
            return size, _event(text, names.phrases[phrase])
        if phrase in TABLE:
            return size, Item(TABLE[phrase], text, name=DIETS.get(text, text), hint=phrase in HINTS)
    return 1, _single(words[place], names)


def _single(word: str, names: _Names) -> Item:
    if word in _MARKS:
        return Item(_MARKS[word], word)
    if word.isdecimal():
        number = int(word) if len(word) <= 2 else MOST_HEADS + 1
        return Item(Tag.NUM if 0 < number <= MOST_HEADS else Tag.DANGER, word, number)
    if word in NUMBERS:
        return Item(Tag.NUM, word, NUMBERS[word])
    if "+" in word and word != tokens.PLUS:
        return Item(Tag.NUM, word, sum(int(part) for part in word.split("+")), hint=True)
    kind = _kind(word)
    if kind is None:
        return Item(Tag.UNKNOWN, word)
    meant = names.of_kind(kind)
    if not meant and kind == "wedding":
        return Item(Tag.FUNCTION, word, name="wedding")
    return _event(word, meant)


def _event(text: str, meant: set[str]) -> Item:
    """One event is that event; none of ours or several is for a person to sort out."""
    if len(meant) == 1:
        return Item(Tag.EVENT, text, name=next(iter(meant)))
    return Item(Tag.DANGER, text)


# ── what depends on the neighbours ─────────────────────────────────────────────────────────────────────


def _hindi_numbers(items: list[Item]) -> list[Item]:
    """``do`` and ``teen`` are numbers before a noun, behind hum, sirf or kul, and when they stand alone."""
    done: list[Item] = []
    for place, item in enumerate(items):
        if item.text in ALL_OF_US and place and items[place - 1].text == "hum":
            item = Item(Tag.NUM, item.text, ALL_OF_US[item.text])
        if item.text in HINDI_ONLY_NUMBERS and item.tag is Tag.UNKNOWN:
            before = items[place - 1] if place else None
            after = items[place + 1] if place + 1 < len(items) else None
            counted = (after is not None and after.tag in _NOUNS) or (
                before is not None and before.text in {"hum", "sirf", "kul", "hum log"}
            )
            if counted or all(other is item or other.tag is Tag.BREAK for other in items):
                item = Item(Tag.NUM, item.text, HINDI_ONLY_NUMBERS[item.text])
        done.append(item)
    return done


def _small_words(items: list[Item]) -> list[Item]:
    """``hi`` behind what it stresses is only, ``ya`` at the beginning yes, ``+`` behind a noun and."""
    done: list[Item] = []
    for place, item in enumerate(items):
        before = neighbour(items, place, -1)
        if item.text == "hi" and before is not None and before.tag in _NOUNS | {Tag.EVENT, Tag.NUM}:
            item = replace(item, tag=Tag.ONLY)
        elif item.text == tokens.PLUS and before is not None and before.tag in _ADDED:
            item = replace(item, tag=Tag.AND)
        elif item.text == "na":
            alone = all(
                other is item or other.text in {"na", "ji"} or other.tag is Tag.BREAK for other in items
            )
            item = replace(item, tag=Tag.NO if alone else _tag_of_na(done, items[place + 1 :]), hint=alone)
        elif item.tag is Tag.BUT and place + 1 == len(items):
            item = replace(item, tag=Tag.DANGER)  # "would love to come but": the rest is not said
        elif item.tag is Tag.AND and (
            place + 1 == len(items) or items[place + 1].tag in {Tag.COMMA, Tag.BREAK}
        ):
            item = replace(item, tag=Tag.DANGER)  # "haldi n": no, or and?
        elif item.text == "ya" and place == 0 and _ends_here(items, 1):
            item = replace(item, tag=Tag.YES)
        done.append(item)
    return done


def _tag_of_na(before: list[Item], after: list[Item]) -> Tag:
    """Na denies the verb behind it; behind a verb it only asks for assent; else it can be either."""
    if after and after[0].tag is Tag.COME:
        return Tag.NAHI
    return Tag.FILL if before and before[-1].tag is Tag.COME and not after else Tag.DANGER


def _wishes(items: list[Item]) -> list[Item]:
    """You and your family, where somebody is wished well and nothing is said of coming."""
    has = {item.tag for item in items}
    if Tag.THANKS not in has or has & (_POLAR | {Tag.NUM, Tag.QUESTION, Tag.MAYBE, Tag.STOP, Tag.HUMAN}):
        return items
    return [replace(item, tag=Tag.FILL) if item.text in _WISHED else item for item in items]


def _ticks(items: list[Item]) -> list[Item]:
    """A tick or a thumb behind an event is a yes."""
    return [
        replace(item, tag=Tag.YES)
        if item.text in {"✅", "👍"}
        and any(near.tag is Tag.EVENT for near in items[max(0, place - 2) : place])
        else item
        for place, item in enumerate(items)
    ]


def _ends_here(items: list[Item], place: int) -> bool:
    ends = {Tag.BREAK, Tag.COMMA, Tag.COME, Tag.YES, Tag.WILL, Tag.FILL, Tag.NOW}
    return place >= len(items) or items[place].tag in ends


def _numbers_that_are_not_heads(items: list[Item]) -> list[Item]:
    """At 7, 14 ko, 2 functions, 2 families: times, dates and events are no people, and families are more."""
    done = list(items)
    for place, item in enumerate(items):
        before = items[place - 1] if place else None
        after = items[place + 1] if place + 1 < len(items) else None
        if item.tag is Tag.NUM:
            after_tag = after.tag if after is not None else Tag.BREAK
            at = before is not None and before.tag is Tag.AT
            listed = before is not None and before.tag is after_tag is Tag.EVENT
            other = (
                after is not None
                and not listed
                and (after.tag in _NOT_PEOPLE or after.text in {"couple", "couples"})
            )
            counted = after is not None and after.tag in _NOUNS
            day = before is not None and before.tag is Tag.FUNCTION and not counted
            if at or other or day:
                done[place] = replace(item, tag=Tag.DANGER)
            elif listed:
                done[place] = replace(item, hint=True)
    return [replace(item, tag=Tag.FILL) if item.tag in {Tag.AT, Tag.KO} else item for item in done]


def _only_first(items: list[Item]) -> list[Item]:
    """Put only first: "we can only come for" says what "only we can come for" says."""
    done = list(items)
    for place in range(len(done) - 1):
        if done[place].tag is Tag.WILL and done[place + 1].tag is Tag.ONLY:
            done[place], done[place + 1] = done[place + 1], done[place]
    return done


def _questions(items: list[Item]) -> list[Item]:
    """A will or can that begins a sentence without a verb beside it asks: "will 4 people be ok"."""
    ends = {Tag.BREAK, Tag.COMMA, Tag.BUT, Tag.AND}
    return [
        replace(item, tag=Tag.DANGER)
        if item.tag is Tag.WILL and (place == 0 or items[place - 1].tag in ends)
        else item
        for place, item in enumerate(items)
    ]


def _verbs_denied(items: list[Item]) -> list[Item]:
    """Join a denial and its verb to one item, and will and its verb.

    English: courtesies may stand between ("not really coming"). Hindi: only the word beside it ("nahi
    aayenge", "aayenge nahi"), because "nahi, hum aayenge" says the opposite.
    """
    done: list[Item] = []
    place = 0
    while place < len(items):
        size, tag = _verb_group(items, place)
        if size:
            joined = items[place : place + size]
            text = " ".join(item.text for item in joined)
            done.append(Item(tag, text, hint=any(item.hint for item in joined)))
            place += size
        else:
            done.append(items[place])
            place += 1
    return done


def _verb_group(items: list[Item], place: int) -> tuple[int, Tag]:
    """How many items from ``place`` say one thing together, and what; 0 when they do not."""
    first = items[place].tag
    if first is Tag.NAHI:
        beside = items[place + 1].tag if place + 1 < len(items) else None
        before = items[place - 1].tag if place else None
        return (2, Tag.STAY_AWAY) if beside is Tag.COME and before not in _POLAR else (0, first)
    if first is Tag.COME and place + 1 < len(items) and items[place + 1].tag is Tag.NAHI:
        return (2, Tag.STAY_AWAY) if _nothing_polar(items, place + 2) else (0, first)
    if first not in {Tag.NEG, Tag.NOT, Tag.WILL}:
        return 0, first
    at = place + 1
    while at < len(items) and _may_stand_between(first, items[at]):
        at += 1
    if at >= len(items):
        return 0, first
    last = items[at].tag
    if first is Tag.WILL:
        if last is Tag.NOT:
            return 0, first
        if last is Tag.STAY_AWAY:
            return at - place + 1, Tag.STAY_AWAY
        return (at - place + 1, Tag.COME) if last in {Tag.VERB, Tag.COME} else (0, first)
    return (at - place + 1, Tag.STAY_AWAY) if last in {Tag.VERB, Tag.COME} else (0, first)


def _may_stand_between(first: Tag, item: Item) -> bool:
    """Definitely changes nothing in "will definitely come"; "can't definitely come" is not certain."""
    return item.tag in {Tag.FILL, Tag.NOW, Tag.WILL} or (first is Tag.WILL and item.text == "definitely")


def _nothing_polar(items: list[Item], place: int) -> bool:
    """Is the clause over, as far as yes and no go?"""
    for item in items[place:]:
        if item.tag in {Tag.BREAK, Tag.COMMA, Tag.BUT, Tag.AND}:
            return True
        if item.tag in _POLAR:
            return False
    return True
