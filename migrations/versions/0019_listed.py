"""Listed: for which events the wish of a list was carried out, so that who was taken off by hand stays off."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; what households are or were invited to has been carried out."""
    none = sa.text("'{}'")
    op.add_column("people", sa.Column("events_listed", ARRAY(sa.Uuid()), server_default=none, nullable=False))
    op.execute(
        """
        UPDATE people p SET events_listed = w.listed FROM (
            SELECT m.person_id, array_agg(DISTINCT i.event_id) AS listed FROM guest_unit_members m
              JOIN (SELECT unit_id, event_id FROM invitations UNION SELECT unit_id, event_id FROM past_invitations) i
                ON i.unit_id = m.unit_id
             GROUP BY m.person_id) w
         WHERE p.id = w.person_id AND cardinality(p.events) > 0
        """
    )


def downgrade() -> None:
    """Take it away."""
    op.drop_column("people", "events_listed")
