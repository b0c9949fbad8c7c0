"""Tables of companies: who stands in a table, and what it made of which company."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = depends_on = None


def upgrade() -> None:
    """Add the columns; every table that was brought in before is one of people."""
    kind = sa.Column("kind", sa.String(length=10), server_default="contacts", nullable=False)
    op.add_column("import_batch", kind)
    op.add_column("import_account", sa.Column("version", sa.Integer()))
    op.add_column("import_account", sa.Column("before", sa.Text()))
    op.add_column("import_account", sa.Column("stays", sa.String(length=10)))
