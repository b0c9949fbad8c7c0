"""Up to when each exchange's calls are in the history."""

from __future__ import annotations

from sqlalchemy import Column, String, Table

from crm_core.db.schema import Instant, metadata

watermark = Table(
    "watermark",
    metadata,
    Column("pbx", String(32), primary_key=True),
    Column("at", Instant, nullable=False),
)
