"""Pages: links to them, what they say about gifts, gifts given, arrivals at the door."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def _own(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    return (
        sa.Column("id", sa.Uuid(), server_default=sa.text("new_id()"), nullable=False),
        sa.Column("wedding_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["wedding_id"],
            ["weddings.id"],
            name=op.f(f"fk_{table}_wedding_id_weddings"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def _bound(table: str, column: str, named: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["wedding_id", column],
        [f"{named}.wedding_id", f"{named}.id"],
        name=op.f(f"fk_{table}_wedding_id_{column}_{named}"),
        ondelete="RESTRICT",
    )


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default=sa.text("''"), nullable=False)


def _moment(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=True)


def _now(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)


def _links() -> None:
    op.add_column(
        "guest_units",
        sa.Column("link_seed", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
    )
    op.create_table(
        "site_links",
        *_own("site_links"),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("token_sha256", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        _text("name"),
        sa.Column("side", sa.Text(), nullable=True),
        sa.Column("phones", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        _text("tail"),
        _text("actor"),
        _now("created_at"),
        _moment("expires_at"),
        _moment("revoked_at"),
        _bound("site_links", "unit_id", "guest_units"),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_site_links_token_sha256")),
        sa.CheckConstraint("kind IN ('unit', 'dashboard')", name=op.f("ck_site_links_kind_1")),
        sa.CheckConstraint("(kind = 'unit') = (unit_id IS NOT NULL)", name=op.f("ck_site_links_unit")),
        sa.CheckConstraint("side IS NULL OR side IN ('bride', 'groom')", name=op.f("ck_site_links_side_1")),
    )
    op.create_index(op.f("ix_site_links_unit_id"), "site_links", ["unit_id"], unique=False)
    op.create_index(
        "uq_site_links_live_name",
        "site_links",
        ["wedding_id", "name"],
        unique=True,
        postgresql_where=sa.text("kind = 'dashboard' AND revoked_at IS NULL"),
    )


def _gifts() -> None:
    for column in ("gifts_text", "gifts_url", "gifts_upi"):
        op.add_column("weddings", _text(column))
    op.create_table(
        "gifts",
        *_own("gifts"),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        _text("what"),
        sa.Column("amount", sa.Numeric(14, 2), nullable=True),
        _text("actor"),
        _now("created_at"),
        _moment("thanked_at"),
        _text("thanked_by"),
        _bound("gifts", "unit_id", "guest_units"),
        sa.UniqueConstraint("wedding_id", "number", name=op.f("uq_gifts_wedding_id_number")),
        sa.CheckConstraint("amount IS NULL OR amount >= 0", name=op.f("ck_gifts_amount")),
    )
    op.create_index(op.f("ix_gifts_unit_id"), "gifts", ["unit_id"], unique=False)


def _checkins() -> None:
    op.create_table(
        "checkins",
        *_own("checkins"),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("heads", sa.Integer(), nullable=False),
        _text("channel"),
        _text("actor"),
        _now("at"),
        _bound("checkins", "event_id", "events"),
        _bound("checkins", "unit_id", "guest_units"),
        sa.CheckConstraint("heads BETWEEN 0 AND 500", name=op.f("ck_checkins_heads")),
    )
    op.create_index(
        op.f("ix_checkins_wedding_id_event_id_unit_id"),
        "checkins",
        ["wedding_id", "event_id", "unit_id"],
        unique=False,
    )
    op.create_index(op.f("ix_checkins_unit_id"), "checkins", ["unit_id"], unique=False)


def upgrade() -> None:
    """Forward."""
    _links()
    _gifts()
    _checkins()


def downgrade() -> None:
    """Back."""
    for table in ("checkins", "gifts", "site_links"):
        op.drop_table(table)
    for column in ("gifts_upi", "gifts_url", "gifts_text"):
        op.drop_column("weddings", column)
    op.drop_column("guest_units", "link_seed")
