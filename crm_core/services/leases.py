"""Leases: held, wanted, taken over, given back; and what each transaction of a holder begins with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from crm_core.domain.errors import LeaseLostError
from crm_core.domain.leases import FREE, NOBODY, Lease
from crm_core.ports import UnitOfWork


def seen(uow: UnitOfWork, *, names: Sequence[str]) -> list[Lease]:
    """Return the leases *names*, in this order; those that nobody ever held are free."""
    return _named(uow.leases.all(), names)


def demand(uow: UnitOfWork, *, holder: str, terms: Mapping[str, int]) -> None:
    """Return when *holder* holds the leases in these terms.

    Raises:
        LeaseLostError: another took one over.
    """
    for lease in uow.leases.pinned():
        if lease.name in terms and (lease.holder, lease.term) != (holder, terms[lease.name]):
            raise LeaseLostError(lease.name)


def beat(uow: UnitOfWork, *, holder: str, terms: Mapping[str, int]) -> None:
    """Give a sign of life; who wanted the leases wants them no longer.

    Raises:
        LeaseLostError: another took one over.
    """
    demand(uow, holder=holder, terms=terms)
    for lease in seen(uow, names=list(terms)):
        uow.leases.put(replace(lease, beat=lease.beat + 1, wanted_by=NOBODY))


def want(uow: UnitOfWork, *, by: str, before: Sequence[Lease]) -> bool:
    """Say that *by* wants leases that look as *before*; False when they do not any more."""
    if seen(uow, names=[lease.name for lease in before]) != list(before):
        return False
    for lease in before:
        uow.leases.put(replace(lease, wanted_by=by))
    return True


def take(uow: UnitOfWork, *, by: str, before: Sequence[Lease]) -> dict[str, int] | None:
    """Take over leases that look as *before*; return their new terms, None when they do not any more."""
    if _named(uow.leases.seized(), [lease.name for lease in before]) != list(before):
        return None
    for lease in before:
        uow.leases.put(Lease(name=lease.name, holder=by, term=lease.term + 1, beat=lease.beat + 1))
    return {lease.name: lease.term + 1 for lease in before}


def give_back(uow: UnitOfWork, *, holder: str, terms: Mapping[str, int]) -> None:
    """Let whoever waits for the leases of *holder* have them at once."""
    for lease in uow.leases.all():
        if lease.name in terms and lease.holder == holder:
            uow.leases.put(replace(lease, holder=FREE, wanted_by=NOBODY))


def _named(known: Iterable[Lease], names: Iterable[str]) -> list[Lease]:
    by_name = {lease.name: lease for lease in known}
    return [by_name.get(name, Lease(name=name)) for name in names]
