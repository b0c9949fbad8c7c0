"""What is promised of an incident: by which policy, and when somebody hears of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from crm_core.domain.incidents import Incident
from crm_core.domain.service_levels import Policy, calendar_of, policy_for, promised, replanned
from crm_core.ports import UnitOfWork


def promise(
    uow: UnitOfWork, incident: Incident, before: Incident | None
) -> tuple[Incident, Callable[[datetime], None]]:
    """Return *incident* with what is promised of it, and what keeps its dues once the incident is kept.

    A promise is made when it is opened, and anew when its kind, its priority or its company is another; at
    all other changes the policy stays the one by which it was made.
    """
    if before is not None and _clock(before) == _clock(incident):
        return incident, lambda _now: None
    policy = _policy(uow, incident, before)
    hours = uow.calendars.get(policy.calendar_id) if policy else None
    after, dues = promised(incident, policy, calendar_of(hours) if hours else None)

    def plan(now: datetime) -> None:
        new, moved, gone = replanned(uow.dues.of(incident.id), dues, now)
        for due in new:
            uow.dues.add(incident.id, due)
        for due in moved:
            uow.dues.move(incident.id, due)
        uow.dues.drop(gone)

    return after, plan


def _policy(uow: UnitOfWork, incident: Incident, before: Incident | None) -> Policy | None:
    if before is not None and _subject(before) == _subject(incident):
        return uow.policies.get(incident.policy_id) if incident.policy_id else None
    tier = uow.incidents.tier_of(incident.account_id) if incident.account_id else None
    return policy_for(uow.policies.every(), incident, tier)


def _subject(incident: Incident) -> tuple[object, ...]:
    """Return what a policy is chosen by."""
    return incident.kind, incident.priority, incident.account_id


def _clock(incident: Incident) -> tuple[object, ...]:
    """Return everything that a promise depends on."""
    return (*_subject(incident), incident.is_open, incident.first_responded_at, incident.holds)
