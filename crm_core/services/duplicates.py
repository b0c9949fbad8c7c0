"""Who may be there twice: beside one record, and in the whole house, a page at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from crm_core.domain.accounts import tax_key
from crm_core.domain.contacts import Contact
from crm_core.domain.duplicates import (
    NEIGHBOURS,
    Known,
    NotSame,
    Pair,
    Reason,
    RecordKind,
    Why,
    are_alike,
    not_same,
    paired,
    pairs_of,
)
from crm_core.domain.errors import InvalidError, NotFoundError
from crm_core.domain.words import folded
from crm_core.ports import UnitOfWork
from crm_core.services import accounts, audit, contacts
from crm_core.services.reach import e164s

KIND: dict[Reason, RecordKind] = {
    "number": "contact",
    "email": "contact",
    "name": "contact",
    "tax_id": "account",
    "company_name": "account",
}
MOST_COLLEAGUES = 100
WALKED, KEYS_WALKED = 4_000, 50_000
"""So many people for alike names, or keys, are looked at for one page; the next one goes on behind them."""
BEGIN = 2  # letters of a name by which colleagues are compared


class Suspects(msgspec.Struct, frozen=True, kw_only=True):
    """Pairs, and the place behind the last one looked at: None when all were."""

    pairs: tuple[Pair, ...]
    more: tuple[str, str] | None


def of_contact(uow: UnitOfWork, *, contact_id: str) -> list[Pair]:
    """Return who may be the same as a contact, the likeliest first.

    Raises:
        NotFoundError: there is no such contact.
    """
    contact = contacts.get(uow, contact_id=contact_id)
    addresses = [folded(one.address) for one in contact.emails]
    found = [
        *_sharing(uow, "number", e164s(contact.phones)),
        *_sharing(uow, "email", addresses),
        *((one, Why(reason="name", shared=one.name)) for one in _colleagues(uow, contact)),
    ]
    me = Known(id=contact.id, name=contact.name, beside=contact.company)
    return _beside(uow, "contact", me, found)


def of_account(uow: UnitOfWork, *, account_id: str) -> list[Pair]:
    """Return what may be the same as a company, the likeliest first.

    Raises:
        NotFoundError: there is no such company.
    """
    account = accounts.get(uow, account_id=account_id)
    tax_ids = [tax_key(account.tax_id)] if account.tax_id else []
    found = [*_sharing(uow, "tax_id", tax_ids), *_sharing(uow, "company_name", [account.listed_as])]
    me = Known(id=account.id, name=account.name, beside=account.tax_id)
    return _beside(uow, "account", me, found)


def listed(uow: UnitOfWork, *, reason: Reason, after: tuple[str, str] | None, limit: int) -> Suspects:
    """Return about *limit* pairs that may be one by *reason*, behind the place *after*."""
    if reason == "name":
        return _alike(uow, after, limit)
    begin = after[0] if after else ""
    keys, last = uow.duplicates.shared(reason, after=begin, limit=limit + 1, walk=KEYS_WALKED)
    shown = keys[:limit]
    sharing = uow.duplicates.sharing(reason, shown) if shown else {}
    pairs = [
        pair
        for key in shown
        for pair in pairs_of(KIND[reason], sharing.get(key, ()), Why(reason=reason, shared=key))
    ]
    further = shown[-1] if len(keys) > limit else last
    more = (further, "") if further else None
    return Suspects(pairs=tuple(_together(uow, KIND[reason], pairs)), more=more)


def set_apart(uow: UnitOfWork, *, pair: NotSame, by: str, address: str | None, now: datetime) -> NotSame:
    """Keep that two records are not the same: they are not offered again.

    Raises:
        NotFoundError: one of them is not there.
        InvalidError: it is one record.
    """
    _demand(uow, pair)
    uow.merges.set_apart([pair])
    _note(uow, "not the same", pair, by=by, address=address, now=now)
    return pair


def join(uow: UnitOfWork, *, pair: NotSame, by: str, address: str | None, now: datetime) -> None:
    """Forget that two records are not the same.

    Raises:
        NotFoundError: nobody said so.
    """
    if not uow.merges.join(pair):
        raise NotFoundError("pair", f"{pair.first} {pair.second}")
    _note(uow, "may be the same", pair, by=by, address=address, now=now)


def _sharing(uow: UnitOfWork, reason: Reason, keys: Sequence[str]) -> Iterable[tuple[Known, Why]]:
    few = uow.duplicates.shared_among(reason, keys)
    for key, known in (uow.duplicates.sharing(reason, few) if few else {}).items():
        yield from ((one, Why(reason=reason, shared=key)) for one in known)


def _colleagues(uow: UnitOfWork, contact: Contact) -> Iterable[Known]:
    """Yield who is called alike in the contact's company; who has no name of his own is like nobody."""
    if contact.account_id is None or contact.name == contact.company:
        return
    begin = contact.listed_as[:BEGIN]
    for one in uow.duplicates.colleagues(contact.account_id, begin, MOST_COLLEAGUES):
        if one.name != one.beside and are_alike(one.name, contact.name):
            yield one


