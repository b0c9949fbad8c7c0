"""What is a person's is found by him, where it was only found by its number."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = depends_on = None


def upgrade() -> None:
    """Add the indexes."""
    op.create_index("ix_callback_contact_id", "callback", ["contact_id"], unique=False)
    op.create_index("ix_number_choice_contact_id", "number_choice", ["contact_id"], unique=False)
    op.create_index("ix_lead_number_number", "lead_number", ["number", "campaign_id"], unique=False)
