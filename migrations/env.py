"""Alembic's environment: the connection comes from `parinaya db upgrade`, the schema from the tables."""

from __future__ import annotations

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context

from parinaya_cli.store.tables import metadata


def render_item(type_: str, item: Any, _context: Any) -> str | Literal[False]:
    """SQLModel's string type is written as plain ``sa.String`` so that migrations need no SQLModel."""
    if type_ == "type" and item.__class__.__name__ == "AutoString":
        return "sa.String()"
    return False


def run() -> None:
    """Run the migrations on the connection that was handed in."""
    conn: sa.Connection | None = context.config.attributes.get("connection")
    if conn is None:
        raise RuntimeError("Migrations run through `parinaya db upgrade`.")
    context.configure(
        connection=conn,
        target_metadata=metadata,
        compare_type=True,
        compare_server_default=False,
        render_item=render_item,
        transaction_per_migration=True,
        on_version_apply=context.config.attributes.get("applied", ()),
    )
    with context.begin_transaction():
        context.run_migrations()


run()
