"""Who is confined to his teams."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = depends_on = None


def upgrade() -> None:
    """Add the column, nobody is yet; what belongs to his teams is asked for at each of his requests."""
    column = sa.Column("is_confined", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("user_account", column)
    op.create_index(op.f("ix_line_team_id"), "line", ["team_id"], unique=False)
