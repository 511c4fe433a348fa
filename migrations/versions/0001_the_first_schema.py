"""The first schema: tables, the function that makes keys, the guards of what is only ever added."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

EXTENSIONS = ("pg_trgm", "fuzzystrmatch", "unaccent")

APPEND_ONLY = ("audit_logs", "consent_ledger", "rsvp_responses", "delivery_events")

NEW_ID_18 = """
CREATE FUNCTION new_id() RETURNS uuid LANGUAGE sql VOLATILE AS 'SELECT uuidv7()'
"""

# RFC 9562, section 5.7: 48 bits of milliseconds, version 7, the rest random.
NEW_ID_BEFORE_18 = """
CREATE FUNCTION new_id() RETURNS uuid LANGUAGE sql VOLATILE AS $$
    SELECT encode(
        set_byte(
            overlay(uuid_send(gen_random_uuid())
                    PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3)
                    FROM 1 FOR 6),
            6,
            (get_byte(uuid_send(gen_random_uuid()), 6) & 15) | 112),
        'hex')::uuid
$$
"""

REFUSE_CHANGE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are only ever added', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$
"""


def _guards() -> None:
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER only_added BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER never_emptied BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def _ground() -> None:
    for extension in EXTENSIONS:
        op.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
    version = op.get_bind().execute(sa.text("SHOW server_version_num")).scalar_one()
    op.execute(NEW_ID_18 if int(version) >= 180000 else NEW_ID_BEFORE_18)
    op.execute(REFUSE_CHANGE)


