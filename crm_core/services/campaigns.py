"""Campaigns: made, loaded with people, paused, counted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec
import phonenumbers

from crm_core.domain.campaigns import Campaign, CampaignState, Lead, LeadState, checked
from crm_core.domain.dial_gate import Rules
from crm_core.domain.errors import AlreadyExistsError, InvalidError, NotFoundError
from crm_core.domain.events import CampaignChanged
from crm_core.domain.funnel import Funnel, funnel
from crm_core.domain.list_rows import ReadList, Rejected, Row, without
from crm_core.ports import UnitOfWork
from crm_core.ports.places import LeadPlace

MOST_IN_A_DAY, MOST_AT_ALL, LONGEST_WHY = 10, 50, 200


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign, and how far it is."""

    campaign: Campaign
    funnel: Funnel


class Loaded(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a file: how many leads it gave or, of a dry run, would give; every row left out."""

    leads: int
    rejected: tuple[Rejected, ...]
    encoding: str
    separator: str
    is_dry_run: bool


def create(
    uow: UnitOfWork, *, name: str, region: str, rules: Rules, by: str | None, now: datetime
) -> Campaign:
    """Make a campaign with an empty list.

    Raises:
        AlreadyExistsError: there is one of this name.
        InvalidError: a field cannot be kept.
    """
    if region not in phonenumbers.SUPPORTED_REGIONS:
        raise InvalidError("region", "an ISO 3166-1 country with a numbering plan")
    for field, value, most in (
        ("in_a_day", rules.in_a_day, MOST_IN_A_DAY),
        ("at_all", rules.at_all, MOST_AT_ALL),
    ):
        if not 1 <= value <= most:
            raise InvalidError(field, f"1 to {most}")
    one = Campaign(
        id=uow.new_id(now), name=name.strip(), region=region, rules=rules, created_at=now, created_by=by
    )
    if uow.campaigns.named(checked(one).name):
        raise AlreadyExistsError("campaign", one.name)
    uow.campaigns.add(one)
    uow.events.append(CampaignChanged(at=now, by=by, campaign_id=one.id))
    return one


def get(uow: UnitOfWork, *, campaign_id: str) -> Campaign:
    """Return one campaign.

    Raises:
        NotFoundError: there is none.
    """
    one = uow.campaigns.get(campaign_id)
    if one is None:
        raise NotFoundError("campaign", campaign_id)
    return one


def named(uow: UnitOfWork, *, name: str) -> Campaign | None:
    """Return the campaign called *name*; None when there is none."""
    return uow.campaigns.named(name.strip())


def listed(uow: UnitOfWork) -> list[Listed]:
    """Return every campaign by name, and how far it is."""
    return [Listed(campaign=one, funnel=_funnel(uow, one.id)) for one in uow.campaigns.all()]


def figures(uow: UnitOfWork, *, campaign_id: str) -> Listed:
    """Return how far a campaign is.

    Raises:
        NotFoundError: there is none.
    """
    return Listed(campaign=get(uow, campaign_id=campaign_id), funnel=_funnel(uow, campaign_id))


def coming(
    uow: UnitOfWork, *, campaign_id: str, state: LeadState, after: LeadPlace | None = None, limit: int
) -> list[Lead]:
    """Return the leads of one state, first due first: callbacks are ``promised``, the others ``waiting``."""
    return uow.leads.coming(campaign_id, state, after, limit)


def set_state(
    uow: UnitOfWork, *, campaign_id: str, state: CampaignState, by: str | None, now: datetime
) -> Campaign:
    """Pause a campaign, or let it run; calls under way go on.

    Raises:
        NotFoundError: there is none.
    """
    one = get(uow, campaign_id=campaign_id)
    if one.state == state:
        return one
    uow.campaigns.set_state(campaign_id, state)
    uow.events.append(CampaignChanged(at=now, by=by, campaign_id=campaign_id))
    return msgspec.structs.replace(one, state=state)


def check(uow: UnitOfWork, *, campaign_id: str, found: ReadList) -> Loaded:
    """Return what ``load`` would do, and do nothing.

    Raises:
        NotFoundError: there is no such campaign.
    """
    left = _new_rows(uow, get(uow, campaign_id=campaign_id).id, found)
    return _report(left, is_dry_run=True)


def load(uow: UnitOfWork, *, campaign_id: str, found: ReadList, by: str | None, now: datetime) -> Loaded:
    """Put everybody of a file on a campaign's list who may be called and is not on it; all, or nobody.

    Raises:
        NotFoundError: there is no such campaign.
    """
    get(uow, campaign_id=campaign_id)
    left = _new_rows(uow, campaign_id, found)
    first = uow.leads.last_place(campaign_id) + 1
    uow.leads.add(_leads(uow, left.rows, campaign_id=campaign_id, first=first, now=now))
    if left.rows:
        uow.events.append(CampaignChanged(at=now, by=by, campaign_id=campaign_id))
    return _report(left, is_dry_run=False)


def exclude(uow: UnitOfWork, *, numbers: Iterable[str], why: str, by: str | None, now: datetime) -> int:
    """Keep that no campaign may call *numbers* from now on; return how many were not kept yet."""
    return uow.do_not_call.add(numbers, by=by, why=why[:LONGEST_WHY], now=now)


def _new_rows(uow: UnitOfWork, campaign_id: str, found: ReadList) -> ReadList:
    numbers = [number for row in found.rows for number in row.numbers]
    forbidden = uow.do_not_call.among(numbers)
    there = uow.leads.listed(campaign_id, numbers)
    left = without(found, forbidden.__contains__, "do_not_call")
    return without(left, there.__contains__, "already_on_list")


def _leads(
    uow: UnitOfWork, rows: Sequence[Row], *, campaign_id: str, first: int, now: datetime
) -> list[Lead]:
    return [
        Lead(
            id=uow.new_id(now),
            campaign_id=campaign_id,
            place=place,
            name=row.name,
            company=row.company,
            numbers=row.numbers,
            zone=row.zone,
            fields=row.fields,
            due_at=now,
        )
        for place, row in enumerate(rows, start=first)
    ]


def _report(left: ReadList, *, is_dry_run: bool) -> Loaded:
    return Loaded(
        leads=len(left.rows),
        rejected=left.rejected,
        encoding=left.encoding,
        separator=left.separator,
        is_dry_run=is_dry_run,
    )


def _funnel(uow: UnitOfWork, campaign_id: str) -> Funnel:
    return funnel(uow.leads.counts(campaign_id), uow.attempts.counts(campaign_id))
