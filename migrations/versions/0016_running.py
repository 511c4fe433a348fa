"""Running it: when a delivery failed, which messages may be tried again, and whether the weddings have moved away."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


# ── the dashboard: messages by side and state, answers by side and day, whom to call first ─────────────

# A household's side decides where its messages and answers are counted. Whoever counts shares the lock of the wedding's
# sides; whoever moves a household to another side, or the wedding to another zone, holds it alone: neither counts by
# what the other is about to change.
_LOCK = "hashtextextended({}::text, 16)"
_SIDE = "coalesce((SELECT u.side FROM guest_units u WHERE u.id = t.unit_id), '')"
_DAY = "(t.given_at AT TIME ZONE (SELECT z.timezone FROM weddings z WHERE z.id = t.wedding_id))::date"
_MESSAGE = (
    f"SELECT t.wedding_id, {_SIDE} AS side, t.state, {{sign}} AS n FROM {{rows}} t WHERE t.kind = 'template'"
)
_ANSWER = f"SELECT t.wedding_id, {_SIDE} AS side, {_DAY} AS day, t.status, {{sign}} AS n FROM {{rows}} t"


def _counting(name: str, into: str, by: str, counted: str, each: str) -> str:
    """A trigger's function that writes what a statement changed in a count, as rows of their own."""
    coming, going = each.format(rows="coming", sign=1), each.format(rows="going", sign=-1)
    parts = {"INSERT": coming, "DELETE": going, "UPDATE": f"{coming} UNION ALL {going}"}
    body = "".join(
        f"""
    IF TG_OP = '{what}' THEN
        PERFORM pg_advisory_xact_lock_shared({_LOCK.format("w.id")})
           FROM (SELECT DISTINCT wedding_id AS id FROM {"coming" if what == "INSERT" else "going"}) w;
        INSERT INTO {into} (wedding_id, side, {by}, {counted})
        SELECT wedding_id, side, {by}, sum(n) FROM ({rows}) c GROUP BY wedding_id, side, {by} HAVING sum(n) <> 0;
    END IF;"""
        for what, rows in parts.items()
    )
    head = f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$"
    return f"{head}\nBEGIN{body}\n    RETURN NULL;\nEND $$"


_MOVE_SIDE = f"""
CREATE FUNCTION move_side() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock({_LOCK.format("NEW.wedding_id")});
    INSERT INTO delivery_changes (wedding_id, side, state, messages)
    SELECT NEW.wedding_id, m.side, t.state, sum(m.n) FROM invite_dispatch t
      CROSS JOIN (VALUES (coalesce(OLD.side, ''), -1), (coalesce(NEW.side, ''), 1)) m (side, n)
     WHERE t.wedding_id = NEW.wedding_id AND t.unit_id = NEW.id AND t.kind = 'template' GROUP BY 2, 3;
    INSERT INTO answer_changes (wedding_id, side, day, status, answers)
    SELECT NEW.wedding_id, m.side, {_DAY}, t.status, sum(m.n) FROM rsvp_responses t
      CROSS JOIN (VALUES (coalesce(OLD.side, ''), -1), (coalesce(NEW.side, ''), 1)) m (side, n)
     WHERE t.wedding_id = NEW.wedding_id AND t.unit_id = NEW.id GROUP BY 2, 3, 4;
    RETURN NULL;
END $$
"""

_MOVE_ZONE = f"""
CREATE FUNCTION move_zone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock({_LOCK.format("NEW.id")});
    INSERT INTO answer_changes (wedding_id, side, day, status, answers)
    SELECT NEW.id, {_SIDE}, (t.given_at AT TIME ZONE m.zone)::date, t.status, sum(m.n) FROM rsvp_responses t
      CROSS JOIN (VALUES (OLD.timezone, -1), (NEW.timezone, 1)) m (zone, n)
     WHERE t.wedding_id = NEW.id GROUP BY 2, 3, 4 HAVING sum(m.n) <> 0;
    RETURN NULL;
END $$
"""

_TRIGGERS = (
    ("inserted", "INSERT", "REFERENCING NEW TABLE AS coming"),
    ("updated", "UPDATE", "REFERENCING OLD TABLE AS going NEW TABLE AS coming"),
    ("deleted", "DELETE", "REFERENCING OLD TABLE AS going"),
)
_UNREACHED = "kind = 'template' AND state IN ('failed', 'skipped', 'cancelled')"


def _moment(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)


def _bond(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["wedding_id"], ["weddings.id"], name=op.f(f"fk_{table}_wedding_id_weddings"), ondelete="RESTRICT"
    )


