"""Contacts in full: the parts of a name, how and when somebody wants to be reached, where he is."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = depends_on = None

NAMES = (("prefix", 40), ("additional", 100), ("second_family", 100), ("suffix", 40))
SHORT = (
    ("title", 100),
    ("role", 100),
    ("time_zone", 60),
    ("lifecycle", 10),
    ("preferred_channel", 10),
    ("source", 80),
)
JSON = ("call_hours", "contact_limit", "subjects", "addresses")


def upgrade() -> None:
    """Add the columns; nothing is known of those who are there."""
    for name, length in NAMES:
        op.add_column(
            "contact", sa.Column(name, sa.String(length), nullable=False, server_default=sa.text("''"))
        )
    for name, length in SHORT:
        op.add_column("contact", sa.Column(name, sa.String(length)))
    for name in JSON:
        op.add_column("contact", sa.Column(name, sa.Text()))
    op.add_column("contact", sa.Column("birthday", sa.Date()))
    for table, name, default in (
        ("phone", "is_valid", sa.true()),
        ("email", "is_valid", sa.true()),
        ("email", "do_not_write", sa.false()),
    ):
        op.add_column(table, sa.Column(name, sa.Boolean(), nullable=False, server_default=default))
    op.add_column(
        "email", sa.Column("label", sa.String(20), nullable=False, server_default=sa.text("'work'"))
    )
