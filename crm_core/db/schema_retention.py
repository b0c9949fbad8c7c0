"""The table of how long records are kept."""

from __future__ import annotations

from sqlalchemy import Column, Integer, String, Table

from crm_core.db.schema import Instant, metadata

retention_rule = Table(
    "retention_rule",
    metadata,
    Column("kind", String(20), primary_key=True),
    Column("days", Integer),
    Column("version", Integer, nullable=False),
    Column("set_at", Instant),
    Column("ran_at", Instant),
    Column("gone", Integer, nullable=False),
    Column("held", Integer, nullable=False),
    Column("going", Integer, nullable=False),
)
