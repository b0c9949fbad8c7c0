"""What was written and done about incidents, in the database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, insert, select, update

from crm_core.db.schema import user
from crm_core.db.schema_incidents import incident_entry
from crm_core.db.statements import behind
from crm_core.domain.incident_entries import Entry
from crm_core.domain.incidents import Incident
from crm_core.ports.places import Place

_C = incident_entry.c
_BEFORE = select(_C.id, _C.by, _C.before).where(
    _C.incident_id == bindparam("wanted"), _C.version == bindparam("at_version"), _C.before.is_not(None)
)
_UNDONE = update(incident_entry).where(_C.id == bindparam("wanted")).values(is_undone=True)
_KEPT = ("id", "incident_id", "at", "by", "kind", "text", "changes", "is_undone")
_LISTED = (
    select(*(_C[name] for name in _KEPT), user.c.full_name.label("author"))
    .outerjoin(user, user.c.id == _C.by)
    .order_by(_C.at.desc(), _C.id.desc())
)


class SqlIncidentEntries:
    """``IncidentEntries``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, entry: Entry, *, before: Incident | None = None, version: int | None = None) -> None:
        """Keep an entry; of a change the incident before it, and the version that it made."""
        row = {name: getattr(entry, name) for name in _KEPT}
        was = msgspec.json.encode(before) if before else None
        self._connection.execute(insert(incident_entry), row | {"before": was, "version": version})

    def before(self, incident_id: str, *, version: int) -> tuple[str, str | None, Incident] | None:
        """Return the change that made *version*: its id, who made it, and the incident before it."""
        asked = {"wanted": incident_id, "at_version": version}
        row = self._connection.execute(_BEFORE, asked).first()
        return (row.id, row.by, msgspec.json.decode(row.before, type=Incident)) if row else None

    def undo(self, entry_id: str) -> None:
        """Keep that a change was undone."""
        self._connection.execute(_UNDONE, {"wanted": entry_id})

    def of(self, incident_ids: Sequence[str], *, place: Place | None, limit: int) -> list[Entry]:
        """Return the entries of incidents, newest first."""
        query = _LISTED.where(_C.incident_id.in_(incident_ids), *behind(place, _C.at, _C.id)).limit(limit)
        return [_entry(row) for row in self._connection.execute(query)]


def _entry(row: Any) -> Entry:
    return Entry(
        id=row.id,
        incident_id=row.incident_id,
        at=row.at,
        by=row.by,
        author=row.author,
        kind=row.kind,
        text=row.text,
        changes=row.changes,
        is_undone=row.is_undone,
    )
