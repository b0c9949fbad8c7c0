"""The first floor: contacts, calls, incidents, people, the event log."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = depends_on = None
_PLACE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("search", sa.String(length=200), nullable=False),
        sa.Column("parent_id", sa.String(length=36), nullable=True),
        sa.Column("tier", sa.String(length=40), nullable=True),
        sa.Column("region", sa.String(length=2), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["account.id"], name=op.f("fk_account_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
    )
    op.create_index("ix_account_parent_id", "account", ["parent_id"], unique=False)
    op.create_index("ix_account_search", "account", ["search"], unique=False)
    op.create_table(
        "api_token",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("created_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("name", name=op.f("uq_api_token_name")),
    )
    op.create_table(
        "audit",
        sa.Column("pos", _PLACE, autoincrement=True, nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("who", sa.String(length=80), nullable=False),
        sa.Column("what", sa.String(length=80), nullable=False),
        sa.Column("address", sa.String(length=80), nullable=True),
        sa.PrimaryKeyConstraint("pos", name=op.f("pk_audit")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "call",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("pbx", sa.String(length=32), nullable=False),
        sa.Column("linkedid", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("direction", sa.String(length=10), nullable=False),
        sa.Column("ani", sa.String(length=200), nullable=True),
        sa.Column("did", sa.String(length=200), nullable=True),
        sa.Column("customer", sa.String(length=20), nullable=True),
        sa.Column("contact_id", sa.String(length=36), nullable=True),
        sa.Column("match_kind", sa.String(length=10), nullable=False),
        sa.Column("started_at", sa.String(length=27), nullable=False),
        sa.Column("answered_at", sa.String(length=27), nullable=True),
        sa.Column("ended_at", sa.String(length=27), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("hung_up_by", sa.String(length=10), nullable=True),
        sa.Column("wait_s", sa.Float(), nullable=True),
        sa.Column("talk_s", sa.Float(), nullable=True),
        sa.Column("hold_s", sa.Float(), nullable=True),
        sa.Column("agent", sa.String(length=40), nullable=True),
        sa.Column("queue", sa.String(length=80), nullable=True),
        sa.Column("record", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call")),
        sa.UniqueConstraint("pbx", "linkedid", name=op.f("uq_call_pbx_linkedid")),
    )
    op.create_index("ix_call_contact_id", "call", ["contact_id", "started_at", "id"], unique=False)
    op.create_index("ix_call_customer", "call", ["customer", "started_at", "id"], unique=False)
    op.create_index("ix_call_started_at", "call", ["started_at", "id"], unique=False)
    op.create_table(
        "call_work",
        sa.Column("call_id", sa.String(length=36), nullable=False),
        sa.Column("agent", sa.String(length=40), nullable=False),
        sa.Column("disposition", sa.String(length=80), nullable=True),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("wrap_up_s", sa.Float(), nullable=True),
        sa.Column("saved_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("call_id", "agent", name=op.f("pk_call_work")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "event",
        sa.Column("pos", _PLACE, autoincrement=True, nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("call_id", sa.String(length=36), nullable=True),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("pos", name=op.f("pk_event")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "user_account",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("full_name", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("agent", sa.String(length=40), nullable=True),
        sa.Column("seat", sa.String(length=240), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_account")),
        sa.UniqueConstraint("agent", name=op.f("uq_user_account_agent")),
        sa.UniqueConstraint("name", name=op.f("uq_user_account_name")),
    )
    op.create_table(
        "call_agent",
        sa.Column("agent", sa.String(length=40), nullable=False),
        sa.Column("started_at", sa.String(length=27), nullable=False),
        sa.Column("call_id", sa.String(length=36), nullable=False),
        sa.Column("is_missed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_call_agent_call_id")),
        sa.PrimaryKeyConstraint("agent", "started_at", "call_id", name=op.f("pk_call_agent")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_call_agent_call_id", "call_agent", ["call_id"], unique=False)
    op.create_index(
        "ix_call_agent_is_missed", "call_agent", ["agent", "is_missed", "started_at", "call_id"], unique=False
    )
    op.create_table(
        "call_attempt",
        sa.Column("call_id", sa.String(length=36), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("visit", sa.Integer(), nullable=True),
        sa.Column("interface", sa.String(length=200), nullable=False),
        sa.Column("agent", sa.String(length=40), nullable=True),
        sa.Column("started_at", sa.String(length=27), nullable=False),
        sa.Column("ring_s", sa.Float(), nullable=True),
        sa.Column("pop_at", sa.String(length=27), nullable=True),
        sa.Column("result", sa.String(length=12), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_call_attempt_call_id")),
        sa.PrimaryKeyConstraint("call_id", "n", name=op.f("pk_call_attempt")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "call_candidate",
        sa.Column("contact_id", sa.String(length=36), nullable=False),
        sa.Column("started_at", sa.String(length=27), nullable=False),
        sa.Column("call_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_call_candidate_call_id")),
        sa.PrimaryKeyConstraint("contact_id", "started_at", "call_id", name=op.f("pk_call_candidate")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_call_candidate_call_id", "call_candidate", ["call_id"], unique=False)
    op.create_table(
        "call_segment",
        sa.Column("call_id", sa.String(length=36), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("party", sa.String(length=200), nullable=False),
        sa.Column("agent", sa.String(length=40), nullable=True),
        sa.Column("queue", sa.String(length=80), nullable=True),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("until", sa.String(length=27), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_call_segment_call_id")),
        sa.PrimaryKeyConstraint("call_id", "n", name=op.f("pk_call_segment")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "call_visit",
        sa.Column("call_id", sa.String(length=36), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("queue", sa.String(length=80), nullable=False),
        sa.Column("entered_at", sa.String(length=27), nullable=False),
        sa.Column("left_at", sa.String(length=27), nullable=True),
        sa.Column("wait_s", sa.Float(), nullable=True),
        sa.Column("agent", sa.String(length=40), nullable=True),
        sa.Column("interface", sa.String(length=200), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_call_visit_call_id")),
        sa.PrimaryKeyConstraint("call_id", "n", name=op.f("pk_call_visit")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "contact",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("given", sa.String(length=100), nullable=False),
        sa.Column("family", sa.String(length=100), nullable=False),
        sa.Column("search", sa.String(length=300), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=True),
        sa.Column("language", sa.String(length=35), nullable=True),
        sa.Column("vip", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("spoken_at", sa.String(length=27), nullable=True),
        sa.Column("created_at", sa.String(length=27), nullable=False),
        sa.Column("updated_at", sa.String(length=27), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_contact_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
    )
    op.create_index("ix_contact_account_id", "contact", ["account_id"], unique=False)
    op.create_index("ix_contact_search", "contact", ["search", "id"], unique=False)
    op.create_table(
        "did_range",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("first", sa.String(length=20), nullable=False),
        sa.Column("last", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_did_range_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_did_range")),
    )
    op.create_index(op.f("ix_did_range_first"), "did_range", ["first"], unique=False)
    op.create_table(
        "session",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.String(length=27), nullable=False),
        sa.Column("seen_at", sa.String(length=27), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_session_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
    )
    op.create_index(op.f("ix_session_user_id"), "session", ["user_id"], unique=False)
    op.create_table(
        "contact_word",
        sa.Column("word", sa.String(length=300), nullable=False),
        sa.Column("contact_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_contact_word_contact_id")),
        sa.PrimaryKeyConstraint("word", "contact_id", name=op.f("pk_contact_word")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_contact_word_contact_id", "contact_word", ["contact_id"], unique=False)
    op.create_table(
        "email",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("contact_id", sa.String(length=36), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("search", sa.String(length=254), nullable=False),
        sa.Column("is_primary", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_email_contact_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_email")),
    )
    op.create_index("ix_email_contact_id", "email", ["contact_id"], unique=False)
    op.create_index("ix_email_search", "email", ["search"], unique=False)
    op.create_table(
        "incident",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.String(length=36), nullable=True),
        sa.Column("account_id", sa.String(length=36), nullable=True),
        sa.Column("call_id", sa.String(length=36), nullable=True),
        sa.Column("assignee", sa.String(length=36), nullable=True),
        sa.Column("key", sa.String(length=80), nullable=True),
        sa.Column("opened_at", sa.String(length=27), nullable=False),
        sa.Column("updated_at", sa.String(length=27), nullable=False),
        sa.Column("resolved_at", sa.String(length=27), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_incident_account_id")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_incident_contact_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
        sa.UniqueConstraint("key", name=op.f("uq_incident_key")),
        sa.UniqueConstraint("sequence", name=op.f("uq_incident_sequence")),
    )
    op.create_index("ix_incident_assignee", "incident", ["assignee", "opened_at", "id"], unique=False)
    op.create_index(op.f("ix_incident_call_id"), "incident", ["call_id"], unique=False)
    op.create_index("ix_incident_contact_id", "incident", ["contact_id", "opened_at", "id"], unique=False)
    op.create_index("ix_incident_is_open", "incident", ["is_open", "opened_at", "id"], unique=False)
    op.create_index("ix_incident_open_of_account", "incident", ["account_id", "is_open"], unique=False)
    op.create_index("ix_incident_open_of_contact", "incident", ["contact_id", "is_open"], unique=False)
    op.create_index("ix_incident_opened_at", "incident", ["opened_at", "id"], unique=False)
    op.create_table(
        "number_choice",
        sa.Column("e164", sa.String(length=20), nullable=False),
        sa.Column("contact_id", sa.String(length=36), nullable=False),
        sa.Column("chosen_at", sa.String(length=27), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_number_choice_contact_id")),
        sa.PrimaryKeyConstraint("e164", name=op.f("pk_number_choice")),
    )
    op.create_table(
        "phone",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("contact_id", sa.String(length=36), nullable=True),
        sa.Column("account_id", sa.String(length=36), nullable=True),
        sa.Column("raw", sa.String(length=200), nullable=False),
        sa.Column("e164", sa.String(length=20), nullable=True),
        sa.Column("ext", sa.String(length=20), nullable=True),
        sa.Column("national", sa.String(length=40), nullable=True),
        sa.Column("tail", sa.String(length=8), nullable=True),
        sa.Column("label", sa.String(length=20), nullable=False),
        sa.Column("is_primary", sa.Boolean(), nullable=False),
        sa.Column("do_not_call", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_phone_account_id")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_phone_contact_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phone")),
    )
    op.create_index("ix_phone_contact_id", "phone", ["contact_id"], unique=False)
    op.create_index("ix_phone_e164", "phone", ["e164"], unique=False)
    op.create_index("ix_phone_national", "phone", ["national"], unique=False)
    op.create_index("ix_phone_tail", "phone", ["tail", "e164"], unique=False)
