"""Preview dialling: the next lead for an agent, the gate, the dial, what came of it.

A lead is one agent's at a time, by its row: it is taken, tried and put back in transactions. Nothing is
dialled but through ``ask_to_dial``, which keeps the gate's verdict whether it let the call through or not.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from crm_core.domain.calls import Call
from crm_core.domain.campaigns import (
    NOTE_LENGTH,
    RESERVED_FOR,
    Campaign,
    DialAttempt,
    Lead,
    LeadState,
    Outcome,
    Told,
    claimed,
    dialled,
    outcome_of,
    promised,
    put_back,
    result_of,
    settled,
)
from crm_core.domain.errors import CrmError, InvalidError, NotFoundError
from crm_core.domain.events import AttemptMade, AttemptSettled
from crm_core.ports import UnitOfWork
from crm_core.services.lead_verdicts import NumberVerdict, put_aside, soonest, verdicts, when_late

LOOKED_AT, AT_ONCE = 500, 50
SKIPPED_FOR = timedelta(minutes=15)
SHOWN_TRIES, KEPT_IN_SIGHT = 10, 200
_ORDER: tuple[LeadState, ...] = ("promised", "waiting")


class NotYoursError(CrmError):
    """The lead went back to the list, or somebody else has it."""

    code = "lead_not_yours"

    def __str__(self) -> str:
        return "this lead went back to the list"


class UnderWayError(CrmError):
    """The lead is dialled already, and its outcome is not told."""

    code = "dial_under_way"

    def __str__(self) -> str:
        return "this lead is dialled already"


class CampaignPausedError(CrmError):
    """The campaign is paused: nobody is dialled."""

    code = "campaign_paused"

    def __str__(self) -> str:
        return "the campaign is paused"


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What an agent sees before he dials; ``attempt`` is the try whose outcome he has to tell."""

    campaign: Campaign
    lead: Lead
    numbers: tuple[NumberVerdict, ...]
    tries: tuple[DialAttempt, ...]
    attempt: DialAttempt | None


def current(uow: UnitOfWork, *, agent: str, now: datetime) -> Preview | None:
    """Return the lead that *agent* has before him; None when he has none."""
    lead = uow.leads.with_agent(agent, now)
    return _preview(uow, lead, now) if lead else None


def next_lead(uow: UnitOfWork, *, agent: str, campaign_id: str | None, now: datetime) -> Preview | None:
    """Give *agent* the next lead of a campaign, or of any: callbacks first. None when nobody may be called.

    Who has one keeps it until its outcome is told. Leads that the gate forbids are put aside on the way,
    until they may be called.
    """
    if known := current(uow, agent=agent, now=now):
        return known
    running = [one for one in uow.campaigns.all() if one.state == "running" and campaign_id in (None, one.id)]
    for state in _ORDER:
        for one in running:
            if lead := _take(uow, one, state, agent=agent, now=now):
                return _preview(uow, lead, now)
    return None


def ask_to_dial(
    uow: UnitOfWork, *, lead_id: str, agent: str, number: str | None, place: int | None = None, now: datetime
) -> DialAttempt:
    """Ask the gate once more and keep what it says; only an ``allowed`` attempt may be dialled.

    It must be lawful still when the agent's phone, which rings first, is answered late. Without a *number*
    or its *place* among the lead's it is the first that may be dialled. A lead that may not be dialled goes
    back to its list.

    Raises:
        NotFoundError: there is no such lead.
        NotYoursError: *agent* does not have it any more.
        UnderWayError: it is dialled already.
        CampaignPausedError: its campaign is paused.
        InvalidError: *number* is none of its numbers.
    """
    lead = _of_agent(uow, lead_id, agent, now)
    campaign = _campaign(uow, lead)
    if lead.attempt_id is not None and _is_open(uow.attempts.get(lead.attempt_id)):
        raise UnderWayError
    if campaign.state != "running":
        raise CampaignPausedError
    if number is None and place is not None:
        number = lead.numbers[place] if place < len(lead.numbers) else ""
    if number is not None and number not in lead.numbers:
        raise InvalidError("number", "none of this lead's numbers")
    asked = [one for one in verdicts(uow, lead, campaign, now) if number in (None, one.number)]
    chosen = soonest(when_late(uow, lead, campaign, one, now) for one in asked)
    attempt = DialAttempt(
        id=uow.new_id(now),
        campaign_id=campaign.id,
        lead_id=lead.id,
        number=chosen.number,
        agent=agent,
        at=now,
        verdict=chosen.verdict.reason,
        until=chosen.verdict.until,
        source=chosen.verdict.source,
    )
    uow.attempts.add(attempt)
    if chosen.verdict.is_allowed:
        uow.leads.change(dialled(lead, attempt_id=attempt.id, now=now))
    else:
        uow.leads.change(put_aside(lead, chosen.verdict, now))
    uow.events.append(
        AttemptMade(
            at=now,
            by=agent,
            campaign_id=campaign.id,
            lead_id=lead.id,
            attempt_id=attempt.id,
            verdict=attempt.verdict,
        )
    )
    return attempt


