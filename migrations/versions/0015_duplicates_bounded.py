"""Duplicates among a million people: a scan remembers by which keys people are found, and what it has learned."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    keys = postgresql.ARRAY(sa.BigInteger())
    op.add_column("scanned_people", sa.Column("keys", keys, server_default=sa.text("'{}'"), nullable=False))
    op.create_index(
        op.f("ix_scanned_people_keys"), "scanned_people", ["keys"], unique=False, postgresql_using="gin"
    )
    op.add_column("scans", sa.Column("learned", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    """Back."""
    op.drop_column("scans", "learned")
    op.drop_index(op.f("ix_scanned_people_keys"), table_name="scanned_people")
    op.drop_column("scanned_people", "keys")
