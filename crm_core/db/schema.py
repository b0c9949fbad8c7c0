"""The tables. Times are UTC text of one width (they sort as they run); ids are UUID text.

Each index serves a query of ``crm_core/db``; the contract tests read the query plans.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)


def where_it_has_one(table: str, *columns: str) -> Index:
    """Return an index of those rows that have the first of *columns*.

    Of all rows, statistics would tell that it leads to most of them, and questions would walk the table.
    """
    has_one = text(f"{columns[0]} IS NOT NULL")
    return Index(f"ix_{table}_{columns[0]}", *columns, sqlite_where=has_one, postgresql_where=has_one)


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime, kept as ``2026-11-24T16:30:00.123456Z``."""

    impl = String(27)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Return the text of *value*."""
        return None if value is None else text_of(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return the instant of *value*."""
        return None if value is None else instant_of(value)


def text_of(at: datetime) -> str:
    """Return *at* as it is kept."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def instant_of(text: str) -> datetime:
    """Return the instant that is kept as *text*."""
    return datetime.fromisoformat(text)


Place = BigInteger().with_variant(Integer(), "sqlite")
"""The type of places in a log: they never end. SQLite's are as long under this name."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _id() -> Column[str]:
    return Column("id", String(36), primary_key=True)


def _ref(table: str, *, name: str | None = None, nullable: bool = True) -> Column[str]:
    return Column(name or f"{table}_id", String(36), ForeignKey(f"{table}.id"), nullable=nullable)


_PERSONAL = text("customer IS NOT NULL OR contact_id IS NOT NULL")
call = Table(
    "call",
    metadata,
    _id(),
    Column("pbx", String(32), nullable=False),
    Column("linkedid", String(80), nullable=False),
    Column("version", Integer, nullable=False),
    Column("source", String(10), nullable=False),
    Column("direction", String(10), nullable=False),
    Column("ani", String(200)),
    Column("did", String(200)),
    Column("customer", String(20)),
    Column("contact_id", String(36)),  # no foreign key: what the exchange tells always finds its place
    Column("match_kind", String(10), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("answered_at", Instant),
    Column("ended_at", Instant),
    Column("outcome", String(20)),
    Column("hung_up_by", String(10)),
    Column("wait_s", Float),
    Column("talk_s", Float),
    Column("hold_s", Float),
    Column("agent", String(40)),  # who talked with the customer last
    Column("queue", String(80)),
    Column(
        "record", LargeBinary, nullable=False
    ),  # the whole call without work and incidents, see call_record
    UniqueConstraint("pbx", "linkedid"),
    Index("ix_call_contact_id", "contact_id", "started_at", "id"),
    Index("ix_call_customer", "customer", "started_at", "id"),
    Index("ix_call_started_at", "started_at", "id"),
    Index("ix_call_personal", "started_at", "id", sqlite_where=_PERSONAL, postgresql_where=_PERSONAL),
)
call_visit = Table(
    "call_visit",
    metadata,
    Column("call_id", String(36), ForeignKey("call.id"), primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("queue", String(80), nullable=False),
    Column("entered_at", Instant, nullable=False),
    Column("left_at", Instant),
    Column("wait_s", Float),
    Column("agent", String(40)),
    Column("interface", String(200)),
    Column("outcome", String(20)),
    Column("busy_s", Float),  # how long who answered was busy with it
    Index("ix_call_visit_entered_at", "entered_at", "queue", "outcome", "wait_s", "busy_s"),
    sqlite_with_rowid=False,
)
call_agent = Table(
    "call_agent",
    metadata,
    # whose history a call is in: who talked in it, and who was rung and did not take it
    Column("agent", String(40), primary_key=True),
    Column("started_at", Instant, primary_key=True),
    Column("call_id", String(36), ForeignKey("call.id"), primary_key=True),
    Column("is_missed", Boolean, nullable=False),
    Index("ix_call_agent_call_id", "call_id"),
    Index("ix_call_agent_is_missed", "agent", "is_missed", "started_at", "call_id"),
    sqlite_with_rowid=False,
)
call_candidate = Table(
    "call_candidate",
    metadata,
    # people who may have called, of calls that are nobody's yet (the record keeps all candidates)
    Column("contact_id", String(36), primary_key=True),
    Column("started_at", Instant, primary_key=True),
    Column("call_id", String(36), ForeignKey("call.id"), primary_key=True),
    Index("ix_call_candidate_call_id", "call_id"),
    sqlite_with_rowid=False,
)
call_work = Table(
    "call_work",
    metadata,
    # no foreign key: an agent writes while the call is live, and its row comes at its end
    Column("call_id", String(36), primary_key=True),
    Column("agent", String(40), primary_key=True),
    Column("disposition", String(80)),
    Column("notes", Text),
    Column("wrap_up_s", Float),
    Column("saved_at", Instant, nullable=False),
    sqlite_with_rowid=False,
)
event = Table(
    "event",
    metadata,
    Column("pos", Place, primary_key=True, autoincrement=True),
    Column("type", String(40), nullable=False),
    Column("at", Instant, nullable=False),
    Column("call_id", String(36)),
    Column("payload", LargeBinary, nullable=False),
    sqlite_autoincrement=True,  # a place is never given twice
)
user = Table(
    "user_account",
    metadata,
    _id(),
    Column("name", String(80), nullable=False, unique=True),
    Column("full_name", String(200), nullable=False),
    Column("role", String(20), nullable=False),
    Column("language", String(35), nullable=False),
    Column("agent", String(40), unique=True),
    Column("seat", String(240)),
    Column("password_hash", String(200), nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("is_confined", Boolean, nullable=False),  # to his teams
)
session = Table(
    "session",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("user_id", String(36), ForeignKey("user_account.id"), nullable=False, index=True),
    Column("created_at", Instant, nullable=False, index=True),
    Column("seen_at", Instant, nullable=False),
    Column("address", String(80), nullable=False),
    Column("device", String(80), nullable=False),
    Column("is_held", Boolean, nullable=False),
    Column("is_by_provider", Boolean, nullable=False),
)
token = Table(
    "api_token",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", String(80), nullable=False, unique=True),
    Column("role", String(20), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("scopes", Text),  # with blanks between; none: what the role may
    Column("prefix", String(8), nullable=False),
    Column("created_by", String(80)),
    Column("expires_at", Instant),
    Column("last_used_at", Instant),
    Column("revoked_at", Instant),
    Column("revoked_by", String(80)),
    Column("revoked_why", String(200)),
    Index("ix_api_token_created_at", "created_at", "id"),
)
audit = Table(
    "audit",
    metadata,
    Column("pos", Place, primary_key=True, autoincrement=True),
    Column("at", Instant, nullable=False),
    Column("who", String(80), nullable=False),
    Column("what", String(80), nullable=False),
    Column("address", String(80)),
    Column("kind", String(40)),  # of the record that it was done to
    Column("record_id", String(80)),
    Column("changes", Text),  # its fields that changed, as JSON; of personal ones the name alone
    Index("ix_audit_what", "what", "pos"),
    Index("ix_audit_record_id", "record_id", "pos"),
    Index("ix_audit_who", "who", "pos"),
    Index("ix_audit_at", "at", "pos"),
    sqlite_autoincrement=True,
)
