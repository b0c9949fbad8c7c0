"""A house with records, and people and calls to put into it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from crm_core.domain.accounts import NumberRange, WholeAccount
from crm_core.domain.calls import Attempt, Call, Match, Outcome, Segment, Visit, call_id
from crm_core.domain.cards import Card
from crm_core.domain.contacts import Contact, Email, Phone
from crm_core.domain.events import CrmEvent
from crm_core.domain.incidents import Incident
from crm_core.services import accounts, calls, cards, contacts, incidents

NOW = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
REGION = "ES"


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def a_contact(
    key: str, given: str = "Ana", family: str = "Ruiz", *, numbers: Sequence[str] = (), **more: Any
) -> Contact:
    phones = tuple(Phone(id=f"{key}-p{n}", raw=raw) for n, raw in enumerate(numbers))
    emails = tuple(
        Email(id=f"{key}-e{n}", address=address) for n, address in enumerate(more.pop("emails", ()))
    )
    return Contact(
        id=key,
        given=given,
        family=family,
        created_at=NOW,
        updated_at=NOW,
        phones=phones,
        emails=emails,
        **more,
    )


def a_call(
    second: int,
    *,
    customer: str | None = "+34957212000",
    agent: str | None = "101",
    outcome: Outcome = "answered",
    **more: Any,
) -> Call:
    """A call that came in *second* seconds after the start: 5 s of ringing, 20 s of talk when answered."""
    linkedid = f"{int(NOW.timestamp()) + second}.0"
    began, picked_up, over = at(second), at(second + 5), at(second + 25)
    answered = outcome == "answered"
    rung = Attempt(
        interface=f"PJSIP/agent{agent}",
        agent=agent,
        started_at=began,
        ring_s=5.0,
        result="answered" if answered else "cancelled",
    )
    segments = [Segment(kind="ring", party="customer", queue="sales", at=began, until=picked_up)]
    if answered:
        talk = Segment(kind="talk", party="customer", agent=agent, at=picked_up, until=over)
        segments += [talk, Segment(kind="talk", party=rung.interface, agent=agent, at=picked_up, until=over)]
    facts: dict[str, Any] = {
        "id": call_id("main", linkedid),
        "pbx": "main",
        "linkedid": linkedid,
        "version": 9,
        "customer": customer,
        "ani": customer,
        "did": "5551001",
        "match": Match(),
        "started_at": began,
        "answered_at": picked_up if answered else None,
        "ended_at": over if answered else picked_up,
        "outcome": outcome,
        "visits": [Visit(queue="sales", entered_at=began, wait_s=5.0, attempts=[rung])],
        "segments": segments,
    }
    return Call(**(facts | more))


@dataclass
class House:
    """Records to ask, and what was heard of them."""

    db: Any
    heard: list[CrmEvent]

    async def add(self, contact: Contact, *, now: datetime = NOW) -> Contact:
        added: Contact = await self.db.run(contacts.create, contact=contact, region=REGION, by="eva", now=now)
        return added

    async def company(self, key: str, name: str, **more: Any) -> WholeAccount:
        lines = tuple(Phone(id="", raw=raw) for raw in more.pop("lines", ()))
        ranges = tuple(NumberRange(first=first, last=last) for first, last in more.pop("ranges", ()))
        account: WholeAccount = await self.db.run(
            accounts.create,
            account=WholeAccount(id=key, name=name, phones=lines, ranges=ranges, **more),
            region=REGION,
            by=None,
            now=NOW,
        )
        return account

    async def record(self, *told: Call, events: Sequence[Any] = ()) -> None:
        await self.db.run(calls.record, calls=told, events=events)

    async def call(self, key: str) -> Call:
        call: Call = await self.db.read(calls.get_call, call_id=key)
        return call

    async def incident(self, key: str = "k", *, now: datetime = NOW, **more: Any) -> Incident:
        asked = {
            "call_id": None,
            "contact_id": None,
            "subject": "No sound",
            "description": None,
            "priority": 3,
        } | more
        opened: Incident = await self.db.run(incidents.open_incident, **asked, key=key, by="ana", now=now)
        return opened

    async def card(self, number: str | None, *, contact_id: str | None = None) -> Card:
        asked = {"number": number, "region": REGION, "contact_id": contact_id, "today": NOW.date()}
        card: Card = await self.db.read(cards.card_for, **asked)
        return card

    async def found(self, q: str, *, after: tuple[str, str] | None = None, limit: int = 50) -> list[str]:
        listed = await self.db.read(contacts.find, q=q, after=after, limit=limit, region=REGION)
        return [one.id for one in listed]
