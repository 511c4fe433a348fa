"""Lists in: presets, imports in the background, what an import changed, names for the search, who was erased."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# What ``parinaya_cli/domain/search.py: key`` does to a folded name, as it was when this schema was made.
SEARCH_RULES = (
    (r"(?<![^ ])(m[ou]ha?m[aei]d|maham[aei]d|m[ou]hd|md)(?![^ ])", "mohamad"),
    (r"(?<![^ ])abdl?(?![^ ])", "abdul"),
    (r"(?<![^ ])kr(?![^ ])", "kumar"),
    (r"dny|jny|jn", "gy"),
    (r"ou|au|ov(?![aeiou])", "o"),
    (r"sh", "s"),
    (r"y", "i"),
    (r"c(?!h)", "k"),
    (r"([a-z])\1+", r"\1"),
)


def search_key(column: str) -> str:
    """The key of a folded name in SQL."""
    for pattern, said in SEARCH_RULES:
        column = f"regexp_replace({column}, '{pattern}', '{said}', 'g')"
    return column


# Rows of these tables are only ever added. Forgetting a guest may empty or replace what a person wrote in them, by
# a transaction that says that it does so; what was decided, when, and how many come stays as it is.
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
    RAISE EXCEPTION 'rows of % are only ever added', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$
"""

