"""The audit: what must be told later, and to whom it was done."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from crm_core.domain.audit import AuditEntry, Change, Deed, Wanted, cut
from crm_core.ports import UnitOfWork


def note(
    uow: UnitOfWork,
    *,
    who: str,
    what: str,
    address: str | None,
    now: datetime,
    kind: str | None = None,
    record_id: str | None = None,
    changes: Mapping[str, Change] | None = None,
) -> None:
    """Keep that *who* (a user's id) did *what*, from *address*; texts are cut to 80 characters.

    *kind* and *record_id* name the record that it was done to. *changes* are its fields that changed, before
    and after; None in their place of a field that holds something personal.
    """
    entry = AuditEntry(
        at=now,
        who=who,
        what=what,
        address=address,
        kind=kind,
        record_id=record_id,
        changes=dict(changes or {}),
    )
    uow.audit.append(cut(entry))


def last(uow: UnitOfWork, *, limit: int) -> list[AuditEntry]:
    """Return the newest entries, newest first."""
    return uow.audit.last(limit)


def last_of(uow: UnitOfWork, *, begin: str) -> AuditEntry | None:
    """Return the newest entry whose deed begins with *begin*."""
    return uow.audit.last_of(begin)


def find(uow: UnitOfWork, *, wanted: Wanted, before: int | None = None, limit: int) -> list[Deed]:
    """Return what was done, newest first, behind the place *before*."""
    return uow.audit.find(wanted, before, limit)
