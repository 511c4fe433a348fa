"""Who gets the messages of a household: one rule, told in words. Pure."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from parinaya_cli.domain.names import bare, words

_CHILD_TITLES = words("master baby infant मास्टर बेबी शिशु")
_CHILD_TAGS = words("kid child baby infant toddler बच्चा बच्ची बालक")
# "kids" is not among them: it stands with parents who bring theirs.
_GROWN_UP = 18


@dataclass(frozen=True, slots=True)
class Contact:
    """A member as the rule sees them, in the order in which the family named them.

    ``reached``: a mobile number or WhatsApp id that is not known to be without WhatsApp, and nobody has said stop.
    """

    person_id: uuid.UUID
    reached: bool
    child: bool


@dataclass(frozen=True, slots=True)
class Chosen:
    """Whom the rule picks, and why in words."""

    person_id: uuid.UUID
    why: str


def is_child(full_name: str, tags: Collection[str], age: str = "") -> bool:
    """Do the lists say that somebody is a child: ``Master Aarav``, the tag ``child``, an age below 18?"""
    if age.strip().isdecimal():
        return int(age) < _GROWN_UP
    first, _, rest = full_name.partition(" ")
    return (bool(rest) and bare(first) in _CHILD_TITLES) or any(tag.casefold() in _CHILD_TAGS for tag in tags)


def choose(members: Sequence[Contact]) -> Chosen | None:
    """The primary contact: reachable on WhatsApp before all, then grown up, then the one whom the family named first.

    None when there is nobody.
    """
    if not members:
        return None
    best = min(range(len(members)), key=lambda at: (not members[at].reached, members[at].child, at))
    return Chosen(members[best].person_id, _why(members, best))


def _why(members: Sequence[Contact], best: int) -> str:
    if len(members) == 1:
        return (
            "the only member"
            if members[best].reached
            else "the only member; nobody can be reached on WhatsApp"
        )
    reached = [one for one in members if one.reached]
    if not reached:
        return (
            "nobody can be reached on WhatsApp: the first grown-up"
            if _passes_children(members, best)
            else ("nobody can be reached on WhatsApp: named first")
        )
    if len(reached) == 1:
        return "the only one who can be reached on WhatsApp"
    if all(one.child for one in reached):
        return "only children can be reached on WhatsApp: named first of them"
    return "named first of the grown-ups who can be reached on WhatsApp"


def _passes_children(members: Sequence[Contact], best: int) -> bool:
    return any(one.child for one in members[:best])
