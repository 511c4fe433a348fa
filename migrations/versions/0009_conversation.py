"""What a wedding wants to know besides the head count."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_WANTED = ("ask_children", "ask_diets")


def upgrade() -> None:
    """Whether guests are asked for children and for diets."""
    for column in _WANTED:
        op.add_column(
            "weddings", sa.Column(column, sa.Boolean(), server_default=sa.text("false"), nullable=False)
        )


def downgrade() -> None:
    """Back."""
    for column in reversed(_WANTED):
        op.drop_column("weddings", column)
