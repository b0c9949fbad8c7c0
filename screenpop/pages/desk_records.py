"""What the desk shows from the records; read in the database threads, drawn in the templates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

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
    name_of = _remembering(lambda contact_id: contacts.get(uow, contact_id=contact_id).name)
    return Lists(
        missed=[_listed(call, name_of) for call in missed],
        mine=[_listed(call, name_of) for call in mine],
        callbacks=[
            ListedCallback(
                id=one.id,
                number=one.number,
                name=name_of(one.contact_id) if one.contact_id else None,
                due_at=one.due_at,
                asked_at=one.asked_at,
            )
            for one in callbacks.waiting(uow, limit=LISTED, within=within)
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
    agents = _remembering(lambda agent: _full_name(uow, agent))
    writers = _remembering(lambda user: _name_of_user(uow, user))
    people = _remembering(lambda contact_id: _name_of_contact(uow, contact_id))
    return [_happened(one, agents, writers, people if names else None) for one in items]


def talked_with(call: Call) -> str | None:
    """Return the code of the agent who talked with the customer last; None when nobody is known to have."""
    talks = [one.agent for one in call.segments if one.party != CUSTOMER and one.kind == "talk"]
    served = [one.agent for one in call.visits if one.outcome == "answered"]
    return next((agent for agent in reversed([*served, *talks]) if agent), None)


def _happened(
    item: TimelineItem,
    agents: Callable[[str], str],
    writers: Callable[[str], str],
    people: Callable[[str], str] | None,
) -> Happened:
    call, written = item.call, item.interaction
    agent = talked_with(call) if call else None
    notes = [one.notes for one in call.work if one.notes] if call else []
    thing = call or item.incident or written
    who_id = thing.contact_id if thing and people else None
    who = people(who_id) if people and who_id else None
    writer = written.created_by if written else None
    return Happened(
        at=item.at,
        is_certain=item.kind != "possible_call",
        call=_listed(call, lambda contact_id: contact_id) if call else None,
        direction=call.direction if call else None,
        talked=agents(agent) if agent else writers(writer) if writer else None,
        notes=notes[-1] if notes else None,
        incident=item.incident,
        interaction=written,
        who=who or None,
        who_id=who_id,
    )


def _listed(call: Call, name_of: Callable[[str], str]) -> ListedCall:
    return ListedCall(
        id=call.id,
        pbx=call.pbx,
        at=call.started_at,
        name=name_of(call.contact_id) if call.contact_id else None,
        number=call.customer or call.ani,
        queue=call.visits[-1].queue if call.visits else None,
        wait_s=call.wait_s,
        total_s=(call.ended_at - call.started_at).total_seconds() if call.ended_at else None,
        outcome=call.outcome,
        disposition=next((one.disposition for one in reversed(call.work) if one.disposition), None),
        segments=[one for one in call.segments if one.party == CUSTOMER],
    )


def _full_name(uow: UnitOfWork, agent: str) -> str:
    user = uow.users.with_agent(agent)
    return user.full_name if user else agent


def _name_of_user(uow: UnitOfWork, user_id: str) -> str:
    user = uow.users.get(user_id)
    return user.full_name if user else ""


def _name_of_contact(uow: UnitOfWork, contact_id: str) -> str:
    contact = uow.contacts.get(contact_id)
    return contact.name if contact else ""


def _remembering(name_of: Callable[[str], str]) -> Callable[[str], str]:
    """Return *name_of*, asked once for each."""
    known: dict[str, str] = {}

    def name(of: str) -> str:
        if of not in known:
            known[of] = name_of(of)
        return known[of]

    return name
