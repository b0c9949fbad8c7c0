"""What we know, in the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Row,
    bindparam,
    delete,
    func,
    insert,
    select,
    true,
    update,
)

from crm_core.db.incidents import incident_of
from crm_core.db.schema_incidents import incident
from crm_core.db.schema_knowledge import article, article_incident
from crm_core.db.statements import behind
from crm_core.domain.incidents import Incident
from crm_core.domain.knowledge import Article, Listed, Wanted
from crm_core.ports.places import Place

_C, _L = article.c, article_incident.c
_FIELDS = Article.__struct_fields__
_SOLVED_BY = article_incident.alias()
_HELPED = (
    select(func.count())
    .where(_SOLVED_BY.c.article_id == _C.id)
    .correlate(article)
    .scalar_subquery()
    .label("helped")
)
_LISTED = select(article, _HELPED)
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_ONE = select(article).where(_C.id == bindparam("wanted"))
_SOME = _LISTED.where(_C.id.in_(_IDS))
_OF_INCIDENT = (
    _LISTED.join(article_incident, _L.article_id == _C.id)
    .where(_L.incident_id == bindparam("wanted"))
    .order_by(_L.at, _C.id)
)
_SOLVED = (
    select(incident)
    .join(article_incident, _L.incident_id == incident.c.id)
    .where(_L.article_id == bindparam("wanted"))
    .order_by(_L.at.desc(), incident.c.id.desc())
)


class SqlKnowledge:
    """``Knowledge``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, article_id: str) -> Article | None:
        """Return one."""
        row = self._connection.execute(_ONE, {"wanted": article_id}).first()
        return _article(row) if row else None

    def put(self, one: Article) -> None:
        """Keep one, new or changed."""
        row = msgspec.structs.asdict(one)
        if one.version == 1:
            self._connection.execute(insert(article), row)
        else:
            self._connection.execute(update(article).where(_C.id == row.pop("id")).values(**row))

    def find(self, wanted: Wanted, *, place: Place | None, limit: int) -> list[Listed]:
        """Return those that are looked for, who were changed last first, behind a place in this order."""
        query = (
            _LISTED.where(*_asked(wanted), *behind(place, _C.updated_at, _C.id))
            .order_by(_C.updated_at.desc(), _C.id.desc())
            .limit(limit)
        )
        return [_listed(row) for row in self._connection.execute(query)]

    def at(self, ids: Sequence[str]) -> list[Listed]:
        """Return some, in the order of *ids*."""
        found = {row.id: _listed(row) for row in self._connection.execute(_SOME, {"ids": list(ids)})}
        return [found[one] for one in ids if one in found]

    def link(self, article_id: str, incident_id: str, *, by: str | None, now: datetime) -> bool:
        """Keep that an incident was solved by an article; return whether that was not known."""
        which = _link(article_id, incident_id)
        if self._connection.scalar(select(_L.article_id).where(*which)) is not None:
            return False
        row = {"article_id": article_id, "incident_id": incident_id, "at": now, "by": by}
        self._connection.execute(insert(article_incident), row)
        return True

    def unlink(self, article_id: str, incident_id: str) -> bool:
        """Keep that it was not; return whether it was said."""
        gone = delete(article_incident).where(*_link(article_id, incident_id))
        return self._connection.execute(gone).rowcount > 0

    def of_incident(self, incident_id: str) -> list[Listed]:
        """Return what an incident was solved by, what was told first first."""
        return [_listed(row) for row in self._connection.execute(_OF_INCIDENT, {"wanted": incident_id})]

    def solved_by(self, article_id: str, *, limit: int) -> list[Incident]:
        """Return the incidents that an article solved, the last first."""
        rows = self._connection.execute(_SOLVED.limit(limit), {"wanted": article_id})
        return [incident_of(row) for row in rows]


def _asked(wanted: Wanted) -> list[ColumnElement[bool]]:
    asked: list[ColumnElement[bool]] = []
    if wanted.is_for_everybody:
        asked += [_C.stand == "published", _C.is_public == true()]
    if wanted.stand:
        asked.append(_C.stand == wanted.stand)
    if wanted.product_line_id:
        asked.append(_C.product_line_id == wanted.product_line_id)
    if wanted.category_ids:
        asked.append(_C.category_id.in_(wanted.category_ids))
    return asked


def _link(article_id: str, incident_id: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return _L.article_id == article_id, _L.incident_id == incident_id


def _article(row: Row[Any]) -> Article:
    return Article(**{name: getattr(row, name) for name in _FIELDS})


def _listed(row: Row[Any]) -> Listed:
    return Listed(article=_article(row), helped=row.helped)
