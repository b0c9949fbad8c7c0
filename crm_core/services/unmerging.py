"""One record becomes two again, as they were; refused where something was changed since."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from msgspec.structs import replace

from crm_core.domain.errors import NotFoundError
from crm_core.domain.events import CallsRelabelled, ContactSplit, ContactUpdated
from crm_core.domain.merges import (
    AccountJournal,
    ChangedSinceError,
    ContactJournal,
    Merge,
    held,
    relabelled,
)
from crm_core.ports import UnitOfWork
from crm_core.ports.places import Place
from crm_core.services.consents import MOST as MOST_SAID
from crm_core.services.merge_parts import (
    batched,
    note_merge,
    part_again,
    read_journal,
    tell_incidents,
)
from crm_core.services.merging_accounts import split_account


def listed(uow: UnitOfWork, *, before: Place | None = None, limit: int) -> list[Merge]:
    """Return which records became one, newest first, also those that are two again."""
    return uow.merges.page(before, limit)


def get(uow: UnitOfWork, *, merge_id: str) -> Merge:
    """Return one merge.

    Raises:
        NotFoundError: there is none.
    """
    if (one := uow.merges.get(merge_id)) is None:
        raise NotFoundError("merge", merge_id)
    return one


def undo(uow: UnitOfWork, *, merge_id: str, by: str | None, address: str | None, now: datetime) -> Merge:
    """Make two records of one again, each a version further than it ever was.

    Asked again, nothing is done. Calls and incidents that came to the one record meanwhile stay with it.

    Raises:
        NotFoundError: there is no such merge, or who it was is erased.
        ChangedSinceError: the record, or something that was moved to it, is another one since.
    """
    one = get(uow, merge_id=merge_id)
    if one.undone_at:
        return one
    kept = uow.merges.journal(merge_id)
    if kept is None:
        raise NotFoundError("merge", merge_id)
    undone = replace(one, undone_at=now, undone_by=by)
    uow.merges.undone(merge_id, by=by, now=now)
    if one.kind == "contact":
        _split_contact(uow, undone, read_journal(kept, ContactJournal), by=by, now=now)
    else:
        split_account(uow, undone, read_journal(kept, AccountJournal), by=by, now=now)
    note_merge(uow, undone, what="record merge undone", by=by, address=address, now=now)
    return undone


def _split_contact(
    uow: UnitOfWork, one: Merge, journal: ContactJournal, *, by: str | None, now: datetime
) -> None:
    _demand_as_it_was(uow, one, journal)
    version = journal.version + 1
    stays = replace(journal.stays, version=version, updated_at=now)
    goes = replace(journal.goes, version=version, updated_at=now)
    uow.contacts.change(stays)
    uow.contacts.set_phones(stays.id, stays.phones)
    uow.contacts.set_emails(stays.id, stays.emails)
    uow.contacts.add([goes])
    for contact, spoken in zip((stays, goes), journal.spoken_at, strict=True):
        uow.merges.set_spoken(contact.id, spoken)
    for contact, hold in zip((stays, goes), journal.holds, strict=True):
        uow.privacy.drop_hold(contact.id)
        if hold is not None:
            uow.privacy.put_hold(hold)
    uow.consents.drop(journal.added)
    uow.merges.move_back("contact", journal.moved, to=goes.id)
    tell_incidents(uow, journal.moved.get("incident", ()), by=by, now=now)
    part_again(uow, journal.apart, stays=stays.id, goes=goes.id)
    _give_calls_back(uow, one, journal, by=by, now=now)
    uow.events.append(ContactSplit(at=now, by=by, contact_id=goes.id, out_of=stays.id))
    for contact in (stays, goes):
        uow.events.append(ContactUpdated(at=now, by=by, contact_id=contact.id, version=version))


def _demand_as_it_was(uow: UnitOfWork, one: Merge, journal: ContactJournal) -> None:
    """Demand that nothing of what the merge did was changed since.

    Raises:
        ChangedSinceError: with all that was.
    """
    changed: list[tuple[str, str]] = []
    now = uow.contacts.get(one.into_id)
    if now is None or now.version != journal.version or uow.privacy.erasure(one.into_id):
        changed.append(("contact", one.into_id))
    if uow.privacy.hold(one.into_id) != held(*journal.holds, stays=one.into_id):
        changed.append(("legal_hold", one.into_id))
    said = uow.consents.of(one.into_id, MOST_SAID)
    changed += [("consent", each.id) for each in said if each.noted_at > one.at]
    changed += uow.merges.strays("contact", journal.moved, of=one.into_id)
    changed += [("call", key) for key in _other_calls(uow, one, journal)]
    if changed:
        raise ChangedSinceError(changed)


def _other_calls(uow: UnitOfWork, one: Merge, journal: ContactJournal) -> Iterator[str]:
    """Yield the calls that are somebody else's than they were after the merge."""
    for group in batched(journal.calls.items()):
        known = uow.calls.known([key for key, _ in group])
        for key, before in group:
            after = relabelled(before, loser=one.loser_id, into=one.into_id, at=one.at)
            if key in known and known[key].contact_id != after.contact_id:
                yield key


def _give_calls_back(
    uow: UnitOfWork, one: Merge, journal: ContactJournal, *, by: str | None, now: datetime
) -> None:
    for group in batched(journal.calls.items()):
        labels = dict(group)
        known = uow.calls.known(list(labels)).values()
        before = ((call, labels[call.id]) for call in known)
        uow.calls.put([replace(call, contact_id=was.contact_id, match=was.match) for call, was in before])
        told = tuple(labels)
        uow.events.append(CallsRelabelled(at=now, by=by, contact_id=one.loser_id, calls=told))