def _words(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _side() -> sa.Column[str]:
    return sa.Column("side", sa.Text(), server_default=sa.text("''"), nullable=False)


def _dashboard() -> None:
    op.create_table(
        "projection_answer_days",
        sa.Column("wedding_id", sa.Uuid(), nullable=False),
        _words("side"),
        sa.Column("day", sa.Date(), nullable=False),
        _words("status"),
        sa.Column("answers", sa.BigInteger(), nullable=False),
        _moment("refreshed_at"),
        _bond("projection_answer_days"),
        sa.PrimaryKeyConstraint(
            "wedding_id", "side", "day", "status", name=op.f("pk_projection_answer_days")
        ),
    )
    op.create_table(
        "answer_changes",
        sa.Column("id", sa.Uuid(), server_default=sa.text("new_id()"), nullable=False),
        sa.Column("wedding_id", sa.Uuid(), nullable=False),
        _side(),
        sa.Column("day", sa.Date(), nullable=False),
        _words("status"),
        sa.Column("answers", sa.BigInteger(), nullable=False),
        _moment("made_at"),
        _bond("answer_changes"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_changes")),
    )
    op.create_index(op.f("ix_answer_changes_wedding_id"), "answer_changes", ["wedding_id"])
    op.execute(
        "INSERT INTO projection_answer_days (wedding_id, side, day, status, answers) "
        f"SELECT wedding_id, side, day, status, sum(n) FROM ({_ANSWER.format(rows='rsvp_responses', sign=1)}) c "
        "GROUP BY 1, 2, 3, 4"
    )
    op.execute("DELETE FROM delivery_changes")
    op.execute("DELETE FROM projection_deliveries")
    for table in ("delivery_changes", "projection_deliveries"):
        op.add_column(table, _side())
    _deliveries_key("wedding_id", "side", "state")
    op.execute(
        "INSERT INTO projection_deliveries (wedding_id, side, state, messages) SELECT wedding_id, side, state, sum(n) "
        f"FROM ({_MESSAGE.format(rows='invite_dispatch', sign=1)}) c GROUP BY 1, 2, 3"
    )
    op.execute(_counting("count_deliveries", "delivery_changes", "state", "messages", _MESSAGE))
    op.execute(_counting("count_answers", "answer_changes", "day, status", "answers", _ANSWER))
    for name, what, tables in _TRIGGERS:
        op.execute(
            f"CREATE TRIGGER answers_{name} AFTER {what} ON rsvp_responses {tables} "
            "FOR EACH STATEMENT EXECUTE FUNCTION count_answers()"
        )
    op.execute(_MOVE_SIDE)
    op.execute(_MOVE_ZONE)
    op.execute(
        "CREATE TRIGGER side_moved AFTER UPDATE OF side ON guest_units FOR EACH ROW "
        "WHEN (OLD.side IS DISTINCT FROM NEW.side) EXECUTE FUNCTION move_side()"
    )
    op.execute(
        "CREATE TRIGGER zone_moved AFTER UPDATE OF timezone ON weddings FOR EACH ROW "
        "WHEN (OLD.timezone IS DISTINCT FROM NEW.timezone) EXECUTE FUNCTION move_zone()"
    )
    op.create_index(
        "ix_invite_dispatch_unreached", "invite_dispatch", ["wedding_id", "unit_id"],
        postgresql_where=sa.text(_UNREACHED),
    )  # fmt: skip
    op.create_index(
        "ix_invitations_largest", "invitations", ["wedding_id", "event_id", sa.text("seats DESC"), "unit_id"]
    )


def _deliveries_key(*columns: str) -> None:
    op.drop_constraint(op.f("pk_projection_deliveries"), "projection_deliveries")
    op.create_primary_key(op.f("pk_projection_deliveries"), "projection_deliveries", list(columns))


_COUNT_DELIVERIES_OF_0011 = """
CREATE OR REPLACE FUNCTION count_deliveries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO delivery_changes (wedding_id, state, messages)
        SELECT wedding_id, state, count(*) FROM coming WHERE kind = 'template' GROUP BY wedding_id, state;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO delivery_changes (wedding_id, state, messages)
        SELECT wedding_id, state, -count(*) FROM going WHERE kind = 'template' GROUP BY wedding_id, state;
    ELSE
        INSERT INTO delivery_changes (wedding_id, state, messages)
        SELECT wedding_id, state, sum(n) FROM (
            SELECT wedding_id, state, 1 AS n FROM coming WHERE kind = 'template'
            UNION ALL
            SELECT wedding_id, state, -1 FROM going WHERE kind = 'template') moved
         GROUP BY wedding_id, state HAVING sum(n) <> 0;
    END IF;
    RETURN NULL;
END $$
"""


def _no_dashboard() -> None:
    op.drop_index("ix_invitations_largest", "invitations")
    op.drop_index("ix_invite_dispatch_unreached", "invite_dispatch")
    op.execute("DROP TRIGGER zone_moved ON weddings")
    op.execute("DROP TRIGGER side_moved ON guest_units")
    op.execute("DROP FUNCTION move_zone()")
    op.execute("DROP FUNCTION move_side()")
    for name, _, _ in _TRIGGERS:
        op.execute(f"DROP TRIGGER answers_{name} ON rsvp_responses")
    op.execute("DROP FUNCTION count_answers()")
    op.execute(_COUNT_DELIVERIES_OF_0011)
    op.execute("DELETE FROM delivery_changes")
    op.execute("DELETE FROM projection_deliveries")
    _deliveries_key("wedding_id", "state")
    for table in ("delivery_changes", "projection_deliveries"):
        op.drop_column(table, "side")
    op.execute(
        "INSERT INTO projection_deliveries (wedding_id, state, messages) SELECT wedding_id, state, count(*) "
        "FROM invite_dispatch WHERE kind = 'template' GROUP BY wedding_id, state"
    )
    op.drop_table("answer_changes")
    op.drop_table("projection_answer_days")


def _requests() -> None:
    # What a household asks for on its page reaches the inbox, though it is no message.
    op.alter_column("inbox_items", "inbound_id", nullable=True)
    op.add_column("inbox_items", sa.Column("unit_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_inbox_items_wedding_id_unit_id_guest_units"), "inbox_items", "guest_units",
        ["wedding_id", "unit_id"], ["wedding_id", "id"], ondelete="RESTRICT",
    )  # fmt: skip
    op.create_index(op.f("ix_inbox_items_unit_id"), "inbox_items", ["unit_id"])
    op.create_check_constraint(
        op.f("ck_inbox_items_from_somebody"), "inbox_items", "(inbound_id IS NULL) <> (unit_id IS NULL)"
    )


def _no_requests() -> None:
    op.drop_constraint(op.f("ck_inbox_items_from_somebody"), "inbox_items")
    op.execute("DELETE FROM inbox_items WHERE inbound_id IS NULL")
    op.drop_column("inbox_items", "unit_id")
    op.alter_column("inbox_items", "inbound_id", nullable=False)


_REMEMBER = """
CREATE FUNCTION remember_invitation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO past_invitations (wedding_id, unit_id, event_id, seats, created_at)
    VALUES (OLD.wedding_id, OLD.unit_id, OLD.event_id, OLD.seats, OLD.created_at);
    RETURN NULL;
END $$
"""


def _past() -> None:
    # Invitations that were taken back, and the seats that they had: a number is opened as it was.
    op.create_table(
        "past_invitations",
        sa.Column("id", sa.Uuid(), server_default=sa.text("new_id()"), nullable=False),
        sa.Column("wedding_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        _moment("ended_at"),
        _bond("past_invitations"),
        sa.ForeignKeyConstraint(
            ["wedding_id", "unit_id"], ["guest_units.wedding_id", "guest_units.id"], ondelete="CASCADE",
            name=op.f("fk_past_invitations_wedding_id_unit_id_guest_units"),
        ),
        sa.ForeignKeyConstraint(
            ["wedding_id", "event_id"], ["events.wedding_id", "events.id"], ondelete="RESTRICT",
            name=op.f("fk_past_invitations_wedding_id_event_id_events"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_past_invitations")),
    )  # fmt: skip
    op.create_index(
        op.f("ix_past_invitations_wedding_id_event_id_ended_at"),
        "past_invitations",
        ["wedding_id", "event_id", "ended_at"],
    )
    op.create_index(op.f("ix_past_invitations_unit_id"), "past_invitations", ["unit_id"])
    op.execute(_REMEMBER)
    op.execute(
        "CREATE TRIGGER invitation_ended AFTER DELETE ON invitations FOR EACH ROW "
        "EXECUTE FUNCTION remember_invitation()"
    )
    op.execute(
        "CREATE TRIGGER invitation_changed AFTER UPDATE ON invitations FOR EACH ROW "
        "WHEN (OLD.seats <> NEW.seats OR OLD.unit_id <> NEW.unit_id) EXECUTE FUNCTION remember_invitation()"
    )


def _no_past() -> None:
    op.execute("DROP TRIGGER invitation_changed ON invitations")
    op.execute("DROP TRIGGER invitation_ended ON invitations")
    op.execute("DROP FUNCTION remember_invitation()")
    op.drop_table("past_invitations")


def upgrade() -> None:
    """Add the columns, and the index of what may be tried again."""
    _dashboard()
    _requests()
    _past()
    op.add_column("export_jobs", sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("webhook_events", sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("installations", sa.Column("moved_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "installations", sa.Column("moved_to", sa.Text(), server_default=sa.text("''"), nullable=False)
    )
    op.create_index(
        "ix_invite_dispatch_passing",
        "invite_dispatch",
        ["wedding_id"],
        unique=False,
        postgresql_where=sa.text("state = 'failed' AND passing"),
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_column("export_jobs", "lease_until")
    _no_past()
    _no_requests()
    _no_dashboard()
    op.drop_index("ix_invite_dispatch_passing", table_name="invite_dispatch")
    op.drop_column("installations", "moved_to")
    op.drop_column("installations", "moved_at")
    op.drop_column("webhook_events", "failed_at")
