"""Indexes of what few records have hold these alone; open problems and frequent ones have indexes to read."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = depends_on = None

_WHERE_IT_HAS_ONE = (
    ("account", "parent_id"),
    ("asset", "contact_id"),
    ("asset", "account_id"),
    ("contract", "contact_id"),
    ("contract", "account_id"),
    ("repair", "incident_id", "received_at", "id"),
    ("task", "contact_id", "is_open", "due_at", "id"),
    ("task", "account_id", "is_open", "due_at", "id"),
    ("task", "incident_id", "is_open", "due_at", "id"),
    ("task", "call_id"),
    ("incident", "account_id", "opened_at", "category_id"),
)


def upgrade() -> None:
    """Make the indexes anew, and the one for the kinds of incidents."""
    for table, first, *others in _WHERE_IT_HAS_ONE:
        name, has_one = f"ix_{table}_{first}", sa.text(f"{first} IS NOT NULL")
        op.drop_index(name, table)
        op.create_index(name, table, [first, *others], sqlite_where=has_one, postgresql_where=has_one)
    op.drop_index("ix_incident_contact_id", "incident")
    op.create_index("ix_incident_contact_id", "incident", ["contact_id", "opened_at", "id", "category_id"])
    op.create_index("ix_incident_kind", "incident", ["kind", "is_open", "opened_at", "id"])
