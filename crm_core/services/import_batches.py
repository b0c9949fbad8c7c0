"""A table brought in as one batch: begun, gone on with where it was, called off, and taken back."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from datetime import datetime

from msgspec.structs import replace

from crm_core.domain.account_rows import AccountRow
from crm_core.domain.accounts import Account, tax_key
from crm_core.domain.calls import Match
from crm_core.domain.contact_rows import ContactRow
from crm_core.domain.contacts import CHANGEABLE, Contact
from crm_core.domain.erasure import GONE, without_candidate
from crm_core.domain.errors import NotFoundError
from crm_core.domain.events import ContactRemoved
from crm_core.domain.imports import (
    LONGEST_QUOTED,
    AnyRow,
    BroughtCompany,
    BroughtIn,
    ImportBatch,
    ImportStateError,
    ReadGroup,
    RejectedRow,
    State,
)
from crm_core.domain.labels import labelled
from crm_core.domain.words import folded
from crm_core.ports import UnitOfWork
from crm_core.services import account_undoing, audit, contacts
from crm_core.services.account_imports import bring_in_companies, weigh_companies
from crm_core.services.imports import Verdict, bring_in, weigh
from crm_core.services.relabel import relabel

AT_ONCE = 100
ENDED: tuple[State, ...] = ("done", "cancelled", "failed")


def get(uow: UnitOfWork, *, batch_id: str) -> ImportBatch:
    """Return a batch.

    Raises:
        NotFoundError: there is none.
    """
    if (batch := uow.imports.get(batch_id)) is None:
        raise NotFoundError("import", batch_id)
    return batch


def last(uow: UnitOfWork, *, limit: int) -> list[ImportBatch]:
    """Return the newest batches, newest first."""
    return uow.imports.last(limit)


def under_way(uow: UnitOfWork) -> list[ImportBatch]:
    """Return the batches that are being brought in or taken back."""
    return uow.imports.running()


def anew(uow: UnitOfWork, *, batch_id: str) -> ImportBatch:
    """Begin a trial that was interrupted from its first row on.

    Raises:
        ImportStateError: it does not run.
    """
    batch = _in_state(uow, batch_id, "running")
    uow.imports.forget_rejected(batch_id)
    return _put(uow, _from_the_first_row(batch, begun_at=batch.begun_at))


def unfinished(uow: UnitOfWork, *, digest: str) -> ImportBatch | None:
    """Return the newest batch of this very file that was begun and is not at its end."""
    return uow.imports.unfinished(digest)


def rejected(uow: UnitOfWork, *, batch_id: str, after: int = 0, limit: int) -> list[RejectedRow]:
    """Return the rows of a batch that were rejected, by line, behind the line *after*."""
    return uow.imports.rejected(batch_id, after, limit)


def keep(uow: UnitOfWork, *, batch: ImportBatch) -> ImportBatch:
    """Keep a batch that is new."""
    uow.imports.put(batch)
    return batch


def begin(uow: UnitOfWork, *, batch: ImportBatch, address: str | None, now: datetime) -> ImportBatch:
    """Begin *batch* from the first row on; what an earlier trial of it told is forgotten.

    Raises:
        ImportStateError: it changed something already.
    """
    known = uow.imports.get(batch.id)
    if known is not None and known.state != "new" and not (known.is_trial and known.state in ENDED):
        raise ImportStateError(known.state)
    uow.imports.forget_rejected(batch.id)
    begun = _from_the_first_row(batch, begun_at=now)
    uow.imports.put(begun)
    if not begun.is_trial:
        _note(uow, "import begun", begun, by=begun.by, address=address, now=now)
    return begun


def go_on(uow: UnitOfWork, *, batch_id: str) -> ImportBatch:
    """Let a batch that was called off or failed go on where it was.

    Raises:
        NotFoundError: there is none.
        ImportStateError: there is nothing to go on with.
    """
    batch = _in_state(uow, batch_id, "running", "cancelled", "failed")
    return _put(uow, replace(batch, state="running", ended_at=None, why=None))


def take(
    uow: UnitOfWork, *, batch_id: str, group: ReadGroup, seen: Container[int] = (), now: datetime
) -> ImportBatch:
    """Keep the next rows of a batch, and how far it is; of a trial only what would become of them.

    Rows that were taken already change nothing. *seen* are the ``marks`` of earlier rows of a trial.

    Raises:
        ImportStateError: it was called off meanwhile.
    """
    batch = _in_state(uow, batch_id, "running")
    if group.rows <= batch.rows:
        return batch
    read = [(one.line, one.row) for one in group.lines if one.row is not None]
    rows = [row for _, row in read]
    verdicts = (_companies if batch.kind == "accounts" else _people)(uow, batch, rows, now)
    if batch.is_trial:
        verdicts = [_second(row, one, seen) for row, one in zip(rows, verdicts, strict=True)]
    faults = [
        *(RejectedRow(line=one.line, fault=one.fault, text=one.text) for one in group.lines if one.fault),
        *_refused(read, verdicts),
    ]
    uow.imports.reject(batch_id, (replace(one, text=one.text[:LONGEST_QUOTED]) for one in faults))
    return _put(
        uow,
        replace(
            batch,
            rows=group.rows,
            read_bytes=group.read_bytes,
            added=batch.added + verdicts.count("added"),
            completed=batch.completed + verdicts.count("completed"),
            known=batch.known + verdicts.count("known"),
            rejected=batch.rejected + len(faults),
        ),
    )


def _people(uow: UnitOfWork, batch: ImportBatch, read: Sequence[AnyRow], now: datetime) -> list[Verdict]:
    rows = [row for row in read if isinstance(row, ContactRow)]
    if batch.is_trial:
        return weigh(uow, rows=rows, policy=batch.policy, now=now)
    brought = bring_in(uow, rows=rows, policy=batch.policy, by=batch.by, now=now)
    uow.imports.note(batch.id, brought.contacts)
    uow.imports.note_companies(batch.id, brought.companies)
    return brought.verdicts


def _companies(uow: UnitOfWork, batch: ImportBatch, read: Sequence[AnyRow], now: datetime) -> list[Verdict]:
    rows = [row for row in read if isinstance(row, AccountRow)]
    if batch.is_trial:
        return weigh_companies(uow, batch_id=batch.id, rows=rows, policy=batch.policy, now=now)
    brought = bring_in_companies(uow, batch_id=batch.id, rows=rows, policy=batch.policy, by=batch.by, now=now)
    uow.imported_companies.note(batch.id, brought.companies)
    return brought.verdicts


def marks(row: AnyRow) -> Iterator[int]:
    """Yield by what a later row is known to be about the same.

    Of a person: name and number, name and address; of a company: its tax number, else its name.
    """
    name = folded(row.name)
    if isinstance(row, AccountRow):
        yield hash(("tax", tax_key(row.tax_id)) if row.tax_id else ("name", name))
        return
    yield from (hash((name, phone.e164, phone.ext)) for phone in row.phones)
    yield from (hash((name, folded(address))) for address in row.emails)


def finish(uow: UnitOfWork, *, batch_id: str, now: datetime, why: str | None = None) -> ImportBatch:
    """Keep that all of a batch is read; or *why* it could not be.

    Raises:
        ImportStateError: it was called off meanwhile.
    """
    batch = _in_state(uow, batch_id, "running")
    state: State = "failed" if why else "done"
    return _put(uow, replace(batch, state=state, why=why[:200] if why else None, ended_at=now))


def cancel(uow: UnitOfWork, *, batch_id: str, now: datetime) -> ImportBatch:
    """Call off a batch; what it brought in already stays.

    Raises:
        NotFoundError: there is none.
        ImportStateError: it does not run.
    """
    batch = _in_state(uow, batch_id, "running")
    return _put(uow, replace(batch, state="cancelled", ended_at=now))


def undo(uow: UnitOfWork, *, batch_id: str, by: str, address: str | None, now: datetime) -> ImportBatch:
    """Begin to take back a batch; ``take_back`` does it, a part at a time.

    Raises:
        NotFoundError: there is none.
        ImportStateError: it changed nothing, still runs, is taken back already, or so old that who people
            were before is not kept any more.
    """
    batch = _in_state(uow, batch_id, *ENDED)
    if batch.is_trial or batch.name == GONE:
        raise ImportStateError(batch.state)
    _note(uow, "import taken back", batch, by=by, address=address, now=now)
    return _put(uow, replace(batch, state="undoing"))


def take_back(uow: UnitOfWork, *, batch_id: str, by: str, now: datetime) -> ImportBatch:
    """Take back a part of what a batch did; who was changed since, or is named elsewhere, stays.

    Raises:
        ImportStateError: nobody asked for it.
    """
    batch = _in_state(uow, batch_id, "undoing")
    if batch.kind == "accounts":
        return _companies_back(uow, batch, by=by, now=now)
    found = uow.imports.noted(batch_id, AT_ONCE)
    if not found:
        return _without_companies(uow, batch, now)
    settled = [_taken_back(uow, batch, one, by=by, now=now) for one in found]
    uow.imports.settle(batch_id, settled)
    stayed = sum(one.stays is not None for one in settled)
    return _put(
        uow, replace(batch, undone=batch.undone + len(settled) - stayed, stayed=batch.stayed + stayed)
    )


def stayed(uow: UnitOfWork, *, batch_id: str, limit: int) -> list[tuple[BroughtIn, Contact]]:
    """Return who stays of a batch that was taken back, and why."""
    found = ((one, uow.contacts.get(one.contact_id)) for one in uow.imports.left(batch_id, limit))
    return [(one, contact) for one, contact in found if contact is not None]


def stayed_companies(uow: UnitOfWork, *, batch_id: str, limit: int) -> list[tuple[BroughtCompany, Account]]:
    """Return which companies stay of a batch that was taken back, and why."""
    found = ((one, uow.accounts.get(one.account_id)) for one in uow.imported_companies.left(batch_id, limit))
    return [(one, account) for one, account in found if account is not None]


def _companies_back(uow: UnitOfWork, batch: ImportBatch, *, by: str, now: datetime) -> ImportBatch:
    undone = stayed = 0
    for one in uow.imported_companies.noted(batch.id, AT_ONCE):
        settled = account_undoing.taken_back(uow, batch, one, by=by, now=now)
        uow.imported_companies.settle(batch.id, [settled])  # the next one may be above it
        stayed += settled.stays is not None
        undone += settled.stays is None
    if not undone + stayed:
        return _put(uow, replace(batch, state="undone", ended_at=now))
    return _put(uow, replace(batch, undone=batch.undone + undone, stayed=batch.stayed + stayed))


def _without_companies(uow: UnitOfWork, batch: ImportBatch, now: datetime) -> ImportBatch:
    if ids := uow.imports.remove_companies(batch.id, AT_ONCE):
        uow.search.touch("account", ids)
        return batch
    return _put(uow, replace(batch, state="undone", ended_at=now))


def _taken_back(uow: UnitOfWork, batch: ImportBatch, one: BroughtIn, *, by: str, now: datetime) -> BroughtIn:
    contact = uow.contacts.get(one.contact_id)
    if contact is None:
        return one
    if contact.version != one.version:
        return replace(one, stays="changed")
    if one.before is not None:
        changes = {name: getattr(one.before, name) for name in CHANGEABLE}
        contacts.change(uow, contact_id=contact.id, version=contact.version, changes=changes, by=by, now=now)
        return one
    if uow.privacy.hold(contact.id) or uow.imports.in_use(contact.id, batch.begun_at):
        return replace(one, stays="in_use")
    _remove(uow, contact, by=by, now=now)
    return one


def _remove(uow: UnitOfWork, contact: Contact, *, by: str, now: datetime) -> None:
    """Remove a contact; past calls that were found to be his are whose they are without him."""
    while calls := uow.calls.of(contact_id=contact.id, agent=None, missed=False, before=None, limit=AT_ONCE):
        uow.calls.put([labelled(call, contact_id=None, match=Match(), at=now) for call in calls])
    while calls := uow.calls.possibly_of(contact.id, None, AT_ONCE):
        uow.calls.put([without_candidate(call, contact.id) for call in calls])
    uow.imports.remove(contact.id)
    uow.events.append(ContactRemoved(at=now, by=by, contact_id=contact.id))
    numbers = [phone.e164 for phone in contact.phones if phone.e164]
    relabel(uow, contact_id=contact.id, numbers=numbers, by=by, now=now)


def _second(row: AnyRow, verdict: Verdict, seen: Container[int]) -> Verdict:
    """Return what becomes of a row of a trial whose like was in it before."""
    known = [mark in seen for mark in marks(row)]
    if verdict != "added" or not any(known):
        return verdict
    return "known" if all(known) else "completed"


def _refused(read: Iterable[tuple[int, AnyRow]], verdicts: Sequence[Verdict]) -> Iterator[RejectedRow]:
    for (line, row), verdict in zip(read, verdicts, strict=True):
        if verdict in ("full", "too_many_tags", "above_itself", "lacks_own"):
            yield RejectedRow(line=line, fault=verdict, text=row.name)
        if verdict == "erased":  # of him nothing is written down
            yield RejectedRow(line=line, fault=verdict)


def _from_the_first_row(batch: ImportBatch, *, begun_at: datetime) -> ImportBatch:
    return replace(
        batch,
        state="running",
        begun_at=begun_at,
        ended_at=None,
        why=None,
        **dict.fromkeys(("read_bytes", "rows", "added", "completed", "known", "rejected"), 0),
    )


def _in_state(uow: UnitOfWork, batch_id: str, *states: State) -> ImportBatch:
    batch = get(uow, batch_id=batch_id)
    if batch.state not in states:
        raise ImportStateError(batch.state)
    return batch


def _put(uow: UnitOfWork, batch: ImportBatch) -> ImportBatch:
    uow.imports.put(batch)
    return batch


def _note(
    uow: UnitOfWork, what: str, batch: ImportBatch, *, by: str, address: str | None, now: datetime
) -> None:
    audit.note(uow, who=by, what=what, address=address, now=now, kind="import", record_id=batch.id)
