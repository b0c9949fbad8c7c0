"""Lines: names, colours and greetings of numbers and queues."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "line",
        sa.Column("pbx", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("colour", sa.String(length=16), nullable=True),
        sa.Column("greeting_es", sa.String(length=300), nullable=True),
        sa.Column("greeting_en", sa.String(length=300), nullable=True),
        sa.Column("caller_id", sa.String(length=24), nullable=True),
        sa.Column("crm_url", sa.String(length=1000), nullable=True),
        sa.Column("crm_mode", sa.String(length=8), nullable=False),
        sa.PrimaryKeyConstraint("pbx", "kind", "code", name=op.f("pk_line")),
    )
