"""Two companies become one, and two again: fields by choice, their people, lines and incidents moved."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from msgspec.structs import replace

from crm_core.domain.accounts import WholeAccount
from crm_core.domain.errors import InvalidError
from crm_core.domain.events import AccountMerged, AccountSplit, AccountUpdated
from crm_core.domain.merges import AccountJournal, ChangedSinceError, Merge, Sides
from crm_core.domain.merging import Choices, merged_account
from crm_core.ports import UnitOfWork
from crm_core.services import accounts
from crm_core.services.merge_parts import batched, both, keep_merge, move_apart, part_again, tell_incidents
from crm_core.services.reach import MOST_PHONES

PEOPLE, INCIDENTS = "contact", "incident"


def merge_accounts(
    uow: UnitOfWork,
    *,
    sides: Sides,
    choices: Choices,
    by: str | None,
    address: str | None,
    now: datetime,
) -> Merge:
    """Make one company of two; *choices* say of which one a field is, see ``domain.merging``.

    Raises:
        NotFoundError: one of them is not there (``MergedError``: it is a part of another one).
        VersionConflictError: one of them is another version.
        InvalidError: it is one company, a choice is none, both have too many lines, or it would be above
            itself.
    """
    stays, goes = both(lambda key: accounts.get(uow, account_id=key), sides)
    after = merged_account(stays, goes, choices)
    if len(after.phones) > MOST_PHONES:
        raise InvalidError("phones", f"both have more than {MOST_PHONES}", fault="too_many")
    journal = _moved(uow, stays, goes, after, by=by, now=now)
    uow.merges.drop_account(goes.id)
    uow.events.append(AccountMerged(at=now, by=by, account_id=goes.id, into=stays.id))
    uow.events.append(AccountUpdated(at=now, by=by, account_id=stays.id, version=after.version))
    return keep_merge(uow, stays, goes, journal, by=by, address=address, now=now)


def split_account(
    uow: UnitOfWork, one: Merge, journal: AccountJournal, *, by: str | None, now: datetime
) -> None:
    """Make two companies of one again, see ``unmerging.undo``.

    Raises:
        ChangedSinceError: the company, or something that was moved to it, is another one since.
    """
    _demand_as_it_was(uow, one, journal)
    version = journal.version + 1
    stays, goes = (replace(each, version=version) for each in (journal.stays, journal.goes))
    uow.accounts.add(replace(goes, parent_id=None))
    uow.merges.move_back("account", journal.moved, to=goes.id)
    accounts.keep_anew(uow, stays, now=now)  # first: lines that are the other's are still its own
    accounts.keep_anew(uow, goes, now=now)
    added = set(journal.related) - set(journal.own_related)
    uow.merges.unrelate(added, to=stays.id)
    uow.merges.relate(journal.related, to=goes.id)
    _give_people(uow, journal.moved.get(PEOPLE, ()), goes, now=now)
    accounts.call_anew(uow, stays.id)
    part_again(uow, journal.apart, stays=stays.id, goes=goes.id)
    tell_incidents(uow, journal.moved.get(INCIDENTS, ()), by=by, now=now)
    uow.events.append(AccountSplit(at=now, by=by, account_id=goes.id, out_of=stays.id))
    for each in (stays, goes):
        uow.events.append(AccountUpdated(at=now, by=by, account_id=each.id, version=version))


def _moved(
    uow: UnitOfWork,
    stays: WholeAccount,
    goes: WholeAccount,
    after: WholeAccount,
    *,
    by: str | None,
    now: datetime,
) -> AccountJournal:
    """Give everything of *goes* to *stays*, which is *after* then; return what stood in its place."""
    related, own = uow.merges.related_to(goes.id), uow.merges.related_to(stays.id)
    uow.accounts.forget_belongings(goes.id)
    uow.merges.unrelate(related, to=goes.id)
    moved = uow.merges.move("account", of=goes.id, to=stays.id)
    if stays.parent_id == goes.id:  # its own parent stands in the record
        moved["account"] = tuple(one for one in moved["account"] if one != stays.id)
    accounts.keep_anew(uow, after, now=now)
    uow.merges.relate(related, to=stays.id)
    people = _people(uow, goes.id)
    _give_people(uow, people, after, now=now)
    if after.name != stays.name:
        accounts.call_anew(uow, stays.id)
    tell_incidents(uow, moved.get(INCIDENTS, ()), by=by, now=now)
    apart = uow.merges.apart("account", [stays.id, goes.id])
    move_apart(uow, apart, stays=stays.id, goes=goes.id)
    return AccountJournal(
        stays=stays,
        goes=goes,
        version=after.version,
        moved=moved | ({PEOPLE: tuple(people)} if people else {}),
        related=tuple(related),
        own_related=tuple(own),
        apart=tuple(apart),
    )


def _people(uow: UnitOfWork, account_id: str) -> list[str]:
    found: list[str] = []
    while group := uow.contacts.in_company(account_id, found[-1] if found else "", accounts.AT_ONCE):
        found += [one.id for one in group]
    return found


def _give_people(uow: UnitOfWork, ids: Iterable[str], company: WholeAccount, *, now: datetime) -> None:
    """Let people work for *company*: they are found by its name."""
    for group in batched(ids):
        for key in group:
            if contact := uow.contacts.get(key):
                moved = {"account_id": company.id, "company": company.name}
                version = contact.version + 1
                uow.contacts.change(replace(contact, **moved, version=version, updated_at=now))
        uow.search.touch("contact", group)


def _demand_as_it_was(uow: UnitOfWork, one: Merge, journal: AccountJournal) -> None:
    """Demand that nothing of what the merge did was changed since.

    Raises:
        ChangedSinceError: with all that was.
    """
    changed: list[tuple[str, str]] = []
    now = uow.accounts.get(one.into_id)
    if now is None or now.version != journal.version:
        changed.append(("account", one.into_id))
    changed += uow.merges.strays("account", journal.moved, of=one.into_id)
    for key in journal.moved.get(PEOPLE, ()):
        contact = uow.contacts.get(key)
        if contact is None or contact.account_id != one.into_id:
            changed.append((PEOPLE, key))
    if changed:
        raise ChangedSinceError(changed)
