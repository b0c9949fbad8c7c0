"""Incidents in the database."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Row, Select, bindparam, func, insert, select, true, update

from crm_core.db.prepared import Prepared
from crm_core.db.schema import instant_of
from crm_core.db.schema_incidents import incident, incident_choice
from crm_core.db.schema_people import account
from crm_core.domain.cards import CardIncident, CardProblem
from crm_core.domain.incidents import Incident, number_of, sequence_of

_C = incident.c
TWICE: Final = 2
NEVER: Final = datetime.max.replace(tzinfo=UTC)
"""When what is not due is due, so that everything has its place in the order."""


def _problem(columns: Iterable[Any]) -> CardProblem:
    name_es, name_en, incidents = columns
    return CardProblem(name_es=name_es, name_en=name_en, incidents=incidents)


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
_PARTS = select(_C.id).where(_C.merged_into == bindparam("wanted")).order_by(_C.id)
_TIER = select(account.c.tier).where(account.c.id == bindparam("wanted"))
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
_CATEGORY = incident_choice.c
_MOST_FREQUENT = (
    select(_CATEGORY.name_es, _CATEGORY.name_en, func.count().label("incidents"))
    .join(incident_choice, _CATEGORY.id == _C.category_id)
    .group_by(_CATEGORY.id, _CATEGORY.name_es, _CATEGORY.name_en)
    .having(func.count() >= TWICE)
    .order_by(func.count().desc(), _CATEGORY.id)
    .limit(bindparam("most"))
)
_FREQUENT_OF_CONTACT = Prepared(_problem, _MOST_FREQUENT.where(_C.contact_id == bindparam("owner")))
_FREQUENT_OF_ACCOUNT = Prepared(_problem, _MOST_FREQUENT.where(_C.account_id == bindparam("owner")))
_FIELDS = tuple(name for name in Incident.__struct_fields__ if name not in ("number", "due_at"))


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

    def parts_of(self, incident_id: str) -> list[str]:
        """Return which incidents became a part of this one."""
        return list(self._connection.scalars(_PARTS, {"wanted": incident_id}))

    def tier_of(self, account_id: str) -> str | None:
        """Return how much a company is worth to us."""
        return self._connection.scalar(_TIER, {"wanted": account_id})

    def next_number(self) -> str:
        """Return the number of the next incident."""
        return number_of((self._connection.scalar(_LAST) or 0) + 1)

    def add(self, one: Incident, *, key: str) -> None:
        """Keep a new incident."""
        row = row_of(one) | {"id": one.id, "sequence": sequence_of(one.number), "key": key}
        self._connection.execute(insert(incident), row)

    def change(self, one: Incident) -> None:
        """Keep an incident as it is now."""
        self._connection.execute(update(incident).where(_C.id == one.id).values(**row_of(one)))

    def open_of(self, *, contact_id: str | None, account_id: str | None, limit: int) -> list[CardIncident]:
        """Return the open incidents of a contact, else of a company: most urgent first, then the oldest."""
        query, owner = (_OPEN_OF_CONTACT, contact_id) if contact_id else (_OPEN_OF_ACCOUNT, account_id)
        return [_shown(row) for row in query.rows(self._connection, {"owner": owner, "most": limit})]

    def frequent_of(self, *, contact_id: str | None, account_id: str | None, limit: int) -> list[CardProblem]:
        """Return of which categories a company had most incidents, else a contact; two at least."""
        query, owner = (
            (_FREQUENT_OF_ACCOUNT, account_id) if account_id else (_FREQUENT_OF_CONTACT, contact_id)
        )
        return query.rows(self._connection, {"owner": owner, "most": limit})

    def _one(self, query: Select[Any], wanted: str | int) -> Incident | None:
        row = self._connection.execute(query, {"wanted": wanted}).first()
        return incident_of(row) if row else None


def row_of(one: Incident) -> dict[str, Any]:
    """Return the columns of *one* that may change."""
    row = {name: getattr(one, name) for name in _FIELDS if name != "id"}
    return row | {"is_open": one.is_open, "due_at": one.due_at or NEVER}


def incident_of(row: Row[Any]) -> Incident:
    """Return the incident that *row* keeps."""
    kept = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for it
    told = {name: kept[name] for name in _FIELDS}
    due_at = None if kept["due_at"] == NEVER else kept["due_at"]
    return Incident(number=number_of(kept["sequence"]), due_at=due_at, **told)


def _shown(row: _Shown) -> CardIncident:
    return CardIncident(
        id=row.id,
        number=number_of(row.sequence),
        subject=row.subject,
        state=row.state,
        priority=row.priority,
        opened_at=instant_of(row.opened_at),
    )
