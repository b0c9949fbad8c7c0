"""Tasks in the database."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, insert, or_, select, update

from crm_core.db.confined import seen_task
from crm_core.db.schema import user
from crm_core.db.schema_incidents import incident
from crm_core.db.schema_people import NAMES, account, contact
from crm_core.db.schema_tasks import task
from crm_core.db.schema_teams import team_member
from crm_core.db.statements import behind
from crm_core.domain.contacts import full_name
from crm_core.domain.incidents import number_of
from crm_core.domain.tasks import Listed, Task, Wanted
from crm_core.ports.places import Place

_C = task.c
_FIELDS = Task.__struct_fields__
_LISTED = (
    select(
        task,
        account.c.name.label("company"),
        incident.c.sequence.label("sequence"),
        user.c.full_name.label("assigned_to"),
        *NAMES,
    )
    .outerjoin(contact, contact.c.id == _C.contact_id)
    .outerjoin(account, account.c.id == _C.account_id)
    .outerjoin(incident, incident.c.id == _C.incident_id)
    .outerjoin(user, user.c.id == _C.assignee)
)


class SqlTasks:
    """``Tasks``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, task_id: str) -> Task | None:
        """Return one task."""
        row = self._connection.execute(select(task).where(_C.id == task_id)).first()
        return _task(row) if row else None

    def add(self, one: Task) -> None:
        """Keep a new task."""
        self._connection.execute(insert(task), _row(one))

    def change(self, one: Task) -> None:
        """Keep a task as it is now."""
        self._connection.execute(update(task).where(_C.id == one.id).values(**_row(one)))

    def find(self, wanted: Wanted, place: Place | None, limit: int) -> list[Listed]:
        """Return tasks behind *place*: open ones first due first, done ones last done first."""
        query = _LISTED.where(*_asked(wanted)).limit(limit)
        if wanted.is_open:
            query = query.where(*_after(place)).order_by(_C.due_at, _C.id)
        else:
            query = query.where(*behind(place, _C.done_at, _C.id)).order_by(_C.done_at.desc(), _C.id.desc())
        return [_listed(row) for row in self._connection.execute(query)]

    def count(self, wanted: Wanted) -> int:
        """Return how many are looked for."""
        return self._connection.scalar(select(func.count()).where(*_asked(wanted))) or 0


def _asked(wanted: Wanted) -> list[ColumnElement[bool]]:
    equal = ("assignee", "contact_id", "account_id", "incident_id", "call_id")
    asked: list[ColumnElement[bool]] = [_C.is_open == wanted.is_open]
    asked += [_C[name] == value for name in equal if (value := getattr(wanted, name)) is not None]
    if wanted.is_unassigned:
        asked.append(_C.assignee.is_(None))
    if wanted.team_of is not None:
        asked.append(_C.assignee.in_(_mates(wanted.team_of)))
    if wanted.due_before is not None:
        asked.append(_C.due_at < wanted.due_before)
    if wanted.within is not None:
        asked.append(seen_task(wanted.within))
    return asked


def _mates(user_id: str) -> Select[tuple[str]]:
    """Return who is in a team that somebody is in."""
    his = select(team_member.c.team_id).where(team_member.c.user_id == user_id)
    return select(team_member.c.user_id).where(team_member.c.team_id.in_(his))


def _after(place: Place | None) -> list[ColumnElement[bool]]:
    if place is None:
        return []
    return [_C.due_at >= place[0], or_(_C.due_at > place[0], and_(_C.due_at == place[0], _C.id > place[1]))]


def _row(one: Task) -> dict[str, Any]:
    return msgspec.structs.asdict(one) | {"is_open": one.is_open}


def _task(row: Row[Any]) -> Task:
    return Task(**{name: row._mapping[name] for name in _FIELDS})  # noqa: SLF001 - SQLAlchemy's public name


def _listed(row: Row[Any]) -> Listed:
    names = [getattr(row, one.name) for one in NAMES]
    return Listed(
        task=_task(row),
        contact=full_name(*names, company=None) or None,
        account=row.company,
        incident=None if row.sequence is None else number_of(row.sequence),
        assignee=row.assigned_to,
    )
