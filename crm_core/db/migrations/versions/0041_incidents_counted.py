"""Indexes of what few incidents have hold these alone; the most frequent problems are counted along one."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = depends_on = None


def upgrade() -> None:
    """Make the indexes anew, without the incidents that have none, and the one that problems are counted along."""
    op.create_index(
        "ix_incident_problems", "incident", ["category_id", "product_line_id", "opened_at", "is_open"]
    )
    for column in ("call_id", "parent_id", "merged_into"):
        op.drop_index(f"ix_incident_{column}", "incident")
        has_one = sa.text(f"{column} IS NOT NULL")
        op.create_index(
            f"ix_incident_{column}", "incident", [column], sqlite_where=has_one, postgresql_where=has_one
        )
