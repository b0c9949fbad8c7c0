"""Companies in full: what they are to us, tax numbers, whom their callers are sent to, relations."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = depends_on = None

SHORT = (
    ("legal_name", 200),
    ("tax_id", 40),
    ("tax_search", 40),
    ("preferred_queue", 80),
    ("preferred_agent", 40),
    ("website", 200),
)


def upgrade() -> None:
    """Add the columns, the indexes and the table; every company that is there is a customer."""
    op.add_column(
        "account", sa.Column("kind", sa.String(12), nullable=False, server_default=sa.text("'customer'"))
    )
    for name, length in SHORT:
        op.add_column("account", sa.Column(name, sa.String(length)))
    for name in ("note", "addresses"):
        op.add_column("account", sa.Column(name, sa.Text()))
    for name, table, columns in (
        ("ix_account_search", "account", ["search", "id"]),
        ("ix_contact_account_id", "contact", ["account_id", "search", "id"]),
    ):
        op.drop_index(name, table_name=table)
        op.create_index(name, table, columns, unique=False)
    op.create_index("ix_account_tax_search", "account", ["tax_search"], unique=False)
    op.create_index("ix_phone_account_id", "phone", ["account_id"], unique=False)
    op.create_index("ix_did_range_account_id", "did_range", ["account_id"], unique=False)
    op.create_table(
        "account_relation",
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("other_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_account_relation_account_id")),
        sa.ForeignKeyConstraint(["other_id"], ["account.id"], name=op.f("fk_account_relation_other_id")),
        sa.PrimaryKeyConstraint("account_id", "kind", "other_id", name=op.f("pk_account_relation")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_account_relation_other_id", "account_relation", ["other_id"], unique=False)
