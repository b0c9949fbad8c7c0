"""Erasing a person: asked for, taken back, and done, a part at a time, so that nobody waits for it.

Each part may be done again: what an interrupted erasure left is done by the next one. The contact himself
goes last, for the others are found by his numbers and names.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace

from crm_core.domain.calls import Call
from crm_core.domain.contacts import Contact, Phone
from crm_core.domain.erasure import (
    Erasure,
    LegalHold,
    LegalHoldError,
    Marks,
    anonymous,
    marks_of,
    marks_of_numbers,
    spellings,
    without,
    without_candidate,
)
from crm_core.domain.errors import AlreadyExistsError, InvalidError, NotFoundError
from crm_core.domain.events import AssetChanged, ContactErased, IncidentUpdated
from crm_core.domain.traces import LARGEST
from crm_core.ports import UnitOfWork
from crm_core.ports.places import Place
from crm_core.services import audit, interactions, merge_parts, saved_views
from crm_core.services.led_on import missing

LONGEST_REASON, NAMES_HEARD = 200, 200


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Who is to be erased: ``numbers`` (E.164, in every spelling) are his alone, ``marks`` are in texts."""

    contact_id: str
    numbers: tuple[str, ...]
    marks: Marks


class AlreadyErasedError(NotFoundError):
    """The contact was erased: there is nothing to do, and nothing to take back."""

    code = "erased"

    def __init__(self, contact_id: str) -> None:
        super().__init__("contact", contact_id)


def ask(
    uow: UnitOfWork, *, contact_id: str, grace: timedelta, by: str, address: str | None, now: datetime
) -> Erasure:
    """Ask that a contact be erased once *grace* is over; asked again, return what was asked first.

    Raises:
        NotFoundError: there is no such contact.
        AlreadyErasedError: he is erased.
        LegalHoldError: his records must be kept.
    """
    known = uow.privacy.erasure(contact_id)
    if known and known.done_at:
        raise AlreadyErasedError(contact_id)
    _contact(uow, contact_id)
    _demand_free(uow, contact_id)
    if known:
        return known
    one = Erasure(contact_id=contact_id, by=by, asked_at=now, due_at=now + grace)
    uow.privacy.put_erasure(one)
    _note(uow, "erasure asked for", contact_id, by=by, address=address, now=now)
    return one


def take_back(uow: UnitOfWork, *, contact_id: str, by: str, address: str | None, now: datetime) -> None:
    """Let a contact be who was to be erased.

    Raises:
        NotFoundError: nobody asked for it.
        AlreadyErasedError: it is too late.
    """
    known = asked(uow, contact_id=contact_id)
    if known.done_at:
        raise AlreadyErasedError(contact_id)
    uow.privacy.drop_erasure(contact_id)
    _note(uow, "erasure taken back", contact_id, by=by, address=address, now=now)


def asked(uow: UnitOfWork, *, contact_id: str) -> Erasure:
    """Return the erasure of a contact that was asked for, or done.

    Raises:
        NotFoundError: there is none.
    """
    if (known := uow.privacy.erasure(contact_id)) is None:
        raise NotFoundError("erasure", contact_id)
    return known


def hold(
    uow: UnitOfWork, *, contact_id: str, reason: str, by: str, address: str | None, now: datetime
) -> LegalHold:
    """Keep that a contact's records must stay, and why: he is neither erased nor forgotten by age.

    Raises:
        NotFoundError: there is no such contact.
        InvalidError: the reason is empty or too long.
        AlreadyExistsError: they must for another reason; that one is lifted first.
    """
    _contact(uow, contact_id)
    if not 0 < len(reason.strip()) <= LONGEST_REASON:
        raise InvalidError("reason", f"1 to {LONGEST_REASON} characters")
    if (known := uow.privacy.hold(contact_id)) is not None:
        if known.reason != reason.strip():
            raise AlreadyExistsError("legal hold", contact_id)
        return known
    one = LegalHold(contact_id=contact_id, reason=reason.strip(), by=by, since=now)
    uow.privacy.put_hold(one)
    _note(uow, "legal hold set", contact_id, by=by, address=address, now=now)
    return one


