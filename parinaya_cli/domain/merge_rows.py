"""Rows that a merge changes, as they were and as they are: what a merge is undone with.

A ``World`` holds the rows of several tables as documents. What is changed in it is written down, change by change;
what is left at the end is written to the tables at once. Merges that touch the same household see each other so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Doc = dict[str, Any]
"""A row as JSON holds it: ids and times are texts."""

KEYS: Mapping[str, tuple[str, ...]] = {
    "people": ("id",),
    "person_contacts": ("person_id", "contact_point_id"),
    "guest_units": ("id",),
    "guest_unit_members": ("person_id",),
    "invitations": ("id",),
    "rsvp_responses": ("id",),
    "invite_dispatch": ("id",),
    "conversations": ("contact_point_id",),
}
"""The tables that a merge changes row by row, with the columns that tell one row from another."""


_FOUND_BY: Mapping[str, tuple[str, ...]] = {
    "people": ("merged_into",),
    "person_contacts": ("person_id",),
    "guest_units": ("merged_into",),
    "guest_unit_members": ("unit_id",),
    "invitations": ("unit_id",),
    "rsvp_responses": ("unit_id",),
    "invite_dispatch": ("unit_id", "person_id"),
    "conversations": ("unit_id",),
}


def key_of(table: str, row: Mapping[str, Any]) -> str:
    """What a row is found by."""
    return ":".join(str(row[column]) for column in KEYS[table])


@dataclass(frozen=True)
class Change:
    """One row that was changed. ``before`` None: it was made; ``after`` None: it was deleted; else both hold the
    columns that differ."""

    table: str
    key: str
    before: Doc | None
    after: Doc | None


class World:
    """Rows by table and key, and what has been changed in them."""

    def __init__(self, rows: Mapping[str, Iterable[Doc]]) -> None:
        self._rows: dict[str, dict[str, Doc]] = {table: {} for table in KEYS}
        self._index: dict[tuple[str, str, str], dict[str, None]] = {}
        self._log: list[Change] = []
        for table in KEYS:
            for row in rows.get(table, ()):
                self._put(table, key_of(table, row), dict(row))
        self._first = {table: dict(known) for table, known in self._rows.items()}

    def get(self, table: str, key: str) -> Doc | None:
        """A row, or None."""
        return self._rows[table].get(key)

    def row(self, table: str, key: str) -> Doc:
        """A row that is known to be there."""
        return self._rows[table][key]

    def where(self, table: str, column: str, value: str) -> list[Doc]:
        """The rows that point to something, such as the members of a household, by key."""
        keys = self._index.get((table, column, value), {})
        return [self._rows[table][key] for key in sorted(keys)]

    def update(self, table: str, key: str, values: Mapping[str, Any]) -> None:
        """Set columns of a row that is there; those that are so already are no change."""
        row = self._rows[table][key]
        fresh = {name: value for name, value in values.items() if row.get(name) != value}
        if fresh:
            self._log.append(Change(table, key, {name: row.get(name) for name in fresh}, fresh))
            self._put(table, key, {**self._drop(table, key), **fresh})

    def insert(self, table: str, row: Doc) -> None:
        """Add a row."""
        key = key_of(table, row)
        self._log.append(Change(table, key, None, row))
        self._put(table, key, row)

    def delete(self, table: str, key: str) -> None:
        """Take a row away."""
        self._log.append(Change(table, key, self._drop(table, key), None))

    def _put(self, table: str, key: str, row: Doc) -> None:
        self._rows[table][key] = row
        for column in _FOUND_BY[table]:
            if row.get(column):
                self._index.setdefault((table, column, row[column]), {})[key] = None

    def _drop(self, table: str, key: str) -> Doc:
        row = self._rows[table].pop(key)
        for column in _FOUND_BY[table]:
            self._index.get((table, column, row.get(column) or ""), {}).pop(key, None)
        return row

    def take_log(self) -> list[Change]:
        """What was changed since the last time."""
        log, self._log = self._log, []
        return log

    def deleted(self, table: str) -> list[Doc]:
        """The rows that were there at first and are not any more."""
        return [row for key, row in self._first[table].items() if key not in self._rows[table]]

    def inserted(self, table: str) -> list[Doc]:
        """The rows that are new."""
        return [row for key, row in self._rows[table].items() if key not in self._first[table]]

    def updated(self, table: str) -> list[Doc]:
        """The rows that are not as they were at first: their keys and the columns that differ."""
        found = []
        for key, row in self._rows[table].items():
            was = self._first[table].get(key)
            fresh = {name: value for name, value in row.items() if was is not None and was.get(name) != value}
            if fresh:
                found.append({**{name: row[name] for name in KEYS[table]}, **fresh})
        return found
