"""Keeping: the erased are found without reading everybody; how long is said by wedding; which secret signed a link."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add an index and columns."""
    gone = sa.text("erased_at IS NOT NULL")
    op.create_index(op.f("ix_people_erased_at"), "people", ["erased_at"], unique=False, postgresql_where=gone)
    for column in ("keep_texts", "keep_files"):
        op.add_column("weddings", sa.Column(column, sa.Integer(), nullable=True))
    signed_by = sa.Column("signed_by", sa.Text(), server_default=sa.text("''"), nullable=False)
    op.add_column("site_links", signed_by)


def downgrade() -> None:
    """Take them away."""
    op.drop_column("site_links", "signed_by")
    for column in ("keep_files", "keep_texts"):
        op.drop_column("weddings", column)
    op.drop_index(op.f("ix_people_erased_at"), table_name="people")
