"""Campaigns: the media of templates' headers with their uploads, and what a batch was asked for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def _of_wedding(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    """What things of a wedding have in common."""
    return (
        sa.Column("id", sa.Uuid(), server_default=sa.text("new_id()"), nullable=False),
        sa.Column("wedding_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["wedding_id"],
            ["weddings.id"],
            name=op.f(f"fk_{table}_wedding_id_weddings"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def _bound(table: str, column: str, named: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["wedding_id", column],
        [f"{named}.wedding_id", f"{named}.id"],
        name=op.f(f"fk_{table}_wedding_id_{column}_{named}"),
        ondelete="RESTRICT",
    )


def _media() -> None:
    op.create_table(
        "media_files",
        *_of_wedding("media_files"),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("mime_type", sa.Text(), nullable=False),
        sa.Column("filename", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.UniqueConstraint("wedding_id", "id", name=op.f("uq_media_files_wedding_id_id")),
        sa.UniqueConstraint("wedding_id", "sha256", name=op.f("uq_media_files_wedding_id_sha256")),
        sa.CheckConstraint("kind IN ('image', 'video', 'document')", name=op.f("ck_media_files_kind_1")),
    )
    op.create_table(
        "media_uploads",
        *_of_wedding("media_uploads"),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("phone_number_id", sa.Text(), nullable=False),
        sa.Column("media_id", sa.Text(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        _bound("media_uploads", "file_id", "media_files"),
        sa.UniqueConstraint(
            "wedding_id",
            "file_id",
            "phone_number_id",
            name=op.f("uq_media_uploads_wedding_id_file_id_phone_number_id"),
        ),
    )


def upgrade() -> None:
    """Add what is new."""
    _media()
    op.add_column("templates", sa.Column("header_file_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_templates_wedding_id_header_file_id_media_files"),
        "templates",
        "media_files",
        ["wedding_id", "header_file_id"],
        ["wedding_id", "id"],
        ondelete="RESTRICT",
    )
    op.add_column("batches", sa.Column("selected", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column(
        "batches",
        sa.Column("include_guessed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    # What an older release has written down: one row for each household that was selected.
    op.execute(
        "UPDATE batches b SET selected = (SELECT count(*) FROM invite_dispatch d "
        "WHERE d.wedding_id = b.wedding_id AND d.batch_id = b.id)"
    )


def downgrade() -> None:
    """Take it away."""
    op.drop_column("batches", "include_guessed")
    op.drop_column("batches", "selected")
    op.drop_constraint(
        op.f("fk_templates_wedding_id_header_file_id_media_files"), "templates", type_="foreignkey"
    )
    op.drop_column("templates", "header_file_id")
    op.drop_table("media_uploads")
    op.drop_table("media_files")
