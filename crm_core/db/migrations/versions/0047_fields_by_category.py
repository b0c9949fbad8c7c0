"""Fields that are asked only of incidents of some categories."""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = depends_on = None


def upgrade() -> None:
    """Add the column: what there is is asked in all."""
    op.add_column("field_def", sa.Column("category_ids", sa.Text()))
