"""A call's segments and the phones that rang stand in its record alone: nothing was asked by their rows."""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = depends_on = None


def upgrade() -> None:
    """Drop the tables; all that they held is in the records."""
    op.drop_table("call_segment")
    op.drop_table("call_attempt")
