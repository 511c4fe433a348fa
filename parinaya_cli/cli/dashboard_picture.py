"""The dashboard on a terminal: one screen of bars and figures, as wide as there is room."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from parinaya_cli.cli.text import folded, one_line

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from parinaya_cli.domain.dashboard import Call, DayLine, EventLine, Overview, Projection

_PARTS = (("yes", "█", "green"), ("maybe", "▓", "yellow"), ("no", "▒", "red"), ("open", "░", "bright_black"))
_STEPS = " ▁▂▃▄▅▆▇█"
_LABEL = 22
_MOST_BAR = 50
_ORDER = (
    "queued", "sending", "accepted", "sent", "delivered", "read", "failed", "unknown", "skipped", "cancelled",
)  # fmt: skip


def show(console: Console, told: Overview) -> None:
    """Print the whole dashboard."""
    for line in lines(told, console.width):
        console.print(line, soft_wrap=True)


def lines(told: Overview, width: int) -> Iterator[Text]:
    """The lines of the dashboard on a terminal of so many columns."""
    from rich.text import Text

    yield Text.assemble((one_line(told.title), "bold"), f"   as of {told.as_of:%d %b %Y, %H:%M}")
    stale = [one for one in told.projections if one.stale]
    for one in stale:
        yield Text(_stale(one), style="bold red")
    for event in told.events:
        yield Text("")
        yield from _event(event, width)
    if not told.events:
        yield Text("There are no events yet. Add one: parinaya events add Sangeet --starts 2027-02-12T19:00")
        return
    yield Text("")
    yield Text("█ yes   ▓ maybe   ▒ no   ░ open", style="bright_black")
    yield Text("")
    yield Text.assemble(("Answers by day  ", "bold"), _days(told.days))
    yield Text.assemble(("Messages        ", "bold"), _deliveries(told.deliveries))
    yield Text.assemble(("Still to answer ", "bold"), f"{told.pending_calls} invitations")
    yield from _calls(told.calls, width)


def _stale(one: Projection) -> str:
    name = one.name.replace("_", " ")
    return f"The {name} are behind by {one.lag_seconds:.0f} s: run `parinaya reconcile --only projections`."


def _event(event: EventLine, width: int) -> Iterator[Text]:
    from rich.text import Text

    name = one_line(event.title)
    when = f"{event.starts_at:%d %b %H:%M}" + (" (over)" if event.over else "")
    yield Text.assemble((name, "bold"), f"  {when}" + (f"  {one_line(event.venue)}" if event.venue else ""))
    figures = {
        "yes": event.yes_units,
        "maybe": event.maybe_units,
        "no": event.no_units,
        "open": event.pending_units,
    }
    room = max(10, min(_MOST_BAR, width - _LABEL - 30))
    bar = Text("  ")
    for (_, sign, style), cells in zip(_PARTS, _shares(list(figures.values()), room), strict=True):
        bar.append(sign * cells, style=style)
    bar.append(
        f"  {figures['yes']} yes, {figures['maybe']} maybe, {figures['no']} no, {figures['open']} open"
    )
    yield bar
    heads = f"  {event.yes_heads} heads of {event.invited_seats} seats"
    if event.capacity is not None:
        heads += f", room for {event.capacity}"
    full = event.capacity is not None and event.yes_heads > event.capacity
    line = Text(heads, style="bold red" if full else "")
    if event.adults or event.children:
        line.append(f"  ·  {event.adults} adults, {event.children} children", style="")
    if event.uncounted_units:
        line.append(f"  ·  {event.uncounted_units} yes without a number", style="yellow")
    yield line
    if event.diets:
        yield Text("  " + ", ".join(f"{heads} {one_line(name)}" for name, heads in event.diets.items()))


def _shares(figures: list[int], room: int) -> list[int]:
    """So many cells of a bar for each figure, all of them together ``room``: the largest remainders round up."""
    total = sum(figures)
    if not total:
        return [0] * len(figures)
    cells = [figure * room // total for figure in figures]
    rest = sorted(range(len(figures)), key=lambda at: (-(figures[at] * room % total), at))
    for at in rest[: room - sum(cells)]:
        cells[at] += 1
    return cells


def _days(days: tuple[DayLine, ...]) -> str:
    totals = [day.yes + day.no + day.maybe for day in days]
    most = max(totals, default=0)
    signs = (_STEPS[0] if not total else _STEPS[1 + total * 7 // most] for total in totals)
    first, last = days[0].day, days[-1].day
    return f"{first:%d %b} |{''.join(signs)}| {last:%d %b}   {sum(totals)} in two weeks, {totals[-1]} today"


def _deliveries(states: Mapping[str, int]) -> str:
    known = [state for state in _ORDER if states.get(state)]
    return ", ".join(f"{states[state]} {state}" for state in known) or "none yet"


def _calls(calls: tuple[Call, ...], width: int) -> Iterator[Text]:
    from rich.text import Text

    from parinaya_cli.domain.phones import show as dialled

    if not calls:
        return
    yield Text("")
    yield Text("Call first", style="bold")
    for one in calls:
        who = one_line(one.primary or one.label)
        phone = dialled(one.phone) if one.phone else "no number"
        whom, what = f"  {one.unit:5} {who}, {phone}:", f"{one.event}, {one.seats} seats; {one_line(one.why)}"
        line = Text(f"{whom} {what}")
        if line.cell_len <= width:
            yield line
        else:
            yield Text(whom)
            yield from map(Text, folded(" " * 8 + what, width).split("\n"))
