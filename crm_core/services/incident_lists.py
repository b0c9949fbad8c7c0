"""Incidents looked for, and which problems come most often."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from crm_core.domain.incident_entries import Entry
from crm_core.domain.incident_lists import MOST_COUNTED, Listed, Order, Problem, Wanted
from crm_core.domain.incidents import State
from crm_core.ports import UnitOfWork
from crm_core.ports.places import Place
from crm_core.services.incidents import get

PROBLEM_DAYS = 365


def find(
    uow: UnitOfWork, *, wanted: Wanted, order: Order = "newest", place: Place | None = None, limit: int
) -> list[Listed]:
    """Return incidents with the names of their people, newest first or first due first.

    A category stands for those beneath it, too.
    """
    return uow.incident_lists.find(_with_branches(uow, wanted), order=order, place=place, limit=limit)


def count(uow: UnitOfWork, *, wanted: Wanted) -> int:
    """Return how many are looked for; one more than ``MOST_COUNTED`` when there are more."""
    return uow.incident_lists.count(_with_branches(uow, wanted), MOST_COUNTED + 1)


def board(
    uow: UnitOfWork, *, wanted: Wanted, states: Sequence[State], limit: int
) -> dict[State, list[Listed]]:
    """Return the first due of each state."""
    asked = _with_branches(uow, wanted)
    return {
        state: uow.incident_lists.find(replace(asked, state=state), order="due", place=None, limit=limit)
        for state in states
    }


def counts(uow: UnitOfWork, *, wanted: Wanted, states: Sequence[State]) -> dict[State, int]:
    """Return how many of those that are looked for are in each state, as ``count``."""
    asked = _with_branches(uow, wanted)
    return {
        state: uow.incident_lists.count(replace(asked, state=state), MOST_COUNTED + 1) for state in states
    }


def entries(uow: UnitOfWork, *, incident_id: str, place: Place | None = None, limit: int) -> list[Entry]:
    """Return what was written and done about an incident and all that became a part of it, newest first.

    Raises:
        NotFoundError: there is no such incident.
    """
    incident = get(uow, incident_id=incident_id)
    both = [incident.id, *uow.incidents.parts_of(incident.id)]
    return uow.incident_entries.of(both, place=place, limit=limit)


def problems(
    uow: UnitOfWork, *, wanted: Wanted, now: datetime, days: int = PROBLEM_DAYS, limit: int
) -> list[Problem]:
    """Return of which categories most were opened in the last *days*, of each product line apart."""
    since = now - timedelta(days=days)
    return uow.incident_lists.problems(_with_branches(uow, wanted), since=since, limit=limit)


def branches(uow: UnitOfWork, category_ids: tuple[str, ...]) -> tuple[str, ...]:
    """Return categories and all that are beneath them."""
    if not category_ids:
        return ()
    known = uow.choices.of("category")
    found = set(category_ids)
    while more := {one.id for one in known if one.parent_id in found} - found:
        found |= more
    return tuple(sorted(found))


def _with_branches(uow: UnitOfWork, wanted: Wanted) -> Wanted:
    return replace(wanted, category_ids=branches(uow, wanted.category_ids))
