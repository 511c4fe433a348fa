"""Duplicates: scans, the pairs that they found, what people decided on them, and the merges made of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def _numbered(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    """What numbered things of a wedding have in common."""
    return (
        sa.Column("id", sa.Uuid(), server_default=sa.text("new_id()"), nullable=False),
        sa.Column("wedding_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["wedding_id"],
            ["weddings.id"],
            name=op.f(f"fk_{table}_wedding_id_weddings"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("wedding_id", "number", name=op.f(f"uq_{table}_wedding_id_number")),
    )


def _bound(table: str, column: str, named: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["wedding_id", column],
        [f"{named}.wedding_id", f"{named}.id"],
        name=op.f(f"fk_{table}_wedding_id_{column}_{named}"),
        ondelete="RESTRICT",
    )


def _runs() -> None:
    op.create_table(
        "scans",
        *_numbered("scans"),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("actor", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.UniqueConstraint("wedding_id", "id", name=op.f("uq_scans_wedding_id_id")),
    )
    op.create_table(
        "applies",
        *_numbered("applies"),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("actor", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
    )
    op.create_table(
        "scanned_people",
        sa.Column("wedding_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        _bound("scanned_people", "person_id", "people"),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_scanned_people")),
    )


def _pairs() -> None:
    op.create_table(
        "duplicates",
        *_numbered("duplicates"),
        sa.Column("left_id", sa.Uuid(), nullable=False),
        sa.Column("right_id", sa.Uuid(), nullable=False),
        sa.Column("odds", sa.Double(), nullable=False),
        sa.Column("signals", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("left_version", sa.Integer(), nullable=False),
        sa.Column("right_version", sa.Integer(), nullable=False),
        sa.Column("sure", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("scan_id", sa.Uuid(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("decided_why", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_odds", sa.Double(), server_default=sa.text("0"), nullable=False),
        sa.Column("decided_on", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint("left_id <> right_id", name=op.f("ck_duplicates_left_id_1")),
        sa.CheckConstraint(
            "verdict IS NULL OR verdict IN ('same', 'different')", name=op.f("ck_duplicates_verdict_1")
        ),
        _bound("duplicates", "left_id", "people"),
        _bound("duplicates", "right_id", "people"),
        _bound("duplicates", "scan_id", "scans"),
        sa.UniqueConstraint(
            "wedding_id", "left_id", "right_id", name=op.f("uq_duplicates_wedding_id_left_id_right_id")
        ),
    )
    op.create_index(op.f("ix_duplicates_right_id"), "duplicates", ["right_id"], unique=False)
    op.create_index(op.f("ix_duplicates_wedding_id_odds"), "duplicates", ["wedding_id", "odds"], unique=False)


def upgrade() -> None:
    """Forward."""
    _runs()
    _pairs()


def downgrade() -> None:
    """Back."""
    for table in ("duplicates", "scanned_people", "applies", "scans"):
        op.drop_table(table)
