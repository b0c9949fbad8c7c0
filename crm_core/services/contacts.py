"""Contacts: created, found, changed; what happened with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from msgspec.structs import replace

from crm_core.domain.accounts import Account
from crm_core.domain.confines import Confines
from crm_core.domain.contacts import Contact, Email, Phone, changed, checked
from crm_core.domain.errors import AlreadyExistsError, InvalidError, NotFoundError
from crm_core.domain.events import ContactCreated, ContactUpdated
from crm_core.domain.incident_lists import Wanted
from crm_core.domain.interactions import Wanted as WantedWritten
from crm_core.domain.phone import ReadNumber, digits_of, read_number
from crm_core.domain.timeline import EVERYTHING, Shown, TimelineItem, timeline_of
from crm_core.domain.versions import at_version
from crm_core.domain.words import each_once, folded
from crm_core.ports import UnitOfWork
from crm_core.ports.places import Place
from crm_core.services.accounts import account_named
from crm_core.services.fields import values
from crm_core.services.led_on import missing
from crm_core.services.numbers import read_phones
from crm_core.services.reach import MOST_PHONES, demand_marked, e164s, emails_after, note_marks, phones_after
from crm_core.services.relabel import relabel
from crm_core.services.timelines import opened, written

FEWEST_SEARCHED = 3  # digits; fewer are a word such as "24"
NOWHERE = "ZZ"  # of a number that must be written in full


def get(uow: UnitOfWork, *, contact_id: str) -> Contact:
    """Return a contact.

    Raises:
        NotFoundError: there is none.
    """
    contact = uow.contacts.get(contact_id)
    if contact is None:
        raise missing(uow, "contact", contact_id)
    return contact


def find(
    uow: UnitOfWork,
    *,
    q: str,
    after: tuple[str, ...] | None = None,
    limit: int,
    region: str,
    whole: bool = False,
) -> list[Contact]:
    """Return contacts by folded name and id, behind *after* (the last one's folded name and id).

    *q* holds beginnings of words of name or company, all of which must be there; or a number, or how one
    begins; or how an e-mail address begins (*whole*: is); or, behind a #, a tag. Empty: everybody.
    """
    place = (after[0], after[1]) if after else None
    words = folded(q).split()
    if q.startswith("#") and len(q) > 1:
        return uow.contacts.with_tag(folded(q[1:]), place, limit)
    if not words:
        return uow.contacts.page(place, limit)
    if "@" in q:
        return uow.contacts.with_address(words[0], place, limit, whole=whole)
    number = read_number(q, region=region)
    digits = _searched_digits(q, number)
    if digits:
        return uow.contacts.with_number(e164=number.e164, digits=digits, after=place, limit=limit)
    return uow.contacts.with_words(words, place, limit)


def create(uow: UnitOfWork, *, contact: Contact, region: str, by: str | None, now: datetime) -> Contact:
    """Keep a new contact, its numbers read as in *region*; return it as kept.

    The company is found by its name, or made. Past calls from these numbers become the contact's own when
    nobody shares the number, else possibly his.

    Raises:
        InvalidError: neither name nor company, or no number where one should be.
        AlreadyExistsError: there is a contact with this id.
    """
    if uow.contacts.get(contact.id):
        raise AlreadyExistsError("contact", contact.id)
    kept = checked(_in_company(uow, _read(contact, region), now))
    kept = replace(
        kept,
        tags=each_once(kept.tags),
        fields=values(uow, entity="contact", given=kept.fields, before={}) if kept.fields else {},
    )
    uow.contacts.add([kept])
    uow.events.append(ContactCreated(at=now, by=by, contact_id=kept.id))
    relabel(uow, contact_id=kept.id, numbers=e164s(kept.phones), by=by, now=now)
    return kept


def add_many(uow: UnitOfWork, *, contacts: Sequence[Contact], region: str, now: datetime) -> int:
    """Keep many new contacts at once, as a list is loaded; return how many.

    Nothing is told of them and no past call is labelled. A thousand or so at a time leave others their turn.

    Raises:
        InvalidError: see ``create``; none is kept.
    """
    companies: dict[str, Account | None] = {}
    kept = []
    for contact in contacts:
        name = contact.company or ""
        if name not in companies:
            companies[name] = account_named(uow, name=name, now=now)
        kept.append(checked(_with(_read(contact, region), companies[name])))
    uow.contacts.add(kept)
    uow.search.touch("contact", [one.id for one in kept])
    return len(kept)


def change(
    uow: UnitOfWork,
    *,
    contact_id: str,
    version: int,
    changes: Mapping[str, Any],
    region: str = NOWHERE,
    by: str | None,
    now: datetime,
    may_lift: bool = True,
) -> Contact:
    """Return the contact's next version, with *changes*; as it is when they change nothing.

    Numbers that must not be called stay so, unless who changes it *may_lift* that.

    ``phones`` and ``emails`` among them are all that he has from now on: those with the id of one that he had
    change it, those with an empty id are new, and what is not named is gone. New numbers are read as in
    *region*, and past calls from them as in ``create``; a number that is gone is his no more in look-ups.

    Raises:
        NotFoundError: there is none.
        VersionConflictError: *version* is not the one that is kept.
        InvalidError: a change cannot be.
    """
    contact = at_version(get(uow, contact_id=contact_id), version)
    after = changed(contact, changes, now)
    if "company" in changes:
        after = _with(after, account_named(uow, name=after.company, now=now))
    if "fields" in changes:
        given = values(uow, entity="contact", given=after.fields, before=contact.fields)
        after = replace(after, fields=given)
    after = replace(after, tags=each_once(after.tags))
    if "phones" in changes:
        after = replace(after, phones=phones_after(uow, contact.phones, after.phones, region=region, now=now))
        if not may_lift:
            demand_marked(contact.phones, after.phones)
    if "emails" in changes:
        after = replace(after, emails=emails_after(uow, contact.emails, after.emails, now=now))
    checked(after)
    if replace(after, version=version, updated_at=contact.updated_at) == contact:
        return contact
    uow.contacts.change(after)
    uow.events.append(ContactUpdated(at=now, by=by, contact_id=contact_id, version=after.version))
    _keep_reach(uow, contact, after, by=by, now=now)
    return get(uow, contact_id=contact_id)


def add_phone(
    uow: UnitOfWork, *, contact_id: str, phone: Phone, region: str, by: str | None, now: datetime
) -> Contact:
    """Give a contact one more number; one that he has already changes nothing. Past calls as in ``create``.

    Raises:
        NotFoundError: there is no such contact.
        InvalidError: there is no number in it, or he has 20.
    """
    contact = get(uow, contact_id=contact_id)
    (read,) = read_phones([phone], region=region, path="raw")
    if any((one.e164 or one.raw, one.ext) == (read.e164 or read.raw, read.ext) for one in contact.phones):
        return contact
    if len(contact.phones) >= MOST_PHONES:
        raise InvalidError("raw", f"a contact has at most {MOST_PHONES} numbers")
    after = replace(contact, version=contact.version + 1, updated_at=now)
    uow.contacts.change(after)
    uow.contacts.add_phone(contact_id, replace(read, id=read.id or uow.new_id(now)))
    uow.events.append(ContactUpdated(at=now, by=by, contact_id=contact_id, version=after.version))
    relabel(uow, contact_id=contact_id, numbers=e164s([read]), by=by, now=now)
    return get(uow, contact_id=contact_id)


def add_email(uow: UnitOfWork, *, contact_id: str, email: Email, by: str | None, now: datetime) -> Contact:
    """Give a contact one more address; one that he has already changes nothing.

    Raises:
        NotFoundError: there is no such contact.
        InvalidError: he has 20.
    """
    contact = get(uow, contact_id=contact_id)
    if any(folded(one.address) == folded(email.address) for one in contact.emails):
        return contact
    changes = {"emails": (*contact.emails, replace(email, id=""))}
    return change(uow, contact_id=contact_id, version=contact.version, changes=changes, by=by, now=now)


def change_way(
    uow: UnitOfWork,
    *,
    contact_id: str,
    way: Literal["phones", "emails"],
    way_id: str,
    version: int,
    changes: Mapping[str, Any] | None,
    region: str,
    by: str | None,
    now: datetime,
    may_lift: bool = True,
) -> Contact:
    """Return the contact with one of his numbers or addresses changed, or without it (*changes* is None).

    *version* is the contact's. What follows from it is as in ``change``.

    Raises:
        NotFoundError: there is no such contact, or he has no such number or address.
        VersionConflictError: *version* is not the one that is kept.
        InvalidError: a change cannot be.
    """
    contact = get(uow, contact_id=contact_id)
    had: tuple[Phone | Email, ...] = getattr(contact, way)
    if all(one.id != way_id for one in had):
        raise NotFoundError(way.removesuffix("s"), way_id)
    others = [one for one in had if one.id != way_id]
    after = (
        others if changes is None else [replace(one, **changes) if one.id == way_id else one for one in had]
    )
    return change(
        uow,
        contact_id=contact_id,
        version=version,
        changes={way: tuple(after)},
        region=region,
        by=by,
        now=now,
        may_lift=may_lift,
    )


def timeline(
    uow: UnitOfWork,
    *,
    contact_id: str,
    before: Place | None = None,
    limit: int,
    within: Confines | None = None,
    shown: frozenset[Shown] = EVERYTHING,
) -> list[TimelineItem]:
    """Return what happened with a contact, newest first, of what is to be *shown*.

    Calls, calls that may be his, incidents, and what was written down; who is confined (*within*) is not told
    what was written about another team's incident.

    Raises:
        NotFoundError: there is no such contact.
    """
    get(uow, contact_id=contact_id)
    with_calls = "calls" in shown
    return timeline_of(
        calls=uow.calls.of(contact_id=contact_id, agent=None, missed=False, before=before, limit=limit)
        if with_calls
        else (),
        possible=uow.calls.possibly_of(contact_id, before, limit) if with_calls else (),
        incidents=opened(uow, Wanted(contact_id=contact_id), before, limit) if "incidents" in shown else (),
        interactions=written(uow, WantedWritten(contact_id=contact_id, within=within), before, limit)
        if "written" in shown
        else (),
        limit=limit,
    )


def _read(contact: Contact, region: str) -> Contact:
    if len(contact.phones) > MOST_PHONES:
        raise InvalidError("phones", f"at most {MOST_PHONES}")
    return replace(contact, phones=read_phones(contact.phones, region=region))


def _in_company(uow: UnitOfWork, contact: Contact, now: datetime) -> Contact:
    return _with(contact, account_named(uow, name=contact.company, now=now))


def _with(contact: Contact, account: Account | None) -> Contact:
    return replace(
        contact, account_id=account.id if account else None, company=account.name if account else None
    )


def _keep_reach(uow: UnitOfWork, before: Contact, after: Contact, *, by: str | None, now: datetime) -> None:
    """Keep the numbers and addresses of *after*, as far as they are others than *before*'s."""
    if after.emails != before.emails:
        uow.contacts.set_emails(after.id, after.emails)
    if after.phones == before.phones:
        return
    uow.contacts.set_phones(after.id, after.phones)
    note_marks(uow, after.id, before.phones, after.phones, by=by, now=now)
    had, has = set(e164s(before.phones)), e164s(after.phones)
    if gone := had.difference(has):
        uow.phone_book.forget_choices(after.id, sorted(gone))
    relabel(uow, contact_id=after.id, numbers=[one for one in has if one not in had], by=by, now=now)


def _searched_digits(text: str, number: ReadNumber) -> str | None:
    """Return the digits by which *text* is searched; None when it is no number, nor how one begins."""
    if number.kind == "number":
        return digits_of(number)
    if any(sign.isalpha() for sign in text):
        return None
    digits = digits_of(number)
    return digits if len(digits) >= FEWEST_SEARCHED else None
