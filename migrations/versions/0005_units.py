"""Units: who chose the primary contact of a household."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what is new."""
    op.add_column(
        "guest_units", sa.Column("primary_by", sa.Text(), server_default=sa.text("'rule'"), nullable=False)
    )
    op.create_check_constraint(
        op.f("ck_guest_units_primary_by_1"), "guest_units", "primary_by IN ('rule', 'hand')"
    )


def downgrade() -> None:
    """Take it away."""
    op.drop_constraint(op.f("ck_guest_units_primary_by_1"), "guest_units")
    op.drop_column("guest_units", "primary_by")
