"""Companies from tables: many at a time, the same ones as often as one likes; each below its parent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

import msgspec
from msgspec.structs import replace

from crm_core.domain.account_rows import AccountRow, changes_told, is_same_account, lacking_numbers, lines_of
from crm_core.domain.accounts import Account, NumberRange, WholeAccount, tax_key
from crm_core.domain.contacts import Phone
from crm_core.domain.events import AccountCreated, AccountUpdated
from crm_core.domain.imports import BroughtCompany, Policy
from crm_core.domain.rows import RowError
from crm_core.domain.typed_cells import lacks_own
from crm_core.domain.way_marks import forbidden, new_marks, with_marks
from crm_core.domain.words import folded
from crm_core.ports import UnitOfWork
from crm_core.services.accounts import DEEPEST, call_anew
from crm_core.services.imports import Verdict, refusal


class BroughtCompanies(msgspec.Struct, frozen=True, kw_only=True):
    """What became of rows, in their order, and of which companies."""

    verdicts: list[Verdict]
    companies: list[BroughtCompany]


class _Draft(msgspec.Struct):
    """A company as it will be; ``before`` is None for one that is new.

    ``is_stub``: others name it as their parent, and its own row did not come yet.
    """

    account: Account
    before: WholeAccount | None = None
    is_new: bool = False
    is_stub: bool = False


class _AboveItselfError(Exception):
    """A company would be above itself, or too many above each other."""


def bring_in_companies(
    uow: UnitOfWork, *, batch_id: str, rows: Sequence[AccountRow], policy: Policy, by: str, now: datetime
) -> BroughtCompanies:
    """Keep the companies of *rows* and return what became of each.

    One is known by its tax number, else by its name; *policy* says what then becomes of it. A parent that
    nobody knows is made; where its own row comes later in the batch, that tells what it is. A number of
    somebody who was erased does not come back.
    """
    drafts, verdicts = _drafted(uow, batch_id, rows, policy, now)
    new = [draft.account for draft in drafts.each if draft.is_new]
    uow.accounts.add_many(_parents_first(new))
    uow.accounts.add_lines((one.id, line) for one in new for line in _lines(one))
    for one in new:
        _add_ranges(uow, one.id, _ranges(one), now)
    uow.events.extend(AccountCreated(at=now, by=by, account_id=one.id) for one in new)
    changed = [
        (draft.before, _change(uow, draft.before, draft.account, by=by, now=now))
        for draft in drafts.each
        if draft.before and draft.before is not draft.account
    ]
    return BroughtCompanies(
        verdicts=verdicts,
        companies=[BroughtCompany(account_id=one.id, version=one.version) for one in new]
        + [BroughtCompany(account_id=one.id, version=one.version, before=before) for before, one in changed],
    )


def weigh_companies(
    uow: UnitOfWork, *, batch_id: str, rows: Sequence[AccountRow], policy: Policy, now: datetime
) -> list[Verdict]:
    """Return what would become of each of *rows*; nothing is kept."""
    return _drafted(uow, batch_id, rows, policy, now)[1]


def _drafted(
    uow: UnitOfWork, batch_id: str, rows: Sequence[AccountRow], policy: Policy, now: datetime
) -> tuple[_Drafts, list[Verdict]]:
    erased = uow.privacy.suppressed({phone.e164 for row in rows for phone in row.phones})
    drafts = _Drafts(uow, policy, now)
    drafts.load(batch_id, rows)
    return drafts, [
        "erased" if any(phone.e164 in erased for phone in row.phones) else drafts.take(row) for row in rows
    ]


class _Drafts:
    """The companies that a group of rows is about, and those above them."""

    def __init__(self, uow: UnitOfWork, policy: Policy, now: datetime) -> None:
        self._uow, self._policy, self._now = uow, policy, now
        self._fields = uow.fields.of("account")
        self.each: list[_Draft] = []
        self._by_name: defaultdict[str, list[_Draft]] = defaultdict(list)
        self._by_tax: defaultdict[str, list[_Draft]] = defaultdict(list)
        self._by_id: dict[str, _Draft] = {}
        self._below: defaultdict[str, set[str]] = defaultdict(set)
        self._lines: dict[str, list[Phone]] = {}
        self._others: dict[str, Account | None] = {}

    def load(self, batch_id: str, rows: Sequence[AccountRow]) -> None:
        """Find the companies that *rows* may be about, and which of them the batch made as mere parents."""
        names = {folded(name) for row in rows for name in (row.name, row.parent) if name}
        taxes = {key for row in rows if row.tax_id and (key := tax_key(row.tax_id))}
        ours = self._uow.accounts
        found = {one.id: one for one in (*ours.all_taxed(sorted(taxes)), *ours.all_named(sorted(names)))}
        bare = [one.id for one in found.values() if one == Account(id=one.id, name=one.name)]
        stubs = self._uow.imported_companies.mere_parents(batch_id, bare) if bare else frozenset()
        if found and (self._policy in ("complete", "update") or any(row.marks for row in rows)):
            self._lines = ours.lines_of(list(found))
        for one in found.values():
            self._keep(_Draft(one, is_stub=one.id in stubs))

    def take(self, row: AccountRow) -> Verdict:
        """Put *row* with the company that it is about; say what that was."""
        draft = self._about(row)
        try:
            if draft is None or draft.is_stub:
                if row.fields and lacks_own(self._fields, row.fields):
                    return "lacks_own"
                self._add(row, draft)
                return "added"
            return self._forbidden(draft, row) if self._policy == "skip" else self._completed(draft, row)
        except _AboveItselfError:
            return "above_itself"
        except RowError as error:
            return refusal(error)

    def _about(self, row: AccountRow) -> _Draft | None:
        taxed = self._by_tax[tax_key(row.tax_id)] if row.tax_id else []
        ways = (*taxed, *self._by_name[folded(row.name)])
        return next(
            (
                one
                for one in ways
                if is_same_account(one.account, row) and (one.is_stub or self._policy != "add")
            ),
            None,
        )

    def _add(self, row: AccountRow, stub: _Draft | None) -> None:
        """Keep a company that *row* is the first to tell of, in place of its *stub* where there is one."""
        account = WholeAccount(
            id=stub.account.id if stub else self._uow.new_id(self._now),
            name=row.name,
            kind=row.kind or "customer",
            parent_id=self._parent_id(row, of=stub.account if stub else None),
            legal_name=row.legal_name,
            tax_id=row.tax_id,
            tier=row.tier,
            website=row.website,
            note=row.note,
            addresses=(*filter(None, (row.address,)), *row.places),
            region=row.region,
            ranges=row.ranges,
            tags=row.tags,
            fields=row.fields,
            phones=lines_of(row.phones, self._ids(), row.marks),
        )
        if stub is None:
            self._keep(_Draft(account, is_new=True))
            return
        if not stub.is_new:
            self._whole(stub)
        stub.account, stub.is_stub = account, False
        self._file(stub)

    def _completed(self, draft: _Draft, row: AccountRow) -> Verdict:
        account, counts = draft.account, self._policy == "update"
        changes = changes_told(account, row, counts=counts)
        known = self._known(account)
        more = lacking_numbers(known, row)
        marks = new_marks(known, row.marks, (f"{one.e164};{one.ext}" for one in more))
        if more or marks:
            told = (with_marks(one, marks) for one in known)
            changes["phones"] = (*told, *lines_of(more, self._ids(), marks))
        if row.ranges:
            has = self._whole(draft).ranges
            if ranges := tuple(one for one in row.ranges if one not in has):
                changes["ranges"] = (*has, *ranges)
        if row.parent and (counts or account.parent_id is None):
            parent_id = self._parent_id(row, of=account)
            if parent_id != account.parent_id:
                changes["parent_id"] = parent_id
        if not changes:
            return "known"
        if "fields" in changes and lacks_own(self._fields, changes["fields"]):
            return "lacks_own"
        draft.account = replace(self._whole(draft), **changes)
        self._file(draft)
        return "completed"

    def _forbidden(self, draft: _Draft, row: AccountRow) -> Verdict:
        """Take that numbers must not be called, of a company that else stays as it is."""
        known = self._known(draft.account)
        if not (marks := forbidden(known, row.marks)):
            return "known"
        phones = tuple(with_marks(one, marks) for one in known)
        draft.account = replace(self._whole(draft), phones=phones)
        return "completed"

    def _known(self, account: Account) -> Sequence[Phone]:
        return _lines(account) or self._lines.get(account.id, ())

    def _whole(self, draft: _Draft) -> WholeAccount:
        if isinstance(draft.account, WholeAccount):
            return draft.account
        found = self._uow.accounts.whole(draft.account.id)
        assert found is not None  # noqa: S101 - it was found in this transaction
        draft.account = draft.before = found
        return found

    def _parent_id(self, row: AccountRow, *, of: Account | None = None) -> str | None:
        if not row.parent:
            return None
        named = self._by_name[folded(row.parent)]
        parent = named[0] if named else self._stub(row.parent)
        above = self._above(parent.account)
        if of is not None and of.id in above:
            raise _AboveItselfError
        if len(above) + (self._height(of) if of else 0) > DEEPEST:
            raise _AboveItselfError
        if not named:
            self._keep(parent)
        return parent.account.id

    def _stub(self, name: str) -> _Draft:
        return _Draft(WholeAccount(id=self._uow.new_id(self._now), name=name), is_new=True, is_stub=True)

    def _above(self, account: Account | None) -> set[str]:
        """Return *account* and the companies above it."""
        found: set[str] = set()
        while account is not None and account.id not in found:
            found.add(account.id)
            if len(found) > DEEPEST:
                raise _AboveItselfError
            account = self._one(account.parent_id) if account.parent_id else None
        return found

    def _one(self, key: str) -> Account | None:
        if key in self._by_id:
            return self._by_id[key].account
        if key not in self._others:
            self._others[key] = self._uow.accounts.get(key)
        return self._others[key]

    def _height(self, account: Account) -> int:
        """Return how many companies are below each other below *account*, of those that the rows tell of."""
        height, these = 0, {account.id}
        while height < DEEPEST and (these := {key for one in these for key in self._children(one)}):
            height += 1
        return height

    def _children(self, key: str) -> Iterator[str]:
        return (one for one in self._below[key] if self._by_id[one].account.parent_id == key)

    def _keep(self, draft: _Draft) -> None:
        self.each.append(draft)
        self._by_id[draft.account.id] = draft
        self._file(draft)

    def _file(self, draft: _Draft) -> None:
        """Let *draft* be found by its name, its tax number and the one above it."""
        places = [self._by_name[folded(draft.account.name)]]
        if draft.account.tax_id:
            places.append(self._by_tax[tax_key(draft.account.tax_id)])
        for place in places:
            if not any(one is draft for one in place):
                place.append(draft)
        if draft.account.parent_id:
            self._below[draft.account.parent_id].add(draft.account.id)

    def _ids(self) -> Iterator[str]:
        while True:
            yield self._uow.new_id(self._now)


def _parents_first(accounts: Sequence[Account]) -> list[Account]:
    """Return *accounts* so that none comes before the one above it, for the database demands that."""
    waiting = {one.id: one for one in accounts}
    found: list[Account] = []
    for one in accounts:
        line = [waiting.pop(one.id)] if one.id in waiting else []
        while line and (above := line[-1].parent_id) in waiting:
            line.append(waiting.pop(above or ""))
        found += reversed(line)
    return found


def _lines(account: Account) -> tuple[Phone, ...]:
    return account.phones if isinstance(account, WholeAccount) else ()


def _ranges(account: Account) -> tuple[NumberRange, ...]:
    return account.ranges if isinstance(account, WholeAccount) else ()


def _add_ranges(uow: UnitOfWork, account_id: str, ranges: Iterable[NumberRange], now: datetime) -> None:
    for one in ranges:
        uow.accounts.add_range(account_id, uow.new_id(now), first=one.first, last=one.last)


def _change(uow: UnitOfWork, before: WholeAccount, after: Account, *, by: str, now: datetime) -> Account:
    after = replace(after, version=before.version + 1)
    uow.accounts.change(after)
    kept, new = _lines(after)[: len(before.phones)], _lines(after)[len(before.phones) :]
    if kept != before.phones:
        uow.accounts.set_lines(after.id, (*kept, *new))
    else:
        uow.accounts.add_lines((after.id, line) for line in new)
    _add_ranges(uow, after.id, _ranges(after)[len(before.ranges) :], now)
    if after.name != before.name:
        call_anew(uow, after.id)
    uow.events.append(AccountUpdated(at=now, by=by, account_id=after.id, version=after.version))
    return after
