"""What is asked of lists, kept under names; and with which of them somebody's list begins."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = depends_on = None


def upgrade() -> None:
    """Add the tables; nobody kept anything yet."""
    op.create_table(
        "saved_view",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("page", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("query", sa.Text()),
        sa.Column("audience", sa.String(length=10), nullable=False),
        sa.Column("team_id", sa.String(length=36)),
        sa.Column("owner", sa.String(length=80), nullable=False),
        sa.Column("created_at", sa.String(length=27), nullable=False),
        sa.Column("updated_at", sa.String(length=27), nullable=False),
        sa.Column("removed_at", sa.String(length=27)),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
    )
    op.create_index("ix_saved_view_page", "saved_view", ["page", "name", "id"], unique=False)
    op.create_table(
        "start_view",
        sa.Column("user_id", sa.String(length=80), nullable=False),
        sa.Column("page", sa.String(length=20), nullable=False),
        sa.Column("view_id", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "page", name=op.f("pk_start_view")),
        sqlite_with_rowid=False,
    )
