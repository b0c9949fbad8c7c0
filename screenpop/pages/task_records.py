"""What pages show of tasks, read in one hop: lists, and what is to be done for one customer or incident."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from crm_core.domain.callbacks import Callback
from crm_core.domain.confines import Confines
from crm_core.domain.contacts import Contact
from crm_core.domain.tasks import Listed, Wanted
from crm_core.ports import UnitOfWork
from crm_core.ports.places import Place
from crm_core.services import callbacks, tasks
from screenpop.pages.incident_records import workers

IN_A_PANEL, WAITING = 20, 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Promised:
    """A customer who waits to be rung, with his name where he is known."""

    callback: Callback
    name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OnTasks:
    """A page of tasks, how many each view holds, who waits to be rung, and who may do a task."""

    found: Sequence[Listed]
    has_more: bool
    views: Mapping[str, int]
    callbacks: Sequence[Promised]
    people: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToDo:
    """What is open for a customer or of an incident: tasks, and the calls that he was promised."""

    tasks: Sequence[Listed]
    callbacks: Sequence[Callback]
    people: Sequence[tuple[str, str]]


def on_tasks(
    uow: UnitOfWork,
    *,
    wanted: Wanted,
    views: Mapping[str, Wanted],
    place: Place | None,
    limit: int,
    within: Confines | None,
) -> OnTasks:
    """Return a page of tasks; of who waits to be rung those whom somebody sees who is confined."""
    found = tasks.find(uow, wanted=wanted, place=place, limit=limit + 1)
    return OnTasks(
        found=found[:limit],
        has_more=len(found) > limit,
        views={name: tasks.count(uow, wanted=one) for name, one in views.items()},
        callbacks=[_promised(uow, one) for one in callbacks.waiting(uow, limit=WAITING, within=within)],
        people=workers(uow),
    )


def to_do(uow: UnitOfWork, wanted: Wanted, contact: Contact | None = None) -> ToDo:
    """Return what is to be done; of a *contact* with the calls that he was promised."""
    numbers = [one.e164 for one in contact.phones if one.e164] if contact else []
    return ToDo(
        tasks=tasks.find(uow, wanted=wanted, limit=IN_A_PANEL),
        callbacks=sorted(uow.callbacks.open_to(numbers), key=_due) if numbers else [],
        people=workers(uow),
    )


def _due(one: Callback) -> tuple[datetime, str]:
    return one.due_at, one.id


def _promised(uow: UnitOfWork, one: Callback) -> Promised:
    contact = uow.contacts.get(one.contact_id) if one.contact_id else None
    return Promised(callback=one, name=contact.name if contact else None)
