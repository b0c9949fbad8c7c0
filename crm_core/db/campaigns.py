"""Campaigns, their leads and every try, in the database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Connection, Row, and_, delete, func, insert, or_, select, update

from crm_core.db.privacy import SqlPrivacy
from crm_core.db.schema_campaigns import (
    campaign,
    do_not_call,
    do_not_call_lift,
    lead,
    lead_attempt,
    lead_number,
)
from crm_core.db.schema_people import phone
from crm_core.db.statements import begins
from crm_core.domain.campaigns import Campaign, CampaignState, DialAttempt, Lead, LeadState
from crm_core.domain.dial_gate import Rules
from crm_core.domain.do_not_call import Excluded, Lifted
from crm_core.domain.funnel import LeadCount, TryCount
from crm_core.ports.places import LeadPlace

_C, _L, _A = campaign.c, lead.c, lead_attempt.c
Item = TypeVar("Item")
_BATCH = 500
_FIELDS = msgspec.json.Decoder(dict[str, str])


class SqlCampaigns:
    """``Campaigns``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, campaign_id: str) -> Campaign | None:
        """Return one campaign."""
        row = self._connection.execute(select(campaign).where(_C.id == campaign_id)).first()
        return _campaign(row) if row else None

    def named(self, name: str) -> Campaign | None:
        """Return the campaign called *name*."""
        row = self._connection.execute(select(campaign).where(_C.name == name)).first()
        return _campaign(row) if row else None

    def all(self) -> list[Campaign]:
        """Return every campaign, by name."""
        query = select(campaign).order_by(_C.name)
        return [_campaign(row) for row in self._connection.execute(query)]

    def add(self, one: Campaign) -> None:
        """Keep a new campaign."""
        row = msgspec.structs.asdict(one) | msgspec.structs.asdict(one.rules)
        del row["rules"]
        self._connection.execute(insert(campaign), row)

    def set_state(self, campaign_id: str, state: CampaignState) -> None:
        """Keep whether a campaign runs."""
        self._connection.execute(update(campaign).where(_C.id == campaign_id).values(state=state))


class SqlLeads:
    """``Leads``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, lead_id: str) -> Lead | None:
        """Return one lead."""
        row = self._connection.execute(select(lead).where(_L.id == lead_id)).first()
        return _lead(row) if row else None

    def with_agent(self, agent: str, now: datetime) -> Lead | None:
        """Return the lead that *agent* has before him."""
        query = select(lead).where(_L.claimed_by == agent, _L.due_at > now).order_by(_L.due_at).limit(1)
        row = self._connection.execute(query).first()
        return _lead(row) if row else None

    def due(
        self, campaign_id: str, state: LeadState, *, agent: str, now: datetime, overdue: datetime, limit: int
    ) -> list[Lead]:
        """Return leads that *agent* may take at *now*, first due first."""
        is_his = or_(_L.reserved_for.is_(None), _L.reserved_for == agent, _L.due_at <= overdue)
        query = select(lead).where(_L.campaign_id == campaign_id, _L.state == state, _L.due_at <= now, is_his)
        query = query.order_by(_L.due_at, _L.place, _L.id).limit(limit)
        return [_lead(row) for row in self._connection.execute(query)]

    def coming(self, campaign_id: str, state: LeadState, after: LeadPlace | None, limit: int) -> list[Lead]:
        """Return the leads of one state, first due first."""
        query = select(lead).where(_L.campaign_id == campaign_id, _L.state == state)
        if after is not None:
            at, place = after
            query = query.where(_L.due_at >= at, or_(_L.due_at > at, and_(_L.due_at == at, _L.place > place)))
        query = query.order_by(_L.due_at, _L.place, _L.id).limit(limit)
        return [_lead(row) for row in self._connection.execute(query)]

    def listed(self, campaign_id: str, numbers: Iterable[str]) -> set[str]:
        """Return those of *numbers* that came with a list of this campaign."""
        found: set[str] = set()
        for some in _batches(numbers):
            query = select(lead_number.c.number).where(
                lead_number.c.campaign_id == campaign_id, lead_number.c.number.in_(some)
            )
            found.update(self._connection.scalars(query))
        return found

    def last_place(self, campaign_id: str) -> int:
        """Return the place of the last lead; 0 of an empty list."""
        query = select(func.max(_L.place)).where(_L.campaign_id == campaign_id)
        return self._connection.scalar(query) or 0

    def add(self, leads: Sequence[Lead]) -> None:
        """Keep new leads and their numbers."""
        for some in _batches(leads):
            self._connection.execute(insert(lead), [_lead_row(one) for one in some])
            numbers = [
                {"campaign_id": one.campaign_id, "number": number} for one in some for number in one.numbers
            ]
            self._connection.execute(insert(lead_number), numbers)

    def change(self, one: Lead) -> None:
        """Keep a lead as it is now."""
        self._connection.execute(update(lead).where(_L.id == one.id).values(**_lead_row(one)))

    def counts(self, campaign_id: str) -> list[LeadCount]:
        """Return how many leads there are of each kind; counted as they stand in their index, unsorted."""
        kind = (_L.state, _L.outcome, _L.is_reached, _L.blocked, _L.attempts)
        query = select(*kind, func.count().label("count")).where(_L.campaign_id == campaign_id)
        found = [dict(row._mapping) for row in self._connection.execute(query.group_by(*kind))]  # noqa: SLF001
        return [LeadCount(is_called=one.pop("attempts") > 0, **one) for one in found]


class SqlAttempts:
    """``Attempts``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, attempt_id: str) -> DialAttempt | None:
        """Return one try."""
        row = self._connection.execute(select(lead_attempt).where(_A.id == attempt_id)).first()
        return _attempt(row) if row else None

    def add(self, one: DialAttempt) -> None:
        """Keep a new try."""
        self._connection.execute(insert(lead_attempt), msgspec.structs.asdict(one))

    def change(self, one: DialAttempt) -> None:
        """Keep a try as it is now."""
        values = msgspec.structs.asdict(one)
        self._connection.execute(update(lead_attempt).where(_A.id == one.id).values(**values))

    def of_lead(self, lead_id: str, limit: int) -> list[DialAttempt]:
        """Return the last tries of a lead, newest first."""
        query = select(lead_attempt).where(_A.lead_id == lead_id)
        query = query.order_by(_A.at.desc(), _A.id.desc()).limit(limit)
        return [_attempt(row) for row in self._connection.execute(query)]

    def dials(self, number: str, since: datetime) -> list[datetime]:
        """Return when a number was dialled, by any campaign."""
        was_dialled = or_(_A.result.is_(None), _A.result != "not_dialled")
        query = select(_A.at).where(_A.number == number, _A.at > since, _A.verdict == "allowed", was_dialled)
        return list(self._connection.scalars(query))

    def counts(self, campaign_id: str) -> list[TryCount]:
        """Return how many tries there are of each kind."""
        query = select(_A.verdict, _A.result, func.count().label("count"))
        query = query.where(_A.campaign_id == campaign_id).group_by(_A.verdict, _A.result)
        return [TryCount(**row._mapping) for row in self._connection.execute(query)]  # noqa: SLF001


