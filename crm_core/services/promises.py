"""What is promised of an incident: by which policy, and when somebody hears of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from crm_core.domain.agreements import entitling, holds_on, of_agreement, of_everybody
from crm_core.domain.incidents import Incident, PromisedBy
from crm_core.domain.service_levels import Policy, calendar_of, policy_for, promised, replanned
from crm_core.ports import UnitOfWork
from crm_core.services.equipment import owed_for


def promise(
    uow: UnitOfWork, incident: Incident, before: Incident | None
) -> tuple[Incident, Callable[[datetime], None]]:
    """Return *incident* with what is promised of it, and what keeps its dues once the incident is kept.

    A promise is made when it is opened, and anew when its kind, its priority or its company is another; at
    all other changes the policy stays the one by which it was made. Which contract entitles it is asked when
    it is opened, and anew when it is about somebody or something else: always of the day when it was opened.
    """
    if before is not None and _clock(before) == _clock(incident):
        return incident, lambda _now: None
    incident, policy = _chosen(uow, incident, before)
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


def _chosen(uow: UnitOfWork, incident: Incident, before: Incident | None) -> tuple[Incident, Policy | None]:
    """Return *incident* with the contract by which its policy holds, and the policy."""
    if before is not None and _about(before) == _about(incident):
        return _as_it_was(uow, replace(incident, promised_by=before.promised_by))
    policies = uow.policies.every()
    tier = uow.incidents.tier_of(incident.account_id) if incident.account_id else None
    if before is not None and _customer(before) == _customer(incident):
        by = before.promised_by
    else:
        by = _entitled(uow, incident, policies, tier)
    incident = replace(incident, promised_by=by)
    if before is not None and (_subject(before), before.promised_by) == (_subject(incident), by):
        return _as_it_was(uow, incident)
    held = policy_for(of_agreement(policies, by.policy_id), incident, tier) if by else None
    return incident, held or policy_for(of_everybody(policies), incident, tier)


def _as_it_was(uow: UnitOfWork, incident: Incident) -> tuple[Incident, Policy | None]:
    return incident, uow.policies.get(incident.policy_id) if incident.policy_id else None


def _entitled(
    uow: UnitOfWork, incident: Incident, policies: Sequence[Policy], tier: str | None
) -> PromisedBy | None:
    """Return by which contract of its day *incident* is promised more than all are.

    The day is that of the agreement's calendar.
    """
    found = uow.assets.get(incident.asset_id) if incident.asset_id else None
    piece, line_id = (found.asset, found.product.product_line_id) if found else (None, None)
    owed = owed_for(uow, [found] if found else [], incident.contact_id, incident.account_id)
    for one, through in entitling(owed, incident, piece, line_id):
        agreement = of_agreement(policies, one.policy_id or "")
        policy = policy_for(agreement, incident, tier)
        hours = uow.calendars.get(policy.calendar_id) if policy else None
        if hours and holds_on(one, incident.opened_at.astimezone(ZoneInfo(hours.zone)).date()):
            return PromisedBy(contract_id=one.id, policy_id=one.policy_id or "", through=through)
    return None


def _customer(incident: Incident) -> tuple[object, ...]:
    """Return what entitles to an agreement: who reported it, and what it is about."""
    return incident.contact_id, incident.account_id, incident.asset_id, incident.product_line_id


def _subject(incident: Incident) -> tuple[object, ...]:
    """Return what a policy is chosen by."""
    return incident.kind, incident.priority, incident.account_id


def _about(incident: Incident) -> tuple[object, ...]:
    return (*_subject(incident), *_customer(incident))


def _clock(incident: Incident) -> tuple[object, ...]:
    """Return everything that a promise depends on."""
    return (*_about(incident), incident.is_open, incident.first_responded_at, incident.holds)
