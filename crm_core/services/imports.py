"""Customers from tables: many at a time, the same ones as often as one likes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterator, Sequence
from datetime import datetime
from typing import Literal

import msgspec
from msgspec.structs import replace

from crm_core.domain.accounts import Account
from crm_core.domain.contact_known import differing, forbidding, is_same, lacking, told_of
from crm_core.domain.contact_rows import ContactRow
from crm_core.domain.contacts import Contact
from crm_core.domain.events import ContactCreated, ContactUpdated
from crm_core.domain.imports import BroughtIn, Policy
from crm_core.domain.phone import equated
from crm_core.domain.rows import RowError
from crm_core.domain.typed_cells import lacks_own
from crm_core.domain.vcard import own_uid
from crm_core.domain.words import folded
from crm_core.ports import UnitOfWork
from crm_core.services.reach import note_marks
from crm_core.services.relabel import relabel

Verdict = Literal[
    "added", "completed", "known", "full", "too_many_tags", "erased", "above_itself", "lacks_own"
]
NOTHING = ContactRow()


class Brought(msgspec.Struct, frozen=True, kw_only=True):
    """What became of rows, in their order, and of whom."""

    verdicts: list[Verdict]
    contacts: list[BroughtIn]
    companies: list[str]


class _Draft(msgspec.Struct):
    """A contact as he will be; ``before`` is None for one who is new."""

    contact: Contact
    before: Contact | None


def bring_in(
    uow: UnitOfWork, *, rows: Sequence[ContactRow], policy: Policy = "complete", by: str, now: datetime
) -> Brought:
    """Keep who stands in *rows* and return what became of each.

    Somebody is known when he has the same name and a number or an address in common; *policy* says what then
    becomes of him. Past calls of new numbers find their customer. Who was erased does not come back. Some
    hundred rows at a time leave others their turn.
    """
    drafts, verdicts = _drafted(uow, rows, policy, now)
    uow.accounts.add_many(drafts.founded)
    new = [draft.contact for draft in drafts.each() if draft.before is None]
    uow.contacts.add(new)
    uow.events.extend(ContactCreated(at=now, by=by, contact_id=one.id) for one in new)
    changed = [
        (draft.before, _change(uow, draft.before, draft.contact, by=by, now=now))
        for draft in drafts.each()
        if draft.before and draft.before is not draft.contact
    ]
    _relabel(uow, drafts.learnt, by=by, now=now)
    return Brought(
        verdicts=verdicts,
        contacts=[BroughtIn(contact_id=one.id, version=one.version) for one in new]
        + [BroughtIn(contact_id=one.id, version=one.version, before=before) for before, one in changed],
        companies=[one.id for one in drafts.founded],
    )


def weigh(uow: UnitOfWork, *, rows: Sequence[ContactRow], policy: Policy, now: datetime) -> list[Verdict]:
    """Return what would become of each of *rows*; nothing is kept."""
    return _drafted(uow, rows, policy, now)[1]


def _drafted(
    uow: UnitOfWork, rows: Sequence[ContactRow], policy: Policy, now: datetime
) -> tuple[_Drafts, list[Verdict]]:
    erased = uow.privacy.suppressed({phone.e164 for row in rows for phone in row.phones})
    drafts = _Drafts(uow, [row for row in rows if not _has_one(row, erased)], policy, now)
    return drafts, ["erased" if _has_one(row, erased) else drafts.take(row) for row in rows]


_MORE = {"complete": lacking, "update": differing, "skip": forbidding}


class _Drafts:
    """The contacts that a group of rows is about."""

    def __init__(self, uow: UnitOfWork, rows: Sequence[ContactRow], policy: Policy, now: datetime) -> None:
        self._uow, self._policy, self._now = uow, policy, now
        self._fields = uow.fields.of("contact") if any(row.fields for row in rows) else []
        self.learnt: list[tuple[str, str]] = []
        """Which contact got which number."""
        self.founded: list[Account] = []
        """Companies that nobody knew."""
        self._companies: dict[str, Account] = {}
        for account in uow.accounts.all_named(sorted({folded(row.company) for row in rows if row.company})):
            self._companies.setdefault(folded(account.name), account)
        self._by_name: defaultdict[str, list[_Draft]] = defaultdict(list)
        known = uow.contacts.namesakes(
            names=sorted({folded(row.name) for row in rows}),
            numbers=sorted({phone.e164 for row in rows for phone in row.phones}),
            addresses=sorted({folded(address) for row in rows for address in row.emails}),
        )
        self._by_id: dict[str, _Draft] = {}
        for contact in (*known, *self._by_uid(rows, {one.id for one in known})):
            draft = self._by_id[contact.id] = _Draft(contact, contact)
            self._by_name[folded(contact.name)].append(draft)

    def _by_uid(self, rows: Sequence[ContactRow], known: Container[str]) -> Iterator[Contact]:
        """Yield those whose own cards come back, whatever they are called by now."""
        for key in sorted({key for row in rows if (key := own_uid(row.uid)) and key not in known}):
            if (contact := self._uow.contacts.get(key)) is not None:
                yield contact

    def each(self) -> Iterator[_Draft]:
        """Return every contact, old or new."""
        return (draft for drafts in self._by_name.values() for draft in drafts)

    def take(self, row: ContactRow) -> Verdict:
        """Put *row* with who it is about; say what that was."""
        drafts = self._by_name[folded(row.name)]
        draft = self._by_id.get(own_uid(row.uid) or "")
        draft = draft or next((one for one in drafts if is_same(one.contact, row)), None)
        if draft is None or self._policy == "add":
            if row.fields and lacks_own(self._fields, row.fields):
                return "lacks_own"
            drafts.append(_Draft(self._new(row), None))
            return "added"
        return self._completed(draft, row)

    def _completed(self, draft: _Draft, row: ContactRow) -> Verdict:
        try:
            more = _MORE[self._policy](draft.contact, row)
        except RowError as error:
            return refusal(error)
        if more == NOTHING:
            return "known"
        if more.fields and lacks_own(self._fields, draft.contact.fields | more.fields):
            return "lacks_own"
        draft.contact = self._with(draft.contact, more)
        return "completed"

    def _new(self, row: ContactRow) -> Contact:
        contact = Contact(
            id=self._uow.new_id(self._now),
            given=row.given,
            additional=row.additional,
            family=row.family,
            second_family=row.second_family,
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
            **told_of(contact, row, self._ids()),
        )

    def _company(self, name: str) -> Account:
        key = folded(name)
        if (known := self._companies.get(key)) is None:  # all of these names were asked for at once
            known = self._companies[key] = Account(
                id=self._uow.new_id(self._now), name=" ".join(name.split())
            )
            self.founded.append(known)
        return known

    def _ids(self) -> Iterator[str]:
        while True:
            yield self._uow.new_id(self._now)


def refusal(error: RowError) -> Verdict:
    """Return what becomes of a row with which somebody known would have too much."""
    return "too_many_tags" if error.fault == "too_many_tags" else "full"


def _has_one(row: ContactRow, numbers: Container[str]) -> bool:
    return any(phone.e164 in numbers for phone in row.phones)


def _change(uow: UnitOfWork, before: Contact, after: Contact, *, by: str, now: datetime) -> Contact:
    after = replace(after, version=before.version + 1, updated_at=now)
    uow.contacts.change(after)
    if after.phones[: len(before.phones)] != before.phones:
        uow.contacts.set_phones(after.id, after.phones)
    else:
        for phone in after.phones[len(before.phones) :]:
            uow.contacts.add_phone(after.id, phone)
    if after.emails[: len(before.emails)] != before.emails:
        uow.contacts.set_emails(after.id, after.emails)
    else:
        for email in after.emails[len(before.emails) :]:
            uow.contacts.add_email(after.id, email)
    note_marks(uow, after.id, before.phones, after.phones, by=by, now=now)
    uow.events.append(ContactUpdated(at=now, by=by, contact_id=after.id, version=after.version))
    return after


def _relabel(uow: UnitOfWork, learnt: Sequence[tuple[str, str]], *, by: str, now: datetime) -> None:
    """Label past calls; one question tells which numbers have any."""
    spellings = {number: (number, *equated(number)) for _, number in learnt}
    waiting = {
        call.customer for call in uow.calls.unlabelled([s for each in spellings.values() for s in each])
    }
    for contact_id, number in learnt:
        if not waiting.isdisjoint(spellings[number]):
            relabel(uow, contact_id=contact_id, numbers=[number], by=by, now=now)
