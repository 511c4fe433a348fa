"""Exports: who asked for what; fuller counts of events, and messages counted by their state."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_COUNTED = """
UPDATE projection_event_counts k SET adults = c.adults, children = c.children, uncounted_units = c.uncounted
  FROM (SELECT i.wedding_id, i.event_id, coalesce(u.side, '') AS side, coalesce(sum(a.adults), 0) AS adults,
               coalesce(sum(a.children), 0) AS children, count(*) FILTER (WHERE a.heads IS NULL) AS uncounted
          FROM invitations i
          JOIN guest_units u ON u.wedding_id = i.wedding_id AND u.id = i.unit_id
          JOIN LATERAL (SELECT r.* FROM rsvp_responses r
                WHERE r.wedding_id = i.wedding_id AND r.event_id = i.event_id AND r.unit_id = i.unit_id
                ORDER BY r.given_at DESC, r.id DESC LIMIT 1) a ON a.status = 'yes'
         GROUP BY 1, 2, 3) c
 WHERE k.wedding_id = c.wedding_id AND k.event_id = c.event_id AND k.side = c.side
"""

_EATEN = """
UPDATE projection_event_counts k SET diets = c.diets
  FROM (SELECT wedding_id, event_id, side, jsonb_object_agg(name, heads) AS diets
          FROM (SELECT i.wedding_id, i.event_id, coalesce(u.side, '') AS side, d.key AS name,
                       sum(d.value::int) AS heads
                  FROM invitations i
                  JOIN guest_units u ON u.wedding_id = i.wedding_id AND u.id = i.unit_id
                  JOIN LATERAL (SELECT r.* FROM rsvp_responses r
                        WHERE r.wedding_id = i.wedding_id AND r.event_id = i.event_id AND r.unit_id = i.unit_id
                        ORDER BY r.given_at DESC, r.id DESC LIMIT 1) a ON a.status = 'yes'
                  CROSS JOIN LATERAL jsonb_each_text(a.diets) d
                 GROUP BY 1, 2, 3, 4) eaten
         GROUP BY 1, 2, 3) c
 WHERE k.wedding_id = c.wedding_id AND k.event_id = c.event_id AND k.side = c.side
"""

# Changes are added as rows of their own, so that workers that settle messages never wait for each other.
_COUNT_DELIVERIES = """
CREATE FUNCTION count_deliveries() RETURNS trigger LANGUAGE plpgsql AS $$
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

_TRIGGERS = (
    ("inserted", "INSERT", "REFERENCING NEW TABLE AS coming"),
    ("updated", "UPDATE", "REFERENCING OLD TABLE AS going NEW TABLE AS coming"),
    ("deleted", "DELETE", "REFERENCING OLD TABLE AS going"),
)


def _counts() -> None:
    for name in ("adults", "children", "uncounted_units"):
        column = sa.Column(name, sa.Integer(), server_default=sa.text("0"), nullable=False)
        op.add_column("projection_event_counts", column)
    diets = sa.Column("diets", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False)
    op.add_column("projection_event_counts", diets)
    op.execute(_COUNTED)
    op.execute(_EATEN)
    op.create_index(
        op.f("ix_rsvp_responses_wedding_id_event_id_recorded_at"),
        "rsvp_responses",
        ["wedding_id", "event_id", "recorded_at"],
    )


def _bond(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["wedding_id"], ["weddings.id"], name=op.f(f"fk_{table}_wedding_id_weddings"), ondelete="RESTRICT"
    )


def _deliveries() -> None:
    op.create_table(
        "projection_deliveries",
        sa.Column("wedding_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("messages", sa.BigInteger(), nullable=False),
        sa.Column(
            "refreshed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        _bond("projection_deliveries"),
        sa.PrimaryKeyConstraint("wedding_id", "state", name=op.f("pk_projection_deliveries")),
    )
    op.create_table(
        "delivery_changes",
        sa.Column("id", sa.Uuid(), server_default=sa.text("new_id()"), nullable=False),
        sa.Column("wedding_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("messages", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        _bond("delivery_changes"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_changes")),
    )
    op.create_index(op.f("ix_delivery_changes_wedding_id"), "delivery_changes", ["wedding_id"])
    op.execute(
        "INSERT INTO projection_deliveries (wedding_id, state, messages) SELECT wedding_id, state, count(*) "
        "FROM invite_dispatch WHERE kind = 'template' GROUP BY wedding_id, state"
    )
    op.execute(_COUNT_DELIVERIES)
    for name, what, tables in _TRIGGERS:
        op.execute(
            f"CREATE TRIGGER deliveries_{name} AFTER {what} ON invite_dispatch {tables} "
            "FOR EACH STATEMENT EXECUTE FUNCTION count_deliveries()"
        )


def upgrade() -> None:
    """Forward."""
    _counts()
    _deliveries()
    request = sa.Column("request", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False)
    op.add_column("export_jobs", request)
    op.add_column(
        "export_jobs", sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False)
    )


def downgrade() -> None:
    """Back."""
    for name in ("tries", "request"):
        op.drop_column("export_jobs", name)
    for name, _, _ in _TRIGGERS:
        op.execute(f"DROP TRIGGER deliveries_{name} ON invite_dispatch")
    op.execute("DROP FUNCTION count_deliveries()")
    op.drop_table("delivery_changes")
    op.drop_table("projection_deliveries")
    op.drop_index(op.f("ix_rsvp_responses_wedding_id_event_id_recorded_at"), "rsvp_responses")
    for name in ("diets", "uncounted_units", "children", "adults"):
        op.drop_column("projection_event_counts", name)
