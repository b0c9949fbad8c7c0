"""Two contacts become one: fields by choice, all else moved, nothing allowed that one of them refused."""

from __future__ import annotations

from datetime import datetime

from crm_core.domain.consents import Consent
from crm_core.domain.contacts import Contact, checked
from crm_core.domain.errors import InvalidError
from crm_core.domain.events import CallsRelabelled, ContactMerged, ContactUpdated
from crm_core.domain.merges import ContactJournal, Label, Merge, Sides, ToBeErasedError, held
from crm_core.domain.merging import Choices, merged_contact, refused_by_one
from crm_core.ports import UnitOfWork
from crm_core.services import contacts
from crm_core.services.consents import MOST as MOST_SAID
from crm_core.services.led_on import call_of
from crm_core.services.merge_parts import batched, both, keep_merge, move_apart, tell_incidents
from crm_core.services.reach import MOST_EMAILS, MOST_PHONES

SOURCE = "merge of two records"


def merge_contacts(
    uow: UnitOfWork,
    *,
    sides: Sides,
    choices: Choices,
    by: str | None,
    address: str | None,
    now: datetime,
) -> Merge:
    """Make one contact of two; *choices* say of which one a field is, see ``domain.merging``.

    Raises:
        NotFoundError: one of them is not there (``MergedError``: he is a part of another one).
        VersionConflictError: one of them is another version.
        InvalidError: it is one contact, a choice is none, or both have too many numbers.
        ToBeErasedError: somebody asked that one of them be erased.
    """
    stays, goes = both(lambda key: contacts.get(uow, contact_id=key), sides)
    for one in (stays, goes):
        if uow.privacy.erasure(one.id):
            raise ToBeErasedError(one.id)
    after = checked(merged_contact(stays, goes, choices, now=now))
    _demand_few(after)
    journal = _moved(uow, stays, goes, version=after.version, by=by, now=now)
    uow.merges.drop_contact(goes.id)
    uow.contacts.change(after)
    uow.contacts.set_phones(after.id, after.phones)
    uow.contacts.set_emails(after.id, after.emails)
    uow.events.append(ContactMerged(at=now, by=by, contact_id=goes.id, into=stays.id))
    uow.events.append(ContactUpdated(at=now, by=by, contact_id=stays.id, version=after.version))
    return keep_merge(uow, stays, goes, journal, by=by, address=address, now=now)


def _demand_few(after: Contact) -> None:
    for field, most in (("phones", MOST_PHONES), ("emails", MOST_EMAILS)):
        if len(getattr(after, field)) > most:
            raise InvalidError(field, f"both have more than {most}", fault="too_many")


def _moved(
    uow: UnitOfWork, stays: Contact, goes: Contact, *, version: int, by: str | None, now: datetime
) -> ContactJournal:
    """Give everything of *goes* to *stays*; return what stood in its place."""
    spoken = (uow.merges.spoken_at(stays.id), uow.merges.spoken_at(goes.id))
    holds = (uow.privacy.hold(stays.id), uow.privacy.hold(goes.id))
    added = _refuse_again(uow, stays.id, goes.id, by=by, now=now)
    calls = _move_calls(uow, stays.id, goes.id, by=by, now=now)
    moved = uow.merges.move("contact", of=goes.id, to=stays.id)
    tell_incidents(uow, moved.get("incident", ()), by=by, now=now)
    uow.merges.set_spoken(stays.id, max(filter(None, spoken), default=None))
    if holds[1] and (hold := held(*holds, stays=stays.id)):
        uow.privacy.drop_hold(goes.id)
        uow.privacy.put_hold(hold)
    apart = uow.merges.apart("contact", [stays.id, goes.id])
    move_apart(uow, apart, stays=stays.id, goes=goes.id)
    return ContactJournal(
        stays=stays,
        goes=goes,
        version=version,
        spoken_at=spoken,
        holds=holds,
        moved=moved,
        calls=calls,
        added=tuple(added),
        apart=tuple(apart),
    )


def _refuse_again(uow: UnitOfWork, stays: str, goes: str, *, by: str | None, now: datetime) -> list[str]:
    """Note again what one refused where the other agreed later; return the ids of what was noted."""
    said = [uow.consents.of(one, MOST_SAID) for one in (stays, goes)]
    added = []
    for last, standing in refused_by_one(*said, now=now):
        again = Consent(
            id=uow.new_id(now),
            contact_id=stays,
            purpose=last.purpose,
            channel=last.channel,
            basis=last.basis,
            status="withdrawn" if standing == "withdrawn" else "refused",
            source=SOURCE,
            at=now,
            noted_at=now,
            noted_by=by,
        )
        uow.consents.add(again)
        added.append(again.id)
    return added


def _move_calls(uow: UnitOfWork, stays: str, goes: str, *, by: str | None, now: datetime) -> dict[str, Label]:
    """Give the calls of *goes* to *stays*, and what may have been either's; return whose they were."""
    before: dict[str, Label] = {}
    for ids in batched(uow.merges.calls_of(goes)):
        group = uow.calls.known(ids).values()
        before |= {one.id: Label(contact_id=one.contact_id, match=one.match) for one in group}
        uow.calls.put([call_of(one, loser=goes, into=stays, at=now) for one in group])
        told = tuple(one.id for one in group)
        uow.events.append(CallsRelabelled(at=now, by=by, contact_id=stays, calls=told))
    return before
