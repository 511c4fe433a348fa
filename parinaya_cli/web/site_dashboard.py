"""The parents' page: how many plates, who is open, whom to call; charts as SVG, readable without a login."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from parinaya_cli.domain.dashboard import DayLine, EventLine, Overview
from parinaya_cli.web import site_pages
from parinaya_cli.web.site_words import Words

_HEIGHT = 96
_FLOOR = 116
_STEP = 32
_KINDS = ("yes", "no", "maybe")


def page(told: Overview, *, side: str | None = None, phones: bool = False, inline: bool = False) -> str:
    """The page of an overview. ``inline``: with its style inside, for a file that is sent to somebody."""
    words = Words("en")
    coming = [_event(one, words) for one in told.events if not one.over]
    past = [_event(one, words) for one in told.events if one.over]
    groups = [group for group in (("Still to come", coming), ("What was", past)) if group[1]]
    return site_pages.render(
        "dashboard.html",
        title=told.title,
        whose=f"The {side}’s side. " if side else "",
        as_of=f"{words.day(told.as_of)}, {words.hour(told.as_of)}",
        stale=any(one.stale for one in told.projections),
        events=told.events,
        groups=groups,
        days=_days(told.days),
        days_told=_in_words(told.days, words),
        calls=told.calls,
        pending=told.pending_calls,
        titles={one.event: one.title for one in told.events},
        phones=phones,
        inline_style=site_pages.inline_style() if inline else "",
    )


def _event(line: EventLine, words: Words) -> Mapping[str, object]:
    day = line.starts_at
    return {
        "line": line,
        "when": f"{words.weekday(day)[:3]} {words.day(day)}, {words.hour(day)}",
        "parts": _parts(line),
        "room": _room(line),
        "full": line.capacity is not None and line.yes_heads > line.capacity,
    }


def _parts(line: EventLine) -> list[tuple[str, float, float]]:
    """The pieces of the bar: kind, start and width in hundredths of it."""
    whole = max(1, line.invited_units)
    found, start = [], 0.0
    counts = (
        ("yes", line.yes_units), ("maybe", line.maybe_units), ("no", line.no_units), ("open", line.pending_units)
    )  # fmt: skip
    for kind, count in counts:
        width = 100 * count / whole
        if count:
            found.append((kind, round(start, 2), round(width, 2)))
        start += width
    return found


def _room(line: EventLine) -> str:
    given = f"{site_pages.indian(line.invited_seats)} seats were given"
    if line.capacity is None:
        return f"{given}."
    told = f"{given}; the place holds {site_pages.indian(line.capacity)}"
    over = line.yes_heads - line.capacity
    return f"{told}: {site_pages.indian(over)} too many are coming." if over > 0 else f"{told}."


def _days(days: Sequence[DayLine]) -> list[Mapping[str, object]]:
    tallest = max([4, *(one.yes + one.no + one.maybe for one in days)])
    found: list[Mapping[str, object]] = []
    for place, one in enumerate(days):
        top, parts = float(_FLOOR), []
        for kind in _KINDS:
            height = _HEIGHT * getattr(one, kind) / tallest
            top -= height
            if height:
                parts.append((kind, round(top, 1), round(height, 1)))
        found.append(
            {
                "x": place * _STEP + 5,
                "parts": parts,
                "top": round(top, 1),
                "total": one.yes + one.no + one.maybe,
                "number": one.day.day,
                "month": f"{one.day:%b}" if place == 0 or one.day.day == 1 else "",
            }
        )
    return found


def _in_words(days: Sequence[DayLine], words: Words) -> str:
    told = [
        f"{one.day.day} {words.month(one.day)}: {one.yes} yes, {one.no} no, {one.maybe} not sure"
        for one in days
        if one.yes + one.no + one.maybe
    ]
    return "; ".join(told) or "No answers came in the last two weeks."
