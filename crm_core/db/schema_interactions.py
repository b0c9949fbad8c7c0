"""The table of interactions: what was said to customers and by them, on whatever way but the telephone."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text

from crm_core.db.schema import Instant, metadata

interaction = Table(
    "interaction",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("channel", String(10), nullable=False),
    Column("direction", String(10)),
    Column("contact_id", String(36), ForeignKey("contact.id")),
    Column("account_id", String(36), ForeignKey("account.id")),
    Column("incident_id", String(36), ForeignKey("incident.id")),
    Column("subject", String(200)),
    Column("body", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("created_by", String(80)),
    Column("version", Integer, nullable=False),
    Index("ix_interaction_at", "at", "id"),
    Index("ix_interaction_channel", "channel", "at", "id"),
    Index("ix_interaction_contact_id", "contact_id", "at", "id"),
    Index("ix_interaction_account_id", "account_id", "at", "id"),
    Index("ix_interaction_incident_id", "incident_id", "at", "id"),
)
