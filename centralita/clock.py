"""The clock: handed out by the composition root only."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Return this instant, aware UTC."""
    return datetime.now(UTC)
