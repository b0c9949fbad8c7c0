"""The tables of privacy: what must stay, what must go, and who must not be approached again."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, String, Table

from crm_core.db.schema import Instant, metadata

legal_hold = Table(
    "legal_hold",
    metadata,
    # no foreign key, as with what follows: it tells of contacts, and is no part of one
    Column("contact_id", String(36), primary_key=True),
    Column("reason", String(200), nullable=False),
    Column("by", String(80), nullable=False),
    Column("since", Instant, nullable=False),
)
erasure = Table(
    "erasure",
    metadata,
    Column("contact_id", String(36), primary_key=True),
    Column("by", String(80), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("done_at", Instant),
    Index("ix_erasure_done_at", "done_at", "due_at", "contact_id"),
)
suppressed = Table(
    "suppressed",
    metadata,
    Column("digest", String(64), primary_key=True),  # of a number, with the key of this site
    Column("since", Instant, nullable=False),
)
consent = Table(
    "consent",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("contact_id", String(36), ForeignKey("contact.id"), nullable=False),
    Column("purpose", String(20), nullable=False),
    Column("channel", String(10), nullable=False),
    Column("basis", String(20), nullable=False),
    Column("status", String(10), nullable=False),
    Column("source", String(80), nullable=False),
    Column("at", Instant, nullable=False),
    Column("proof", String(200)),
    Column("expires_at", Instant),
    Column("noted_at", Instant, nullable=False),
    Column("noted_by", String(80)),
    Index("ix_consent_contact_id", "contact_id", "at", "noted_at", "id"),
)
site_key = Table(
    "site_key",
    metadata,
    Column("name", String(20), primary_key=True),
    Column("value", LargeBinary, nullable=False),
)
