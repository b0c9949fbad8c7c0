"""The index of companies' own numbers holds these alone."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = depends_on = None


def upgrade() -> None:
    """Make the index anew, without the numbers of people, which are nearly all."""
    op.drop_index("ix_phone_account_id", "phone")
    of_company = sa.text("account_id IS NOT NULL")
    op.create_index(
        "ix_phone_account_id",
        "phone",
        ["account_id"],
        unique=False,
        sqlite_where=of_company,
        postgresql_where=of_company,
    )