def not_asked(uow: UnitOfWork, *, attempt_id: str, now: datetime) -> None:
    """Say that the exchange did not take the request: nothing was dialled, the agent keeps the lead."""
    attempt = uow.attempts.get(attempt_id)
    if attempt is not None and attempt.result is None:
        _settle(uow, msgspec.structs.replace(attempt, result="not_dialled"), "not_dialled", by=None, now=now)


def finish(
    uow: UnitOfWork,
    *,
    attempt_id: str,
    agent: str,
    outcome: Told,
    callback_at: datetime | None,
    is_own: bool,
    note: str | None,
    now: datetime,
) -> Lead:
    """Keep what came of a try, in place of what the line told, once; return the lead as it is then.

    Who refused is never called again by any campaign, on any of his numbers. A callback is for *agent* when
    it *is_own*, else for whoever is free.

    Raises:
        NotFoundError: there is no such try of this agent.
        NotYoursError: the outcome is told already, or the lead was given to somebody else since.
        InvalidError: nothing was dialled, or a callback without its time.
    """
    attempt = uow.attempts.get(attempt_id)
    if attempt is None or attempt.agent != agent:
        raise NotFoundError("attempt", attempt_id)
    if attempt.verdict != "allowed" or attempt.result == "not_dialled":
        raise InvalidError("outcome", "nothing was dialled")
    if (outcome == "callback") is not (callback_at is not None):
        raise InvalidError("callback_at", "a callback has a time, other outcomes have none")
    if note is not None and len(note) > NOTE_LENGTH:
        raise InvalidError("note", f"at most {NOTE_LENGTH} characters")
    lead = _lead(uow, attempt.lead_id)
    if attempt.told_by is not None and attempt.outcome == outcome:
        return lead
    if attempt.told_by is not None or lead.attempt_id != attempt.id:
        raise NotYoursError
    if outcome == "refused":
        uow.do_not_call.add(lead.numbers, by=agent, why=f"refused in campaign {attempt.campaign_id}", now=now)
    attempt = msgspec.structs.replace(attempt, note=note)
    if callback_at is not None:
        lead = promised(lead, at=callback_at, agent=agent if is_own else None, now=now)
        _keep(uow, attempt, "callback", lead, by=agent, now=now)
        return lead
    return _settle(uow, attempt, outcome, by=agent, now=now)


def release(uow: UnitOfWork, *, lead_id: str, agent: str, now: datetime) -> Lead:
    """Give a lead back that was not dialled; it is offered again, a little later.

    Raises:
        NotFoundError: there is no such lead.
        NotYoursError: *agent* does not have it any more.
        UnderWayError: it is dialled already.
    """
    lead = _of_agent(uow, lead_id, agent, now)
    if lead.attempt_id is not None and _is_open(uow.attempts.get(lead.attempt_id)):
        raise UnderWayError
    lead = put_back(lead, until=now + SKIPPED_FOR)
    uow.leads.change(lead)
    return lead


