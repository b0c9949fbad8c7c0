"""The site's own fields of incidents."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = depends_on = None


def upgrade() -> None:
    """Add the column; nobody wrote anything yet."""
    op.add_column("incident", sa.Column("fields", sa.Text()))
