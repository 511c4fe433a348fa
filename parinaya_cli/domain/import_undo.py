"""Taking an import back: why something stays, and what a person is like without it. Pure.

An import created people and updated others. Whoever it created goes away again while nothing has been built on
them; whoever it updated gets back what was there before, field by field, where nobody has changed it since.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum


class Why(StrEnum):
    """Why somebody is not taken back. In this order: the first that applies is told."""

    MERGED = "merged"
    LATER_IMPORT = "later_import"
    REMOVED = "removed"
    TAGGED = "tagged"
    EDITED = "edited"
    DO_NOT_MESSAGE = "do_not_message"
    OTHER_LIST = "other_list"
    HOUSEHOLD = "household"
    INVITED = "invited"
    ANSWERED = "answered"
    MESSAGED = "messaged"
    WROTE = "wrote"
    CONSENT = "consent"


REFUSALS = frozenset({Why.MERGED, Why.LATER_IMPORT})
"""What stands in the way can be taken back first; all the rest is kept for its own sake."""

SENTENCES = {
    Why.MERGED: "They were merged with somebody else: unmerge them first.",
    Why.LATER_IMPORT: "{import} changed the same row later: undo that first.",
    Why.REMOVED: "They were removed by hand, which is remembered: the list does not bring them back.",
    Why.TAGGED: "They were given tags, or lost some, since.",
    Why.EDITED: "They were edited since.",
    Why.DO_NOT_MESSAGE: "They are not to be messaged, which is remembered.",
    Why.OTHER_LIST: "Another list names the same person.",
    Why.HOUSEHOLD: "They are in a household that was made or changed by hand.",
    Why.INVITED: "Their household is on a guest list.",
    Why.ANSWERED: "Their household has answered.",
    Why.MESSAGED: "They or their household were written to.",
    Why.WROTE: "They have written to us.",
    Why.CONSENT: "They have said whether they want messages.",
}


def without_import(
    before: Mapping[str, object],
    had: Mapping[str, object],
    says: Mapping[str, object],
    now: Mapping[str, object],
) -> tuple[dict[str, object], list[str]]:
    """What a person who was changed since the import gets back, and the fields that stay as somebody has made them.

    ``before``: the fields that the import changed, as they were; ``had`` and ``says``: what the list said before
    the import and in it (``person_sources.content``); ``now``: the person. A field is given back while it is what
    the list says. Tags and events are taken one by one, and so are the columns of ``extra``.
    """
    given: dict[str, object] = {}
    kept: list[str] = []
    for name, value in before.items():
        if name in ("tags", "events"):
            changed: object = _set_without(
                _texts(value), _texts(had.get(name)), _texts(says.get(name)), now[name]
            )
            stays = False
        elif name == "extra":
            changed, stays = _extra_without(had.get(name), says.get(name), now[name])
        else:
            stays = not _same(now[name], says.get(name))
            changed = now[name] if stays else value
        if stays:
            kept.append(name)
        if changed != now[name]:
            given[name] = changed
    return given, kept


def _same(one: object, other: object) -> bool:
    """What a list does not say is empty in a person: a text, a number of seats, or nothing."""
    return (one or None) == (other or None)


def _texts(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list | tuple) else []


def _set_without(before: Sequence[str], had: Iterable[str], says: Iterable[str], now: object) -> list[str]:
    """The texts of now, without those that the import brought, and with those again that it took away."""
    had, says = set(had), set(says)
    brought = says - had - set(before)
    left = [one for one in _texts(now) if one not in brought]
    return left + [one for one in before if one in had - says and one not in left]


def _extra_without(had: object, says: object, now: object) -> tuple[dict[str, object], bool]:
    was, told, left = (dict(one) if isinstance(one, Mapping) else {} for one in (had, says, now))
    stays = False
    for name in {*was, *told}:
        if was.get(name) == told.get(name):
            continue
        if left.get(name) != told.get(name):
            stays = True
        elif name in was:
            left[name] = was[name]
        else:
            left.pop(name, None)
    return left, stays
