"""What the gate says of a lead's numbers, each by what is known of it; nothing is dialled without it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

import msgspec

from crm_core.domain.calendar import is_holiday
from crm_core.domain.campaigns import Campaign, Lead, closed, put_back
from crm_core.domain.consents import Standing
from crm_core.domain.dial_gate import A_MONTH, NEVER_AGAIN, Question, Verdict, verdict
from crm_core.ports import UnitOfWork
from crm_core.services import consents

NOT_SOON = timedelta(days=1)
PICKED_UP_WITHIN = timedelta(seconds=30)
"""How long the agent's own phone rings at most, before the lead's does."""


class NumberVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """One number of a lead, and what the gate says of it now."""

    number: str
    verdict: Verdict


def put_aside(lead: Lead, said: Verdict, now: datetime) -> Lead:
    """Return a lead that may not be called now: closed for ever, or put back until it may be."""
    if said.reason in NEVER_AGAIN:
        return closed(lead, blocked=said.reason)
    return put_back(lead, until=said.until or now + NOT_SOON, blocked=said.reason)


def verdicts(uow: UnitOfWork, lead: Lead, campaign: Campaign, now: datetime) -> list[NumberVerdict]:
    """Return what the gate says now of each number of a lead, in their order."""
    forbidden = uow.do_not_call.among(lead.numbers)
    standing = consents.to_marketing_calls(uow, numbers=lead.numbers, now=now)
    return [
        NumberVerdict(
            number=number,
            verdict=_ask(
                uow,
                lead,
                campaign,
                number,
                is_forbidden=number in forbidden,
                standing=standing[number],
                now=now,
            ),
        )
        for number in lead.numbers
    ]


def _ask(
    uow: UnitOfWork,
    lead: Lead,
    campaign: Campaign,
    number: str,
    *,
    is_forbidden: bool,
    standing: Standing,
    now: datetime,
) -> Verdict:
    question = Question(
        number=number,
        zone=lead.zone,
        is_do_not_call=is_forbidden,
        standing=standing,
        dials=uow.attempts.dials(number, now - A_MONTH),
        used=lead.attempts,
        not_before=lead.not_before,
    )
    return verdict(question, rules=campaign.rules, is_holiday=_is_holiday, now=now)


def when_late(
    uow: UnitOfWork, lead: Lead, campaign: Campaign, one: NumberVerdict, now: datetime
) -> NumberVerdict:
    """Return what the gate says of a number for the last instant at which its phone may begin to ring."""
    if not one.verdict.is_allowed:
        return one
    at = now + PICKED_UP_WITHIN
    late = _ask(uow, lead, campaign, one.number, is_forbidden=False, standing="given", now=at)
    return one if late.is_allowed else NumberVerdict(number=one.number, verdict=late)


def soonest(said: Iterable[NumberVerdict]) -> NumberVerdict:
    """Return the first number that may be dialled, else the one that may be soonest."""
    return min(said, key=_how_soon)


def _how_soon(one: NumberVerdict) -> tuple[int, float]:
    if one.verdict.is_allowed:
        return (0, 0.0)
    if one.verdict.reason in NEVER_AGAIN:
        return (3, 0.0)
    return (1, one.verdict.until.timestamp()) if one.verdict.until else (2, 0.0)


def _is_holiday(region: str, day: date) -> bool:
    return is_holiday(day, country=region, subdivision=None)
