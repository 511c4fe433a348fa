"""Statuses: when the provider's count of messages was last held against ours, and how they differed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    op.add_column("installations", sa.Column("totals_at", sa.DateTime(timezone=True), nullable=True))
    none = sa.text("''")
    op.add_column("installations", sa.Column("totals_told", sa.Text(), server_default=none, nullable=False))


def downgrade() -> None:
    """Take them away."""
    op.drop_column("installations", "totals_told")
    op.drop_column("installations", "totals_at")
