"""The card that pops, gathered in a handful of index hits."""

from __future__ import annotations

from datetime import date

from crm_core.domain.cards import (
    Card,
    CardAccount,
    CardContact,
    CardIncident,
    CardNote,
    CardPerson,
    CardProblem,
    CardProduct,
)
from crm_core.domain.entitlement import of_contract
from crm_core.domain.entries import Entry
from crm_core.domain.phone import ReadNumber, read_number
from crm_core.ports import UnitOfWork
from crm_core.services import equipment
from crm_core.services.lookup import Callers, Looked, callers, contact_named, told

INCIDENTS, PROBLEMS, CALLS, NOTES, PRODUCTS = 5, 3, 5, 3, 6


def card_for(
    uow: UnitOfWork,
    *,
    number: str | None,
    region: str,
    contact_id: str | None,
    today: date,
) -> Card:
    """Return the card of who calls with *number*, as it came over a trunk in *region*.

    *contact_id*, when somebody named the caller (or the caller himself did), counts more than the number.
    A stranger's card shows the calls of his number. *today* is the day where the site is.
    """
    read = read_number(number, region=region) if number else None
    return _card(uow, callers(uow, number=read, named=contact_id), read, today)


def card_and_route(
    uow: UnitOfWork, *, number: str | None, region: str, named: str | None, today: date
) -> tuple[Card, Looked]:
    """Return ``card_for`` the caller, and what ``lookup.who`` tells a dialplan of him, by one look-up.

    *named* is a contact's id or the number of an incident of his.
    """
    read = read_number(number, region=region) if number else None
    found = callers(uow, number=read, named=contact_named(uow, named))
    return _card(uow, found, read, today), told(found)


def _card(uow: UnitOfWork, found: Callers, read: ReadNumber | None, today: date) -> Card:
    e164 = read.e164 if read else None
    contact, company = found.contact, found.company
    who = contact.contact_id if contact else None
    account_id = company.account_id if company else None
    return Card(
        number=e164,
        contact=_contact(contact, e164) if contact else None,
        account=_account(company) if company else None,
        open_incidents=_incidents(uow, who, account_id),
        problems=_problems(uow, who, account_id),
        last_calls=tuple(uow.calls.recent(contact_id=who, customer=e164, limit=CALLS)) if who or e164 else (),
        products=_products(uow, who, account_id, today),
        notes=_notes(uow, contact) if contact else (),
        people=() if contact else _people(found),
        match=found.match,
    )


def _contact(entry: Entry, e164: str | None) -> CardContact:
    return CardContact(
        id=entry.contact_id or "",
        name=entry.name,
        language=entry.language,
        vip=entry.vip,
        number=entry.e164 or e164,
    )


def _account(entry: Entry) -> CardAccount | None:
    if entry.account_id is None:
        return None
    return CardAccount(id=entry.account_id, name=entry.company or "", tier=entry.tier)


def _incidents(uow: UnitOfWork, contact_id: str | None, account_id: str | None) -> tuple[CardIncident, ...]:
    if not (contact_id or account_id):
        return ()
    return tuple(uow.incidents.open_of(contact_id=contact_id, account_id=account_id, limit=INCIDENTS))


def _problems(uow: UnitOfWork, contact_id: str | None, account_id: str | None) -> tuple[CardProblem, ...]:
    if not (contact_id or account_id):
        return ()
    return tuple(uow.incidents.frequent_of(contact_id=contact_id, account_id=account_id, limit=PROBLEMS))


def _products(
    uow: UnitOfWork, contact_id: str | None, account_id: str | None, today: date
) -> tuple[CardProduct, ...]:
    """Return contracts of a customer, then what he has: as much as a card has room for, half of it each."""
    if not (contact_id or account_id) or not uow.assets.has_any(contact_id, account_id):
        return ()
    found, owed = equipment.of_customer(
        uow, contact_id=contact_id, account_id=account_id, today=today, limit=PRODUCTS
    )
    shown = [
        CardProduct(name_es=one.name, name_en=one.name, entitlement=of_contract(one, today=today))
        for one in owed[: PRODUCTS // 2]
    ]
    shown += [
        CardProduct(
            name_es=one.product.name_es,
            name_en=one.product.name_en,
            serial=one.asset.serial,
            entitlement=one.entitlement,
        )
        for one in found
    ]
    return tuple(shown[:PRODUCTS])


def _notes(uow: UnitOfWork, contact: Entry) -> tuple[CardNote, ...]:
    """Return what stands about the contact, then what was written about his last calls."""
    standing: tuple[CardNote, ...] = ()
    if contact.note and contact.noted_at:
        standing = (CardNote(text=contact.note, agent=None, at=contact.noted_at),)
    return (*standing, *uow.calls.last_notes(contact.contact_id or "", NOTES))


def _people(found: Callers) -> tuple[CardPerson, ...]:
    people = []
    for one in found.match.candidates:
        entry = found.entries.get((one.contact_id, one.account_id))
        if entry and one.contact_id:
            person = CardPerson(
                contact_id=one.contact_id, name=entry.name, company=entry.company, why=one.why
            )
            people.append(person)
    return tuple(people)
