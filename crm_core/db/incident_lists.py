"""Incidents looked for and counted."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, case, func, literal_column, or_, select, true

from crm_core.db.confined import seen_incident
from crm_core.db.incidents import incident_of
from crm_core.db.schema import user
from crm_core.db.schema_incidents import incident
from crm_core.db.schema_people import NAMES, account, contact
from crm_core.db.statements import behind, count_of
from crm_core.domain.confines import Confines
from crm_core.domain.contacts import full_name
from crm_core.domain.incident_lists import Listed, Order, Problem, Wanted
from crm_core.ports.places import Place

_C = incident.c
_LISTED = (
    select(incident, account.c.name.label("company"), user.c.full_name.label("assigned_to"), *NAMES)
    .outerjoin(contact, contact.c.id == _C.contact_id)
    .outerjoin(account, account.c.id == _C.account_id)
    .outerjoin(user, user.c.id == _C.assignee)
)
_NEWEST = (_C.opened_at.desc(), _C.id.desc())
_DUE = (_C.due_at, _C.id)


class SqlIncidentLists:
    """``IncidentLists``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, wanted: Wanted, *, order: Order, place: Place | None, limit: int) -> list[Listed]:
        """Return those that are looked for, behind a place in their order."""
        query = _LISTED.where(*_asked(wanted))
        if order == "newest":
            query = query.where(*behind(place, _C.opened_at, _C.id)).order_by(*_NEWEST)
        else:
            query = query.where(*_after(place)).order_by(*_DUE)
        return [_listed(row) for row in self._connection.execute(query.limit(limit))]

    def count(self, wanted: Wanted, at_most: int) -> int:
        """Return how many are looked for; *at_most* when there are more."""
        query: Select[Any] = select(literal_column("1").label("one")).where(*_asked(wanted))
        return count_of(self._connection, query, at_most=at_most)

    def seen(self, ids: Collection[str], within: Confines) -> set[str]:
        """Return those of *ids* that somebody sees who is confined."""
        query = select(_C.id).where(_C.id.in_(ids), seen_incident(within))
        return set(self._connection.scalars(query))

    def problems(self, wanted: Wanted, *, since: datetime, limit: int) -> list[Problem]:
        """Return of which categories most were opened, of each product line apart."""
        groups = (_C.category_id, _C.product_line_id)
        opened = func.sum(case((_C.is_open == true(), 1), else_=0))
        query = (
            select(*groups, func.count().label("incidents"), opened.label("open"))
            .where(*_asked(wanted), _C.opened_at >= since)
            .group_by(*groups)
            .order_by(func.count().desc(), *groups)
            .limit(limit)
        )
        return [Problem(**row._mapping) for row in self._connection.execute(query)]  # noqa: SLF001 - public


def _asked(wanted: Wanted) -> list[ColumnElement[bool]]:
    equal = (
        (_C.contact_id, wanted.contact_id),
        (_C.account_id, wanted.account_id),
        (_C.assignee, wanted.assignee),
        (_C.team_id, wanted.team_id),
        (_C.kind, wanted.kind),
        (_C.priority, wanted.priority),
        (_C.state, wanted.state),
        (_C.product_line_id, wanted.product_line_id),
        (_C.asset_id, wanted.asset_id),
        (_C.parent_id, wanted.parent_id),
        (_C.merged_into, wanted.merged_into),
    )
    asked = [column == value for column, value in equal if value is not None]
    if wanted.is_unassigned:
        asked.append(_C.assignee.is_(None))
    if wanted.only_open or wanted.due_before is not None:
        asked.append(_C.is_open == true())
    if wanted.category_ids:
        asked.append(_C.category_id.in_(wanted.category_ids))
    if wanted.due_before is not None:
        asked.append(_C.due_at < wanted.due_before)
    if wanted.within is not None:
        asked.append(seen_incident(wanted.within))
    return asked


def _after(place: Place | None) -> list[ColumnElement[bool]]:
    if place is None:
        return []
    return [_C.due_at >= place[0], or_(_C.due_at > place[0], _C.id > place[1])]


def _listed(row: Row[Any]) -> Listed:
    names = [getattr(row, one.name) for one in NAMES]
    return Listed(
        incident=incident_of(row),
        contact=full_name(*names, company=None) or None,
        account=row.company,
        assignee=row.assigned_to,
    )
