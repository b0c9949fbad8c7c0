"""The audit, in the database."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection, bindparam, insert, select

from crm_core.db.schema import audit
from crm_core.domain.audit import AuditEntry
from crm_core.domain.words import LAST

_LAST = (
    select(audit.c.at, audit.c.who, audit.c.what, audit.c.address)
    .where(audit.c.pos > 0)  # walks the key backwards from its end
    .order_by(audit.c.pos.desc())
    .limit(bindparam("most"))
)
_LAST_OF = (
    select(audit.c.at, audit.c.who, audit.c.what, audit.c.address)
    .where(audit.c.what >= bindparam("first"), audit.c.what < bindparam("behind"))
    .order_by(audit.c.pos.desc())
    .limit(1)
)


class SqlAudit:
    """``Audit``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def append(self, entry: AuditEntry) -> None:
        """Keep an entry."""
        self._connection.execute(insert(audit), msgspec.structs.asdict(entry))

    def last(self, limit: int) -> list[AuditEntry]:
        """Return the newest entries, newest first."""
        rows = self._connection.execute(_LAST, {"most": limit})
        return [AuditEntry(at=at, who=who, what=what, address=address) for at, who, what, address in rows]

    def last_of(self, begin: str) -> AuditEntry | None:
        """Return the newest entry whose deed begins with *begin*."""
        row = self._connection.execute(_LAST_OF, {"first": begin, "behind": begin + LAST}).first()
        return AuditEntry(at=row.at, who=row.who, what=row.what, address=row.address) if row else None
