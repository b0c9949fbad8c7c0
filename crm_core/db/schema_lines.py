"""The table of lines: what our numbers and queues are called."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table

from crm_core.db.schema import metadata

line = Table(
    "line",
    metadata,
    Column("pbx", String(40), primary_key=True),
    Column("kind", String(8), primary_key=True),
    Column("code", String(80), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("name", String(80), nullable=False),
    Column("colour", String(16)),
    Column("greeting_es", String(300)),
    Column("greeting_en", String(300)),
    Column("caller_id", String(24)),
    Column("crm_url", String(1000)),
    Column("crm_mode", String(8), nullable=False),
    Column("within_s", Integer),
    Column("short_abandon_s", Integer),
    Column("team_id", String(36)),
    Index("ix_line_team_id", "team_id"),
)
