"""Several entries of one person put together: all numbers, the fullest name, what any of them tells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from parinaya_cli.domain.dedupe.normalise import Entry
from parinaya_cli.domain.dedupe.roles import Name
from parinaya_cli.domain.dedupe.spelling import sound


def _fullness(name: Name) -> int:
    return 2 * (len(name.given) > 1) + (len(name.family) > 1)


def fullest(names: Sequence[Name]) -> Name:
    """The name that says most, of equals the one that stands most often; what it lacks comes from the others."""
    often = Counter((sound(name.given), sound(name.family)) for name in names if _fullness(name) >= 2)

    def worth(name: Name) -> tuple[bool, bool, int, int]:
        full = _fullness(name)
        return full >= 3, full >= 2, often[sound(name.given), sound(name.family)], full

    best = max(names, key=worth)
    family = (
        best.family
        if len(best.family) > 1
        else next((n.family for n in names if len(n.family) > 1), best.family)
    )
    middle = best.middle or max((name.middle for name in names), key=lambda words: len("".join(words)))
    told = next((name for name in names if name.told), best)
    heads = tuple(dict.fromkeys(head for name in names for head in name.heads))
    return replace(best, family=family, middle=middle, gender=told.gender, told=told.told, heads=heads)


def together(entries: Sequence[Entry]) -> Entry:
    """One entry for all of them. List and line are the first one's: they say nothing of the whole."""
    cities = Counter(entry.city for entry in entries if entry.city).most_common(1)
    mobiles = tuple(dict.fromkeys(number for entry in entries for number in entry.mobiles))
    return replace(
        entries[0],
        name=fullest([entry.name for entry in entries]),
        mobiles=mobiles,
        landlines=tuple(dict.fromkeys(number for entry in entries for number in entry.landlines)),
        spoilt=() if mobiles else tuple(dict.fromkeys(rest for entry in entries for rest in entry.spoilt)),
        broken=tuple(dict.fromkeys(digits for entry in entries for digits in entry.broken)),
        emails=tuple(dict.fromkeys(email for entry in entries for email in entry.emails)),
        city=cities[0][0] if cities else "",
        country=next((entry.country for entry in entries if entry.country), ""),
        side=next((entry.side for entry in entries if entry.side), None),
        label=next((entry.label for entry in entries if entry.label), ""),
        external_ids=tuple(dict.fromkeys(outer for entry in entries for outer in entry.external_ids)),
    )
