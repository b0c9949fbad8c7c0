"""Incidents: opened, found, changed, joined, and all of that undone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from crm_core.domain.choices import FIELDS
from crm_core.domain.equipment import is_nobodys, same_owner
from crm_core.domain.errors import InvalidError, NotAllowedError, NotFoundError
from crm_core.domain.events import IncidentMerged, IncidentOpened, IncidentUpdated
from crm_core.domain.incident_entries import Entry, EntryKind, what_changed
from crm_core.domain.incidents import Incident, Kind, changed, merged, rated, restored
from crm_core.domain.versions import at_version
from crm_core.ports import UnitOfWork
from crm_core.services import audit
from crm_core.services.fields import demand_newly_asked, values
from crm_core.services.led_on import led_on
from crm_core.services.promises import promise


def open_incident(
    uow: UnitOfWork,
    *,
    call_id: str | None,
    contact_id: str | None,
    subject: str,
    description: str | None,
    key: str,
    by: str | None,
    now: datetime,
    priority: int | None = None,
    kind: Kind = "incident",
    impact: int | None = None,
    urgency: int | None = None,
    priority_reason: str | None = None,
    category_id: str | None = None,
    product_line_id: str | None = None,
    asset_id: str | None = None,
    assignee: str | None = None,
    team_id: str | None = None,
    parent_id: str | None = None,
    fields: Mapping[str, Any] | None = None,
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
    if contact_id is not None:
        contact_id = led_on(uow, contact_id)
    contact = uow.contacts.get(contact_id) if contact_id else None
    if contact_id and contact is None:
        raise NotFoundError("contact", contact_id)
    incident = Incident(
        id=uow.new_id(now),
        number=uow.incidents.next_number(),
        kind=kind,
        subject=subject.strip(),
        description=description,
        state="assigned" if assignee else "new",
        category_id=category_id,
        product_line_id=product_line_id,
        asset_id=asset_id,
        contact_id=contact_id,
        account_id=contact.account_id if contact else None,
        call_id=call_id,
        assignee=assignee,
        team_id=team_id,
        parent_id=parent_id,
        fields=values(uow, entity="incident", given=fields, before={}, category_id=category_id)
        if fields
        else {},
        opened_at=now,
        updated_at=now,
    )
    incident = rated(incident, impact=impact, urgency=urgency, priority=priority, reason=priority_reason)
    _demand_known(uow, incident, None)
    promised, plan = promise(uow, incident, None)
    uow.incidents.add(promised, key=key)
    plan(now)
    uow.events.append(
        IncidentOpened(at=now, by=by, incident_id=incident.id, call=call_id, contact_id=contact_id)
    )
    return promised


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

    Of the site's own ``fields`` those that are named change; None empties one.

    Raises:
        NotFoundError: there is none.
        VersionConflictError: *version* is not the one that is kept.
        InvalidError: a change cannot be.
    """
    incident = _at_version(uow, incident_id, version)
    if "fields" in changes:
        given = {**incident.fields, **changes["fields"]}
        category_id = changes.get("category_id", incident.category_id)
        kept = values(uow, entity="incident", given=given, before=incident.fields, category_id=category_id)
        changes = {**changes, "fields": kept}
    elif changes.get("category_id", incident.category_id) != incident.category_id:
        wanted = changes["category_id"]
        demand_newly_asked(uow, incident.fields, category_id=wanted, before=incident.category_id)
    after = changed(incident, changes, now)
    if not what_changed(incident, after):
        return incident
    _demand_known(uow, after, incident)
    return keep(uow, incident, after, by=by, now=now)


def merge(
    uow: UnitOfWork, *, incident_id: str, version: int, into: str, by: str | None, now: datetime
) -> Incident:
    """Return the incident closed, as a part of the one that *into* names by id or number.

    Its entries stand among those of the other one from now on.

    Raises:
        NotFoundError: one of them is not there.
        VersionConflictError: *version* is not the one that is kept.
        InvalidError: they cannot be joined.
    """
    incident = _at_version(uow, incident_id, version)
    other = uow.incidents.get(into) or uow.incidents.by_number(into)
    if other is None:
        raise NotFoundError("incident", into)
    if uow.incidents.parts_of(incident.id):
        raise InvalidError("into", "others are a part of this one", fault="not_joinable")
    after = keep(uow, incident, merged(incident, other, now), by=by, now=now, kind="merge", text=other.number)
    _note(uow, f"merged {incident.number} into {other.number}", incident, by=by, now=now)
    uow.events.append(IncidentMerged(at=now, by=by, incident_id=incident.id, into=other.id))
    return after


