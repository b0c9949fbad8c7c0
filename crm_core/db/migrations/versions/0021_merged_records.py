"""Records that became a part of others, and those that are not the same; who shares a key stands in its index."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = depends_on = None


def upgrade() -> None:
    """Add the tables; the indexes of what may be shared tell who shares it."""
    op.create_table(
        "merge",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("loser_id", sa.String(length=36), nullable=False),
        sa.Column("into_id", sa.String(length=36), nullable=False),
        sa.Column("loser_name", sa.String(length=500)),
        sa.Column("into_name", sa.String(length=500)),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("by", sa.String(length=80)),
        sa.Column("undone_at", sa.String(length=27)),
        sa.Column("undone_by", sa.String(length=80)),
        sa.Column("journal", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merge")),
    )
    op.create_index("ix_merge_loser_id", "merge", ["loser_id", "undone_at"], unique=False)
    op.create_index("ix_merge_into_id", "merge", ["into_id", "undone_at"], unique=False)
    op.create_index("ix_merge_at", "merge", ["at", "id"], unique=False)
    op.create_table(
        "not_same",
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("first_id", sa.String(length=36), nullable=False),
        sa.Column("second_id", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("kind", "first_id", "second_id", name=op.f("pk_not_same")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_not_same_first_id", "not_same", ["first_id"], unique=False)
    op.create_index("ix_not_same_second_id", "not_same", ["second_id"], unique=False)
    for name, table, columns in (
        ("ix_phone_e164", "phone", ["e164", "contact_id"]),
        ("ix_email_search", "email", ["search", "contact_id"]),
        ("ix_account_tax_search", "account", ["tax_search", "id"]),
    ):
        op.drop_index(name, table)
        op.create_index(name, table, columns, unique=False)
