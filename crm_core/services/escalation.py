"""Promises that are nearly or already broken: told once each, and given to who can help."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from crm_core.domain.events import IncidentBreached, IncidentWarned
from crm_core.domain.incident_entries import Entry
from crm_core.domain.service_levels import KeptDue
from crm_core.ports import UnitOfWork
from crm_core.services.incidents import get, keep

AT_ONCE = 100


def tell(uow: UnitOfWork, *, now: datetime) -> datetime | None:
    """Tell what is due by *now*, each once; return when the next is due, None when nothing is.

    An incident of which a promise is broken goes to the team that its policy names. At most a hundred are
    told at once; then the next is due already.
    """
    for one in uow.dues.waiting(AT_ONCE):
        if one.at > now:
            return one.at
        _tell(uow, one, now)
    following = uow.dues.waiting(1)
    return following[0].at if following else None


def _tell(uow: UnitOfWork, one: KeptDue, now: datetime) -> None:
    uow.dues.tell(one, now=now)
    entry = Entry(
        id=uow.new_id(now), incident_id=one.incident_id, at=now, by=None, kind=one.stage, text=one.what
    )
    uow.incident_entries.add(entry)
    if one.stage == "warned":
        uow.events.append(IncidentWarned(at=now, incident_id=one.incident_id, what=one.what))
    else:
        uow.events.append(IncidentBreached(at=now, incident_id=one.incident_id, what=one.what))
        _escalate(uow, one.incident_id, now)


def _escalate(uow: UnitOfWork, incident_id: str, now: datetime) -> None:
    incident = get(uow, incident_id=incident_id)
    policy = uow.policies.get(incident.policy_id) if incident.policy_id else None
    team_id = policy.escalate_to if policy else None
    if team_id is not None and team_id != incident.team_id:
        after = replace(incident, team_id=team_id, updated_at=now, version=incident.version + 1)
        keep(uow, incident, after, by=None, now=now)