def lift_hold(uow: UnitOfWork, *, contact_id: str, by: str, address: str | None, now: datetime) -> None:
    """Keep that a contact's records need not stay.

    Raises:
        NotFoundError: nobody said that they must.
    """
    held(uow, contact_id=contact_id)
    uow.privacy.drop_hold(contact_id)
    _note(uow, "legal hold lifted", contact_id, by=by, address=address, now=now)


def held(uow: UnitOfWork, *, contact_id: str) -> LegalHold:
    """Return why a contact's records must stay.

    Raises:
        NotFoundError: nobody said so.
    """
    if (known := uow.privacy.hold(contact_id)) is None:
        raise NotFoundError("legal hold", contact_id)
    return known


def due(uow: UnitOfWork, *, now: datetime) -> list[Erasure]:
    """Return the erasures that are to be done and may be, first due first."""
    return uow.privacy.due(now)


# --- the parts, in this order


def person(uow: UnitOfWork, *, contact_id: str) -> Person:
    """Return by what a contact is found in the records.

    Raises:
        NotFoundError: there is no such contact.
        LegalHoldError: his records must be kept.
    """
    _demand_free(uow, contact_id)
    contact = _contact(uow, contact_id)
    joined = merge_parts.joined(uow, contact_id)
    had = {(one.e164, one.raw): one for whose in (contact, *joined) for one in whose.phones}
    contact = replace(contact, phones=tuple(had.values()))
    numbers = [one.e164 for one in contact.phones if one.e164]
    others = uow.privacy.of_others(contact_id, numbers)
    own = spellings(one for one in numbers if one not in others)
    phones = tuple(one for one in contact.phones if one.e164 not in others)
    calls = uow.privacy.calls_of(contact_id, own, None, NAMES_HEARD)
    heard = {one.ani_name for one in calls if one.contact_id == contact_id or one.customer in own}
    heard |= {text for one in joined for text in (one.name, *(email.address for email in one.emails))}
    marks = marks_of(replace(contact, phones=phones), heard=heard)
    return Person(contact_id=contact_id, numbers=tuple(own), marks=marks)


def clean_events(uow: UnitOfWork, *, who: Person, after: int, limit: int) -> int | None:
    """Take a person out of *limit* events behind *after*; return the place of the last, None at the end."""
    found = uow.privacy.events_after(after, limit)
    his = uow.privacy.his(filter(None, (one.call_id for one in found)), who.contact_id, who.numbers)
    pattern = who.marks.pattern()
    for one in found:
        is_his = one.call_id in his
        if is_his or pattern.search(one.payload.decode(errors="replace")):
            told = without(msgspec.json.decode(one.payload), pattern, is_his=is_his)
            uow.privacy.rewrite_event(one.pos or 0, msgspec.json.encode(told))
    return found[-1].pos if len(found) == limit else None


def clean_traces(uow: UnitOfWork, *, who: Person, after: int, limit: int) -> int | None:
    """Take a person out of *limit* traces behind *after*; return the place of the last, None at the end."""
    found = uow.privacy.traces_after(after, limit)
    his = uow.privacy.his((one.call_id for _, one in found), who.contact_id, who.numbers)
    pattern = who.marks.pattern()
    for pos, one in found:
        text = zlib.decompressobj().decompress(one.lines, LARGEST)
        is_his = one.call_id in his
        if is_his or pattern.search(text.decode(errors="replace")):
            told = without(msgspec.json.decode(text), pattern, is_his=is_his)
            uow.privacy.rewrite_trace(pos, zlib.compress(msgspec.json.encode(told), 1))
    return found[-1][0] if len(found) == limit else None


