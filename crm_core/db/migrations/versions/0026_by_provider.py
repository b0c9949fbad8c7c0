"""Who is who at a provider of sign-ins."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = depends_on = None


def upgrade() -> None:
    """Add the table and the column; nobody came by a provider yet."""
    op.add_column(
        "session", sa.Column("is_by_provider", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.create_table(
        "provider_subject",
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_provider_subject_user_id")),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_provider_subject")),
    )
    op.create_index(op.f("ix_provider_subject_user_id"), "provider_subject", ["user_id"], unique=False)
