"""Incidents: opened, found, changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from crm_core.domain.errors import NotFoundError, VersionConflictError
from crm_core.domain.events import IncidentOpened, IncidentUpdated
from crm_core.domain.incidents import Incident, changed, checked
from crm_core.ports import UnitOfWork
from crm_core.ports.places import Place


def open_incident(
    uow: UnitOfWork,
    *,
    call_id: str | None,
    contact_id: str | None,
    subject: str,
    description: str | None,
    priority: int,
    key: str,
    by: str | None,
    now: datetime,
) -> Incident:
    """Open an incident, from a call (live or past) or without one.

    Asked again with the same *key*, the first is returned: a double click and a repeated request do no
    harm. Without a contact it is the call's, when that is a past one and its customer is known.

    Raises:
        NotFoundError: there is no such contact.
        InvalidError: a field cannot be kept.
    """
    if known := uow.incidents.by_key(key):
        return known
    if contact_id is None and call_id is not None:
        call = uow.calls.get(call_id)
        contact_id = call.contact_id if call else None
    contact = uow.contacts.get(contact_id) if contact_id else None
    if contact_id and contact is None:
        raise NotFoundError("contact", contact_id)
    incident = Incident(
        id=uow.new_id(now),
        number=uow.incidents.next_number(),
        subject=subject.strip(),
        description=description,
        priority=priority,
        contact_id=contact_id,
        account_id=contact.account_id if contact else None,
        call_id=call_id,
        opened_at=now,
        updated_at=now,
    )
    uow.incidents.add(checked(incident), key=key)
    uow.events.append(
        IncidentOpened(at=now, by=by, incident_id=incident.id, call=call_id, contact_id=contact_id)
    )
    return incident


def find(
    uow: UnitOfWork,
    *,
    contact_id: str | None = None,
    assignee: str | None = None,
    only_open: bool = False,
    before: Place | None = None,
    limit: int,
) -> list[Incident]:
    """Return incidents, newest first: everybody's, a contact's, those that a user works on."""
    return uow.incidents.find(
        contact_id=contact_id, assignee=assignee, only_open=only_open, before=before, limit=limit
    )


def get(uow: UnitOfWork, *, incident_id: str) -> Incident:
    """Return one incident.

    Raises:
        NotFoundError: there is none.
    """
    incident = uow.incidents.get(incident_id)
    if incident is None:
        raise NotFoundError("incident", incident_id)
    return incident


def change(
    uow: UnitOfWork,
    *,
    incident_id: str,
    version: int,
    changes: Mapping[str, Any],
    by: str | None,
    now: datetime,
) -> Incident:
    """Return the incident's next version, with *changes*; as it is when they change nothing.

    Raises:
        NotFoundError: there is none.
        VersionConflictError: *version* is not the one that is kept.
        InvalidError: a change cannot be.
    """
    incident = get(uow, incident_id=incident_id)
    if incident.version != version:
        raise VersionConflictError(incident)
    after = changed(incident, changes, now)
    if replace(after, version=version, updated_at=incident.updated_at) == incident:
        return incident
    uow.incidents.change(after)
    uow.events.append(IncidentUpdated(at=now, by=by, incident_id=incident_id, version=after.version))
    return after
