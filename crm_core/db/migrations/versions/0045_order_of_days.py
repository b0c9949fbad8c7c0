"""In which order the parts of days stand in a table that is brought in."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = depends_on = None


def upgrade() -> None:
    """Add the column; tables of before had no days."""
    order = sa.Column("day_order", sa.String(length=3), nullable=False, server_default="ymd")
    op.add_column("import_batch", order)
