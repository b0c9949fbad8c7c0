"""Incidents in the database."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, Row, Select, bindparam, func, insert, select, true, update

from crm_core.db.prepared import Prepared
from crm_core.db.schema import incident, instant_of
from crm_core.db.statements import behind
from crm_core.domain.cards import CardIncident
from crm_core.domain.incidents import Incident, number_of, sequence_of
from crm_core.ports.places import Place

_C = incident.c


class _Shown(NamedTuple):
    """The columns of an incident on a card."""

    id: str
    sequence: int
    subject: str
    state: str
    priority: int
    opened_at: str


_ID = select(incident).where(_C.id == bindparam("wanted"))
_KEY = select(incident).where(_C.key == bindparam("wanted"))
_SEQUENCE = select(incident).where(_C.sequence == bindparam("wanted"))
_LAST = select(func.max(_C.sequence))
_MOST_URGENT = (
    select(_C.id, _C.sequence, _C.subject, _C.state, _C.priority, _C.opened_at)
    .order_by(_C.priority, _C.opened_at, _C.id)
    .limit(bindparam("most"))
)
_OPEN_OF_CONTACT = Prepared(
    _Shown._make, _MOST_URGENT.where(_C.contact_id == bindparam("owner"), _C.is_open == true())
)
_OPEN_OF_ACCOUNT = Prepared(
    _Shown._make, _MOST_URGENT.where(_C.account_id == bindparam("owner"), _C.is_open == true())
)
_NEWEST = select(incident).order_by(_C.opened_at.desc(), _C.id.desc())
_NOT_IN_ROW, _NOT_CHANGED = ("number",), ("number", "id", "opened_at")


class SqlIncidents:
    """``Incidents``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, incident_id: str) -> Incident | None:
        """Return one incident."""
        return self._one(_ID, incident_id)

    def by_key(self, key: str) -> Incident | None:
        """Return the incident that was opened with this key."""
        return self._one(_KEY, key)

    def by_number(self, number: str) -> Incident | None:
        """Return the incident with this number (INC-20418)."""
        sequence = sequence_of(number)
        return None if sequence is None else self._one(_SEQUENCE, sequence)

    def next_number(self) -> str:
        """Return the number of the next incident."""
        return number_of((self._connection.scalar(_LAST) or 0) + 1)

    def add(self, one: Incident, *, key: str) -> None:
        """Keep a new incident."""
        row = _row(one, _NOT_IN_ROW) | {"sequence": sequence_of(one.number), "key": key}
        self._connection.execute(insert(incident), row)

    def change(self, one: Incident) -> None:
        """Keep an incident as it is now."""
        self._connection.execute(update(incident).where(_C.id == one.id).values(**_row(one, _NOT_CHANGED)))

    def find(
        self,
        *,
        contact_id: str | None,
        assignee: str | None,
        only_open: bool,
        before: Place | None,
        limit: int,
    ) -> list[Incident]:
        """Return incidents, newest first; None asks for everybody's."""
        query = _NEWEST.where(*behind(before, _C.opened_at, _C.id)).limit(limit)
        if contact_id is not None:
            query = query.where(_C.contact_id == contact_id)
        if assignee is not None:
            query = query.where(_C.assignee == assignee)
        if only_open:
            query = query.where(_C.is_open == true())
        return [_incident(row) for row in self._connection.execute(query)]

    def open_of(self, *, contact_id: str | None, account_id: str | None, limit: int) -> list[CardIncident]:
        """Return the open incidents of a contact, else of a company: most urgent first, then the oldest."""
        query, owner = (_OPEN_OF_CONTACT, contact_id) if contact_id else (_OPEN_OF_ACCOUNT, account_id)
        return [_shown(row) for row in query.rows(self._connection, {"owner": owner, "most": limit})]

    def _one(self, query: Select[Any], wanted: str | int) -> Incident | None:
        row = self._connection.execute(query, {"wanted": wanted}).first()
        return _incident(row) if row else None


def _row(one: Incident, without: tuple[str, ...]) -> dict[str, Any]:
    row = msgspec.structs.asdict(one)
    for name in without:
        del row[name]
    return row | {"is_open": one.is_open}


def _incident(row: Row[Any]) -> Incident:
    return Incident(
        id=row.id,
        number=number_of(row.sequence),
        subject=row.subject,
        description=row.description,
        state=row.state,
        priority=row.priority,
        contact_id=row.contact_id,
        account_id=row.account_id,
        call_id=row.call_id,
        assignee=row.assignee,
        opened_at=row.opened_at,
        updated_at=row.updated_at,
        resolved_at=row.resolved_at,
        version=row.version,
    )


def _shown(row: _Shown) -> CardIncident:
    return CardIncident(
        id=row.id,
        number=number_of(row.sequence),
        subject=row.subject,
        state=row.state,
        priority=row.priority,
        opened_at=instant_of(row.opened_at),
    )
