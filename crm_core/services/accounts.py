"""Companies: found, created, changed, and the lines that are theirs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from crm_core.domain.accounts import Account, Relation, WholeAccount, changed, checked
from crm_core.domain.contacts import Contact, Phone
from crm_core.domain.errors import AlreadyExistsError, InvalidError
from crm_core.domain.events import AccountCreated, AccountUpdated
from crm_core.domain.versions import at_version
from crm_core.domain.words import each_once, folded
from crm_core.ports import UnitOfWork
from crm_core.services.fields import values
from crm_core.services.led_on import missing
from crm_core.services.reach import demand_marked, phones_after

AT_ONCE = 500
DEEPEST = 20  # companies above each other


def get(uow: UnitOfWork, *, account_id: str) -> WholeAccount:
    """Return a company with its lines, ranges and relations.

    Raises:
        NotFoundError: there is none.
    """
    account = uow.accounts.whole(account_id)
    if account is None:
        raise missing(uow, "account", account_id)
    return account


def find(
    uow: UnitOfWork, *, q: str, after: tuple[str, ...] | None = None, limit: int, whole: bool = False
) -> list[Account]:
    """Return companies by folded name and id, behind *after* (the last one's folded name and id).

    *q* is how a name or a tax number begins (*whole*: is); or, behind a #, a tag. Empty: all.
    """
    place = (after[0], after[1]) if after else None
    if q.startswith("#") and len(q) > 1:
        return uow.accounts.with_tag(folded(q[1:]), place, limit)
    text = folded(q)
    return (
        uow.accounts.beginning(text, place, limit, whole=whole) if text else uow.accounts.page(place, limit)
    )


def belongings(
    uow: UnitOfWork, *, found: Sequence[Account]
) -> tuple[Mapping[str, str], Mapping[str, Sequence[Phone]]]:
    """Return of companies that were *found* what is above them by name, and their lines; both by ids."""
    parents = sorted({one.parent_id for one in found if one.parent_id})
    return uow.accounts.names_of(parents), uow.accounts.lines_of([one.id for one in found])


def people(
    uow: UnitOfWork, *, account_id: str, after: tuple[str, ...] | None = None, limit: int
) -> list[Contact]:
    """Return the contacts of a company, by folded name and id."""
    return uow.contacts.of_account(account_id, (after[0], after[1]) if after else None, limit)


def create(
    uow: UnitOfWork,
    *,
    account: WholeAccount,
    region: str,
    by: str | None,
    now: datetime,
    may_route: bool = True,
) -> WholeAccount:
    """Keep a new company with all that belongs to it, its lines read as in *region* (or its own).

    Only who *may_route* says to which queue its callers go.

    Raises:
        AlreadyExistsError: there is one with this id.
        InvalidError: naming what cannot be kept.
    """
    if uow.accounts.get(account.id):
        raise AlreadyExistsError("account", account.id)
    _demand_route(account, None, may_route=may_route)
    made = _settled(uow, account, before=None, region=region, now=now)
    uow.accounts.add(made)
    _keep_belongings(uow, made, now=now)
    uow.events.append(AccountCreated(at=now, by=by, account_id=made.id))
    return made


def change(
    uow: UnitOfWork,
    *,
    account_id: str,
    version: int,
    changes: Mapping[str, Any],
    region: str,
    by: str | None,
    now: datetime,
    may_lift: bool = True,
    may_route: bool = True,
) -> WholeAccount:
    """Return the company's next version, with *changes*; as it is when they change nothing.

    ``phones``, ``ranges`` and ``relations`` among them are all that it has from now on; relations that others
    have with it are theirs. Numbers that must not be called stay so, unless who changes it *may_lift* that.
    Only who *may_route* says to which queue its callers go.

    Raises:
        NotFoundError: there is none.
        VersionConflictError: *version* is not the one that is kept.
        InvalidError: a change cannot be.
    """
    account = at_version(get(uow, account_id=account_id), version)
    after = _settled(uow, changed(account, changes), before=account, region=region, now=now)
    if replace(after, version=version) == account:
        return account
    if not may_lift:
        demand_marked(account.phones, after.phones)
    _demand_route(after, account.preferred_queue, may_route=may_route)
    _put(uow, after, now=now)
    if after.name != account.name:
        call_anew(uow, account_id)
    uow.events.append(AccountUpdated(at=now, by=by, account_id=account_id, version=after.version))
    return after


def account_named(uow: UnitOfWork, *, name: str | None, now: datetime) -> Account | None:
    """Return the company of this name, made when it is new; None without a name."""
    if not name or not name.strip():
        return None
    if (known := uow.accounts.named(name)) is not None:
        return known
    account = Account(id=uow.new_id(now), name=" ".join(name.split()))
    uow.accounts.add(account)
    return account


def _demand_route(account: WholeAccount, before: str | None, *, may_route: bool) -> None:
    if account.preferred_queue != before and not may_route:
        raise InvalidError("preferred_queue", "a supervisor says where its callers go", fault="may_not_route")


def _settled(
    uow: UnitOfWork, account: WholeAccount, *, before: WholeAccount | None, region: str, now: datetime
) -> WholeAccount:
    """Return *account* as it is kept: its lines read, each of its belongings once, in order.

    Raises:
        InvalidError: naming what cannot be kept.
    """
    checked(account)
    had, stood = (before.phones, before.fields) if before else ((), {})
    ranges = {(one.first, one.last): one for one in account.ranges}
    ours = {(one.kind, one.account_id): one for one in account.relations if not one.is_theirs}
    named = [_named(uow, n, one) for n, one in enumerate(ours.values())]
    return replace(
        account,
        parent=_parent(uow, account),
        tags=each_once(account.tags),
        fields=_values(uow, account, stood),
        phones=phones_after(uow, had, account.phones, region=account.region or region, now=now),
        ranges=tuple(ranges[ends] for ends in sorted(ranges)),
        relations=(
            *sorted(named, key=lambda one: (one.kind, one.name, one.account_id)),
            *((one for one in before.relations if one.is_theirs) if before else ()),
        ),
    )


def _values(uow: UnitOfWork, account: WholeAccount, stood: Mapping[str, Any]) -> dict[str, Any]:
    """Return the company's own fields as they are kept; those that *stood* before are as they were."""
    if account.fields == stood:
        return account.fields
    return values(uow, entity="account", given=account.fields, before=stood)


def _named(uow: UnitOfWork, n: int, relation: Relation) -> Relation:
    """Return *relation* with the other company's name."""
    other = uow.accounts.get(relation.account_id)
    if other is None:
        raise InvalidError(f"relations.{n}.account_id", "there is no such company", fault="not_found")
    return replace(relation, name=other.name)


def _parent(uow: UnitOfWork, account: WholeAccount) -> str | None:
    """Return the name of the parent, when there is one and no company is above itself."""
    above: list[Account] = []
    key = account.parent_id
    while key:
        parent = uow.accounts.get(key)
        if parent is None:
            raise InvalidError("parent_id", "there is no such company", fault="not_found")
        above.append(parent)
        if parent.id == account.id or len(above) > DEEPEST:
            raise InvalidError("parent_id", "a company is not above itself", fault="cycle")
        key = parent.parent_id
    return above[0].name if above else None


def _keep_belongings(uow: UnitOfWork, account: WholeAccount, *, now: datetime) -> None:
    for line in account.phones:
        uow.accounts.add_line(account.id, line)
    for one in account.ranges:
        uow.accounts.add_range(account.id, uow.new_id(now), first=one.first, last=one.last)
    for relation in account.relations:
        if not relation.is_theirs:
            uow.accounts.add_relation(account.id, relation)


def keep_anew(uow: UnitOfWork, account: WholeAccount, *, now: datetime) -> None:
    """Keep a company as it is told, with all that belongs to it.

    Raises:
        InvalidError: it would be above itself.
    """
    _parent(uow, account)
    _put(uow, account, now=now)


def _put(uow: UnitOfWork, account: WholeAccount, *, now: datetime) -> None:
    uow.accounts.change(account)
    uow.accounts.forget_belongings(account.id)
    _keep_belongings(uow, account, now=now)


def call_anew(uow: UnitOfWork, account_id: str) -> None:
    """Let the company's people be found by its new name."""
    last = ""
    while group := uow.contacts.in_company(account_id, last, AT_ONCE):
        last = group[-1].id
        for contact in group:
            uow.contacts.change(contact)
