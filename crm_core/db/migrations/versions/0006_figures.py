"""Figures of queues: visits by the time they began, and how long their agents were busy."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = depends_on = None


def upgrade() -> None:
    """Add the column, and the index that the sums are read from."""
    op.add_column("call_visit", sa.Column("busy_s", sa.Float(), nullable=True))
    op.create_index(
        "ix_call_visit_entered_at",
        "call_visit",
        ["entered_at", "queue", "outcome", "wait_s", "busy_s"],
        unique=False,
    )
