"""How long records are kept, and calls that are somebody's found by their age."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = depends_on = None


def upgrade() -> None:
    """Add the table and the index; without a rule everything is kept as before."""
    op.create_table(
        "retention_rule",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("days", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("ran_at", sa.String(length=27), nullable=True),
        sa.Column("gone", sa.Integer(), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("going", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_retention_rule")),
    )
    is_personal = sa.text("customer IS NOT NULL OR contact_id IS NOT NULL")
    op.create_index(
        "ix_call_personal",
        "call",
        ["started_at", "id"],
        unique=False,
        sqlite_where=is_personal,
        postgresql_where=is_personal,
    )
