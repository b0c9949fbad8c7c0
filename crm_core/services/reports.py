"""Figures of queues, calls looked for, and who is to be rung back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec.structs import replace

from crm_core.domain.calls import Call
from crm_core.domain.figures import QueueTally
from crm_core.domain.history import agents_of
from crm_core.domain.lost import LostCaller, lost_callers
from crm_core.domain.phone import equated, read_number
from crm_core.domain.search import Wanted
from crm_core.domain.sla import Target
from crm_core.ports import UnitOfWork
from crm_core.ports.places import Place
from crm_core.services import contacts

MOST_NAMED = 20


def tallies(uow: UnitOfWork, *, since: Sequence[datetime], target: Target) -> list[list[QueueTally]]:
    """Return, for each instant of *since*, the tallies of the queues that were entered from then on."""
    return [uow.reports.tallies(one, target) for one in since]


def find(uow: UnitOfWork, *, wanted: Wanted, target: Target, before: Place | None, limit: int) -> list[Call]:
    """Return the past calls that are looked for, newest first, without what was written about them."""
    return uow.reports.calls(wanted, target, before, limit)


def find_written(
    uow: UnitOfWork, *, wanted: Wanted, target: Target, before: Place | None, limit: int
) -> list[Call]:
    """Return the past calls that are looked for, newest first, with what was written about them."""
    return uow.calls.all_written(find(uow, wanted=wanted, target=target, before=before, limit=limit))


def lost(uow: UnitOfWork, *, since: datetime, but: Iterable[str] = ()) -> list[LostCaller]:
    """Return who waited in vain since *since* and has not got through.

    *but* are the numbers that somebody talks with now.
    """
    talking = set(but)
    found = [one for one in lost_callers(uow.reports.stays(since)) if one.customer not in talking]
    names = uow.reports.names([one.contact_id for one in found if one.contact_id])
    return [replace(one, name=names.get(one.contact_id or "")) for one in found]


def names(uow: UnitOfWork, *, calls: Sequence[Call]) -> tuple[dict[str, str], dict[str, str]]:
    """Return what the contacts of *calls* are called by id, and the agents by code."""
    people = {one.contact_id for one in calls if one.contact_id}
    agents = {code for one in calls for code in agents_of(one)}
    return uow.reports.names(sorted(people)), uow.reports.agents(sorted(agents))


def named(uow: UnitOfWork, *, wanted: Wanted, text: str, region: str, whole: bool = False) -> Wanted:
    """Return *wanted* of the customers, at most 20, whom *text* finds as it finds contacts."""
    found = contacts.find(uow, q=text, limit=MOST_NAMED, region=region, whole=whole)
    return replace(wanted, contact_ids=tuple(one.id for one in found))


def with_number(wanted: Wanted, text: str, *, region: str) -> Wanted:
    """Return *wanted* of the customer whose number is *text*, in any writing, as it is read in *region*."""
    read = read_number(text, region=region)
    if read.e164 is None:
        return replace(wanted, digits=read.raw)
    return replace(wanted, numbers=(read.e164, *equated(read.e164)))