def tries(uow: UnitOfWork, *, lead_id: str) -> list[DialAttempt]:
    """Return the last tries of a lead, newest first, forbidden ones included.

    Raises:
        NotFoundError: there is no such lead.
    """
    return uow.attempts.of_lead(_lead(uow, lead_id).id, KEPT_IN_SIGHT)


def told(uow: UnitOfWork, *, calls: Iterable[Call]) -> None:
    """Keep what became of the lines that were dialled for leads; one that nobody answered settles its try."""
    for call in calls:
        attempt = uow.attempts.get(call.attempt_id) if call.attempt_id else None
        if attempt is None or call.ended_at is None or attempt.result is not None:
            continue
        result = result_of(call)
        attempt = msgspec.structs.replace(attempt, call_id=call.id, result=result)
        outcome = outcome_of(result)
        if outcome is None or attempt.outcome is not None:
            uow.attempts.change(attempt)
        else:
            _settle(uow, attempt, outcome, by=None, now=call.ended_at)


# --- parts


def _take(uow: UnitOfWork, campaign: Campaign, state: LeadState, *, agent: str, now: datetime) -> Lead | None:
    """Return the first lead of *state* that the gate lets through, taken; who it does not is put aside."""
    for _ in range(LOOKED_AT // AT_ONCE):
        found = uow.leads.due(
            campaign.id, state, agent=agent, now=now, overdue=now - RESERVED_FOR, limit=AT_ONCE
        )
        for lead in found:
            best = soonest(verdicts(uow, lead, campaign, now))
            if best.verdict.is_allowed:
                taken = claimed(lead, agent=agent, now=now)
                uow.leads.change(taken)
                return taken
            uow.leads.change(put_aside(lead, best.verdict, now))
        if len(found) < AT_ONCE:
            break
    return None


def _settle(
    uow: UnitOfWork, attempt: DialAttempt, outcome: Outcome, *, by: str | None, now: datetime
) -> Lead:
    lead, campaign = _lead(uow, attempt.lead_id), uow.campaigns.get(attempt.campaign_id)
    if lead.attempt_id == attempt.id and campaign is not None:
        lead = settled(lead, attempt, outcome, rules=campaign.rules, now=now)
    _keep(uow, attempt, outcome, lead, by=by, now=now)
    return lead


def _keep(
    uow: UnitOfWork, attempt: DialAttempt, outcome: Outcome, lead: Lead, *, by: str | None, now: datetime
) -> None:
    uow.attempts.change(msgspec.structs.replace(attempt, outcome=outcome, told_by=by))
    uow.leads.change(lead)
    uow.events.append(
        AttemptSettled(
            at=now,
            by=by,
            campaign_id=attempt.campaign_id,
            lead_id=attempt.lead_id,
            attempt_id=attempt.id,
            outcome=outcome,
        )
    )


def _preview(uow: UnitOfWork, lead: Lead, now: datetime) -> Preview:
    campaign = _campaign(uow, lead)
    attempt = uow.attempts.get(lead.attempt_id) if lead.attempt_id else None
    return Preview(
        campaign=campaign,
        lead=lead,
        numbers=tuple(verdicts(uow, lead, campaign, now)),
        tries=tuple(uow.attempts.of_lead(lead.id, SHOWN_TRIES)),
        attempt=attempt,
    )


def _of_agent(uow: UnitOfWork, lead_id: str, agent: str, now: datetime) -> Lead:
    lead = _lead(uow, lead_id)
    if lead.claimed_by != agent or lead.due_at <= now:
        raise NotYoursError
    return lead


def _lead(uow: UnitOfWork, lead_id: str) -> Lead:
    lead = uow.leads.get(lead_id)
    if lead is None:
        raise NotFoundError("lead", lead_id)
    return lead


def _campaign(uow: UnitOfWork, lead: Lead) -> Campaign:
    campaign = uow.campaigns.get(lead.campaign_id)
    if campaign is None:
        raise NotFoundError("campaign", lead.campaign_id)
    return campaign


def _is_open(attempt: DialAttempt | None) -> bool:
    """Return whether a line is dialled or talked on, or its outcome is still to be told."""
    return attempt is not None and attempt.outcome is None
