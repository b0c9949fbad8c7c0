"""Agreements that hold only by contract, their parts, and by which contract an incident's holds."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = depends_on = None


def upgrade() -> None:
    """Add the columns: what there is holds for all, and incidents of before keep what they were promised."""
    op.add_column(
        "service_policy", sa.Column("by_contract", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("service_policy", sa.Column("part_of", sa.String(length=36)))
    op.add_column("incident", sa.Column("promised_by", sa.Text()))
