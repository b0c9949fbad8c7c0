"""What of numbers, addresses and papers is shown to whom."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = depends_on = None


def upgrade() -> None:
    """Add the table; without a row everything is shown."""
    op.create_table(
        "mask_rule",
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("numbers", sa.String(length=12), nullable=False),
        sa.Column("emails", sa.String(length=12), nullable=False),
        sa.Column("documents", sa.String(length=12), nullable=False),
        sa.Column("personal", sa.String(length=12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("set_at", sa.String(length=27)),
        sa.PrimaryKeyConstraint("role", name=op.f("pk_mask_rule")),
    )