def _beside(uow: UnitOfWork, kind: RecordKind, me: Known, found: Iterable[tuple[Known, Why]]) -> list[Pair]:
    others: dict[str, tuple[Known, list[Why]]] = {}
    for one, why in found:
        if one.id != me.id:
            others.setdefault(one.id, (one, []))[1].append(why)
    apart = set(uow.merges.apart(kind, [me.id]))
    pairs = [
        paired(kind, me, one, why)
        for one, why in others.values()
        if not_same(kind, me.id, one.id) not in apart
    ]
    return sorted(pairs, key=lambda pair: (-pair.score, pair.first.id, pair.second.id))


def _alike(uow: UnitOfWork, after: tuple[str, str] | None, limit: int) -> Suspects:
    """Compare each with the few who stand behind him in his company's list (sorted neighbourhood).

    Source:
        Hernández and Stolfo, "The merge/purge problem for large databases", SIGMOD 1995.
    """
    rows = uow.duplicates.by_company(_name_place(after), WALKED)
    pairs: list[Pair] = []
    for n, (company, name, one) in enumerate(rows):
        for other_company, _, other in rows[n + 1 : n + 1 + NEIGHBOURS]:
            if other_company == company and one.name != one.beside and are_alike(one.name, other.name):
                pairs.append(paired("contact", one, other, [Why(reason="name", shared=one.name)]))
        if len(pairs) >= limit:
            return Suspects(pairs=tuple(_together(uow, "contact", pairs)), more=(f"{company} {name}", one.id))
    last = rows[-NEIGHBOURS - 1] if len(rows) == WALKED else None
    more = (f"{last[0]} {last[1]}", last[2].id) if last else None
    return Suspects(pairs=tuple(_together(uow, "contact", pairs)), more=more)


def _name_place(after: tuple[str, str] | None) -> tuple[str, str, str] | None:
    if after is None:
        return None
    company, _, name = after[0].partition(" ")
    return company, name, after[1]


def _together(uow: UnitOfWork, kind: RecordKind, pairs: Sequence[Pair]) -> list[Pair]:
    """Return *pairs* without those of which somebody said that they are not the same."""
    ids = sorted({one.first.id for one in pairs})
    apart = {one.first + one.second for one in uow.merges.apart(kind, ids)}
    return [one for one in pairs if one.first.id + one.second.id not in apart]


def _demand(uow: UnitOfWork, pair: NotSame) -> None:
    if pair.first == pair.second:
        raise InvalidError("second", "it is one record", fault="itself")
    for key in (pair.first, pair.second):
        if pair.kind == "contact":
            contacts.get(uow, contact_id=key)
        else:
            accounts.get(uow, account_id=key)


def _note(uow: UnitOfWork, what: str, pair: NotSame, *, by: str, address: str | None, now: datetime) -> None:
    changes = {"other": (None, pair.second)}
    audit.note(
        uow,
        who=by,
        what=what,
        address=address,
        now=now,
        kind=pair.kind,
        record_id=pair.first,
        changes=changes,
    )
