"""Merging people: who was merged into whom, what it changed, and households that became aliases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# Rows of these tables are only ever added. Forgetting a guest may empty or replace what a person wrote in them, by
# a transaction that says that it does so; what was decided, when, and how many come stays as it is. A transaction
# that merges people, and says so, may let an answer belong to the household that took over.
REFUSE_CHANGE = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    words CONSTANT text[] := ARRAY['note', 'source', 'source_key', 'evidence', 'event_key', 'details'];
BEGIN
    IF TG_OP = 'UPDATE' AND TG_TABLE_NAME <> 'audit_logs' AND current_setting('parinaya.erasing', true) = 'on' THEN
        IF to_jsonb(NEW) - words = to_jsonb(OLD) - words THEN
            RETURN NEW;
        END IF;
    END IF;
    IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'rsvp_responses'
            AND current_setting('parinaya.merging', true) = 'on' THEN
        IF to_jsonb(NEW) - 'unit_id' = to_jsonb(OLD) - 'unit_id' THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'rows of % are only ever added', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$
"""

REFUSE_CHANGE_BEFORE = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    words CONSTANT text[] := ARRAY['note', 'source', 'source_key', 'evidence', 'event_key', 'details'];
BEGIN
    IF TG_OP = 'UPDATE' AND TG_TABLE_NAME <> 'audit_logs' AND current_setting('parinaya.erasing', true) = 'on' THEN
        IF to_jsonb(NEW) - words = to_jsonb(OLD) - words THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'rows of % are only ever added', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$
"""

# Columns that name another row of the wedding since this schema: table, column, whom it names.
NAMED = (("guest_units", "merged_into", "guest_units"), ("person_sources", "origin_id", "people"))


def _merges() -> None:
    op.create_table(
        "merges",
        sa.Column("id", sa.Uuid(), server_default=sa.text("new_id()"), nullable=False),
        sa.Column("wedding_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("survivor_id", sa.Uuid(), nullable=False),
        sa.Column("absorbed", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("together", sa.Uuid(), nullable=True),
        sa.Column("actor", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["wedding_id"], ["weddings.id"], name=op.f("fk_merges_wedding_id_weddings"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["wedding_id", "survivor_id"],
            ["people.wedding_id", "people.id"],
            name=op.f("fk_merges_wedding_id_survivor_id_people"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merges")),
        sa.UniqueConstraint("wedding_id", "id", name=op.f("uq_merges_wedding_id_id")),
        sa.UniqueConstraint("wedding_id", "number", name=op.f("uq_merges_wedding_id_number")),
    )
    op.create_index(op.f("ix_merges_survivor_id"), "merges", ["survivor_id"], unique=False)
    op.create_index(op.f("ix_merges_absorbed"), "merges", ["absorbed"], unique=False, postgresql_using="gin")
    op.create_index(
        op.f("ix_merges_together"),
        "merges",
        ["together"],
        unique=False,
        postgresql_where=sa.text("together IS NOT NULL"),
    )


def _merge_changes() -> None:
    op.create_table(
        "merge_changes",
        sa.Column("wedding_id", sa.Uuid(), nullable=False),
        sa.Column("merge_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("relation", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(
            ["wedding_id", "merge_id"],
            ["merges.wedding_id", "merges.id"],
            name=op.f("fk_merge_changes_wedding_id_merge_id_merges"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("merge_id", "place", name=op.f("pk_merge_changes")),
    )
    op.create_index(
        op.f("ix_merge_changes_wedding_id_relation_key"),
        "merge_changes",
        ["wedding_id", "relation", "key"],
        unique=False,
    )


def upgrade() -> None:
    """Forward."""
    _merges()
    _merge_changes()
    for table, column, named in NAMED:
        op.add_column(table, sa.Column(column, sa.Uuid(), nullable=True))
        op.create_foreign_key(
            op.f(f"fk_{table}_wedding_id_{column}_{named}"),
            table,
            named,
            ["wedding_id", column],
            ["wedding_id", "id"],
            ondelete="RESTRICT",
        )
        op.create_index(
            op.f(f"ix_{table}_{column}"),
            table,
            [column],
            unique=False,
            postgresql_where=sa.text(f"{column} IS NOT NULL"),
        )
    op.execute(REFUSE_CHANGE)


def downgrade() -> None:
    """Back."""
    op.execute(REFUSE_CHANGE_BEFORE)
    for table, column, _ in NAMED:
        op.drop_index(op.f(f"ix_{table}_{column}"), table_name=table)
        op.drop_column(table, column)
    op.drop_table("merge_changes")
    op.drop_table("merges")
