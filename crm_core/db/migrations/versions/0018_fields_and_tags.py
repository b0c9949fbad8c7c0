"""Fields that a site adds to its records, and tags."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = depends_on = None


def upgrade() -> None:
    """Add the tables and the columns; nobody has any yet."""
    for table in ("contact", "account"):
        op.add_column(table, sa.Column("tags", sa.Text()))
        op.add_column(table, sa.Column("fields", sa.Text()))
        op.create_table(
            f"{table}_tag",
            sa.Column("word", sa.String(length=80), nullable=False),
            sa.Column(f"{table}_id", sa.String(length=36), nullable=False),
            sa.ForeignKeyConstraint(
                [f"{table}_id"], [f"{table}.id"], name=op.f(f"fk_{table}_tag_{table}_id")
            ),
            sa.PrimaryKeyConstraint("word", f"{table}_id", name=op.f(f"pk_{table}_tag")),
            sqlite_with_rowid=False,
        )
        op.create_index(f"ix_{table}_tag_{table}_id", f"{table}_tag", [f"{table}_id"], unique=False)
    op.create_table(
        "field_def",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("entity", sa.String(length=10), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("type", sa.String(length=10), nullable=False),
        sa.Column("label_es", sa.String(length=80), nullable=False),
        sa.Column("label_en", sa.String(length=80), nullable=False),
        sa.Column("is_required", sa.Boolean(), nullable=False),
        sa.Column("options", sa.Text()),
        sa.Column("regex", sa.String(length=200)),
        sa.Column("pii", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_field_def")),
        sa.UniqueConstraint("entity", "key", name=op.f("uq_field_def_entity_key")),
    )
