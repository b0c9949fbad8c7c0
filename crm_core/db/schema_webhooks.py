"""The tables of subscriptions: what other systems are told, and how far each is."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Integer, String, Table, Text

from crm_core.db.schema import Instant, Place, metadata

webhook = Table(
    "webhook",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("name", String(80), nullable=False, unique=True),
    Column("url", String(500), nullable=False),
    Column("types", Text, nullable=False),  # with blanks between
    Column("is_active", Boolean, nullable=False),
    Column("stopped_why", String(40)),
    Column("created_at", Instant, nullable=False),
    Column("version", Integer, nullable=False),
    Column("former_until", Instant),
    Column("pos", Place, nullable=False),
    Column("turn", Integer, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("why", String(40)),
    Column("next_at", Instant),
    Column("failing_since", Instant),
    Column("arrived_at", Instant),
    # a signature needs the secret itself: by a key that is not in the database
    Column("sealed", String(400), nullable=False),
    Column("former_sealed", String(400)),
)
webhook_undelivered = Table(
    "webhook_undelivered",
    metadata,
    # no event: what happened stays in the log alone, where erasing and age find it
    Column("webhook_id", String(36), ForeignKey("webhook.id"), primary_key=True),
    Column("pos", Place, primary_key=True, autoincrement=False),
    Column("type", String(40), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("why", String(40), nullable=False),
    Column("given_up_at", Instant, nullable=False),
    Column("is_due", Boolean, nullable=False),
    sqlite_with_rowid=False,
)
