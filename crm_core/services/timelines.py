"""What happened with a company: the calls of its people and lines, its incidents, what was written down."""

from __future__ import annotations

from collections.abc import Iterable

from crm_core.domain.confines import Confines
from crm_core.domain.incident_lists import Wanted
from crm_core.domain.incidents import Incident
from crm_core.domain.interactions import Interaction
from crm_core.domain.interactions import Wanted as WantedWritten
from crm_core.domain.timeline import EVERYTHING, Shown, TimelineItem, timeline_of
from crm_core.ports import UnitOfWork
from crm_core.ports.places import Place
from crm_core.services.led_on import missing


def of_account(
    uow: UnitOfWork,
    *,
    account_id: str,
    before: Place | None = None,
    limit: int,
    within: Confines | None = None,
    shown: frozenset[Shown] = EVERYTHING,
) -> list[TimelineItem]:
    """Return what happened with a company, newest first, of what is to be *shown*.

    Calls are those of the hundred people who were spoken with last, and those of its own numbers that are
    nobody's. Who is confined (*within*) is not told what was written about another team's incident.

    Raises:
        NotFoundError: there is no such company.
    """
    if uow.accounts.get(account_id) is None:
        raise missing(uow, "account", account_id)
    return timeline_of(
        calls=uow.calls.of_account(account_id, before, limit) if "calls" in shown else (),
        possible=(),
        incidents=opened(uow, Wanted(account_id=account_id), before, limit) if "incidents" in shown else (),
        interactions=written(uow, WantedWritten(account_id=account_id, within=within), before, limit)
        if "written" in shown
        else (),
        limit=limit,
    )


def opened(uow: UnitOfWork, wanted: Wanted, before: Place | None, limit: int) -> Iterable[Incident]:
    """Yield incidents behind a place, newest first."""
    found = uow.incident_lists.find(wanted, order="newest", place=before, limit=limit)
    return (one.incident for one in found)


def written(
    uow: UnitOfWork, wanted: WantedWritten, before: Place | None, limit: int
) -> Iterable[Interaction]:
    """Yield what was written down behind a place, newest first."""
    return (one.interaction for one in uow.interactions.find(wanted, before, limit))
