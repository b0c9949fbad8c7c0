"""Campaigns: lists, leads, attempts, who must not be called."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = depends_on = None


def upgrade() -> None:
    op.create_table(
        "campaign",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("region", sa.String(length=2), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("in_a_day", sa.Integer(), nullable=False),
        sa.Column("at_all", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.String(length=27), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
        sa.UniqueConstraint("name", name=op.f("uq_campaign_name")),
    )
    op.create_table(
        "do_not_call",
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("since", sa.String(length=27), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=True),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_do_not_call")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "lead",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("campaign_id", sa.String(length=36), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("company", sa.String(length=200), nullable=True),
        sa.Column("numbers", sa.String(length=120), nullable=False),
        sa.Column("zone", sa.String(length=60), nullable=True),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("due_at", sa.String(length=27), nullable=False),
        sa.Column("not_before", sa.String(length=27), nullable=True),
        sa.Column("reserved_for", sa.String(length=40), nullable=True),
        sa.Column("claimed_by", sa.String(length=40), nullable=True),
        sa.Column("attempt_id", sa.String(length=36), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("is_reached", sa.Boolean(), nullable=False),
        sa.Column("blocked", sa.String(length=20), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_lead_campaign_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead")),
    )
    op.create_index("ix_lead_claimed_by", "lead", ["claimed_by", "due_at"], unique=False)
    op.create_index("ix_lead_due_at", "lead", ["campaign_id", "state", "due_at", "place", "id"], unique=False)
    op.create_index(
        "ix_lead_sums",
        "lead",
        ["campaign_id", "state", "outcome", "is_reached", "blocked", "attempts"],
        unique=False,
    )
    op.create_table(
        "lead_attempt",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("campaign_id", sa.String(length=36), nullable=False),
        sa.Column("lead_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("agent", sa.String(length=40), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("until", sa.String(length=27), nullable=True),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("call_id", sa.String(length=36), nullable=True),
        sa.Column("result", sa.String(length=20), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("told_by", sa.String(length=40), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name=op.f("fk_lead_attempt_lead_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead_attempt")),
    )
    op.create_index("ix_lead_attempt_lead_id", "lead_attempt", ["lead_id", "at", "id"], unique=False)
    op.create_index("ix_lead_attempt_number", "lead_attempt", ["number", "at"], unique=False)
    op.create_index(
        "ix_lead_attempt_sums", "lead_attempt", ["campaign_id", "verdict", "result"], unique=False
    )
    op.create_table(
        "lead_number",
        sa.Column("campaign_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_lead_number_campaign_id")),
        sa.PrimaryKeyConstraint("campaign_id", "number", name=op.f("pk_lead_number")),
        sqlite_with_rowid=False,
    )
