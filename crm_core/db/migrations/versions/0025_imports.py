"""Tables that were brought in, each as a batch."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = depends_on = None


def upgrade() -> None:
    """Add the tables; what was brought in before is of no batch."""
    counts = ("rows", "added", "completed", "known", "rejected", "undone", "stayed")
    op.create_table(
        "import_batch",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("signature", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("columns", sa.Text(), nullable=False),
        sa.Column("region", sa.String(length=2), nullable=False),
        sa.Column("policy", sa.String(length=10), nullable=False),
        sa.Column("is_trial", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("begun_at", sa.String(length=27), nullable=False),
        sa.Column("ended_at", sa.String(length=27)),
        sa.Column("read_bytes", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("bytes", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in counts),
        sa.Column("why", sa.String(length=200)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_batch")),
    )
    op.create_index("ix_import_batch_begun_at", "import_batch", ["begun_at", "id"])
    op.create_index("ix_import_batch_digest", "import_batch", ["digest", "begun_at"])
    op.create_index("ix_import_batch_signature", "import_batch", ["signature", "begun_at"])
    _create_of_batch(
        "import_fault",
        "line",
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("fault", sa.String(length=20), nullable=False),
        sa.Column("text", sa.String(length=120), nullable=False),
    )
    _create_of_batch(
        "import_contact",
        "contact_id",
        sa.Column("contact_id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("before", sa.Text()),
        sa.Column("stays", sa.String(length=10)),
    )
    op.create_index("ix_import_contact_contact_id", "import_contact", ["contact_id"])
    _create_of_batch(
        "import_account", "account_id", sa.Column("account_id", sa.String(length=36), nullable=False)
    )


def _create_of_batch(name: str, key: str, *columns: sa.Column) -> None:
    op.create_table(
        name,
        sa.Column("batch_id", sa.String(length=36), nullable=False),
        *columns,
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], name=op.f(f"fk_{name}_batch_id")),
        sa.PrimaryKeyConstraint("batch_id", key, name=op.f(f"pk_{name}")),
        sqlite_with_rowid=False,
    )
