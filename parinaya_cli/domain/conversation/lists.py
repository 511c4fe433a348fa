"""An answer for each event, one after the other: "sangeet 2, reception 5", "haldi no mehendi no sangeet yes"."""

from __future__ import annotations

from dataclasses import dataclass

from parinaya_cli.domain.conversation.clauses import Says
from parinaya_cli.domain.conversation.items import Item
from parinaya_cli.domain.conversation.phrases import Tag

_SILENT = frozenset(
    {Tag.FILL, Tag.COMMA, Tag.BREAK, Tag.DASH, Tag.AND, Tag.FUNCTION, Tag.THANKS, Tag.NOW, Tag.BUT}
)
REST = "*"
"""The slug of a line for every event that no other line names."""

_NAMES = frozenset({Tag.EVENT, Tag.REST})
_SAYS = {
    Tag.YES: Says.YES,
    Tag.COME: Says.YES,
    Tag.NO: Says.NO,
    Tag.NAHI: Says.NO,
    Tag.STAY_AWAY: Says.NO,
    Tag.MAYBE: Says.MAYBE,
}


@dataclass(frozen=True)
class Line:
    """What was said for one event (its slug); ``heads``: the number given with a yes."""

    slug: str
    says: Says
    heads: int | None


def read(items: list[Item]) -> tuple[Line, ...]:
    """The answers of a message that is such a list of two events or more; empty when it is anything else.

    "The rest" stands in it like an event, with ``REST`` for its slug.

    Every event has to be followed by its own answer (or, throughout, to stand behind it), and no event may be
    named twice.
    """
    told = [item for item in items if item.tag not in _SILENT]
    named = [item for item in told if item.tag in _NAMES]
    if (
        len(named) < 2
        or named[0].tag is named[-1].tag is Tag.REST
        or not all(_belongs(item) for item in told)
    ):
        return ()
    if told[0].tag not in _NAMES:
        if not _each_ends_with_its_event(items):
            return ()
        told = told[::-1]
    groups: list[list[Item]] = []
    for item in told:
        if item.tag in _NAMES:
            groups.append([item])
        elif not groups:
            return ()
        else:
            groups[-1].append(item)
    lines = [_line(group) for group in groups]
    found = tuple(line for line in lines if line is not None)
    distinct = len({line.slug for line in found}) == len(found) == len(lines)
    differ = len({(line.says, line.heads) for line in found}) > 1 or all(line.heads for line in found)
    return found if distinct and differ else ()


def _each_ends_with_its_event(items: list[Item]) -> bool:
    """3 for sangeet, 4 for reception: each part has one event, and has it last."""
    parts: list[list[Item]] = [[]]
    for item in items:
        if item.tag in {Tag.COMMA, Tag.BREAK, Tag.AND, Tag.BUT}:
            parts.append([])
        elif item.tag not in _SILENT:
            parts[-1].append(item)
    ends = [[item.tag in _NAMES for item in part] for part in parts if part]
    return all(end.count(True) == 1 and end[-1] for end in ends)


def _belongs(item: Item) -> bool:
    return item.tag in {*_NAMES, Tag.NUM, Tag.HEADS} or item.tag in _SAYS


def _line(group: list[Item]) -> Line | None:
    event, said = group[0], group[1:]
    numbers = [item.number for item in said if item.tag is Tag.NUM]
    says = {_SAYS[item.tag] for item in said if item.tag in _SAYS}
    if len(numbers) > 1 or len(says) > 1 or not (numbers or says):
        return None
    meant = says.pop() if says else Says.YES
    if numbers and meant is not Says.YES:
        return None
    return Line(event.name if event.tag is Tag.EVENT else REST, meant, numbers[0] if numbers else None)
