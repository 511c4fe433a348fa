"""Which database this is: checkpoints of the audit log that are kept elsewhere say so, each of its own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make its one row."""
    op.create_table(
        "installations",
        sa.Column("id", sa.Uuid(), server_default=sa.text("new_id()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installations")),
    )
    op.execute("INSERT INTO installations DEFAULT VALUES")


def downgrade() -> None:
    """Take it away."""
    op.drop_table("installations")