def undo(
    uow: UnitOfWork,
    *,
    incident_id: str,
    version: int,
    by: str | None,
    now: datetime,
    may_undo_others: bool = True,
) -> Incident:
    """Return the incident as it was before the change that made *version*, but for a piece that is gone.

    Raises:
        NotFoundError: there is no such incident, or nothing to undo.
        NotAllowedError: somebody else made it, and *by* may not undo what others did.
        VersionConflictError: *version* is not the one that is kept.
    """
    incident = _at_version(uow, incident_id, version)
    found = uow.incident_entries.before(incident_id, version=version)
    if found is None:
        raise NotFoundError("change", f"{incident.number} version {version}")
    entry_id, made_by, before = found
    if made_by != by and not may_undo_others:
        raise NotAllowedError("somebody else made this change")
    uow.incident_entries.undo(entry_id)
    if incident.merged_into and not before.merged_into:
        _note(uow, f"merge undone: {incident.number}", incident, by=by, now=now)
    if before.asset_id and uow.assets.get(before.asset_id) is None:
        before = replace(before, asset_id=None)
    return store(uow, incident, restored(before, incident, now), by=by, now=now)


def keep(
    uow: UnitOfWork,
    before: Incident,
    after: Incident,
    *,
    by: str | None,
    now: datetime,
    kind: EntryKind = "change",
    text: str | None = None,
) -> Incident:
    """Keep *after* in the place of *before*, and write down what was changed; return it as kept."""
    after = store(uow, before, after, by=by, now=now)
    entry = Entry(
        id=uow.new_id(now),
        incident_id=after.id,
        at=now,
        by=by,
        kind=kind,
        text=text,
        changes=what_changed(before, after),
    )
    uow.incident_entries.add(entry, before=before, version=after.version)
    return after


def store(uow: UnitOfWork, before: Incident, after: Incident, *, by: str | None, now: datetime) -> Incident:
    """Keep *after* in the place of *before*, with what is promised of it; return it as kept."""
    after, plan = promise(uow, after, before)
    uow.incidents.change(after)
    plan(now)
    uow.events.append(IncidentUpdated(at=now, by=by, incident_id=after.id, version=after.version))
    return after


def _note(uow: UnitOfWork, what: str, incident: Incident, *, by: str | None, now: datetime) -> None:
    audit.note(uow, who=by or "", what=what, address=None, now=now, kind="incident", record_id=incident.id)


def _at_version(uow: UnitOfWork, incident_id: str, version: int) -> Incident:
    return at_version(get(uow, incident_id=incident_id), version)


def _demand_known(uow: UnitOfWork, after: Incident, before: Incident | None) -> None:
    """Look that what is chosen anew can be chosen.

    Raises:
        InvalidError: naming the field of what cannot.
    """
    for field, kind in FIELDS.items():
        chosen = getattr(after, field)
        if chosen is None or (before and getattr(before, field) == chosen):
            continue
        choice = uow.choices.get(chosen)
        if choice is None or choice.kind != kind or not choice.is_active:
            raise InvalidError(field, f"there is no such {kind}", fault="unknown")
    if after.parent_id and not (before and before.parent_id == after.parent_id):
        parent = uow.incidents.get(after.parent_id)
        if parent is None or parent.kind != "problem" or parent.merged_into:
            raise InvalidError("parent_id", "there is no such problem", fault="unknown")
    if after.asset_id and not (before and before.asset_id == after.asset_id):
        _demand_asset(uow, after)
    if after.assignee is None or (before and before.assignee == after.assignee):
        return
    assignee = uow.users.get(after.assignee)
    if assignee is None or not assignee.is_active:
        raise InvalidError("assignee", "nobody of this id works here", fault="unknown")


def _demand_asset(uow: UnitOfWork, one: Incident) -> None:
    """Look that the piece that an incident names is its customer's, where that is known.

    Raises:
        InvalidError: there is no such piece, or it is somebody else's.
    """
    found = uow.assets.get(one.asset_id or "")
    if found is None or not (is_nobodys(one) or same_owner(one, found.asset)):
        raise InvalidError("asset_id", "the customer has no such piece", fault="unknown")
