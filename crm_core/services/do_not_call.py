"""Who must not be called: the list is looked at, added to, taken from, and asked before one dials by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from crm_core.domain.do_not_call import Excluded, Lifted, WhyNot
from crm_core.domain.errors import InvalidError, NotFoundError
from crm_core.domain.events import NumberExcluded, NumberReadmitted
from crm_core.ports import UnitOfWork
from crm_core.services import audit, consents

LONGEST_WHY, LIFTS_TOLD = 200, 5


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
    reason = _reason(why)
    if uow.do_not_call.add([number], by=by, why=reason, now=now):
        uow.events.append(NumberExcluded(at=now, by=by, number=number))
        _note(uow, "number excluded", by=by, address=address, now=now)
    return get(uow, number=number)


def add_all(
    uow: UnitOfWork, *, numbers: Sequence[str], why: str, by: str, address: str | None, now: datetime
) -> int:
    """Keep that *numbers* (E.164) must not be called; return how many were not on the list.

    Raises:
        InvalidError: nobody says why.
    """
    reason = _reason(why)
    new = [one for one in dict.fromkeys(numbers) if uow.do_not_call.get(one) is None]
    uow.do_not_call.add(new, by=by, why=reason, now=now)
    uow.events.extend(NumberExcluded(at=now, by=by, number=number) for number in new)
    if new:
        _note(uow, f"number excluded {len(new)}", by=by, address=address, now=now)
    return len(new)


def remove(uow: UnitOfWork, *, number: str, why: str, by: str, address: str | None, now: datetime) -> None:
    """Let *number* be called again.

    Raises:
        NotFoundError: it is not on the list.
        InvalidError: nobody says why.
    """
    reason = _reason(why)
    get(uow, number=number)
    uow.do_not_call.remove(Lifted(id=uow.new_id(now), number=number, at=now, by=by, why=reason))
    uow.events.append(NumberReadmitted(at=now, by=by, number=number))
    _note(uow, "number readmitted", by=by, address=address, now=now)


def forbids(uow: UnitOfWork, *, number: str) -> bool:
    """Return whether *number* (E.164) must not be called: it is on the list, marked so, or was erased."""
    return bool(uow.do_not_call.among([number]))


def why_not(uow: UnitOfWork, *, number: str, now: datetime) -> WhyNot:
    """Return all that speaks against calling *number* (E.164)."""
    return WhyNot(
        number=number,
        is_forbidden=forbids(uow, number=number),
        excluded=uow.do_not_call.get(number),
        marked=tuple(uow.do_not_call.marked_by(number)),
        is_erased=bool(uow.privacy.suppressed([number])),
        marketing=consents.to_marketing_calls(uow, numbers=[number], now=now)[number],
        lifted=tuple(uow.do_not_call.lifted(number, LIFTS_TOLD)),
    )


def _reason(why: str) -> str:
    if not 0 < len(why.strip()) <= LONGEST_WHY:
        raise InvalidError("why", f"1 to {LONGEST_WHY} characters")
    return why.strip()


def _note(uow: UnitOfWork, what: str, *, by: str, address: str | None, now: datetime) -> None:
    """Keep that it was done; not to which number, which the audit could not forget."""
    audit.note(uow, who=by, what=what, address=address, now=now, kind="do_not_call")
