"""Keys of other systems have scopes, an end, and somebody who made and revoked them."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = depends_on = None


def upgrade() -> None:
    """Add the columns; the keys there are go on with what their role may; nobody knows how they begin."""
    op.add_column("api_token", sa.Column("scopes", sa.Text()))
    prefix = sa.Column("prefix", sa.String(length=8), nullable=False, server_default="")
    op.add_column("api_token", prefix)
    op.add_column("api_token", sa.Column("created_by", sa.String(length=80)))
    op.add_column("api_token", sa.Column("expires_at", sa.String(length=27)))
    op.add_column("api_token", sa.Column("last_used_at", sa.String(length=27)))
    op.add_column("api_token", sa.Column("revoked_at", sa.String(length=27)))
    op.add_column("api_token", sa.Column("revoked_by", sa.String(length=80)))
    op.add_column("api_token", sa.Column("revoked_why", sa.String(length=200)))
    op.create_index("ix_api_token_created_at", "api_token", ["created_at", "id"], unique=False)
