"""Keeping: the erased are found without reading everybody."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    gone = sa.text("erased_at IS NOT NULL")
    op.create_index(op.f("ix_people_erased_at"), "people", ["erased_at"], unique=False, postgresql_where=gone)


def downgrade() -> None:
    """Take it away."""
    op.drop_index(op.f("ix_people_erased_at"), table_name="people")