def clean_calls(uow: UnitOfWork, *, who: Person, before: Place | None, limit: int) -> Place | None:
    """Take a person out of *limit* calls, newest first, and of what was written about them.

    Calls that may be somebody else's are left to him. Return the last one's place; None at the end.
    """
    found = uow.privacy.calls_of(who.contact_id, who.numbers, before, limit)
    his = [one for one in found if one.contact_id == who.contact_id or one.customer in who.numbers]
    others = [one for one in found if one not in his]
    pattern = who.marks.pattern()
    uow.calls.put(
        [anonymous(one, pattern) for one in his] + [without_candidate(one, who.contact_id) for one in others]
    )
    uow.privacy.clear_notes([one.id for one in his])
    return (found[-1].started_at, found[-1].id) if len(found) == limit else None


def finish(uow: UnitOfWork, *, who: Person, now: datetime) -> None:
    """Forget the contact; his numbers are kept as hashes, so that no list brings him back.

    Raises:
        LegalHoldError: his records must be kept since a moment ago.
        NotFoundError: nobody asks for it any more.
    """
    _demand_free(uow, who.contact_id)
    one = asked(uow, contact_id=who.contact_id)
    incidents = uow.privacy.incidents_of(who.contact_id)
    assets = uow.privacy.assets_of(who.contact_id)
    written = uow.interactions.of_contact(who.contact_id)
    uow.privacy.forget(who.contact_id, who.numbers)
    interactions.gone(uow, written, by=one.by, now=now)
    uow.merges.forget(who.contact_id)
    saved_views.forget_person(uow, contact_id=who.contact_id, pattern=who.marks.pattern())
    uow.privacy.suppress(who.numbers, now)
    uow.privacy.put_erasure(replace(one, done_at=now))
    uow.events.append(ContactErased(at=now, by=one.by, contact_id=who.contact_id))
    uow.events.extend(
        IncidentUpdated(at=now, by=one.by, incident_id=key, version=version + 1)
        for key, version in incidents.items()
    )
    uow.events.extend(
        AssetChanged(at=now, by=one.by, asset_id=key, version=version + 1) for key, version in assets.items()
    )
    _note(uow, "erased", who.contact_id, by=one.by, address=None, now=now)


def gone(uow: UnitOfWork, *, contact_id: str, now: datetime) -> None:
    """Keep that an erasure is done, for the contact was deleted in another way.

    Raises:
        NotFoundError: nobody asks for it any more.
    """
    one = asked(uow, contact_id=contact_id)
    uow.privacy.put_erasure(replace(one, done_at=now))
    _note(uow, "erased", contact_id, by=one.by, address=None, now=now)


def forgotten(uow: UnitOfWork, calls: Sequence[Call]) -> list[Call]:
    """Return *calls* without who was erased after them: the exchange may tell them once more."""
    since = uow.privacy.suppressed({one.customer for one in calls if one.customer})
    return [
        _anonymous(one) if one.customer in since and one.started_at < since[one.customer] else one
        for one in calls
    ]


def nobodys(call: Call) -> Call:
    """Return *call* as one of nobody knows whom: without what is personal, and without whose it was."""
    return replace(_anonymous(call), contact_id=None, lead_id=None)


def _anonymous(call: Call) -> Call:
    phone = Phone(id="", raw=call.ani_raw or "", e164=call.customer)
    return anonymous(call, marks_of_numbers([phone], texts={call.ani_name or ""}).pattern())


def _contact(uow: UnitOfWork, contact_id: str) -> Contact:
    if (contact := uow.contacts.get(contact_id)) is None:
        raise missing(uow, "contact", contact_id)
    return contact


def _demand_free(uow: UnitOfWork, contact_id: str) -> None:
    if (known := uow.privacy.hold(contact_id)) is not None:
        raise LegalHoldError(known.reason)


def _note(
    uow: UnitOfWork, what: str, contact_id: str, *, by: str, address: str | None, now: datetime
) -> None:
    audit.note(uow, who=by, what=what, address=address, now=now, kind="contact", record_id=contact_id)
