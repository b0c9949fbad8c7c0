"""The event log, for who reads along."""

from __future__ import annotations

from datetime import datetime

from crm_core.domain.events import StoredEvent
from crm_core.ports import UnitOfWork


def after(uow: UnitOfWork, *, pos: int, limit: int) -> list[StoredEvent]:
    """Return up to *limit* events behind *pos*, in the order of their commits; 0 is before the first."""
    return uow.log.after(pos, limit)


def thin(uow: UnitOfWork, *, before: datetime, limit: int) -> int:
    """Let go of up to *limit* events, and as many traces, from before *before*; return how many it were.

    The oldest first, and a little at a time: others write between two of these.
    """
    return uow.log.thin(before, limit)
