"""The table of what is shown to whom."""

from __future__ import annotations

from sqlalchemy import Column, Integer, String, Table

from crm_core.db.schema import Instant, metadata

mask_rule = Table(
    "mask_rule",
    metadata,
    Column("role", String(20), primary_key=True),
    Column("numbers", String(12), nullable=False),
    Column("emails", String(12), nullable=False),
    Column("documents", String(12), nullable=False),
    Column("personal", String(12), nullable=False),
    Column("version", Integer, nullable=False),
    Column("set_at", Instant),
)
