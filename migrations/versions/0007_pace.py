"""Pace: how fast a number may send, who took a message to send it, and when a message last left."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def _now(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)


def upgrade() -> None:
    """Add the pace of numbers, and to each message its taker and its departure."""
    op.create_table(
        "sender_pace",
        sa.Column("phone_number_id", sa.Text(), nullable=False),
        _now("free_at"),
        sa.Column("share", sa.Double(), server_default=sa.text("1"), nullable=False),
        _now("slowed_at"),
        sa.Column("not_sent", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("phone_number_id", name=op.f("pk_sender_pace")),
    )
    op.add_column("invite_dispatch", sa.Column("lease_token", sa.Uuid(), nullable=True))
    op.add_column("invite_dispatch", sa.Column("left_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_invite_dispatch_left",
        "invite_dispatch",
        ["left_at", "contact_point_id"],
        postgresql_where=sa.text("left_at IS NOT NULL AND kind <> 'reply'"),
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_index("ix_invite_dispatch_left", table_name="invite_dispatch")
    op.drop_column("invite_dispatch", "left_at")
    op.drop_column("invite_dispatch", "lease_token")
    op.drop_table("sender_pace")
