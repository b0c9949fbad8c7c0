"""What the desk shows from the records; read in the database threads, drawn in the templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from crm_core.domain.callbacks import Callback
from crm_core.domain.calls import CUSTOMER, Call, Outcome, Segment
from crm_core.domain.cards import CardIncident
from crm_core.domain.confines import Confines
from crm_core.domain.incidents import Incident
from crm_core.domain.interactions import Interaction
from crm_core.domain.timeline import TimelineItem
from crm_core.ports import UnitOfWork
from crm_core.services import callbacks, calls, contacts

LISTED: Final = 8
LATEST: Final = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedCall:
    """A past call in one line. ``name`` is None for a stranger, ``number`` for who withheld it."""

    id: str
    pbx: str
    at: datetime
    name: str | None
    number: str | None
    queue: str | None
    wait_s: float | None
    total_s: float | None
    outcome: Outcome | None
    disposition: str | None
    segments: Sequence[Segment]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedCallback:
    """A customer who waits to be rung, in one line; ``name`` is None for a stranger."""

    id: str
    number: str
    name: str | None
    due_at: datetime
    asked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Lists:
    """What stands on the desk between two calls; the callbacks are everybody's."""

    missed: Sequence[ListedCall]
    mine: Sequence[ListedCall]
    callbacks: Sequence[ListedCallback]


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """Something that happened with a customer: a call, an incident, or what was written down.

    ``talked`` is the name of who talked, or wrote it down; ``who`` of a company's people it was with.
    """

    at: datetime
    is_certain: bool
    call: ListedCall | None
    direction: str | None
    talked: str | None
    notes: str | None
    incident: Incident | None
    interaction: Interaction | None = None
    who: str | None = None
    who_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """A customer's open incidents, most urgent first, and what happened, newest first."""

    open_incidents: Sequence[CardIncident]
    happened: Sequence[Happened]


def lists(uow: UnitOfWork, *, agent: str, within: Confines | None) -> Lists:
    """Return the calls that rang at *agent* in vain, his last ones, and who waits to be rung.

    Who is confined sees those of them whom his teams' calls told of.
    """
    missed = calls.history(uow, agent=agent, missed=True, limit=LISTED)
    rang_in_vain = {call.id for call in missed}
    had = calls.history(uow, agent=agent, limit=2 * LISTED)
    mine = [call for call in had if call.id not in rang_in_vain][:LISTED]
    waiting = callbacks.waiting(uow, limit=LISTED, within=within)
    names = _names(uow, [*missed, *mine, *waiting])
    return Lists(
        missed=[_listed(call, names) for call in missed],
        mine=[_listed(call, names) for call in mine],
        callbacks=[
            ListedCallback(
                id=one.id,
                number=one.number,
                name=names.get(one.contact_id or ""),
                due_at=one.due_at,
                asked_at=one.asked_at,
            )
            for one in waiting
        ],
    )


def history(uow: UnitOfWork, *, contact_id: str, within: Confines | None = None) -> History:
    """Return what is open and what happened with a contact."""
    items = contacts.timeline(uow, contact_id=contact_id, limit=LATEST, within=within)
    return History(
        open_incidents=uow.incidents.open_of(contact_id=contact_id, account_id=None, limit=LATEST),
        happened=happened(uow, items),
    )


def happened(uow: UnitOfWork, items: Sequence[TimelineItem], *, names: bool = False) -> list[Happened]:
    """Return *items* with the names of who talked; *names*: also of whom with, as a company's page tells."""
    talked = {agent for one in items if one.call and (agent := talked_with(one.call))}
    agents = uow.reports.agents(sorted(talked))
    writers = _writers(uow, items)
    people = _names(uow, [one.thing for one in items if one.thing]) if names else {}
    return [_happened(one, agents, writers, people) for one in items]


def talked_with(call: Call) -> str | None:
    """Return the code of the agent who talked with the customer last; None when nobody is known to have."""
    talks = [one.agent for one in call.segments if one.party != CUSTOMER and one.kind == "talk"]
    served = [one.agent for one in call.visits if one.outcome == "answered"]
    return next((agent for agent in reversed([*served, *talks]) if agent), None)


def _happened(
    item: TimelineItem,
    agents: Mapping[str, str],
    writers: Mapping[str, str],
    people: Mapping[str, str],
) -> Happened:
    call, written = item.call, item.interaction
    agent = talked_with(call) if call else None
    notes = [one.notes for one in call.work if one.notes] if call else []
    who_id = item.thing.contact_id if item.thing else None
    who = people.get(who_id or "")
    writer = written.created_by if written else None
    return Happened(
        at=item.at,
        is_certain=item.kind != "possible_call",
        call=_listed(call, people) if call else None,
        direction=call.direction if call else None,
        talked=agents.get(agent, agent) if agent else writers.get(writer or ""),
        notes=notes[-1] if notes else None,
        incident=item.incident,
        interaction=written,
        who=who,
        who_id=who_id if who else None,
    )


def _listed(call: Call, names: Mapping[str, str]) -> ListedCall:
    return ListedCall(
        id=call.id,
        pbx=call.pbx,
        at=call.started_at,
        name=names.get(call.contact_id or ""),
        number=call.customer or call.ani,
        queue=call.visits[-1].queue if call.visits else None,
        wait_s=call.wait_s,
        total_s=(call.ended_at - call.started_at).total_seconds() if call.ended_at else None,
        outcome=call.outcome,
        disposition=next((one.disposition for one in reversed(call.work) if one.disposition), None),
        segments=[one for one in call.segments if one.party == CUSTOMER],
    )


def _names(uow: UnitOfWork, things: Sequence[Call | Callback | Incident | Interaction]) -> dict[str, str]:
    """Return what the contacts of *things* are called, by id."""
    return uow.reports.names(sorted({one.contact_id for one in things if one.contact_id}))


def _writers(uow: UnitOfWork, items: Sequence[TimelineItem]) -> dict[str, str]:
    """Return what those are called who wrote something down, by id."""
    ids = {one.interaction.created_by for one in items if one.interaction}
    return {user.id: user.full_name for key in ids if key and (user := uow.users.get(key))}
