"""What people agreed to, and on which ground a campaign calls."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = depends_on = None


def upgrade() -> None:
    """Add the table and the column; campaigns that are there go on, on the ground that the house answers for."""
    op.create_table(
        "consent",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("contact_id", sa.String(length=36), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("basis", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("proof", sa.String(length=200), nullable=True),
        sa.Column("expires_at", sa.String(length=27), nullable=True),
        sa.Column("noted_at", sa.String(length=27), nullable=False),
        sa.Column("noted_by", sa.String(length=80), nullable=True),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_consent_contact_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index(
        "ix_consent_contact_id", "consent", ["contact_id", "at", "noted_at", "id"], unique=False
    )
    column = sa.Column("basis", sa.String(length=20), nullable=False, server_default="legitimate_interests")
    op.add_column("campaign", column)
