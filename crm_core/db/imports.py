"""What was brought in from tables, in the database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Row,
    Select,
    Table,
    bindparam,
    delete,
    exists,
    insert,
    select,
    update,
)

from crm_core.db.prepared import PreparedInsert
from crm_core.db.schema import call, metadata
from crm_core.db.schema_imports import import_account, import_batch, import_contact, import_fault
from crm_core.db.schema_people import (
    account,
    account_tag,
    contact,
    contact_tag,
    contact_word,
    email,
    number_choice,
    phone,
)
from crm_core.domain.imports import BroughtIn, ImportBatch, Kind, RejectedRow

BELONGINGS = (contact_word, contact_tag, phone, email, number_choice)
"""What goes with a contact; whatever else names one keeps him."""
OF_COMPANY = (account_tag,)
_B, _F, _C = import_batch.c, import_fault.c, import_contact.c
_NEWEST = (_B.begun_at.desc(), _B.id.desc())
_REJECT, _NOTE, _FOUNDED = (PreparedInsert(one) for one in (import_fault, import_contact, import_account))
_AGAIN = (
    update(import_contact)
    .where(_C.batch_id == bindparam("of"), _C.contact_id == bindparam("who"))
    .values(version=bindparam("now"))
)


class SqlImports:
    """``Imports``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, batch_id: str) -> ImportBatch | None:
        """Return a batch."""
        return self._one(select(import_batch).where(_B.id == batch_id))

    def put(self, batch: ImportBatch) -> None:
        """Keep a batch, in place of what was kept of it."""
        row = {name: getattr(batch, name) for name in ImportBatch.__struct_fields__}
        # Without its key: where that is set, SQLite looks for all who name the batch.
        kept = {name: value for name, value in row.items() if name != "id"}
        changed = update(import_batch).where(_B.id == batch.id).values(kept)
        if not self._connection.execute(changed).rowcount:
            self._connection.execute(insert(import_batch), row)

    def last(self, limit: int) -> list[ImportBatch]:
        """Return the newest batches, newest first."""
        query = select(import_batch).order_by(*_NEWEST).limit(limit)
        return [_batch(row) for row in self._connection.execute(query)]

    def running(self) -> list[ImportBatch]:
        """Return the batches that are being brought in or taken back."""
        query = select(import_batch).where(_B.state.in_(("running", "undoing"))).order_by(_B.begun_at, _B.id)
        return [_batch(row) for row in self._connection.execute(query)]

    def unfinished(self, digest: str) -> ImportBatch | None:
        """Return the newest batch of this very file that was begun and is not at its end."""
        begun = _B.state.in_(("running", "cancelled", "failed"))
        return self._one(select(import_batch).where(_B.digest == digest, begun).order_by(*_NEWEST).limit(1))

    def like(self, signature: str, kind: Kind) -> ImportBatch | None:
        """Return the newest batch of this kind with these headings that was begun."""
        alike = (_B.signature == signature, _B.kind == kind, _B.state != "new")
        return self._one(select(import_batch).where(*alike).order_by(*_NEWEST).limit(1))

    def reject(self, batch_id: str, rows: Iterable[RejectedRow]) -> None:
        """Keep which rows of a batch were rejected."""
        _REJECT.add(self._connection, (msgspec.structs.asdict(row) | {"batch_id": batch_id} for row in rows))

    def rejected(self, batch_id: str, after: int, limit: int) -> list[RejectedRow]:
        """Return the rows of a batch that were rejected, behind the line *after*."""
        query = select(import_fault).where(_F.batch_id == batch_id, _F.line > after).order_by(_F.line)
        return [
            RejectedRow(line=row.line, fault=row.fault, text=row.text)
            for row in self._connection.execute(query.limit(limit))
        ]

    def forget_rejected(self, batch_id: str) -> None:
        """Forget which they were."""
        self._connection.execute(delete(import_fault).where(_F.batch_id == batch_id))

    def note(self, batch_id: str, contacts: Iterable[BroughtIn]) -> None:
        """Keep which contacts a batch made or changed; of one who is noted already, the version alone."""
        found = {one.contact_id: one for one in contacts}
        changed = [key for key, one in found.items() if one.before is not None]
        query = select(_C.contact_id).where(_C.batch_id == batch_id, _C.contact_id.in_(changed))
        known = set(self._connection.scalars(query)) if changed else set()
        new = (one for key, one in found.items() if key not in known)
        _NOTE.add(self._connection, (msgspec.structs.asdict(one) | {"batch_id": batch_id} for one in new))
        if known:
            again = [{"of": batch_id, "who": key, "now": found[key].version} for key in sorted(known)]
            self._connection.execute(_AGAIN, again)

    def noted(self, batch_id: str, limit: int) -> list[BroughtIn]:
        """Return contacts of a batch that were not looked at yet to be taken back, the newest first."""
        return self._contacts(batch_id, _C.stays.is_(None), limit)

    def left(self, batch_id: str, limit: int) -> list[BroughtIn]:
        """Return contacts who stay though their batch was taken back."""
        return self._contacts(batch_id, _C.stays.is_not(None), limit)

    def settle(self, batch_id: str, contacts: Sequence[BroughtIn]) -> None:
        """Keep why contacts stay; those without a reason are of the batch no more."""
        for one in contacts:
            his = (_C.batch_id == batch_id, _C.contact_id == one.contact_id)
            if one.stays is None:
                self._connection.execute(delete(import_contact).where(*his))
            else:
                self._connection.execute(update(import_contact).where(*his).values(stays=one.stays))

    def in_use(self, contact_id: str, since: datetime) -> bool:
        """Return whether other records name a contact, or there were calls with him from *since* on."""
        called = exists().where(call.c.contact_id == contact_id, call.c.started_at >= since)
        naming = columns_naming(contact, BELONGINGS)
        return any(
            self._connection.scalar(select(one))
            for one in (called, *(exists().where(key == contact_id) for key in naming))
        )

    def remove(self, contact_id: str) -> None:
        """Remove a contact with his numbers and addresses."""
        for table in BELONGINGS:
            self._connection.execute(delete(table).where(table.c.contact_id == contact_id))
        self._connection.execute(delete(contact).where(contact.c.id == contact_id))

    def note_companies(self, batch_id: str, ids: Iterable[str]) -> None:
        """Keep which companies a batch made."""
        nothing = {"version": None, "before": None, "stays": None}
        rows = ({"batch_id": batch_id, "account_id": key} | nothing for key in ids)
        _FOUNDED.add(self._connection, rows)

    def remove_companies(self, batch_id: str, limit: int) -> list[str]:
        """Remove so many companies of a batch, but those that are named elsewhere; return all of them."""
        query = select(import_account.c.account_id).where(import_account.c.batch_id == batch_id)
        ids = list(self._connection.scalars(query.order_by(import_account.c.account_id).limit(limit)))
        named = {
            key
            for naming in columns_naming(account, OF_COMPANY)
            for key in self._connection.scalars(select(naming).where(naming.in_(ids)))
        }
        unused = [key for key in ids if key not in named]
        for table in OF_COMPANY:
            self._connection.execute(delete(table).where(table.c.account_id.in_(unused)))
        self._connection.execute(delete(account).where(account.c.id.in_(unused)))
        looked_at = (import_account.c.batch_id == batch_id, import_account.c.account_id.in_(ids))
        self._connection.execute(delete(import_account).where(*looked_at))
        return ids

    def _one(self, query: Select[Any]) -> ImportBatch | None:
        row = self._connection.execute(query).first()
        return _batch(row) if row else None

    def _contacts(self, batch_id: str, which: ColumnElement[bool], limit: int) -> list[BroughtIn]:
        query = select(import_contact).where(_C.batch_id == batch_id, which).order_by(_C.contact_id.desc())
        rows = self._connection.execute(query.limit(limit))
        return [
            BroughtIn(contact_id=row.contact_id, version=row.version, before=row.before, stays=row.stays)
            for row in rows
        ]


def columns_naming(table: Table, own: Sequence[Table]) -> list[Column[Any]]:
    """Return the columns of all other tables that name a record of *table*."""
    return [
        key.parent
        for other in metadata.sorted_tables
        if other not in own
        for key in other.foreign_keys
        if key.column is table.c.id
    ]


def _batch(row: Row[Any]) -> ImportBatch:
    return ImportBatch(**{name: row._mapping[name] for name in ImportBatch.__struct_fields__})  # noqa: SLF001 - SQLAlchemy's public name
