"""The audit: what must be told later, and to whom it was done."""

from __future__ import annotations

from datetime import datetime

from crm_core.domain.audit import AuditEntry, cut
from crm_core.ports import UnitOfWork


def note(uow: UnitOfWork, *, who: str, what: str, address: str | None, now: datetime) -> None:
    """Keep that *who* (a user's id) did *what*, from *address*; texts are cut to 80 characters."""
    uow.audit.append(cut(AuditEntry(at=now, who=who, what=what, address=address)))


def last(uow: UnitOfWork, *, limit: int) -> list[AuditEntry]:
    """Return the newest entries, newest first."""
    return uow.audit.last(limit)


def last_of(uow: UnitOfWork, *, begin: str) -> AuditEntry | None:
    """Return the newest entry whose deed begins with *begin*."""
    return uow.audit.last_of(begin)
