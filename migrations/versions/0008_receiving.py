"""Receiving: the order in which a sender's deliveries are processed, guests without a number, news of the account."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_NEWS = ("status_at", "quality_at", "category_at")


def _moment(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=True)


def _words(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default=sa.text("''"), nullable=False)


def upgrade() -> None:
    """Add what is new."""
    op.add_column(
        "webhook_events",
        sa.Column(
            "lanes", postgresql.ARRAY(sa.Integer()), server_default=sa.text("'{}'::int[]"), nullable=False
        ),
    )
    op.add_column("contact_points", sa.Column("wa_user", sa.Text(), nullable=True))
    op.add_column("contact_points", _moment("wa_user_at"))
    op.create_index(
        op.f("ix_contact_points_wa_user"),
        "contact_points",
        ["wa_user"],
        postgresql_where=sa.text("wa_user IS NOT NULL"),
    )
    for name in _NEWS:
        op.add_column("templates", _moment(name))
    op.add_column("sender_numbers", _words("account"))
    op.add_column("sender_numbers", _words("display_number"))
    op.add_column("sender_numbers", _moment("tier_at"))
    op.add_column("sender_numbers", _moment("quality_at"))


def downgrade() -> None:
    """Take it away."""
    for name in ("quality_at", "tier_at", "display_number", "account"):
        op.drop_column("sender_numbers", name)
    for name in reversed(_NEWS):
        op.drop_column("templates", name)
    op.drop_index(op.f("ix_contact_points_wa_user"), table_name="contact_points")
    op.drop_column("contact_points", "wa_user_at")
    op.drop_column("contact_points", "wa_user")
    op.drop_column("webhook_events", "lanes")
