"""The parents' page: how many plates, who is open, whom to call; charts as SVG, readable without a login."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from parinaya_cli.domain.dashboard import Call, DayLine, EventLine, Overview
from parinaya_cli.domain.gifts import Gift, show_amount
from parinaya_cli.domain.phones import show as show_phone
from parinaya_cli.domain.site import DIETS
from parinaya_cli.web import site_pages
from parinaya_cli.web.site_words import Words

_HEIGHT = 96
_FLOOR = 116
_STEP = 32
_KINDS = ("yes", "no", "maybe")


@dataclass(frozen=True)
class Shared:
    """What a parents' link decides. ``side``: whose numbers these are; ``gifts``: those that it may show."""

    side: str | None = None
    phones: bool = False
    gifts: Sequence[Gift] = ()


def page(told: Overview, shared: Shared = Shared(), *, inline: bool = False) -> str:
    """The page of an overview. ``inline``: with its style inside, for a file that is sent to somebody."""
    words = Words("en")
    coming = [_event(one, words) for one in told.events if not one.over]
    past = [_event(one, words) for one in told.events if one.over]
    groups = [group for group in (("Function by function", coming), ("What was", past)) if group[1]]
    titles = {one.event: one.title for one in told.events}
    return site_pages.render(
        "dashboard.html",
        title=told.title,
        side=shared.side,
        whose=f"For the {shared.side}’s family" if shared.side else "For the families",
        as_of=f"{words.day(told.as_of)}, {words.hour(told.as_of)}",
        stale=any(one.stale for one in told.projections),
        events=told.events,
        coming=coming,
        groups=groups,
        days=_days(told.days),
        days_told=_in_words(told.days, words),
        calls=[_call(one, titles, phones=shared.phones) for one in told.calls],
        pending=told.pending_calls,
        gifts=_gifts(shared.gifts),
        inline_style=site_pages.inline_style() if inline else "",
    )


def _event(line: EventLine, words: Words) -> Mapping[str, object]:
    day = line.starts_at
    return {
        "line": line,
        "day": f"{words.weekday(day)}, {day.day} {words.month(day)}",
        "hour": words.hour(day),
        "month": words.month(day)[:3],
        "number": day.day,
        "week": words.weekday(day)[:3],
        "parts": _parts(line),
        "diets": [
            (words(f"diet_{name}") if name in DIETS else name, count) for name, count in line.diets.items()
        ],
        "waiting": _waiting(line),
        "room": _room(line),
        "full": line.capacity is not None and line.yes_heads > line.capacity,
    }


def _call(call: Call, titles: Mapping[str, str], *, phones: bool) -> Mapping[str, object]:
    named = call.primary is not None and call.primary in call.label
    phone = call.phone if phones else None
    return {
        "label": call.label,
        "primary": None if named else call.primary,
        "title": titles.get(call.event, call.event),
        "seats": call.seats,
        "why": call.why,
        "phone": phone,
        "shown": show_phone(phone) if phone else "",
    }


def _gifts(given: Sequence[Gift]) -> Mapping[str, object] | None:
    """What was given, and how much of it in money."""
    if not given:
        return None
    amount = sum((one.amount for one in given if one.amount is not None), Decimal(0))
    open_ones = sum(one.thanked_at is None for one in given)
    told = [f"{site_pages.indian(len(given))} {'gift' if len(given) == 1 else 'gifts'}"]
    told += [f"{show_amount(amount)} of it in money"] if amount else []
    told += [f"{site_pages.indian(open_ones)} still to be thanked" if open_ones else "all have been thanked"]
    items = [
        {
            "label": one.label,
            "what": one.what,
            "amount": show_amount(one.amount) if one.amount is not None else "",
            "thanked": one.thanked_at is not None,
        }
        for one in given
    ]
    return {"told": f"{', '.join(told)}.", "given": items}


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


def _waiting(line: EventLine) -> list[tuple[int, str]]:
    """So many households that may still want plates, and why."""
    kinds = (
        (line.pending_units, "to answer"),
        (line.maybe_units, "not sure"),
        (line.uncounted_units, "to say how many"),
    )
    return [(count, what) for count, what in kinds if count]


def _room(line: EventLine) -> str:
    if line.capacity is not None and line.yes_heads > line.capacity:
        over = line.yes_heads - line.capacity
        return f"{site_pages.indian(over)} too many: the place holds {site_pages.indian(line.capacity)}."
    given = f"{site_pages.indian(line.invited_seats)} seats were given"
    return f"{given}; the place holds {site_pages.indian(line.capacity)}." if line.capacity else f"{given}."


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
