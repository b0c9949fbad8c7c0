"""Policies, calendars, what is due and what can be chosen, in the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar

import msgspec
from sqlalchemy import Connection, Row, Table, bindparam, delete, insert, select, update

from crm_core.db.schema_incidents import business_calendar, incident_choice, incident_due, service_policy
from crm_core.domain.choices import Choice, ChoiceKind
from crm_core.domain.service_levels import Due, Hours, KeptDue, Policy, Promise, Stage

Record = TypeVar("Record", Choice, Hours, Policy)
_D = incident_due.c
_OF = select(incident_due).where(_D.incident_id == bindparam("wanted")).order_by(_D.what, _D.stage)
_WAITING = select(incident_due).where(_D.told_at.is_(None)).order_by(_D.at, _D.incident_id, _D.what, _D.stage)
_ONE = (
    _D.incident_id == bindparam("wanted"),
    _D.what == bindparam("promise"),
    _D.stage == bindparam("reached"),
)
_MOVE = update(incident_due).where(*_ONE).values(at=bindparam("due"), told_at=None)
_TELL = update(incident_due).where(*_ONE).values(told_at=bindparam("told"))
_DROP = delete(incident_due).where(*_ONE)


class _Records(Generic[Record]):
    """A few records that are kept as they are, each with its version."""

    def __init__(self, connection: Connection, table: Table, kind: type[Record]) -> None:
        self._connection, self._table = connection, table
        self._kind: type[Record] = kind

    def every(self) -> list[Record]:
        """Return all of them by id."""
        rows = self._connection.execute(select(self._table).order_by(self._table.c.id))
        return [self._kind(**row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's public name

    def get(self, record_id: str) -> Record | None:
        """Return one."""
        row = self._connection.execute(select(self._table).where(self._table.c.id == record_id)).first()
        return self._kind(**row._mapping) if row else None  # noqa: SLF001 - SQLAlchemy's public name

    def add(self, one: Record) -> None:
        """Keep a new one."""
        self._connection.execute(insert(self._table), msgspec.structs.asdict(one))

    def change(self, one: Record) -> None:
        """Keep one as it is now."""
        row = msgspec.structs.asdict(one)
        self._connection.execute(update(self._table).where(self._table.c.id == row.pop("id")).values(**row))


class SqlChoices(_Records[Choice]):
    """``Choices``."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection, incident_choice, Choice)

    def of(self, kind: ChoiceKind) -> list[Choice]:
        """Return all of a kind, by id."""
        wanted = select(incident_choice).where(incident_choice.c.kind == kind).order_by(incident_choice.c.id)
        return [Choice(**row._mapping) for row in self._connection.execute(wanted)]  # noqa: SLF001


class SqlCalendars(_Records[Hours]):
    """``Calendars``."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection, business_calendar, Hours)


class SqlPolicies(_Records[Policy]):
    """``Policies``."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection, service_policy, Policy)


class SqlDues:
    """``Dues``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, incident_id: str) -> list[KeptDue]:
        """Return what is or was due about an incident."""
        return [_due(row) for row in self._connection.execute(_OF, {"wanted": incident_id})]

    def waiting(self, limit: int) -> list[KeptDue]:
        """Return what nobody was told of, the first due first."""
        return [_due(row) for row in self._connection.execute(_WAITING.limit(limit))]

    def add(self, incident_id: str, due: Due) -> None:
        """Keep something new that is due."""
        row = {"incident_id": incident_id, "what": due.what, "stage": due.stage, "at": due.at}
        self._connection.execute(insert(incident_due), row | {"told_at": None})

    def move(self, incident_id: str, due: Due) -> None:
        """Keep that it is due at another time, and that nobody was told of that."""
        self._connection.execute(_MOVE, _key(incident_id, due.what, due.stage) | {"due": due.at})

    def tell(self, one: KeptDue, *, now: datetime) -> None:
        """Keep that it was told."""
        self._connection.execute(_TELL, _key(one.incident_id, one.what, one.stage) | {"told": now})

    def drop(self, dues: Sequence[KeptDue]) -> None:
        """Forget what is not due any more."""
        for one in dues:
            self._connection.execute(_DROP, _key(one.incident_id, one.what, one.stage))


def _key(incident_id: str, what: Promise, stage: Stage) -> dict[str, Any]:
    return {"wanted": incident_id, "promise": what, "reached": stage}


def _due(row: Row[Any]) -> KeptDue:
    return KeptDue(
        incident_id=row.incident_id, what=row.what, stage=row.stage, at=row.at, told_at=row.told_at
    )
