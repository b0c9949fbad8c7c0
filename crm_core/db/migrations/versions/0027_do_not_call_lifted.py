"""Who let a number be called again, and why."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "do_not_call_lift",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_do_not_call_lift")),
    )
    op.create_index("ix_do_not_call_lift_number", "do_not_call_lift", ["number", "at", "id"], unique=False)