REFUSE_CHANGE_BEFORE = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are only ever added', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$
"""


def _forgetting() -> None:
    op.create_table(
        "removals",
        sa.Column("wedding_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("takes_seat", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("was_primary", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "invitations",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["wedding_id", "person_id"],
            ["people.wedding_id", "people.id"],
            name=op.f("fk_removals_wedding_id_person_id_people"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["wedding_id", "unit_id"],
            ["guest_units.wedding_id", "guest_units.id"],
            name=op.f("fk_removals_wedding_id_unit_id_guest_units"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_removals")),
    )
    op.add_column("people", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(REFUSE_CHANGE)


def _finding() -> None:
    """Phones are found by their first digits, and people by names that they had before this schema."""
    op.drop_index(op.f("ix_contact_points_value"), table_name="contact_points")
    op.create_index(
        op.f("ix_contact_points_value"),
        "contact_points",
        ["value"],
        unique=False,
        postgresql_ops={"value": "text_pattern_ops"},
    )
    op.execute(
        "INSERT INTO folded_names (wedding_id, folded, key) "
        f"SELECT DISTINCT wedding_id, folded, {search_key('folded')} FROM people WHERE folded <> ''"
    )


# Deleting people and households asks each of these columns whether a row still needs them.
FOUND_BY = (
    ("people", "merged_into"),
    ("guest_units", "primary_person_id"),
    ("invite_dispatch", "person_id"),
    ("inbound_messages", "unit_id"),
    ("conversations", "unit_id"),
    ("removals", "unit_id"),
)


def _taking_back() -> None:
    """An import is taken back: its people are deleted, and what it attested is retracted."""
    for table, column in FOUND_BY:
        where = sa.text("merged_into IS NOT NULL") if column == "merged_into" else None
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column], unique=False, postgresql_where=where)
    _kinds_of_consent("'opt-in', 'opt-out', 'retraction'")


def _kinds_of_consent(kinds: str) -> None:
    op.drop_constraint(op.f("ck_consent_ledger_kind_1"), "consent_ledger", type_="check")
    op.create_check_constraint(op.f("ck_consent_ledger_kind_1"), "consent_ledger", f"kind IN ({kinds})")


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "erasures",
        sa.Column("wedding_id", sa.Uuid(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["wedding_id"], ["weddings.id"], name=op.f("fk_erasures_wedding_id_weddings"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("wedding_id", "hash", name=op.f("pk_erasures")),
    )
    op.create_table(
        "folded_names",
        sa.Column("wedding_id", sa.Uuid(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["wedding_id"],
            ["weddings.id"],
            name=op.f("fk_folded_names_wedding_id_weddings"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("wedding_id", "folded", name=op.f("pk_folded_names")),
    )
    op.create_index(
        op.f("ix_folded_names_key"),
        "folded_names",
        ["key"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"key": "gin_trgm_ops"},
    )
    op.create_table(
        "google_syncs",
        sa.Column("wedding_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column(
            "parameters",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column("synced_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["wedding_id"],
            ["weddings.id"],
            name=op.f("fk_google_syncs_wedding_id_weddings"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("wedding_id", "source", "scope", name=op.f("pk_google_syncs")),
    )
    op.create_table(
        "import_presets",
        sa.Column("wedding_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "columns", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column(
            "options", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("source", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["wedding_id"],
            ["weddings.id"],
            name=op.f("fk_import_presets_wedding_id_weddings"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("wedding_id", "name", name=op.f("pk_import_presets")),
    )
    op.create_table(
        "import_parts",
        sa.Column("wedding_id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["wedding_id", "import_id"],
            ["imports.wedding_id", "imports.id"],
            name=op.f("fk_import_parts_wedding_id_import_id_imports"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("import_id", "part", name=op.f("pk_import_parts")),
    )
    op.create_table(
        "import_progress",
        sa.Column("wedding_id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("rows", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("share", sa.Double(), nullable=True),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["wedding_id", "import_id"],
            ["imports.wedding_id", "imports.id"],
            name=op.f("fk_import_progress_wedding_id_import_id_imports"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("import_id", name=op.f("pk_import_progress")),
    )
    op.create_table(
        "import_changes",
        sa.Column("wedding_id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("row_key", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "before", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column(
            "contacts_added",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'"),
            nullable=False,
        ),
        sa.Column(
            "positions",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column(
            "contacts_after",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'"),
            nullable=False,
        ),
        sa.Column(
            "source_before",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["wedding_id", "import_id"],
            ["imports.wedding_id", "imports.id"],
            name=op.f("fk_import_changes_wedding_id_import_id_imports"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["wedding_id", "person_id"],
            ["people.wedding_id", "people.id"],
            name=op.f("fk_import_changes_wedding_id_person_id_people"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("import_id", "source", "row_key", name=op.f("pk_import_changes")),
    )
    op.create_index(op.f("ix_import_changes_person_id"), "import_changes", ["person_id"], unique=False)
    op.create_index(
        "ix_contact_points_reversed",
        "contact_points",
        [sa.literal_column("reverse(value)").label("reversed")],
        unique=False,
        postgresql_ops={"reversed": "text_pattern_ops"},
        postgresql_where=sa.text("kind = 'phone'"),
    )
    op.drop_constraint(op.f("ck_imports_state_1"), "imports", type_="check")
    op.create_check_constraint(
        op.f("ck_imports_state_1"), "imports", "state IN ('queued', 'running', 'done', 'failed', 'undone')"
    )
    op.add_column(
        "imports", sa.Column("conflicts", sa.Integer(), server_default=sa.text("0"), nullable=False)
    )
    op.add_column(
        "imports",
        sa.Column(
            "request", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
    )
    op.add_column(
        "imports",
        sa.Column(
            "report", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
    )
    op.add_column("imports", sa.Column("error", sa.Text(), server_default=sa.text("''"), nullable=False))
    op.add_column("imports", sa.Column("seconds", sa.Double(), server_default=sa.text("0"), nullable=False))
    op.add_column("imports", sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_imports_queued",
        "imports",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.drop_index(
        op.f("ix_people_folded"),
        table_name="people",
        postgresql_ops={"folded": "gin_trgm_ops"},
        postgresql_using="gin",
    )
    op.create_index(op.f("ix_people_import_id"), "people", ["import_id"], unique=False)
    op.create_index(op.f("ix_people_wedding_id_folded"), "people", ["wedding_id", "folded"], unique=False)
    op.drop_constraint(op.f("fk_person_contacts_wedding_id_weddings"), "person_contacts", type_="foreignkey")
    op.add_column("person_sources", sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True))
    op.drop_constraint(op.f("fk_person_sources_wedding_id_weddings"), "person_sources", type_="foreignkey")
    _forgetting()
    _finding()
    _taking_back()


def downgrade() -> None:
    """Back."""
    for table, column in FOUND_BY:
        op.drop_index(op.f(f"ix_{table}_{column}"), table_name=table)
    _kinds_of_consent("'opt-in', 'opt-out'")
    op.execute(REFUSE_CHANGE_BEFORE)
    op.drop_column("people", "erased_at")
    op.drop_table("removals")
    op.drop_index(op.f("ix_contact_points_value"), table_name="contact_points")
    op.create_index(op.f("ix_contact_points_value"), "contact_points", ["value"], unique=False)
    op.create_foreign_key(
        op.f("fk_person_sources_wedding_id_weddings"),
        "person_sources",
        "weddings",
        ["wedding_id"],
        ["id"],
        ondelete="RESTRICT",
    )
    op.drop_column("person_sources", "gone_at")
    op.create_foreign_key(
        op.f("fk_person_contacts_wedding_id_weddings"),
        "person_contacts",
        "weddings",
        ["wedding_id"],
        ["id"],
        ondelete="RESTRICT",
    )
    op.drop_index(op.f("ix_people_wedding_id_folded"), table_name="people")
    op.drop_index(op.f("ix_people_import_id"), table_name="people")
    op.create_index(
        op.f("ix_people_folded"),
        "people",
        ["folded"],
        unique=False,
        postgresql_ops={"folded": "gin_trgm_ops"},
        postgresql_using="gin",
    )
    op.execute("UPDATE imports SET state = 'failed' WHERE state = 'queued'")
    op.drop_constraint(op.f("ck_imports_state_1"), "imports", type_="check")
    op.create_check_constraint(
        op.f("ck_imports_state_1"), "imports", "state IN ('running', 'done', 'failed', 'undone')"
    )
    op.drop_index("ix_imports_queued", table_name="imports", postgresql_where=sa.text("state = 'queued'"))
    op.drop_column("imports", "finished_at")
    op.drop_column("imports", "seconds")
    op.drop_column("imports", "error")
    op.drop_column("imports", "report")
    op.drop_column("imports", "request")
    op.drop_column("imports", "conflicts")
    op.drop_index(
        "ix_contact_points_reversed", table_name="contact_points", postgresql_where=sa.text("kind = 'phone'")
    )
    op.drop_index(op.f("ix_import_changes_person_id"), table_name="import_changes")
    op.drop_table("import_changes")
    op.drop_table("import_progress")
    op.drop_table("import_parts")
    op.drop_table("import_presets")
    op.drop_table("google_syncs")
    op.drop_index(
        op.f("ix_folded_names_key"),
        table_name="folded_names",
        postgresql_using="gin",
        postgresql_ops={"key": "gin_trgm_ops"},
    )
    op.drop_table("folded_names")
    op.drop_table("erasures")
