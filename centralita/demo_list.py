"""A preview list for the demo: customers who may be offered a maintenance contract."""

from __future__ import annotations

from datetime import datetime

from centralita.demo_people import people
from centralita.demo_records import PEOPLE, REGION
from centralita.words import words
from crm_core.domain.dial_gate import Rules
from crm_core.domain.list_rows import ReadList, Row
from crm_core.ports import UnitOfWork
from crm_core.services import campaigns

LEADS = 40


def load_list(uow: UnitOfWork, *, seed: int, now: datetime) -> None:
    """Make a campaign of a new demo, with the first of its customers on the list."""
    name = words().gettext("Maintenance contracts")
    campaign = campaigns.create(
        uow, name=name, region=REGION, rules=Rules(basis="contract"), by="demo", now=now
    )
    campaigns.load(uow, campaign_id=campaign.id, found=_rows(seed), by="demo", now=now)


def _rows(seed: int) -> ReadList:
    customers = [one for one in people(PEOPLE, seed=seed) if one.company][:LEADS]
    rows = (
        Row(
            line=line, name=f"{one.given} {one.family}", company=one.company, numbers=(one.number,), fields={}
        )
        for line, one in enumerate(customers, start=2)
    )
    return ReadList(rows=tuple(rows), rejected=(), encoding="utf-8", separator=",")
