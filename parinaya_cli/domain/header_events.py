"""Columns that say for one event who is invited to it, and what events are called in cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from parinaya_cli.domain.contents import Content
from parinaya_cli.domain.names import fold, words

ALL = "all"  # stands among a person's events for every event of the wedding

_ALL_WORDS = words("all sab sabhi saare sare saari every everything full सभी सब सारे सर्व બધા તમામ ਸਾਰੇ")
_COMPANY = words(
    "events event functions function programmes programs ceremonies days me mein समारोह कार्यक्रम में"
)
_QUESTION = words(
    "y n yes no invited invite invitation for to attending the ka ke ki haan han nahi list pax persons"
)
_AROUND = frozenset(map(fold, _QUESTION | _COMPANY))  # may stand around an event's name in a header
_YES = words(
    "y yes yeah ye yep ok true t x v haan han ha hn ji जी हाँ हां हा હા ✓ ✔ ☑ ✅ √ ● • * p invited invite coming"
)
_NO = words("n no nope false f nahi nahin na nai नहीं नही ना ના ✗ ✘ ✕ ❌ × - -- nil none 0 o not")

# What the usual functions of a wedding are called besides; each line is one function.
_CALLED = (
    "haldi|pithi|ubtan|manjha|हल्दी|पीठी|उबटन|હલ્દી|પીઠી",
    "mehendi|mehndi|mehandi|mehendi night|henna|मेहंदी|मेहँदी|मेंहदी|મહેંદી|મેંદી",
    "sangeet|sangit|ladies sangeet|sangeet sandhya|dance night|garba|संगीत|महिला संगीत|સંગીત|ગરબા",
    "pheras|phere|vivah|wedding|shaadi|shadi|lagna|marriage|wedding ceremony|फेरे|विवाह|शादी|लग्न|લગ્ન|ફેરા",
    "reception|wedding reception|swagat samaroh|dinner reception|रिसेप्शन|स्वागत समारोह|प्रीतिभोज|રિસેપ્શન",
    "engagement|sagai|roka|ring ceremony|सगाई|रोका|સગાઈ",
    "baraat|barat|बारात|जान|જાન",
    "tilak|तिलक",
)


def known_events(events: Sequence[tuple[str, str]]) -> dict[str, str]:
    """What each event may be called, folded, to its slug; words that two events share name neither."""
    known: dict[str, str] = {}
    single: dict[str, set[str]] = {}
    for slug, title in events:
        for name in (slug.replace("-", " "), title):
            known.setdefault(fold(name), slug)
            for word in fold(name).split():
                if len(word) >= 4:
                    single.setdefault(word, set()).add(slug)
    for word, slugs in single.items():
        if len(slugs) == 1:
            known.setdefault(word, next(iter(slugs)))
    for line in _CALLED:
        names = {fold(name) for name in line.split("|")}
        meant = {known[name] for name in names if name in known}
        if len(meant) == 1:
            known |= dict.fromkeys(names - known.keys(), meant.pop())
    known.pop("", None)
    return known


def event_of(title: str, known: Mapping[str, str], below: Content) -> str:
    """The slug of the event that a column is about, empty when it is about none.

    Its header is an event's slug or title (``Sangeet``, ``Sangeet (Y/N)``, ``Events Sangeet``, ``संगीत``), and its
    cells say yes, no or a number as far as any are known.
    """
    if (
        not known
        or not title
        or (below.share(lambda cell: read_mark(cell) is not None) < 0.5 and below.cells)
    ):
        return ""
    name = fold(title)
    return known.get(name, "") or known.get(" ".join(w for w in name.split() if w not in _AROUND), "")


def read_mark(cell: str) -> int | None:
    """What a cell says of one event: 0 for no, 1 for yes, a number of people; None when it says neither."""
    text = cell.strip().strip(".!()[]'").casefold()
    if not text or text in _NO:
        return 0
    if text in _YES or text.split()[0] in _YES:
        return 1
    whole = text.removesuffix(".0").removesuffix(" pax").removesuffix(" log")
    return int(whole) if whole.isdecimal() and len(whole) <= 3 else None


def means_all(part: str) -> bool:
    """Whether a part of a cell stands for all events: ``all``, ``All functions``, ``सभी``, ``sab``."""
    said = part.casefold().split()
    return bool(said) and said[0] in _ALL_WORDS and all(word in _ALL_WORDS | _COMPANY for word in said)
