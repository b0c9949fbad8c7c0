"""The tables of the reception: who waits to be rung back."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, String, Table

from crm_core.db.schema import Instant, metadata

callback = Table(
    "callback",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("number", String(20), nullable=False),
    Column("contact_id", String(36), ForeignKey("contact.id")),
    Column(
        "call_id", String(36)
    ),  # no foreign key: it is asked for in a live call, whose row comes at its end
    Column("did", String(200)),
    Column("asked_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("is_open", Boolean, nullable=False),
    Column("done_at", Instant),
    Column("done_by", String(80)),
    Index("ix_callback_due_at", "is_open", "due_at", "id"),
    Index("ix_callback_number", "number", "is_open"),
    Index("ix_callback_contact_id", "contact_id"),
)
