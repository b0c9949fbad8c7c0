"""The audit, in the database; its triggers refuse to change or to forget an entry."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, ScalarSelect, bindparam, func, insert, select

from crm_core.db.schema import audit, user
from crm_core.db.statements import begins
from crm_core.domain.audit import AuditEntry, Change, Deed, Wanted
from crm_core.domain.words import LAST

_A = audit.c
_LAST = (
    select(audit)
    .where(_A.pos > 0)  # walks the key backwards from its end
    .order_by(_A.pos.desc())
    .limit(bindparam("most"))
)
_LAST_OF = (
    select(audit)
    .where(_A.what >= bindparam("first"), _A.what < bindparam("behind"))
    .order_by(_A.pos.desc())
    .limit(1)
)
_FOUND = (
    select(audit, func.coalesce(user.c.full_name, _A.who).label("name"))
    .outerjoin(user, user.c.id == _A.who)
    .where(_A.pos > 0)
    .order_by(_A.pos.desc())
)
_CHANGES = msgspec.json.Decoder(dict[str, Change])


class SqlAudit:
    """``Audit``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def append(self, entry: AuditEntry) -> None:
        """Keep an entry."""
        changes = msgspec.json.encode(entry.changes).decode() if entry.changes else None
        self._connection.execute(insert(audit), msgspec.structs.asdict(entry) | {"changes": changes})

    def last(self, limit: int) -> list[AuditEntry]:
        """Return the newest entries, newest first."""
        return [_entry(row) for row in self._connection.execute(_LAST, {"most": limit})]

    def last_of(self, begin: str) -> AuditEntry | None:
        """Return the newest entry whose deed begins with *begin*."""
        row = self._connection.execute(_LAST_OF, {"first": begin, "behind": begin + LAST}).first()
        return _entry(row) if row else None

    def find(self, wanted: Wanted, before: int | None, limit: int) -> list[Deed]:
        """Return what was done, newest first, behind the place *before*."""
        query = _FOUND.limit(limit)
        if before is not None:
            query = query.where(_A.pos < before)
        for column, value in ((_A.who, wanted.who), (_A.kind, wanted.kind), (_A.record_id, wanted.record_id)):
            if value is not None:
                query = query.where(column == value)
        if wanted.what is not None:
            query = query.where(begins(_A.what, wanted.what))
        if wanted.since is not None:
            query = query.where(_A.pos >= _first_from(wanted.since))
        if wanted.until is not None:
            query = query.where(_A.pos <= _last_before(wanted.until))
        return [
            Deed(pos=row.pos, name=row.name, entry=_entry(row)) for row in self._connection.execute(query)
        ]


def _first_from(at: datetime) -> ScalarSelect[Any]:
    """Return the place of the first entry from *at* on: the list is walked by places, not by times."""
    return select(_A.pos).where(_A.at >= at).order_by(_A.at, _A.pos).limit(1).scalar_subquery()


def _last_before(at: datetime) -> ScalarSelect[Any]:
    query = select(_A.pos).where(_A.at < at).order_by(_A.at.desc(), _A.pos.desc()).limit(1)
    return query.scalar_subquery()


def _entry(row: Row[Any]) -> AuditEntry:
    return AuditEntry(
        at=row.at,
        who=row.who,
        what=row.what,
        address=row.address,
        kind=row.kind,
        record_id=row.record_id,
        changes=_CHANGES.decode(row.changes) if row.changes else {},
    )
