"""The event log, for who reads along."""

from __future__ import annotations

from crm_core.domain.events import StoredEvent
from crm_core.ports import UnitOfWork


def after(uow: UnitOfWork, *, pos: int, limit: int) -> list[StoredEvent]:
    """Return up to *limit* events behind *pos*, in the order of their commits; 0 is before the first."""
    return uow.log.after(pos, limit)
