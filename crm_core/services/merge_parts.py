"""What contacts and companies have in common when they become one, or two again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import TypeVar

import msgspec

from crm_core.domain.accounts import WholeAccount
from crm_core.domain.contacts import Contact
from crm_core.domain.duplicates import NotSame, not_same
from crm_core.domain.errors import InvalidError
from crm_core.domain.events import IncidentUpdated
from crm_core.domain.merges import AccountJournal, ContactJournal, Merge, Sides
from crm_core.domain.versions import at_version
from crm_core.ports import UnitOfWork
from crm_core.services import audit

AT_ONCE = 500
Item = TypeVar("Item")
Record = TypeVar("Record", Contact, WholeAccount)
Journal = TypeVar("Journal", ContactJournal, AccountJournal)


def both(get: Callable[[str], Record], sides: Sides) -> tuple[Record, Record]:
    """Return who stays and who goes, each in the version that was looked at.

    Raises:
        InvalidError: it is one record.
        VersionConflictError: one of them is another version.
    """
    if sides.stays == sides.goes:
        raise InvalidError("goes", "it is one record", fault="itself")
    found = (get(sides.stays), get(sides.goes))
    for one, version in zip(found, (sides.stays_version, sides.goes_version), strict=True):
        at_version(one, version)
    return found


def keep_merge(
    uow: UnitOfWork,
    stays: Record,
    goes: Record,
    journal: ContactJournal | AccountJournal,
    *,
    by: str | None,
    address: str | None,
    now: datetime,
) -> Merge:
    """Keep that *goes* is a part of *stays* now, with the journal by which that is undone."""
    one = Merge(
        id=uow.new_id(now),
        kind="contact" if isinstance(goes, Contact) else "account",
        loser_id=goes.id,
        into_id=stays.id,
        names=(goes.name, stays.name),
        at=now,
        by=by,
    )
    uow.merges.add(one, msgspec.json.encode(journal))
    note_merge(uow, one, what="record merged", by=by, address=address, now=now)
    return one


def batched(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Yield *items* in groups: a transaction reads and writes so many at once."""
    left = iter(items)
    while group := list(islice(left, AT_ONCE)):
        yield group


def move_apart(uow: UnitOfWork, apart: Iterable[NotSame], *, stays: str, goes: str) -> None:
    """Let who is not the same as *goes* be not the same as *stays*; *apart* is what is kept of both."""
    for pair in apart:
        if goes in (pair.first, pair.second):
            uow.merges.join(pair)
            uow.merges.set_apart(_of_winner(pair, stays=stays, goes=goes))


def part_again(uow: UnitOfWork, apart: Sequence[NotSame], *, stays: str, goes: str) -> None:
    """Undo ``move_apart``."""
    for pair in apart:
        if goes in (pair.first, pair.second):
            for moved in _of_winner(pair, stays=stays, goes=goes):
                uow.merges.join(moved)
    uow.merges.set_apart(apart)


def tell_incidents(uow: UnitOfWork, ids: Sequence[str], *, by: str | None, now: datetime) -> None:
    """Tell that incidents are somebody else's now, a version further."""
    for key in ids:
        if incident := uow.incidents.get(key):
            told = IncidentUpdated(at=now, by=by, incident_id=key, version=incident.version)
            uow.events.append(told)


def read_journal(kept: bytes, kind: type[Journal]) -> Journal:
    """Return what a merge put in the place of what.

    Raises:
        ValueError: it is damaged.
    """
    try:
        return msgspec.json.decode(kept, type=kind)
    except msgspec.DecodeError as error:
        raise ValueError(f"the journal of a merge: {error}") from error


def joined(uow: UnitOfWork, contact_id: str) -> list[Contact]:
    """Return the contacts of which this one was made, as they were: also what was replaced then."""
    kept = (uow.merges.journal(key) for key in uow.merges.parts_of(contact_id))
    journals = [read_journal(one, ContactJournal) for one in kept if one is not None]
    return [contact for one in journals for contact in (one.stays, one.goes)]


def note_merge(
    uow: UnitOfWork, one: Merge, *, what: str, by: str | None, address: str | None, now: datetime
) -> None:
    """Keep in the audit that two records became one, or two again."""
    audit.note(
        uow,
        who=by or "",
        what=what,
        address=address,
        now=now,
        kind=one.kind,
        record_id=one.into_id,
        changes={"part": (one.loser_id, None) if one.undone_at else (None, one.loser_id)},
    )


def _of_winner(pair: NotSame, *, stays: str, goes: str) -> list[NotSame]:
    other = pair.second if pair.first == goes else pair.first
    return [not_same(pair.kind, stays, other)] if other != stays else []
