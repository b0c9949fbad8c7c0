"""Who must not be called: the list is looked at, added to, taken from, and asked before one dials by hand."""

from __future__ import annotations

from datetime import datetime

from crm_core.domain.do_not_call import Excluded
from crm_core.domain.errors import InvalidError, NotFoundError
from crm_core.domain.events import NumberExcluded, NumberReadmitted
from crm_core.ports import UnitOfWork
from crm_core.services import audit

LONGEST_WHY = 200


def listed(uow: UnitOfWork, *, begin: str, after: str | None, limit: int) -> list[Excluded]:
    """Return the numbers that begin with *begin* (E.164), in their order, behind *after*."""
    return uow.do_not_call.listed(begin, after, limit)


def get(uow: UnitOfWork, *, number: str) -> Excluded:
    """Return what is kept of a number.

    Raises:
        NotFoundError: it is not on the list.
    """
    if (found := uow.do_not_call.get(number)) is None:
        raise NotFoundError("number", number)
    return found


def add(uow: UnitOfWork, *, number: str, why: str, by: str, address: str | None, now: datetime) -> Excluded:
    """Keep that *number* (E.164) must not be called; one that is on the list stays as it is.

    Raises:
        InvalidError: nobody says why.
    """
    if not 0 < len(why.strip()) <= LONGEST_WHY:
        raise InvalidError("why", f"1 to {LONGEST_WHY} characters")
    if uow.do_not_call.add([number], by=by, why=why.strip(), now=now):
        uow.events.append(NumberExcluded(at=now, by=by, number=number))
        _note(uow, "number excluded", by=by, address=address, now=now)
    return get(uow, number=number)


def remove(uow: UnitOfWork, *, number: str, by: str, address: str | None, now: datetime) -> None:
    """Let *number* be called again.

    Raises:
        NotFoundError: it is not on the list.
    """
    get(uow, number=number)
    uow.do_not_call.remove(number)
    uow.events.append(NumberReadmitted(at=now, by=by, number=number))
    _note(uow, "number readmitted", by=by, address=address, now=now)


def forbids(uow: UnitOfWork, *, number: str) -> bool:
    """Return whether *number* (E.164) must not be called: it is on the list, marked so, or was erased."""
    return bool(uow.do_not_call.among([number]))


def _note(uow: UnitOfWork, what: str, *, by: str, address: str | None, now: datetime) -> None:
    """Keep that it was done; not to which number, which the audit could not forget."""
    audit.note(uow, who=by, what=what, address=address, now=now, kind="do_not_call")
