"""Handing out what is kept of a person, to himself (GDPR art. 15 and 20)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec

from crm_core.domain.callbacks import Callback
from crm_core.domain.calls import Call
from crm_core.domain.consents import Consent
from crm_core.domain.contacts import Contact
from crm_core.domain.do_not_call import Excluded, Lifted
from crm_core.domain.equipment import Asset, Contract
from crm_core.domain.incident_entries import Entry
from crm_core.domain.incidents import Incident
from crm_core.domain.interactions import Interaction
from crm_core.domain.repairs import Repair
from crm_core.domain.repairs import Wanted as WantedRepairs
from crm_core.domain.tasks import Task, Wanted
from crm_core.domain.timeline import Shown
from crm_core.ports import UnitOfWork
from crm_core.ports.places import Place
from crm_core.services import audit, consents, contacts, merge_parts

AT_ONCE, MOST_LIFTED, MOST_ASSETS = 200, 500, 100_000
WRITTEN = frozenset(("note", "reply"))
LIVED: frozenset[Shown] = frozenset(("calls", "incidents"))


class IncidentFile(msgspec.Struct, frozen=True, kw_only=True):
    """An incident, and what was written about it."""

    incident: Incident
    entries: tuple[Entry, ...]


class RecordingKept(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of sound of one of his calls; the sound itself lies with the exchange."""

    call: str
    at: datetime
    until: datetime | None
    path: str


class PersonFile(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is kept of a contact; calls that may be somebody else's are left out.

    ``joined`` are the records of which he was made, as they were.
    """

    made_at: datetime
    contact: Contact
    joined: tuple[Contact, ...]
    consents: tuple[Consent, ...]
    calls: tuple[Call, ...]
    recordings: tuple[RecordingKept, ...]
    incidents: tuple[IncidentFile, ...]
    callbacks: tuple[Callback, ...]
    tasks: tuple[Task, ...]
    interactions: tuple[Interaction, ...]
    assets: tuple[Asset, ...]
    contracts: tuple[Contract, ...]
    repairs: tuple[Repair, ...]
    do_not_call: tuple[Excluded, ...]
    let_be_called: tuple[Lifted, ...]


def note(uow: UnitOfWork, *, contact_id: str, by: str, address: str | None, now: datetime) -> None:
    """Keep in the audit who is about to be given what is kept of a contact.

    Raises:
        NotFoundError: there is no such contact.
    """
    contacts.get(uow, contact_id=contact_id)
    audit.note(uow, who=by, what="handed out", address=address, now=now, kind="contact", record_id=contact_id)


def gather(uow: UnitOfWork, *, contact_id: str, now: datetime) -> PersonFile:
    """Return what is kept of a contact; ``note`` it before.

    It may take a while to read a whole life: nobody is kept from writing by it.

    Raises:
        NotFoundError: there is no such contact.
    """
    contact = contacts.get(uow, contact_id=contact_id)
    calls, incidents = _lived_through(uow, contact_id)
    assets = [one.asset for one in uow.assets.of(contact_id, None, MOST_ASSETS)]
    numbers = sorted({one.e164 for one in contact.phones if one.e164})
    return PersonFile(
        made_at=now,
        contact=contact,
        joined=tuple(merge_parts.joined(uow, contact_id)),
        consents=tuple(consents.said(uow, contact_id=contact_id)),
        calls=tuple(calls),
        recordings=tuple(_recordings(calls)),
        incidents=tuple(
            IncidentFile(
                incident=one,
                entries=tuple(_written(uow, one.id)),
            )
            for one in incidents
        ),
        tasks=tuple(_tasks(uow, contact_id)),
        interactions=tuple(uow.interactions.of_contact(contact_id)),
        assets=tuple(assets),
        contracts=tuple(uow.contracts.of(contact_id, None, MOST_ASSETS)),
        repairs=tuple(_repairs(uow, assets, incidents)),
        callbacks=tuple(uow.callbacks.open_to(numbers)),
        do_not_call=tuple(filter(None, map(uow.do_not_call.get, numbers))),
        let_be_called=tuple(one for number in numbers for one in uow.do_not_call.lifted(number, MOST_LIFTED)),
    )


def _written(uow: UnitOfWork, incident_id: str) -> Iterator[Entry]:
    """Yield what was written about an incident, newest first; not who changed which field when."""
    place: Place | None = None
    while entries := uow.incident_entries.of([incident_id], place=place, limit=AT_ONCE):
        yield from (one for one in entries if one.kind in WRITTEN and not one.is_undone)
        place = (entries[-1].at, entries[-1].id)


def _tasks(uow: UnitOfWork, contact_id: str) -> Iterator[Task]:
    """Yield what is to be done for a contact, then what was."""
    for is_open in (True, False):
        wanted, place = Wanted(is_open=is_open, contact_id=contact_id), None
        while found := uow.tasks.find(wanted, place, AT_ONCE):
            yield from (one.task for one in found)
            last = found[-1].task
            place = (last.done_at or last.due_at, last.id)


def _repairs(uow: UnitOfWork, assets: Iterable[Asset], incidents: Iterable[Incident]) -> list[Repair]:
    """Return the repairs of pieces and those that come from incidents: what is said of them is his."""
    about = [
        *(WantedRepairs(asset_id=one.id) for one in assets),
        *(WantedRepairs(incident_id=one.id) for one in incidents),
    ]
    return list({one.id: one for wanted in about for one in _found_repairs(uow, wanted)}.values())


def _found_repairs(uow: UnitOfWork, wanted: WantedRepairs) -> Iterator[Repair]:
    """Yield the repairs that are *wanted*, the last received first."""
    place: Place | None = None
    while found := uow.repairs.find(wanted, place, AT_ONCE):
        yield from (one.repair for one in found)
        last = found[-1].repair
        place = (last.received_at, last.id)


def _lived_through(uow: UnitOfWork, contact_id: str) -> tuple[list[Call], list[Incident]]:
    calls: list[Call] = []
    incidents: list[Incident] = []
    before: Place | None = None
    while page := contacts.timeline(uow, contact_id=contact_id, before=before, limit=AT_ONCE, shown=LIVED):
        for item in page:
            if item.kind == "call" and item.call:
                calls.append(item.call)
            elif item.incident:
                incidents.append(item.incident)
        before = page[-1].place
    return calls, incidents


def _recordings(calls: list[Call]) -> Iterator[RecordingKept]:
    for call in calls:
        for one in call.recordings:
            yield RecordingKept(call=call.id, at=one.at, until=one.until, path=one.path)
