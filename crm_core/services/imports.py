"""Customers from tables: many at a time, the same ones as often as one likes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterator, Sequence
from datetime import datetime
from typing import Literal

import msgspec
from msgspec.structs import replace

from crm_core.domain.accounts import Account
from crm_core.domain.contact_rows import ContactRow, RowError, emails_of, is_same, lacking, phones_of
from crm_core.domain.contacts import Contact
from crm_core.domain.events import ContactCreated, ContactUpdated
from crm_core.domain.phone import equated
from crm_core.domain.words import folded
from crm_core.ports import UnitOfWork
from crm_core.services.accounts import new_account
from crm_core.services.relabel import relabel

Verdict = Literal["added", "completed", "known", "full", "erased"]
NOTHING = ContactRow()


class _Draft(msgspec.Struct):
    """A contact as he will be; ``before`` is None for one who is new."""

    contact: Contact
    before: Contact | None


def bring_in(uow: UnitOfWork, *, rows: Sequence[ContactRow], by: str, now: datetime) -> list[Verdict]:
    """Keep who stands in *rows* and return what became of each.

    Somebody is known when he has the same name and a number or an address in common: then he gets what he
    lacks, and nothing of his is written over. Past calls of new numbers find their customer. Who was erased
    does not come back. Some hundred rows at a time leave others their turn.
    """
    erased = uow.privacy.suppressed({phone.e164 for row in rows for phone in row.phones})
    drafts = _Drafts(uow, [row for row in rows if not _has_one(row, erased)], now)
    verdicts: list[Verdict] = ["erased" if _has_one(row, erased) else drafts.take(row) for row in rows]
    new = [draft.contact for draft in drafts.each() if draft.before is None]
    uow.contacts.add(new)
    uow.events.extend(ContactCreated(at=now, by=by, contact_id=one.id) for one in new)
    for draft in drafts.each():
        if draft.before and draft.before is not draft.contact:
            _change(uow, draft.before, draft.contact, by=by, now=now)
    _relabel(uow, drafts.learnt, by=by, now=now)
    return verdicts


class _Drafts:
    """The contacts that a group of rows is about."""

    def __init__(self, uow: UnitOfWork, rows: Sequence[ContactRow], now: datetime) -> None:
        self._uow, self._now = uow, now
        self.learnt: list[tuple[str, str]] = []
        """Which contact got which number."""
        self._companies: dict[str, Account | None] = {}
        for account in uow.accounts.all_named(sorted({folded(row.company) for row in rows if row.company})):
            self._companies.setdefault(folded(account.name), account)
        self._by_name: defaultdict[str, list[_Draft]] = defaultdict(list)
        known = uow.contacts.namesakes(
            names=sorted({folded(row.name) for row in rows}),
            numbers=sorted({phone.e164 for row in rows for phone in row.phones}),
            addresses=sorted({folded(address) for row in rows for address in row.emails}),
        )
        for contact in known:
            self._by_name[folded(contact.name)].append(_Draft(contact, contact))

    def each(self) -> Iterator[_Draft]:
        """Return every contact, old or new."""
        return (draft for drafts in self._by_name.values() for draft in drafts)

    def take(self, row: ContactRow) -> Verdict:
        """Put *row* with who it is about; say what that was."""
        drafts = self._by_name[folded(row.name)]
        draft = next((one for one in drafts if is_same(one.contact, row)), None)
        if draft is None:
            drafts.append(_Draft(self._new(row), None))
            return "added"
        try:
            more = lacking(draft.contact, row)
        except RowError:
            return "full"
        if more == NOTHING:
            return "known"
        draft.contact = self._with(draft.contact, more)
        return "completed"

    def _new(self, row: ContactRow) -> Contact:
        contact = Contact(
            id=self._uow.new_id(self._now),
            given=row.given,
            family=row.family,
            created_at=self._now,
            updated_at=self._now,
        )
        return self._with(contact, row)

    def _with(self, contact: Contact, row: ContactRow) -> Contact:
        self.learnt += [(contact.id, phone.e164) for phone in row.phones]
        account = self._company(row.company) if row.company else None
        return replace(
            contact,
            account_id=account.id if account else contact.account_id,
            company=account.name if account else contact.company,
            note=row.note or contact.note,
            phones=(*contact.phones, *phones_of(row, self._ids())),
            emails=(*contact.emails, *emails_of(row, self._ids())),
        )

    def _company(self, name: str) -> Account | None:
        key = folded(name)
        if key not in self._companies:  # all who are called as these rows say were asked for at once
            self._companies[key] = new_account(self._uow, name=name, now=self._now)
        return self._companies[key]

    def _ids(self) -> Iterator[str]:
        while True:
            yield self._uow.new_id(self._now)


def _has_one(row: ContactRow, numbers: Container[str]) -> bool:
    return any(phone.e164 in numbers for phone in row.phones)


def _change(uow: UnitOfWork, before: Contact, after: Contact, *, by: str, now: datetime) -> None:
    after = replace(after, version=before.version + 1, updated_at=now)
    uow.contacts.change(after)
    for phone in after.phones[len(before.phones) :]:
        uow.contacts.add_phone(after.id, phone)
    for email in after.emails[len(before.emails) :]:
        uow.contacts.add_email(after.id, email)
    uow.events.append(ContactUpdated(at=now, by=by, contact_id=after.id, version=after.version))


def _relabel(uow: UnitOfWork, learnt: Sequence[tuple[str, str]], *, by: str, now: datetime) -> None:
    """Label past calls; one question tells which numbers have any."""
    spellings = {number: (number, *equated(number)) for _, number in learnt}
    waiting = {
        call.customer for call in uow.calls.unlabelled([s for each in spellings.values() for s in each])
    }
    for contact_id, number in learnt:
        if not waiting.isdisjoint(spellings[number]):
            relabel(uow, contact_id=contact_id, numbers=[number], by=by, now=now)
