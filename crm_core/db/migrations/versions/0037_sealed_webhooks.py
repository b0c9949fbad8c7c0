"""What webhooks sign with is kept sealed."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = depends_on = None


def upgrade() -> None:
    """Move the secrets to wider columns: the service, which alone has the key, seals them when it starts."""
    sealed = sa.Column("sealed", sa.String(length=400), nullable=False, server_default="")
    op.add_column("webhook", sealed)
    op.add_column("webhook", sa.Column("former_sealed", sa.String(length=400)))
    op.execute("UPDATE webhook SET sealed = secret, former_sealed = former")
    op.drop_column("webhook", "secret")
    op.drop_column("webhook", "former")
