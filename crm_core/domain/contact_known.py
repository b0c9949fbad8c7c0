"""What a row of a table tells of somebody who is known: what he lacks, and what is other (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from crm_core.domain.contact_rows import ContactRow
from crm_core.domain.contacts import Contact, Email, Phone
from crm_core.domain.rows import MOST, RowError
from crm_core.domain.typed_cells import new_tags
from crm_core.domain.way_marks import forbidden, new_marks, with_marks
from crm_core.domain.words import folded

_SIMPLE = tuple(
    name
    for name in ContactRow.__struct_fields__
    if name not in ("given", "additional", "family", "second_family", "uid", "address", "places")
    and name not in ("vip", "tags", "fields", "phones", "emails", "marks")
)
"""What is told of somebody as a whole: one thing, in place of what is kept of it."""


def is_same(contact: Contact, row: ContactRow) -> bool:
    """Return whether *row* is about *contact*: the same name, and a number or an address in common."""
    if folded(contact.name) != folded(row.name):
        return False
    numbers = {(phone.e164, phone.ext) for phone in contact.phones}
    addresses = {folded(email.address) for email in contact.emails}
    return any((phone.e164, phone.ext) in numbers for phone in row.phones) or any(
        folded(address) in addresses for address in row.emails
    )


def lacking(contact: Contact, row: ContactRow) -> ContactRow:
    """Return what *row* knows of *contact* that is not kept yet; what is kept is never written over.

    But that he must not be called or written to, or not in this way, holds in any case.

    Raises:
        RowError: with it he would have too many numbers, addresses or tags.
    """
    numbers = {(phone.e164, phone.ext) for phone in contact.phones}
    addresses = {folded(email.address) for email in contact.emails}
    phones = tuple(one for one in row.phones if (one.e164, one.ext) not in numbers)
    emails = tuple(one for one in row.emails if folded(one) not in addresses)
    if len(contact.phones) + len(phones) > MOST or len(contact.emails) + len(emails) > MOST:
        raise RowError("full")
    new = (*(f"{one.e164};{one.ext}" for one in phones), *map(folded, emails))
    told = {name: getattr(row, name) for name in _SIMPLE}
    return ContactRow(
        **{name: value for name, value in told.items() if value and not getattr(contact, name)},
        vip=row.vip if row.vip and not contact.vip else None,
        address=None if contact.addresses else row.address,
        places=() if contact.addresses else row.places,
        tags=new_tags(contact.tags, row.tags) if row.tags else (),
        fields={key: value for key, value in row.fields.items() if key not in contact.fields},
        phones=phones,
        emails=emails,
        marks=dict(new_marks((*contact.phones, *contact.emails), row.marks, new)) if row.marks else {},
    )


def forbidding(contact: Contact, row: ContactRow) -> ContactRow:
    """Return what *row* forbids of what is kept of *contact*: to call a number, to write to an address."""
    ways: Sequence[Phone | Email] = (*contact.phones, *contact.emails)
    return ContactRow(marks=dict(forbidden(ways, row.marks)) if row.marks else {})


def differing(contact: Contact, row: ContactRow) -> ContactRow:
    """Return what *row* says of *contact* otherwise than what is kept, and what is not kept yet.

    Tags are added, none is taken away.

    Raises:
        RowError: as with ``lacking``.
    """
    more = lacking(contact, row)
    first = contact.addresses[0] if contact.addresses else None
    told = {name: getattr(row, name) for name in _SIMPLE}
    told["company"] = row.company if folded(row.company or "") != folded(contact.company or "") else None
    return ContactRow(
        **{name: value for name, value in told.items() if value and value != getattr(contact, name)},
        vip=row.vip if row.vip is not None and row.vip != contact.vip else None,
        address=row.address if row.address != first else None,
        places=row.places if row.places != contact.addresses[1:] else (),
        tags=more.tags,
        fields={key: value for key, value in row.fields.items() if value != contact.fields.get(key)},
        phones=more.phones,
        emails=more.emails,
        marks=more.marks,
    )


def told_of(contact: Contact, row: ContactRow, ids: Iterable[str]) -> dict[str, Any]:
    """Return what is other of *contact* with *row*, but for his company; *ids* are for new numbers."""
    told = {name: value for name in _SIMPLE if name != "company" and (value := getattr(row, name))}
    ids = iter(ids)
    if row.vip is not None:
        told["vip"] = row.vip
    if row.address or row.places:
        first = (row.address,) if row.address else contact.addresses[:1]
        told["addresses"] = (*first, *(row.places or contact.addresses[1:]))
    if row.tags:
        told["tags"] = (*contact.tags, *row.tags)
    if row.fields:
        told["fields"] = contact.fields | row.fields
    if row.phones or row.marks:
        phones = (*contact.phones, *phones_of(row, ids))
        told["phones"] = tuple(with_marks(one, row.marks) for one in phones)
    if row.emails or row.marks:
        emails = (*contact.emails, *emails_of(row, ids))
        told["emails"] = tuple(with_marks(one, row.marks) for one in emails)
    return told


def phones_of(row: ContactRow, ids: Iterable[str]) -> tuple[Phone, ...]:
    """Return the numbers of *row* to be kept, each with the next of *ids*."""
    return tuple(
        Phone(id=key, raw=one.raw, e164=one.e164, ext=one.ext, label=one.label)
        for one, key in zip(row.phones, ids, strict=False)
    )


def emails_of(row: ContactRow, ids: Iterable[str]) -> tuple[Email, ...]:
    """Return the addresses of *row* to be kept, each with the next of *ids*."""
    return tuple(Email(id=key, address=one) for one, key in zip(row.emails, ids, strict=False))
