"""What was said to customers and by them on other ways than the telephone."""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = depends_on = None


def upgrade() -> None:
    """Add the table; nothing is written down yet."""
    op.create_table(
        "interaction",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("direction", sa.String(length=10), nullable=True),
        sa.Column("contact_id", sa.String(length=36), nullable=True),
        sa.Column("account_id", sa.String(length=36), nullable=True),
        sa.Column("incident_id", sa.String(length=36), nullable=True),
        sa.Column("subject", sa.String(length=200), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("created_at", sa.String(length=27), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_interaction_account_id")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_interaction_contact_id")),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_interaction_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interaction")),
    )
    for name, columns in (
        ("ix_interaction_at", ["at", "id"]),
        ("ix_interaction_channel", ["channel", "at", "id"]),
        ("ix_interaction_contact_id", ["contact_id", "at", "id"]),
        ("ix_interaction_account_id", ["account_id", "at", "id"]),
        ("ix_interaction_incident_id", ["incident_id", "at", "id"]),
    ):
        op.create_index(name, "interaction", columns, unique=False)