class SqlDoNotCall:
    """``DoNotCall``; who was erased is not called either."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._privacy = SqlPrivacy(connection)

    def among(self, numbers: Iterable[str]) -> set[str]:
        """Return those of *numbers* that must not be called."""
        found: set[str] = set()
        for some in _batches(numbers):
            told = select(do_not_call.c.number).where(do_not_call.c.number.in_(some))
            marked = select(phone.c.e164).where(phone.c.e164.in_(some), phone.c.do_not_call)
            for query in (told, marked):
                found.update(self._connection.scalars(query))
            found.update(self._privacy.suppressed(some))
        return found

    def add(self, numbers: Iterable[str], *, by: str | None, why: str, now: datetime) -> int:
        """Keep that *numbers* must not be called; return how many are new, the others stay as they are."""
        count = 0
        for some in _batches(sorted(set(numbers))):
            known = set(
                self._connection.scalars(select(do_not_call.c.number).where(do_not_call.c.number.in_(some)))
            )
            rows = [
                {"number": number, "since": now, "by": by, "why": why}
                for number in some
                if number not in known
            ]
            if rows:
                self._connection.execute(insert(do_not_call), rows)
            count += len(rows)
        return count

    def get(self, number: str) -> Excluded | None:
        """Return what is kept of a number."""
        row = self._connection.execute(select(do_not_call).where(do_not_call.c.number == number)).first()
        return _excluded(row) if row else None

    def listed(self, begin: str, after: str | None, limit: int) -> list[Excluded]:
        """Return the numbers that begin with *begin*, in their order, behind *after*."""
        query = select(do_not_call).where(begins(do_not_call.c.number, begin))
        if after is not None:
            query = query.where(do_not_call.c.number > after)
        query = query.order_by(do_not_call.c.number).limit(limit)
        return [_excluded(row) for row in self._connection.execute(query)]

    def remove(self, one: Lifted) -> None:
        """Take a number off the list, and keep who did it and why."""
        self._connection.execute(delete(do_not_call).where(do_not_call.c.number == one.number))
        self._connection.execute(insert(do_not_call_lift), msgspec.structs.asdict(one))

    def lifted(self, number: str, limit: int) -> list[Lifted]:
        """Return when a number was taken off the list, the last time first."""
        lift = do_not_call_lift.c
        query = select(do_not_call_lift).where(lift.number == number)
        query = query.order_by(lift.at.desc(), lift.id.desc()).limit(limit)
        return [Lifted(**row._mapping) for row in self._connection.execute(query)]  # noqa: SLF001 - as below

    def marked_by(self, number: str) -> list[str]:
        """Return the contacts at whose phone a number is marked."""
        query = select(phone.c.contact_id).where(
            phone.c.e164 == number, phone.c.do_not_call, phone.c.contact_id.is_not(None)
        )
        return list(self._connection.scalars(query.distinct().order_by(phone.c.contact_id)))


def _excluded(row: Row[Any]) -> Excluded:
    return Excluded(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row by column


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Yield *items* in groups that one statement can bear."""
    rest = iter(items)
    while some := list(islice(rest, _BATCH)):
        yield some


def _campaign(row: Row[Any]) -> Campaign:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row by column
    rules = Rules(in_a_day=values.pop("in_a_day"), at_all=values.pop("at_all"), basis=values.pop("basis"))
    return Campaign(rules=rules, **values)


def _lead_row(one: Lead) -> dict[str, Any]:
    fields = msgspec.json.encode(one.fields).decode()
    return msgspec.structs.asdict(one) | {"numbers": " ".join(one.numbers), "fields": fields}


def _lead(row: Row[Any]) -> Lead:
    values = dict(row._mapping)  # noqa: SLF001 - as above
    values |= {"numbers": tuple(row.numbers.split()), "fields": _FIELDS.decode(row.fields)}
    return Lead(**values)


def _attempt(row: Row[Any]) -> DialAttempt:
    return DialAttempt(**row._mapping)  # noqa: SLF001 - as above
