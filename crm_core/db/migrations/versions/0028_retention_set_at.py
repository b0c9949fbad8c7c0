"""When somebody said how long records are kept: the first night after it is the first one."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("retention_rule", sa.Column("set_at", sa.String(length=27), nullable=True))
