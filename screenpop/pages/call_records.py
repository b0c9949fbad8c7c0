"""What the pages of calls show from the records; read in the database threads, drawn in the templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from crm_core.domain.calls import CUSTOMER, Call, Direction, Outcome, Segment, seconds
from crm_core.domain.confines import Confines
from crm_core.domain.incidents import Incident
from crm_core.domain.search import Wanted
from crm_core.domain.sla import Target
from crm_core.ports import UnitOfWork
from crm_core.ports.places import Place
from crm_core.services import reports
from screenpop.pages.desk_records import talked_with


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundCall:
    """A call in one line. ``name`` is None for a stranger, ``number`` for who withheld it.

    ``total_s`` and ``outcome`` are None while it goes on.
    """

    id: str
    pbx: str
    at: datetime
    direction: Direction
    name: str | None
    number: str | None
    queues: Sequence[str]
    agent: str | None
    wait_s: float | None
    total_s: float | None
    outcome: Outcome | None
    segments: Sequence[Segment]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A page of calls; ``more`` is the place of its last one when others follow."""

    live: Sequence[FoundCall]
    past: Sequence[FoundCall]
    more: Place | None
    contact: str | None
    agents: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeCall:
    """A call with everything that is kept of it, and what its people are called."""

    call: Call
    name: str | None
    agents: Mapping[str, str]
    incidents: Sequence[Incident]


def search(
    uow: UnitOfWork,
    *,
    wanted: Wanted,
    target: Target,
    live: Sequence[Call],
    contact_id: str | None,
    agents: Sequence[str],
    before: Place | None,
    limit: int,
) -> Found:
    """Return a page of what is looked for, *live* before the past ones.

    Also what the contact who is asked for and the *agents* are called.
    """
    past = reports.find(uow, wanted=wanted, target=target, before=before, limit=limit + 1)
    more = (past[limit - 1].started_at, past[limit - 1].id) if len(past) > limit else None
    shown = past[:limit]
    contacts, talked = reports.names(uow, calls=[*live, *shown])
    named = uow.reports.names([contact_id] if contact_id else [])
    return Found(
        live=[_found(one, contacts, talked) for one in live],
        past=[_found(one, contacts, talked) for one in shown],
        more=more,
        contact=named.get(contact_id or ""),
        agents={code: code for code in agents} | uow.reports.agents(agents),
    )


def found(uow: UnitOfWork, past: Sequence[Call]) -> list[FoundCall]:
    """Return past calls, each in one line."""
    contacts, talked = reports.names(uow, calls=past)
    return [_found(one, contacts, talked) for one in past]


def whole(uow: UnitOfWork, *, call: Call, within: Confines | None) -> WholeCall:
    """Return a call, live or past, with what was written about it, and those incidents that one may see."""
    written = uow.calls.written(call)
    contacts, agents = reports.names(uow, calls=[written])
    others = {one.agent for one in written.work} | {one.agent for one in written.transfers if one.agent}
    opened = (uow.incidents.get(one) for one in written.incident_ids)
    return WholeCall(
        call=written,
        name=contacts.get(written.contact_id or ""),
        agents={**agents, **uow.reports.agents(sorted(others))},
        incidents=[one for one in opened if one and (within is None or within.sees_incident(one))],
    )


def _found(call: Call, contacts: Mapping[str, str], agents: Mapping[str, str]) -> FoundCall:
    agent = talked_with(call)
    return FoundCall(
        id=call.id,
        pbx=call.pbx,
        at=call.started_at,
        direction=call.direction,
        name=contacts.get(call.contact_id or ""),
        number=call.customer or call.ani,
        queues=list(dict.fromkeys(one.queue for one in call.visits)),
        agent=agents.get(agent, agent) if agent else None,
        wait_s=call.wait_s,
        total_s=seconds(call.started_at, call.ended_at) if call.ended_at else None,
        outcome=call.outcome,
        segments=customers_segments(call),
    )


def customers_segments(call: Call) -> list[Segment]:
    """Return the customer's segments, in order."""
    return [one for one in call.segments if one.party == CUSTOMER]
