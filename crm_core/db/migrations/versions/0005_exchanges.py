"""The audit by deed: when the last backup was is asked of it."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.create_index("ix_audit_what", "audit", ["what", "pos"], unique=False)
