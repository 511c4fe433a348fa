"""Forgetting: what is kept no longer than its purpose lasts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A wedding may say when its guests are forgotten, and that nothing of it may be; when that was last looked at."""
    op.add_column("weddings", sa.Column("forget_after", sa.Integer(), nullable=True))
    no = sa.text("false")
    op.add_column("weddings", sa.Column("legal_hold", sa.Boolean(), server_default=no, nullable=False))
    op.add_column("installations", sa.Column("retention_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Take them away."""
    op.drop_column("installations", "retention_at")
    op.drop_column("weddings", "legal_hold")
    op.drop_column("weddings", "forget_after")
