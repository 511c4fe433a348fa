"""What is in an export: the columns of its kind for who asked, and the rows that go below them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from parinaya_cli.domain import access
from parinaya_cli.domain.access import Permission
from parinaya_cli.domain.calls import say_reason, say_state
from parinaya_cli.domain.exports import Column, Grammar, kind_of
from parinaya_cli.services import dashboard
from parinaya_cli.store import export_rows as store
from parinaya_cli.store.export_rows import Selection
from parinaya_cli.store.transaction import Transaction

Rows = Iterable[list[tuple[Any, ...]]]


def table(
    tx: Transaction, name: str, selection: Selection, event: str | None
) -> tuple[tuple[Column, ...], Rows]:
    """The columns of a kind, and its rows, some at a time; without phones for who may not see them."""
    access.require(tx.actor, Permission.EXPORT)
    columns, rows = _table(tx, name, selection, event)
    return (columns, rows) if tx.actor.sees_phones else _without_phones(columns, rows)


def _table(
    tx: Transaction, name: str, selection: Selection, event: str | None
) -> tuple[tuple[Column, ...], Rows]:
    columns = kind_of(name).columns
    if name == "headcount":
        return _headcount(tx, event)
    if name == "people":
        extra = store.list_extra(tx, selection)
        return (*columns, *map(Column, extra)), store.read(tx, name, selection, extra)
    rows = store.read(tx, name, selection)
    if name in _WORDS:
        place, say = _WORDS[name]
        return columns, _said(rows, kind_of(name).names.index(place), say)
    return columns, rows


_WORDS: Mapping[str, tuple[str, Callable[[str], str]]] = {
    "call-list": ("why", lambda told: say_state(*told.split("\x1f"))),
    "messages": ("reason_in_words", lambda told: say_reason(told) if told else ""),
}
"""Columns that come as codes and leave as words."""


def _said(rows: Rows, place: int, say: Callable[[str], str]) -> Iterator[list[tuple[Any, ...]]]:
    for some in rows:
        yield [(*row[:place], say(row[place]), *row[place + 1 :]) for row in some]


def _headcount(tx: Transaction, event: str | None) -> tuple[tuple[Column, ...], Rows]:
    """Each event in the numbers that are shown everywhere, with a column for each diet."""
    lines = [
        one for one in dashboard.overview(tx, first_calls=0).events if event is None or one.event == event
    ]
    diets = sorted({name for one in lines for name in one.diets})
    rows = [
        (
            one.event, one.title, one.starts_at, one.venue, one.capacity, one.invited_units, one.invited_seats,
            one.yes_units, one.yes_heads, one.adults, one.children, one.uncounted_units, one.no_units,
            one.maybe_units, one.pending_units, one.as_of, *(one.diets.get(name, 0) for name in diets),
        )
        for one in lines
    ]  # fmt: skip
    columns = [Column(f"diet: {name}", Grammar.NUMBER) for name in diets]
    return (*kind_of("headcount").columns, *columns), [rows]


def _without_phones(columns: tuple[Column, ...], rows: Rows) -> tuple[tuple[Column, ...], Rows]:
    kept = [place for place, one in enumerate(columns) if not one.tells_phone]
    shown = ([tuple(row[place] for place in kept) for row in some] for some in rows)
    return tuple(columns[place] for place in kept), shown