def upgrade() -> None:
    """Forward."""
    _ground()
    op.create_table(
        "audit_chains",
        sa.Column("chain_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("chain_id", name=op.f("pk_audit_chains")),
    )
    op.create_table(
        "audit_logs",
        sa.Column("chain_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.Uuid(), nullable=True),
        sa.Column("ref", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("prev_hash", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("chain_id", "seq", name=op.f("pk_audit_logs")),
    )
    op.create_index(op.f("ix_audit_logs_chain_id_action"), "audit_logs", ["chain_id", "action"], unique=False)
    op.create_index(op.f("ix_audit_logs_entity_id"), "audit_logs", ["entity_id"], unique=False)
    op.create_table(
        "audit_values",
        sa.Column("chain_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("nonce", sa.LargeBinary(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column(
            "note", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.PrimaryKeyConstraint("chain_id", "seq", name=op.f("pk_audit_values")),
    )
    op.create_table(
        "sender_numbers",
        sa.Column("phone_number_id", sa.Text(), nullable=False),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("why_paused", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("tier_limit", sa.Integer(), nullable=True),
        sa.Column("quality", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("phone_number_id", name=op.f("pk_sender_numbers")),
    )
    op.create_table(
        "webhook_events",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("body_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("times", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'pending'"), nullable=False),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("error", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("processed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('pending', 'done', 'failed', 'dead')", name=op.f("ck_webhook_events_state_1")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_webhook_events")),
        sa.UniqueConstraint("body_sha256", name=op.f("uq_webhook_events_body_sha256")),
    )
    op.create_index(
        "ix_webhook_events_open",
        "webhook_events",
        ["state", "number"],
        unique=False,
        postgresql_where=sa.text("state <> 'done'"),
    )
    op.create_table(
        "weddings",
        sa.Column("id", sa.Uuid(), server_default=sa.text("new_id()"), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("couple", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("timezone", sa.Text(), server_default=sa.text("'Asia/Kolkata'"), nullable=False),
        sa.Column("region", sa.Text(), server_default=sa.text("'IN'"), nullable=False),
        sa.Column("language", sa.Text(), server_default=sa.text("'en'"), nullable=False),
        sa.Column("phone_number_id", sa.Text(), nullable=True),
        sa.Column("require_opt_in", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("quiet_from", sa.Integer(), nullable=True),
        sa.Column("quiet_until", sa.Integer(), nullable=True),
        sa.Column("frequency_cap", sa.Integer(), nullable=True),
        sa.Column("gifts_mode", sa.Text(), server_default=sa.text("'none'"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint(
            "gifts_mode IN ('none', 'registry', 'shagun', 'charity')", name=op.f("ck_weddings_gifts_mode_1")
        ),
        sa.CheckConstraint("slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'", name=op.f("ck_weddings_slug")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_weddings")),
        sa.UniqueConstraint("slug", name=op.f("uq_weddings_slug")),
    )
    op.create_table(
        "batches",
        sa.Column("id", sa.Uuid(), server_default=sa.text("new_id()"), nullable=False),
        sa.Column("wedding_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), server_default=sa.text("'send'"), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'running'"), nullable=False),
        sa.Column("why_paused", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("events", postgresql.ARRAY(sa.Uuid()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("on_unknown", sa.Text(), server_default=sa.text("'hold'"), nullable=False),
        sa.Column("repeats", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "selection",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column(
            "estimate",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column("fingerprint", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("actor", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("kind IN ('send', 'remind', 'test')", name=op.f("ck_batches_kind_1")),
        sa.CheckConstraint(
            "on_unknown IN ('hold', 'give-up', 'resend')", name=op.f("ck_batches_on_unknown_1")
        ),
        sa.CheckConstraint(
            "state IN ('running', 'paused', 'cancelled', 'done')", name=op.f("ck_batches_state_1")
        ),
        sa.ForeignKeyConstraint(
            ["wedding_id"], ["weddings.id"], name=op.f("fk_batches_wedding_id_weddings"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batches")),
        sa.UniqueConstraint("wedding_id", "id", name=op.f("uq_batches_wedding_id_id")),
        sa.UniqueConstraint("wedding_id", "number", name=op.f("uq_batches_wedding_id_number")),
    )
    op.create_table(
        "contact_points",
        sa.Column("id", sa.Uuid(), server_default=sa.text("new_id()"), nullable=False),
        sa.Column("wedding_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'valid'"), nullable=False),
        sa.Column("country", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("wa_id", sa.Text(), nullable=True),
        sa.Column("consent", sa.Text(), server_default=sa.text("'none'"), nullable=False),
        sa.Column("not_on_whatsapp_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cooling_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_inbound_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "consent IN ('none', 'opted_in', 'opted_out')", name=op.f("ck_contact_points_consent_1")
        ),
        sa.CheckConstraint("kind IN ('phone', 'user_id', 'email')", name=op.f("ck_contact_points_kind_1")),
        sa.CheckConstraint(
            "state IN ('valid', 'guessed_region', 'landline', 'impossible')",
            name=op.f("ck_contact_points_state_1"),
        ),
        sa.ForeignKeyConstraint(
            ["wedding_id"],
            ["weddings.id"],
            name=op.f("fk_contact_points_wedding_id_weddings"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_points")),
        sa.UniqueConstraint("wedding_id", "id", name=op.f("uq_contact_points_wedding_id_id")),
        sa.UniqueConstraint(
            "wedding_id", "kind", "value", name=op.f("uq_contact_points_wedding_id_kind_value")
        ),
    )
    op.create_index(
        op.f("ix_contact_points_wa_id"),
        "contact_points",
        ["wa_id"],
        unique=False,
        postgresql_where=sa.text("wa_id IS NOT NULL"),
    )
    op.create_index(op.f("ix_contact_points_value"), "contact_points", ["value"], unique=False)
    op.create_table(
        "events",
        sa.Column("id", sa.Uuid(), server_default=sa.text("new_id()"), nullable=False),
        sa.Column("wedding_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("venue", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("address", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("map_url", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("dress_code", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("rsvp_by", sa.Date(), nullable=True),
        sa.Column("side", sa.Text(), nullable=True),
        sa.Column("visibility", sa.Text(), server_default=sa.text("'public'"), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint(
            "side IS NULL OR side IN ('bride', 'groom', 'both')", name=op.f("ck_events_side_1")
        ),
        sa.CheckConstraint("visibility IN ('public', 'invite-only')", name=op.f("ck_events_visibility_1")),
        sa.CheckConstraint("capacity IS NULL OR capacity >= 0", name=op.f("ck_events_capacity")),
        sa.CheckConstraint("ends_at IS NULL OR ends_at >= starts_at", name=op.f("ck_events_order")),
        sa.ForeignKeyConstraint(
            ["wedding_id"], ["weddings.id"], name=op.f("fk_events_wedding_id_weddings"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        sa.UniqueConstraint("wedding_id", "id", name=op.f("uq_events_wedding_id_id")),
        sa.UniqueConstraint("wedding_id", "number", name=op.f("uq_events_wedding_id_number")),
        sa.UniqueConstraint("wedding_id", "slug", name=op.f("uq_events_wedding_id_slug")),
    )
    op.create_table(
        "export_jobs",
        sa.Column("id", sa.Uuid(), server_default=sa.text("new_id()"), nullable=False),
        sa.Column("wedding_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'queued'"), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=True),
        sa.Column("bytes", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("error", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("actor", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'done', 'failed')", name=op.f("ck_export_jobs_state_1")
        ),
        sa.ForeignKeyConstraint(
            ["wedding_id"],
            ["weddings.id"],
            name=op.f("fk_export_jobs_wedding_id_weddings"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export_jobs")),
        sa.UniqueConstraint("wedding_id", "id", name=op.f("uq_export_jobs_wedding_id_id")),
        sa.UniqueConstraint("wedding_id", "number", name=op.f("uq_export_jobs_wedding_id_number")),
    )
    op.create_table(
        "imports",
        sa.Column("id", sa.Uuid(), server_default=sa.text("new_id()"), nullable=False),
        sa.Column("wedding_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), server_default=sa.text("'csv'"), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'running'"), nullable=False),
        sa.Column("rows", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("created", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("updated", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("unchanged", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("rejected", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("rejects_file", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("opt_in", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("actor", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('running', 'done', 'failed', 'undone')", name=op.f("ck_imports_state_1")
        ),
        sa.ForeignKeyConstraint(
            ["wedding_id"], ["weddings.id"], name=op.f("fk_imports_wedding_id_weddings"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
        sa.UniqueConstraint("wedding_id", "id", name=op.f("uq_imports_wedding_id_id")),
        sa.UniqueConstraint("wedding_id", "number", name=op.f("uq_imports_wedding_id_number")),
    )
    op.create_table(
        "ref_counters",
        sa.Column("wedding_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("last", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(
            ["wedding_id"],
            ["weddings.id"],
            name=op.f("fk_ref_counters_wedding_id_weddings"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("wedding_id", "kind", name=op.f("pk_ref_counters")),
    )
    op.create_table(
        "role_grants",
        sa.Column("id", sa.Uuid(), server_default=sa.text("new_id()"), nullable=False),
        sa.Column("wedding_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=True),
        sa.Column("token_sha256", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "role IN ('owner', 'planner', 'operator', 'family', 'desk', 'auditor')",
            name=op.f("ck_role_grants_role_1"),
        ),
        sa.CheckConstraint("side IS NULL OR side IN ('bride', 'groom')", name=op.f("ck_role_grants_side_1")),
        sa.ForeignKeyConstraint(
            ["wedding_id"],
            ["weddings.id"],
            name=op.f("fk_role_grants_wedding_id_weddings"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grants")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_role_grants_token_sha256")),
    )
    op.create_index(
        "uq_role_grants_live_name",
        "role_grants",
        [sa.literal_column("coalesce(wedding_id, '00000000-0000-0000-0000-000000000000'::uuid)"), "name"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_table(
        "templates",
        sa.Column("id", sa.Uuid(), server_default=sa.text("new_id()"), nullable=False),
        sa.Column("wedding_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("status", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("quality", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column(
            "definition",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column(
            "mapping", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("header_media", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("synced_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["wedding_id"],
            ["weddings.id"],
            name=op.f("fk_templates_wedding_id_weddings"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_templates")),
        sa.UniqueConstraint("wedding_id", "id", name=op.f("uq_templates_wedding_id_id")),
        sa.UniqueConstraint(
            "wedding_id", "name", "language", name=op.f("uq_templates_wedding_id_name_language")
        ),
    )
    op.create_table(
        "webhook_updates",
        sa.Column("id", sa.Uuid(), server_default=sa.text("new_id()"), nullable=False),
        sa.Column("wedding_id", sa.Uuid(), nullable=True),
        sa.Column("webhook_number", sa.BigInteger(), nullable=False),
        sa.Column("event_key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'done'"), nullable=False),
        sa.Column("why", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column(
            "facts", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.CheckConstraint(
            "state IN ('done', 'parked', 'kept', 'dead')", name=op.f("ck_webhook_updates_state_1")
        ),
        sa.ForeignKeyConstraint(
            ["wedding_id"],
            ["weddings.id"],
            name=op.f("fk_webhook_updates_wedding_id_weddings"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_updates")),
        sa.UniqueConstraint("event_key", name=op.f("uq_webhook_updates_event_key")),
    )
    op.create_index(
        "ix_webhook_updates_open",
        "webhook_updates",
        ["state"],
        unique=False,
        postgresql_where=sa.text("state <> 'done'"),
    )
    op.create_index(
        op.f("ix_webhook_updates_webhook_number"), "webhook_updates", ["webhook_number"], unique=False
    )
    op.create_table(
        "consent_ledger",
        sa.Column("id", sa.Uuid(), server_default=sa.text("new_id()"), nullable=False),
        sa.Column("wedding_id", sa.Uuid(), nullable=False),
        sa.Column("contact_point_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("effective_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_key", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("actor", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint("kind IN ('opt-in', 'opt-out')", name=op.f("ck_consent_ledger_kind_1")),
        sa.ForeignKeyConstraint(
            ["wedding_id", "contact_point_id"],
            ["contact_points.wedding_id", "contact_points.id"],
            name=op.f("fk_consent_ledger_wedding_id_contact_point_id_contact_points"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["wedding_id"],
            ["weddings.id"],
            name=op.f("fk_consent_ledger_wedding_id_weddings"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_ledger")),
        sa.UniqueConstraint(
            "wedding_id",
            "contact_point_id",
            "source_key",
            name=op.f("uq_consent_ledger_wedding_id_contact_point_id_source_key"),
        ),
    )
    op.create_table(
        "people",
        sa.Column("id", sa.Uuid(), server_default=sa.text("new_id()"), nullable=False),
        sa.Column("wedding_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("full_name", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("honorific", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("given_name", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("family_name", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("folded", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("city", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("side", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("tags", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("events", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("notes", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column(
            "extra", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("household", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("household_source", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("party_size", sa.Integer(), nullable=True),
        sa.Column("extra_seats", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("do_not_message_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("do_not_message_reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("merged_into", sa.Uuid(), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("import_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint(
            "side IS NULL OR side IN ('bride', 'groom', 'both')", name=op.f("ck_people_side_1")
        ),
        sa.ForeignKeyConstraint(
            ["wedding_id", "import_id"],
            ["imports.wedding_id", "imports.id"],
            name=op.f("fk_people_wedding_id_import_id_imports"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["wedding_id", "merged_into"],
            ["people.wedding_id", "people.id"],
            name=op.f("fk_people_wedding_id_merged_into_people"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["wedding_id"], ["weddings.id"], name=op.f("fk_people_wedding_id_weddings"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("wedding_id", "id", name=op.f("uq_people_wedding_id_id")),
        sa.UniqueConstraint("wedding_id", "number", name=op.f("uq_people_wedding_id_number")),
    )
    op.create_index(
        op.f("ix_people_folded"),
        "people",
        ["folded"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"folded": "gin_trgm_ops"},
    )
    op.create_index(op.f("ix_people_tags"), "people", ["tags"], unique=False, postgresql_using="gin")
    op.create_table(
        "projection_event_counts",
        sa.Column("wedding_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("invited_units", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("invited_seats", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("answered_units", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("yes_units", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("yes_heads", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("no_units", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("maybe_units", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "refreshed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["wedding_id", "event_id"],
            ["events.wedding_id", "events.id"],
            name=op.f("fk_projection_event_counts_wedding_id_event_id_events"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["wedding_id"],
            ["weddings.id"],
            name=op.f("fk_projection_event_counts_wedding_id_weddings"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("event_id", "side", name=op.f("pk_projection_event_counts")),
    )
    op.create_table(
        "guest_units",
        sa.Column("id", sa.Uuid(), server_default=sa.text("new_id()"), nullable=False),
        sa.Column("wedding_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("label", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("primary_person_id", sa.Uuid(), nullable=True),
        sa.Column("extra_seats", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("side", sa.Text(), nullable=True),
        sa.Column("tags", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("made_by", sa.Text(), server_default=sa.text("'build'"), nullable=False),
        sa.Column("why", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint("made_by IN ('build', 'hand')", name=op.f("ck_guest_units_made_by_1")),
        sa.CheckConstraint(
            "side IS NULL OR side IN ('bride', 'groom', 'both')", name=op.f("ck_guest_units_side_1")
        ),
        sa.CheckConstraint("extra_seats BETWEEN 0 AND 500", name=op.f("ck_guest_units_extra_seats")),
        sa.ForeignKeyConstraint(
            ["wedding_id", "primary_person_id"],
            ["people.wedding_id", "people.id"],
            name=op.f("fk_guest_units_wedding_id_primary_person_id_people"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["wedding_id"],
            ["weddings.id"],
            name=op.f("fk_guest_units_wedding_id_weddings"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guest_units")),
        sa.UniqueConstraint("wedding_id", "id", name=op.f("uq_guest_units_wedding_id_id")),
        sa.UniqueConstraint("wedding_id", "number", name=op.f("uq_guest_units_wedding_id_number")),
    )
    op.create_table(
        "person_contacts",
        sa.Column("wedding_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("contact_point_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("raw", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.ForeignKeyConstraint(
            ["wedding_id", "contact_point_id"],
            ["contact_points.wedding_id", "contact_points.id"],
            name=op.f("fk_person_contacts_wedding_id_contact_point_id_contact_points"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["wedding_id", "person_id"],
            ["people.wedding_id", "people.id"],
            name=op.f("fk_person_contacts_wedding_id_person_id_people"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["wedding_id"],
            ["weddings.id"],
            name=op.f("fk_person_contacts_wedding_id_weddings"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("person_id", "contact_point_id", name=op.f("pk_person_contacts")),
    )
    op.create_index(
        op.f("ix_person_contacts_contact_point_id"), "person_contacts", ["contact_point_id"], unique=False
    )
    op.create_table(
        "person_sources",
        sa.Column("wedding_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("row_key", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("external_id", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("line", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("digest", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column(
            "content", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["wedding_id", "import_id"],
            ["imports.wedding_id", "imports.id"],
            name=op.f("fk_person_sources_wedding_id_import_id_imports"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["wedding_id", "person_id"],
            ["people.wedding_id", "people.id"],
            name=op.f("fk_person_sources_wedding_id_person_id_people"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["wedding_id"],
            ["weddings.id"],
            name=op.f("fk_person_sources_wedding_id_weddings"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("wedding_id", "source", "row_key", name=op.f("pk_person_sources")),
    )
    op.create_index(op.f("ix_person_sources_person_id"), "person_sources", ["person_id"], unique=False)
    op.create_table(
        "conversations",
        sa.Column("wedding_id", sa.Uuid(), nullable=False),
        sa.Column("contact_point_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column(
            "question",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'null'"),
            nullable=False,
        ),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("courtesy_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["wedding_id", "contact_point_id"],
            ["contact_points.wedding_id", "contact_points.id"],
            name=op.f("fk_conversations_wedding_id_contact_point_id_contact_points"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["wedding_id", "unit_id"],
            ["guest_units.wedding_id", "guest_units.id"],
            name=op.f("fk_conversations_wedding_id_unit_id_guest_units"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["wedding_id"],
            ["weddings.id"],
            name=op.f("fk_conversations_wedding_id_weddings"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("contact_point_id", name=op.f("pk_conversations")),
    )
    op.create_table(
        "guest_unit_members",
        sa.Column("wedding_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("takes_seat", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.ForeignKeyConstraint(
            ["wedding_id", "person_id"],
            ["people.wedding_id", "people.id"],
            name=op.f("fk_guest_unit_members_wedding_id_person_id_people"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["wedding_id", "unit_id"],
            ["guest_units.wedding_id", "guest_units.id"],
            name=op.f("fk_guest_unit_members_wedding_id_unit_id_guest_units"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["wedding_id"],
            ["weddings.id"],
            name=op.f("fk_guest_unit_members_wedding_id_weddings"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_guest_unit_members")),
    )
    op.create_index(op.f("ix_guest_unit_members_unit_id"), "guest_unit_members", ["unit_id"], unique=False)
    op.create_table(
        "inbound_messages",
        sa.Column("id", sa.Uuid(), server_default=sa.text("new_id()"), nullable=False),
        sa.Column("wedding_id", sa.Uuid(), nullable=False),
        sa.Column("contact_point_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("context_id", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("payload", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("profile_name", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["wedding_id", "contact_point_id"],
            ["contact_points.wedding_id", "contact_points.id"],
            name=op.f("fk_inbound_messages_wedding_id_contact_point_id_contact_points"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["wedding_id", "unit_id"],
            ["guest_units.wedding_id", "guest_units.id"],
            name=op.f("fk_inbound_messages_wedding_id_unit_id_guest_units"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["wedding_id"],
            ["weddings.id"],
            name=op.f("fk_inbound_messages_wedding_id_weddings"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound_messages")),
        sa.UniqueConstraint("message_id", name=op.f("uq_inbound_messages_message_id")),
        sa.UniqueConstraint("wedding_id", "id", name=op.f("uq_inbound_messages_wedding_id_id")),
    )
    op.create_index(
        op.f("ix_inbound_messages_contact_point_id_at"),
        "inbound_messages",
        ["contact_point_id", "at"],
        unique=False,
    )
    op.create_table(
        "invitations",
        sa.Column("id", sa.Uuid(), server_default=sa.text("new_id()"), nullable=False),
        sa.Column("wedding_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("seats BETWEEN 0 AND 500", name=op.f("ck_invitations_seats")),
        sa.ForeignKeyConstraint(
            ["wedding_id", "event_id"],
            ["events.wedding_id", "events.id"],
            name=op.f("fk_invitations_wedding_id_event_id_events"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["wedding_id", "unit_id"],
            ["guest_units.wedding_id", "guest_units.id"],
            name=op.f("fk_invitations_wedding_id_unit_id_guest_units"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["wedding_id"],
            ["weddings.id"],
            name=op.f("fk_invitations_wedding_id_weddings"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("wedding_id", "id", name=op.f("uq_invitations_wedding_id_id")),
        sa.UniqueConstraint(
            "wedding_id", "unit_id", "event_id", name=op.f("uq_invitations_wedding_id_unit_id_event_id")
        ),
    )
    op.create_index(op.f("ix_invitations_event_id"), "invitations", ["event_id"], unique=False)
    op.create_table(
        "invite_dispatch",
        sa.Column("id", sa.Uuid(), server_default=sa.text("new_id()"), nullable=False),
        sa.Column("wedding_id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), server_default=sa.text("'template'"), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("contact_point_id", sa.Uuid(), nullable=True),
        sa.Column("template", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("language", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("events", postgresql.ARRAY(sa.Uuid()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column(
            "content", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("content_sha256", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("phone_number_id", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("answers_key", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), server_default=sa.text("'queued'"), nullable=False),
        sa.Column("reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("priority", sa.Integer(), server_default=sa.text("5"), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempt_no", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("passing", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("wamid", sa.Text(), nullable=True),
        sa.Column("error_code", sa.Integer(), nullable=True),
        sa.Column("error_title", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('template', 'reply', 'test')", name=op.f("ck_invite_dispatch_kind_1")),
        sa.CheckConstraint(
            "state IN ('planned', 'queued', 'sending', 'accepted', 'sent', 'delivered', 'read', "
            "'failed', 'unknown', 'skipped', 'cancelled')",
            name=op.f("ck_invite_dispatch_state_1"),
        ),
        sa.ForeignKeyConstraint(
            ["wedding_id", "batch_id"],
            ["batches.wedding_id", "batches.id"],
            name=op.f("fk_invite_dispatch_wedding_id_batch_id_batches"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["wedding_id", "contact_point_id"],
            ["contact_points.wedding_id", "contact_points.id"],
            name=op.f("fk_invite_dispatch_wedding_id_contact_point_id_contact_points"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["wedding_id", "person_id"],
            ["people.wedding_id", "people.id"],
            name=op.f("fk_invite_dispatch_wedding_id_person_id_people"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["wedding_id", "unit_id"],
            ["guest_units.wedding_id", "guest_units.id"],
            name=op.f("fk_invite_dispatch_wedding_id_unit_id_guest_units"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["wedding_id"],
            ["weddings.id"],
            name=op.f("fk_invite_dispatch_wedding_id_weddings"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invite_dispatch")),
        sa.UniqueConstraint(
            "wedding_id", "answers_key", name=op.f("uq_invite_dispatch_wedding_id_answers_key")
        ),
        sa.UniqueConstraint(
            "wedding_id", "batch_id", "unit_id", name=op.f("uq_invite_dispatch_wedding_id_batch_id_unit_id")
        ),
        sa.UniqueConstraint("wedding_id", "id", name=op.f("uq_invite_dispatch_wedding_id_id")),
    )
    op.create_index(
        op.f("ix_invite_dispatch_batch_id_state"), "invite_dispatch", ["batch_id", "state"], unique=False
    )
    op.create_index(
        op.f("ix_invite_dispatch_contact_point_id"), "invite_dispatch", ["contact_point_id"], unique=False
    )
    op.create_index(
        "ix_invite_dispatch_due",
        "invite_dispatch",
        ["priority", "not_before", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_index(
        "ix_invite_dispatch_open",
        "invite_dispatch",
        ["state"],
        unique=False,
        postgresql_where=sa.text("state IN ('sending', 'unknown')"),
    )
    op.create_index(
        op.f("ix_invite_dispatch_wedding_id_unit_id_template"),
        "invite_dispatch",
        ["wedding_id", "unit_id", "template"],
        unique=False,
    )
    op.create_index(
        "uq_invite_dispatch_wamid",
        "invite_dispatch",
        ["wamid"],
        unique=True,
        postgresql_where=sa.text("wamid IS NOT NULL"),
    )
    op.create_table(
        "rsvp_responses",
        sa.Column("id", sa.Uuid(), server_default=sa.text("new_id()"), nullable=False),
        sa.Column("wedding_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("heads", sa.Integer(), nullable=True),
        sa.Column("adults", sa.Integer(), nullable=True),
        sa.Column("children", sa.Integer(), nullable=True),
        sa.Column("requested_heads", sa.Integer(), nullable=True),
        sa.Column(
            "diets", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("note", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_key", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("status IN ('yes', 'no', 'maybe')", name=op.f("ck_rsvp_responses_status_1")),
        sa.CheckConstraint("heads IS NULL OR heads BETWEEN 0 AND 500", name=op.f("ck_rsvp_responses_heads")),
        sa.ForeignKeyConstraint(
            ["wedding_id", "event_id"],
            ["events.wedding_id", "events.id"],
            name=op.f("fk_rsvp_responses_wedding_id_event_id_events"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["wedding_id", "unit_id"],
            ["guest_units.wedding_id", "guest_units.id"],
            name=op.f("fk_rsvp_responses_wedding_id_unit_id_guest_units"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["wedding_id"],
            ["weddings.id"],
            name=op.f("fk_rsvp_responses_wedding_id_weddings"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rsvp_responses")),
        sa.UniqueConstraint(
            "wedding_id",
            "event_id",
            "unit_id",
            "source_key",
            name=op.f("uq_rsvp_responses_wedding_id_event_id_unit_id_source_key"),
        ),
    )
    op.create_index(
        op.f("ix_rsvp_responses_wedding_id_event_id_unit_id_given_at"),
        "rsvp_responses",
        ["wedding_id", "event_id", "unit_id", "given_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_rsvp_responses_wedding_id_unit_id"),
        "rsvp_responses",
        ["wedding_id", "unit_id"],
        unique=False,
    )
    op.create_table(
        "delivery_events",
        sa.Column("id", sa.Uuid(), server_default=sa.text("new_id()"), nullable=False),
        sa.Column("wedding_id", sa.Uuid(), nullable=False),
        sa.Column("dispatch_id", sa.Uuid(), nullable=False),
        sa.Column("event_key", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("moved", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("error_code", sa.Integer(), nullable=True),
        sa.Column("details", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.ForeignKeyConstraint(
            ["wedding_id", "dispatch_id"],
            ["invite_dispatch.wedding_id", "invite_dispatch.id"],
            name=op.f("fk_delivery_events_wedding_id_dispatch_id_invite_dispatch"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["wedding_id"],
            ["weddings.id"],
            name=op.f("fk_delivery_events_wedding_id_weddings"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_events")),
        sa.UniqueConstraint("event_key", name=op.f("uq_delivery_events_event_key")),
    )
    op.create_index(op.f("ix_delivery_events_dispatch_id"), "delivery_events", ["dispatch_id"], unique=False)
    op.create_table(
        "dispatch_attempts",
        sa.Column("id", sa.Uuid(), server_default=sa.text("new_id()"), nullable=False),
        sa.Column("wedding_id", sa.Uuid(), nullable=False),
        sa.Column("dispatch_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("consent", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("error_code", sa.Integer(), nullable=True),
        sa.Column("trace_id", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("wamid", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["wedding_id", "dispatch_id"],
            ["invite_dispatch.wedding_id", "invite_dispatch.id"],
            name=op.f("fk_dispatch_attempts_wedding_id_dispatch_id_invite_dispatch"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["wedding_id"],
            ["weddings.id"],
            name=op.f("fk_dispatch_attempts_wedding_id_weddings"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispatch_attempts")),
        sa.UniqueConstraint("dispatch_id", "number", name=op.f("uq_dispatch_attempts_dispatch_id_number")),
        sa.UniqueConstraint("token", name=op.f("uq_dispatch_attempts_token")),
    )
    op.create_table(
        "inbox_items",
        sa.Column("id", sa.Uuid(), server_default=sa.text("new_id()"), nullable=False),
        sa.Column("wedding_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("inbound_id", sa.Uuid(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'open'"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('open', 'closed')", name=op.f("ck_inbox_items_state_1")),
        sa.ForeignKeyConstraint(
            ["wedding_id", "inbound_id"],
            ["inbound_messages.wedding_id", "inbound_messages.id"],
            name=op.f("fk_inbox_items_wedding_id_inbound_id_inbound_messages"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["wedding_id"],
            ["weddings.id"],
            name=op.f("fk_inbox_items_wedding_id_weddings"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox_items")),
        sa.UniqueConstraint("inbound_id", name=op.f("uq_inbox_items_inbound_id")),
        sa.UniqueConstraint("wedding_id", "id", name=op.f("uq_inbox_items_wedding_id_id")),
        sa.UniqueConstraint("wedding_id", "number", name=op.f("uq_inbox_items_wedding_id_number")),
    )
    _guards()


def downgrade() -> None:
    """Back."""
    op.drop_table("inbox_items")
    op.drop_table("dispatch_attempts")
    op.drop_index(op.f("ix_delivery_events_dispatch_id"), table_name="delivery_events")
    op.drop_table("delivery_events")
    op.drop_index(op.f("ix_rsvp_responses_wedding_id_unit_id"), table_name="rsvp_responses")
    op.drop_index(op.f("ix_rsvp_responses_wedding_id_event_id_unit_id_given_at"), table_name="rsvp_responses")
    op.drop_table("rsvp_responses")
    op.drop_index(
        "uq_invite_dispatch_wamid",
        table_name="invite_dispatch",
        postgresql_where=sa.text("wamid IS NOT NULL"),
    )
    op.drop_index(op.f("ix_invite_dispatch_wedding_id_unit_id_template"), table_name="invite_dispatch")
    op.drop_index(
        "ix_invite_dispatch_open",
        table_name="invite_dispatch",
        postgresql_where=sa.text("state IN ('sending', 'unknown')"),
    )
    op.drop_index(
        "ix_invite_dispatch_due", table_name="invite_dispatch", postgresql_where=sa.text("state = 'queued'")
    )
    op.drop_index(op.f("ix_invite_dispatch_contact_point_id"), table_name="invite_dispatch")
    op.drop_index(op.f("ix_invite_dispatch_batch_id_state"), table_name="invite_dispatch")
    op.drop_table("invite_dispatch")
    op.drop_index(op.f("ix_invitations_event_id"), table_name="invitations")
    op.drop_table("invitations")
    op.drop_index(op.f("ix_inbound_messages_contact_point_id_at"), table_name="inbound_messages")
    op.drop_table("inbound_messages")
    op.drop_index(op.f("ix_guest_unit_members_unit_id"), table_name="guest_unit_members")
    op.drop_table("guest_unit_members")
    op.drop_table("conversations")
    op.drop_index(op.f("ix_person_sources_person_id"), table_name="person_sources")
    op.drop_table("person_sources")
    op.drop_index(op.f("ix_person_contacts_contact_point_id"), table_name="person_contacts")
    op.drop_table("person_contacts")
    op.drop_table("guest_units")
    op.drop_table("projection_event_counts")
    op.drop_index(op.f("ix_people_tags"), table_name="people", postgresql_using="gin")
    op.drop_index(
        op.f("ix_people_folded"),
        table_name="people",
        postgresql_using="gin",
        postgresql_ops={"folded": "gin_trgm_ops"},
    )
    op.drop_table("people")
    op.drop_table("consent_ledger")
    op.drop_index(op.f("ix_webhook_updates_webhook_number"), table_name="webhook_updates")
    op.drop_index(
        "ix_webhook_updates_open", table_name="webhook_updates", postgresql_where=sa.text("state <> 'done'")
    )
    op.drop_table("webhook_updates")
    op.drop_table("templates")
    op.drop_index(
        "uq_role_grants_live_name", table_name="role_grants", postgresql_where=sa.text("revoked_at IS NULL")
    )
    op.drop_table("role_grants")
    op.drop_table("ref_counters")
    op.drop_table("imports")
    op.drop_table("export_jobs")
    op.drop_table("events")
    op.drop_index(
        op.f("ix_contact_points_wa_id"),
        table_name="contact_points",
        postgresql_where=sa.text("wa_id IS NOT NULL"),
    )
    op.drop_index(op.f("ix_contact_points_value"), table_name="contact_points")
    op.drop_table("contact_points")
    op.drop_table("batches")
    op.drop_table("weddings")
    op.drop_index(
        "ix_webhook_events_open", table_name="webhook_events", postgresql_where=sa.text("state <> 'done'")
    )
    op.drop_table("webhook_events")
    op.drop_table("sender_numbers")
    op.drop_table("audit_values")
    op.drop_index(op.f("ix_audit_logs_entity_id"), table_name="audit_logs")
    op.drop_index(op.f("ix_audit_logs_chain_id_action"), table_name="audit_logs")
    op.drop_table("audit_logs")
    op.drop_table("audit_chains")
    op.execute("DROP FUNCTION refuse_change()")
    op.execute("DROP FUNCTION new_id()")
