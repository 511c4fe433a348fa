"""What all tables share: names of constraints, keys, the bond of each row to its wedding."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import Column, DateTime, ForeignKeyConstraint, Text, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = SQLModel.metadata

NEW_ID = text("new_id()")
"""UUIDv7: Postgres 18's own ``uuidv7()``, or the migrations' function of the same layout on older servers."""


def key() -> Column[uuid.UUID]:
    """The primary key of a table: a UUIDv7 made by Postgres, so that keys grow with time."""
    return Column("id", Uuid(), primary_key=True, server_default=NEW_ID)


def of_wedding() -> Column[uuid.UUID]:
    """The wedding that a row belongs to; bound by a foreign key of the table."""
    return Column("wedding_id", Uuid(), nullable=False)


def reference(name: str, *, required: bool = True) -> Column[uuid.UUID]:
    """A column that points to another row; the foreign key stands in the table's arguments."""
    return Column(name, Uuid(), nullable=not required)


def words(name: str, *, required: bool = True, default: str | None = "") -> Column[str]:
    """Text; where it is required it is never NULL, and empty by default."""
    fallback = text(f"'{default}'") if default is not None and required else None
    return Column(name, Text(), nullable=not required, server_default=fallback)


def moment(name: str, *, required: bool = False, now: bool = False) -> Column[Any]:
    """A point in time, with its zone."""
    fallback = text("now()") if now else None
    return Column(name, DateTime(timezone=True), nullable=not (required or now), server_default=fallback)


def tags(name: str = "tags") -> Column[Any]:
    """A list of words."""
    return Column(name, ARRAY(Text()), nullable=False, server_default=text("'{}'"))


def ids(name: str) -> Column[Any]:
    """A list of ids."""
    return Column(name, ARRAY(Uuid()), nullable=False, server_default=text("'{}'"))


def document(name: str, default: str = "{}") -> Column[Any]:
    """A JSON document."""
    return Column(name, JSONB(), nullable=False, server_default=text(f"'{default}'"))


def bound(column: str, table: str, *, name: str | None = None) -> ForeignKeyConstraint:
    """A foreign key that can't point into another wedding: it carries the wedding along."""
    return ForeignKeyConstraint(
        ["wedding_id", column], [f"{table}.wedding_id", f"{table}.id"], name=name, ondelete="RESTRICT"
    )


def wedding_bond() -> ForeignKeyConstraint:
    """The foreign key to the wedding itself."""
    return ForeignKeyConstraint(["wedding_id"], ["weddings.id"], ondelete="RESTRICT")


def same_wedding_key() -> UniqueConstraint:
    """What ``bound`` foreign keys of other tables refer to."""
    return UniqueConstraint("wedding_id", "id")
