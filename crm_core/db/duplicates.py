"""Records that share a key, in the database: index hits for one, a walk along an index for all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, or_, select

from crm_core.db.schema_people import NAMES, account, contact, email, phone
from crm_core.db.statements import begins
from crm_core.domain.contacts import full_name
from crm_core.domain.duplicates import MOST_SHARING, Known, Reason

_C, _A = contact.c, account.c


class _Key(NamedTuple):
    """What is shared, and whose it is, in one index."""

    shared: ColumnElement[Any]
    owner: ColumnElement[Any]


_KEYS: Mapping[Reason, _Key] = {
    "number": _Key(phone.c.e164, phone.c.contact_id),
    "email": _Key(email.c.search, email.c.contact_id),
    "tax_id": _Key(_A.tax_search, _A.id),
    "company_name": _Key(_A.search, _A.id),
}
_PEOPLE = select(_C.id, *NAMES, _A.name.label("company")).outerjoin(account, _A.id == _C.account_id)
_FIRMS = select(_A.id, _A.name, _A.tax_id)


class SqlDuplicates:
    """``Duplicates``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def shared(self, reason: Reason, *, after: str, limit: int, walk: int) -> tuple[list[str], str | None]:
        """Return keys behind *after* that a few records share, in order, and the last that was looked at."""
        key = _KEYS[reason]
        behind_it = key.shared > after
        standing = select(key.shared).where(behind_it, key.owner.is_not(None)).order_by(key.shared)
        last = self._connection.scalar(standing.offset(walk).limit(1))
        found = _few(key).where(behind_it).order_by(key.shared).limit(limit)
        if last is not None:
            found = found.where(key.shared <= last)
        return list(self._connection.scalars(found)), last

    def shared_among(self, reason: Reason, keys: Sequence[str]) -> list[str]:
        """Return those of *keys* that a few records share."""
        key = _KEYS[reason]
        found = _few(key).where(key.shared.in_(list(keys))).order_by(key.shared)
        return list(self._connection.scalars(found)) if keys else []

    def sharing(self, reason: Reason, keys: Sequence[str]) -> dict[str, list[Known]]:
        """Return who shares each of *keys*."""
        key = _KEYS[reason]
        rows = select(key.shared.label("shared"), key.owner.label("owner"))
        rows = rows.where(key.shared.in_(list(keys)), key.owner.is_not(None)).order_by(key.shared, key.owner)
        pairs = list(dict.fromkeys((row.shared, row.owner) for row in self._connection.execute(rows)))
        ids = [owner for _, owner in pairs]
        known = (
            self._firms(ids) if key.owner.table is account else self._people(_PEOPLE.where(_C.id.in_(ids)))
        )
        found: dict[str, list[Known]] = defaultdict(list)
        for shared, owner in pairs:
            found[shared].append(known[owner])
        return dict(found)

    def colleagues(self, account_id: str, begin: str, limit: int) -> list[Known]:
        """Return people of a company whose folded name begins so."""
        query = _PEOPLE.where(_C.account_id == account_id, begins(_C.search, begin))
        return list(self._people(query.order_by(_C.search, _C.id).limit(limit)).values())

    def by_company(self, after: tuple[str, str, str] | None, limit: int) -> list[tuple[str, str, Known]]:
        """Return people by company, folded name and id: the company's id, the folded name, and who."""
        query = _PEOPLE.add_columns(_C.account_id, _C.search).where(_C.account_id > "", *_behind(after))
        query = query.order_by(_C.account_id, _C.search, _C.id).limit(limit)
        rows = self._connection.execute(query)
        return [(row.account_id, row.search, _person(row)) for row in rows]

    def _people(self, query: Select[Any]) -> dict[str, Known]:
        return {row.id: _person(row) for row in self._connection.execute(query)}

    def _firms(self, ids: Sequence[str]) -> dict[str, Known]:
        rows = self._connection.execute(_FIRMS.where(_A.id.in_(ids)))
        return {row.id: Known(id=row.id, name=row.name, beside=row.tax_id) for row in rows}


def _few(key: _Key) -> Select[Any]:
    """Return the keys that stand there at least twice and at most a few times.

    Whether it is one record's that has it twice is not asked here: a million are walked along in a third of
    the time.
    """
    query = select(key.shared).where(key.owner.is_not(None)).group_by(key.shared)
    return query.having(func.count() > 1, func.count() <= MOST_SHARING)


def _behind(place: tuple[str, str, str] | None) -> list[ColumnElement[bool]]:
    if place is None:
        return []
    company, name, key = place
    further = and_(_C.account_id == company, or_(_C.search > name, and_(_C.search == name, _C.id > key)))
    return [_C.account_id >= company, or_(_C.account_id > company, further)]


def _person(row: Row[Any]) -> Known:
    name = full_name(row.given, row.additional, row.family, row.second_family, company=row.company)
    return Known(id=row.id, name=name, beside=row.company)
