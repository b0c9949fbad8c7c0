"""What was said to customers and by them: written down, listed, changed, and taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from crm_core.domain.confines import Confines
from crm_core.domain.errors import InvalidError, NotFoundError
from crm_core.domain.events import InteractionCreated, InteractionRemoved, InteractionUpdated
from crm_core.domain.incidents import Incident
from crm_core.domain.interactions import Interaction, Listed, Wanted, changed, checked, is_seen
from crm_core.domain.versions import at_version
from crm_core.ports import UnitOfWork
from crm_core.ports.places import Place
from crm_core.services import audit


def add(uow: UnitOfWork, *, made: Interaction, by: str | None, now: datetime) -> Interaction:
    """Keep a new one; about an incident it is its customer's, and a contact's is his company's, too.

    Raises:
        InvalidError: it is with nobody, with another than the incident's customer, what it names is not
            there, or it cannot be.
    """
    return _keep(uow, checked(_of_customer(uow, made), now=now), by=by, now=now)


def get(uow: UnitOfWork, *, interaction_id: str) -> Interaction:
    """Return one.

    Raises:
        NotFoundError: there is none.
    """
    if (one := uow.interactions.get(interaction_id)) is None:
        raise NotFoundError("interaction", interaction_id)
    return one


def change(
    uow: UnitOfWork,
    *,
    interaction_id: str,
    version: int,
    changes: Mapping[str, Any],
    by: str,
    now: datetime,
) -> Interaction:
    """Return its next version; as it is when nothing changes.

    Raises:
        NotFoundError: there is none.
        VersionConflictError: *version* is not the one that is kept.
        InvalidError: a change cannot be.
    """
    before = at_version(get(uow, interaction_id=interaction_id), version)
    after = changed(before, changes, now=now)
    if after == before:
        return before
    uow.interactions.change(after)
    uow.search.touch("written", [after.id])
    uow.events.append(
        InteractionUpdated(at=now, by=by, interaction_id=after.id, version=after.version, **_whose(after))
    )
    names = [name for name in changes if getattr(before, name) != getattr(after, name)]
    _note(uow, "interaction changed", after, by=by, now=now, changes=dict.fromkeys(names))
    return after


def remove(uow: UnitOfWork, *, interaction_id: str, version: int, by: str, now: datetime) -> Interaction:
    """Forget one, and return it as it was.

    Raises:
        NotFoundError: there is none.
        VersionConflictError: *version* is not the one that is kept.
    """
    one = at_version(get(uow, interaction_id=interaction_id), version)
    uow.interactions.remove(one.id)
    gone(uow, [one], by=by, now=now)
    _note(uow, "interaction removed", one, by=by, now=now)
    return one


def bring_back(uow: UnitOfWork, *, one: Interaction, by: str, now: datetime) -> Interaction:
    """Keep one again that was removed, as it was; when it is there already that is all.

    Raises:
        InvalidError: whom it was said with, or the incident, is not there any more.
    """
    if there := uow.interactions.get(one.id):
        return there
    kept = _keep(uow, _of_customer(uow, one), by=by, now=now)
    _note(uow, "interaction brought back", kept, by=by, now=now)
    return kept


def gone(uow: UnitOfWork, those: Sequence[Interaction], *, by: str | None, now: datetime) -> None:
    """Tell that some are not there any more, and whose they were; nobody finds them."""
    uow.search.touch("written", [one.id for one in those])
    uow.events.extend(
        InteractionRemoved(at=now, by=by, interaction_id=one.id, **_whose(one)) for one in those
    )


def sees(uow: UnitOfWork, *, interaction_id: str, within: Confines) -> bool:
    """Return whether who is confined sees one; one that is not there is not hidden."""
    one = uow.interactions.get(interaction_id)
    incident = uow.incidents.get(one.incident_id) if one and one.incident_id else None
    return one is None or is_seen(incident, within)


def find(uow: UnitOfWork, *, wanted: Wanted, place: Place | None = None, limit: int) -> list[Listed]:
    """Return those that are wanted behind *place*, newest first."""
    return uow.interactions.find(wanted, place, limit)


def _keep(uow: UnitOfWork, one: Interaction, *, by: str | None, now: datetime) -> Interaction:
    uow.interactions.add(one)
    uow.search.touch("written", [one.id])
    uow.events.append(
        InteractionCreated(at=now, by=by, interaction_id=one.id, incident_id=one.incident_id, **_whose(one))
    )
    return one


def _of_customer(uow: UnitOfWork, one: Interaction) -> Interaction:
    """Return *one* with the contact and the company that it is with."""
    contact_id, account_id = one.contact_id, one.account_id
    if one.incident_id:
        if (incident := uow.incidents.get(one.incident_id)) is None:
            raise _unknown("incident_id")
        contact_id, account_id = _of_incident(uow, one, incident)
    if contact_id:
        if (contact := uow.contacts.get(contact_id)) is None:
            raise _unknown("contact_id")
        account_id = account_id or contact.account_id
    if account_id and uow.accounts.get(account_id) is None:
        raise _unknown("account_id")
    if contact_id is None and account_id is None:
        raise InvalidError("contact_id", "say with whom: a contact or a company", fault="missing")
    return replace(one, contact_id=contact_id, account_id=account_id)


def _of_incident(uow: UnitOfWork, one: Interaction, incident: Incident) -> tuple[str | None, str | None]:
    """Return the incident's contact and company; about one that is nobody's, those that *one* names.

    Of one that is only a company's it may name somebody who is there.
    """
    named = uow.contacts.get(one.contact_id or incident.contact_id or "")
    whose = incident.account_id or (named.account_id if named else None)
    if incident.contact_id and one.contact_id not in {None, incident.contact_id}:
        raise _of_others("contact_id")
    if not incident.contact_id and incident.account_id and named and named.account_id != incident.account_id:
        raise _of_others("contact_id")
    if (incident.contact_id or incident.account_id) and one.account_id not in {None, whose}:
        raise _of_others("account_id")
    return one.contact_id or incident.contact_id, one.account_id or incident.account_id


def _whose(one: Interaction) -> dict[str, str | None]:
    return {"contact_id": one.contact_id, "account_id": one.account_id}


def _note(
    uow: UnitOfWork,
    what: str,
    one: Interaction,
    *,
    by: str,
    now: datetime,
    changes: Mapping[str, None] | None = None,
) -> None:
    audit.note(
        uow,
        who=by,
        what=what,
        address=None,
        now=now,
        kind="interaction",
        record_id=one.id,
        changes=changes,
    )


def _of_others(field: str) -> InvalidError:
    return InvalidError(field, "the incident is somebody else's", fault="not_the_incidents")


def _unknown(field: str) -> InvalidError:
    return InvalidError(field, "there is no such record", fault="unknown")
