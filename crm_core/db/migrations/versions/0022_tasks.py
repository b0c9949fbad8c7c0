"""What is to be done for customers, and until when."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = depends_on = None


def upgrade() -> None:
    """Add the table; nothing is to be done yet."""
    op.create_table(
        "task",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("due_at", sa.String(length=27), nullable=False),
        sa.Column("assignee", sa.String(length=36), nullable=True),
        sa.Column("contact_id", sa.String(length=36), nullable=True),
        sa.Column("account_id", sa.String(length=36), nullable=True),
        sa.Column("incident_id", sa.String(length=36), nullable=True),
        sa.Column("call_id", sa.String(length=36), nullable=True),
        sa.Column("created_at", sa.String(length=27), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("done_at", sa.String(length=27), nullable=True),
        sa.Column("done_by", sa.String(length=80), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_task_account_id")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_task_contact_id")),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_task_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
    )
    for name, columns in (
        ("ix_task_due_at", ["is_open", "due_at", "id"]),
        ("ix_task_done_at", ["is_open", "done_at", "id"]),
        ("ix_task_assignee", ["assignee", "is_open", "due_at", "id"]),
        ("ix_task_contact_id", ["contact_id", "is_open", "due_at", "id"]),
        ("ix_task_account_id", ["account_id", "is_open", "due_at", "id"]),
        ("ix_task_incident_id", ["incident_id", "is_open", "due_at", "id"]),
        ("ix_task_call_id", ["call_id"]),
    ):
        op.create_index(name, "task", columns, unique=False)
