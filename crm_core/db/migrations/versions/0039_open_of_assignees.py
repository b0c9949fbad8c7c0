"""How much is open of each is counted along an index of its own, as of people and companies."""

from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.create_index("ix_incident_open_of_assignee", "incident", ["assignee", "is_open"], unique=False)
