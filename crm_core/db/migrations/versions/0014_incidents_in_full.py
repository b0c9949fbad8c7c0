"""Incidents in full: kind, impact and urgency, what is promised; entries, calendars, policies, choices."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = depends_on = None

NEVER = "9999-12-31T23:59:59.999999Z"
SHORT = (
    ("waiting_for", 10),
    ("priority_reason", 200),
    ("category_id", 36),
    ("product_line_id", 36),
    ("team_id", 36),
    ("parent_id", 36),
    ("merged_into", 36),
    ("resolution_id", 36),
    ("policy_id", 36),
    ("first_responded_at", 27),
    ("closed_at", 27),
    ("respond_by", 27),
    ("resolve_by", 27),
    ("warn_at", 27),
)
INDEXES = (
    ("account_id", "opened_at", "category_id"),
    ("due_at", "id"),
    ("state", "due_at", "id"),
    ("team_id", "is_open", "due_at", "id"),
    ("category_id", "opened_at", "id"),
    ("product_line_id", "opened_at", "category_id"),
    ("parent_id",),
    ("merged_into",),
)
RESOLUTIONS = (
    ("0192b100-0000-7000-8000-000000000001", "Solucionada", "Solved"),
    ("0192b100-0000-7000-8000-000000000002", "Solución provisional", "Workaround"),
    ("0192b100-0000-7000-8000-000000000003", "No era un fallo", "No fault found"),
    ("0192b100-0000-7000-8000-000000000004", "El cliente lo resolvió", "Solved by the customer"),
    ("0192b100-0000-7000-8000-000000000005", "No se puede resolver", "Cannot be solved"),
)


def upgrade() -> None:
    """Add columns and tables. Priorities stay: each gets the impact and the urgency that make it."""
    _widen()
    op.execute(
        "UPDATE incident SET impact = CASE priority WHEN 1 THEN 1 WHEN 5 THEN 3 ELSE 2 END, "
        "urgency = CASE priority WHEN 1 THEN 1 WHEN 2 THEN 1 WHEN 3 THEN 2 ELSE 3 END"
    )
    op.execute(
        "UPDATE incident SET waiting_for = 'customer', "
        """holds = '[{"at":"' || updated_at || '","why":"customer"}]' WHERE state = 'pending'"""
    )
    op.execute("UPDATE incident SET closed_at = resolved_at WHERE state IN ('closed', 'cancelled')")
    _entries()
    _choices()
    _promises()


def _widen() -> None:
    op.add_column(
        "incident", sa.Column("kind", sa.String(12), nullable=False, server_default=sa.text("'incident'"))
    )
    for name in ("impact", "urgency"):
        op.add_column("incident", sa.Column(name, sa.Integer(), nullable=False, server_default=sa.text("2")))
    op.add_column(
        "incident", sa.Column("reopened", sa.Integer(), nullable=False, server_default=sa.text("0"))
    )
    for name, length in SHORT:
        op.add_column("incident", sa.Column(name, sa.String(length)))
    for name in ("cause", "holds"):
        op.add_column("incident", sa.Column(name, sa.Text()))
    due_at = sa.Column("due_at", sa.String(27), nullable=False, server_default=sa.text(f"'{NEVER}'"))
    op.add_column("incident", due_at)
    for columns in INDEXES:
        found = ["is_open", *columns] if columns[0] == "due_at" else list(columns)
        op.create_index(f"ix_incident_{columns[0]}", "incident", found, unique=False)


def _entries() -> None:
    op.create_table(
        "incident_entry",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("incident_id", sa.String(length=36), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("changes", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("before", sa.LargeBinary(), nullable=True),
        sa.Column("is_undone", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_incident_entry_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_entry")),
    )
    op.create_index("ix_incident_entry_incident_id", "incident_entry", ["incident_id", "at", "id"])
    op.create_table(
        "incident_due",
        sa.Column("incident_id", sa.String(length=36), nullable=False),
        sa.Column("what", sa.String(length=10), nullable=False),
        sa.Column("stage", sa.String(length=10), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("told_at", sa.String(length=27), nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_incident_due_incident_id")),
        sa.PrimaryKeyConstraint("incident_id", "what", "stage", name=op.f("pk_incident_due")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_incident_due_told_at", "incident_due", ["told_at", "at", "incident_id"])


def _choices() -> None:
    table = op.create_table(
        "incident_choice",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name_es", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=False),
        sa.Column("parent_id", sa.String(length=36), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["incident_choice.id"], name=op.f("fk_incident_choice_parent_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_choice")),
    )
    op.create_index("ix_incident_choice_kind", "incident_choice", ["kind", "id"])
    same = {"kind": "resolution", "is_active": True, "version": 1}
    op.bulk_insert(table, [{"id": key, "name_es": es, "name_en": en, **same} for key, es, en in RESOLUTIONS])


def _promises() -> None:
    op.create_table(
        "business_calendar",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("zone", sa.String(length=60), nullable=False),
        sa.Column("hours", sa.Text(), nullable=True),
        sa.Column("closed", sa.Text(), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("subdivision", sa.String(length=10), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_business_calendar")),
        sa.UniqueConstraint("name", name=op.f("uq_business_calendar_name")),
    )
    op.create_table(
        "service_policy",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("calendar_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=True),
        sa.Column("tier", sa.String(length=40), nullable=True),
        sa.Column("respond_s", sa.Integer(), nullable=True),
        sa.Column("resolve_s", sa.Integer(), nullable=True),
        sa.Column("warn_percent", sa.Integer(), nullable=False),
        sa.Column("escalate_to", sa.String(length=36), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["calendar_id"], ["business_calendar.id"], name=op.f("fk_service_policy_calendar_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_policy")),
        sa.UniqueConstraint("name", name=op.f("uq_service_policy_name")),
    )
