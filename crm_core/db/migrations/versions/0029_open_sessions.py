"""Open sessions are listed by when they began."""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.create_index(op.f("ix_session_created_at"), "session", ["created_at"], unique=False)
