"""Figures, searches and lost callers in the database: sums and counts are the database's, from indexes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    FromClause,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
    true,
)

from crm_core.db.call_record import unpacked
from crm_core.db.confined import seen_call
from crm_core.db.schema import call, call_agent, call_visit, user
from crm_core.db.schema_lines import line
from crm_core.db.schema_people import NAMES, account, contact
from crm_core.db.statements import behind
from crm_core.domain.calls import Call
from crm_core.domain.contacts import full_name
from crm_core.domain.figures import QueueTally, Tally
from crm_core.domain.history import LOST
from crm_core.domain.lost import Stay
from crm_core.domain.search import Wanted
from crm_core.domain.sla import Figure, Target
from crm_core.ports.places import Place

LONGEST_CALL: Final = timedelta(days=1)  # nobody enters a queue later than this after his call began
MOST_STAYS: Final = 5_000
_C, _V = call.c, call_visit.c
_ALL: BindParameter[Any] = bindparam("ids", expanding=True)
_ANSWERED, _REFUSED = _V.outcome == "answered", _V.outcome == "refused"
_ABANDONED = _V.outcome == "abandoned"
_ITS_OWN = and_(line.c.pbx == _C.pbx, line.c.kind == "queue", line.c.code == _V.queue)
"""Where it stands what a queue promises of its own."""
_WITHIN = func.coalesce(line.c.within_s, bindparam("within"))
_SHORT = func.coalesce(line.c.short_abandon_s, bindparam("short"))
_IN_TIME = and_(_ANSWERED, _V.wait_s <= _WITHIN)
_HUNG_UP_SOON = and_(_ABANDONED, func.coalesce(_V.wait_s <= _SHORT, False))
_HUNG_UP_LATE = and_(_ABANDONED, func.coalesce(_V.wait_s > _SHORT, True))
_LEFT = _V.outcome.not_in(("answered", "abandoned", "refused"))
_BEHIND: Final[dict[Figure, ColumnElement[bool]]] = {
    "offered": _V.outcome != "refused",
    "waited": func.coalesce(_V.outcome, "") != "refused",
    "answered": _ANSWERED,
    "in_time": _IN_TIME,
    "abandoned": _HUNG_UP_LATE,
    "short_abandoned": _HUNG_UP_SOON,
    "left": _LEFT,
    "refused": _REFUSED,
    "counted": or_(_ANSWERED, _HUNG_UP_LATE),
}


def _count(those: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((those, 1), else_=0)), 0)


_TALLIES = (
    select(
        _C.pbx,
        _V.queue,
        _count(_ANSWERED),
        _count(_IN_TIME),
        _count(_HUNG_UP_LATE),
        _count(_HUNG_UP_SOON),
        _count(_LEFT),
        _count(_REFUSED),
        func.coalesce(func.sum(case((_ANSWERED, _V.wait_s))), 0.0),
        func.max(case((_V.outcome != "refused", _V.wait_s))),
        func.count(_V.busy_s),
        func.coalesce(func.sum(_V.busy_s), 0.0),
    )
    .join_from(call_visit, call, _C.id == _V.call_id)
    .outerjoin(line, _ITS_OWN)
    .where(_V.entered_at >= bindparam("since"), _V.outcome.is_not(None))
    .group_by(_C.pbx, _V.queue)
    .order_by(_C.pbx, _V.queue)
)
_LATER = call.alias("later")
_STAYS = (
    select(_C.customer, _C.contact_id, _C.id, _C.pbx, _V.queue, _V.entered_at, _V.wait_s, _V.outcome)
    .join_from(call_visit, call, _C.id == _V.call_id)
    .where(
        _V.entered_at >= bindparam("since"),
        _V.outcome != "answered",
        _C.customer.is_not(None),
        ~exists().where(
            _LATER.c.customer == _C.customer,
            _LATER.c.started_at >= bindparam("from_begin"),
            _LATER.c.answered_at >= _V.entered_at,
        ),
    )
    .order_by(_V.entered_at.desc())
    .limit(MOST_STAYS)
)
_NAMES = (
    select(contact.c.id, *NAMES, account.c.name)
    .outerjoin(account, account.c.id == contact.c.account_id)
    .where(contact.c.id.in_(_ALL))
)
_AGENTS = select(user.c.agent, user.c.full_name).where(user.c.agent.in_(_ALL))


class SqlReports:
    """``Reports``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def tallies(self, since: datetime, target: Target) -> list[QueueTally]:
        """Return the tally of each queue that was entered from *since* on, by exchange and name."""
        rows = self._connection.execute(_TALLIES, {"since": since, **_bounds(target)})
        return [QueueTally(pbx=row[0], queue=row[1], tally=_tally(row[2:])) for row in rows]

    def calls(self, wanted: Wanted, target: Target, before: Place | None, limit: int) -> list[Call]:
        """Return the calls that are looked for, newest first, without work and incidents."""
        query = _search(wanted, before).limit(limit)
        bounds = _bounds(target) if wanted.figure else {}
        return [unpacked(record) for record in self._connection.scalars(query, bounds)]

    def stays(self, since: datetime) -> list[Stay]:
        """Return the stays from *since* on, the newest 5000, of customers with whom nobody has talked since.

        Not those that an agent ended.
        """
        asked = {"since": since, "from_begin": since - LONGEST_CALL}
        return [
            Stay(
                customer=row.customer,
                contact_id=row.contact_id,
                call=row.id,
                pbx=row.pbx,
                queue=row.queue,
                entered_at=row.entered_at,
                wait_s=row.wait_s,
                outcome=row.outcome,
            )
            for row in self._connection.execute(_STAYS, asked)
        ]

    def names(self, contact_ids: Sequence[str]) -> dict[str, str]:
        """Return what these contacts are called."""
        rows = self._connection.execute(_NAMES, {"ids": list(contact_ids)})
        return {one: full_name(*names, company=company) for one, *names, company in rows}

    def agents(self, codes: Sequence[str]) -> dict[str, str]:
        """Return what the agents with these codes are called, as far as they are known."""
        return {row.agent: row.full_name for row in self._connection.execute(_AGENTS, {"ids": list(codes)})}


def _tally(row: Any) -> Tally:
    answered, in_time, abandoned, short, left, refused, wait_s, longest_s, handled, handled_s = row
    return Tally(
        answered=answered,
        in_time=in_time,
        abandoned=abandoned,
        short_abandoned=short,
        left=left,
        refused=refused,
        wait_s=wait_s,
        longest_s=longest_s,
        handled=handled,
        handled_s=handled_s,
    )


def _bounds(target: Target) -> dict[str, float]:
    return {"within": target.within.total_seconds(), "short": target.short_abandon.total_seconds()}


def _search(wanted: Wanted, before: Place | None) -> Select[Any]:
    """Return the question; an agent's calls are found by his own index."""
    his, query = call_agent.c, select(_C.record)
    at, key = _C.started_at, _C.id
    if wanted.agent is not None:
        query = query.select_from(call_agent).join(call, _C.id == his.call_id)
        at, key = his.started_at, his.call_id
    return query.where(*_who(wanted), *_what(wanted), *_when(wanted, at), *behind(before, at, key)).order_by(
        at.desc(), key.desc()
    )


def _who(wanted: Wanted) -> list[ColumnElement[bool]]:
    his, found = call_agent.c, []
    if wanted.agent is not None:
        found.append(his.agent == wanted.agent)
        found += [his.is_missed == true()] if wanted.missed else []
    elif wanted.missed:
        found += [_C.direction == "inbound", _C.outcome.in_(sorted(LOST))]
    if wanted.contact_ids is not None:
        found.append(_C.contact_id.in_(wanted.contact_ids))
    if wanted.numbers:
        found.append(_C.customer.in_(wanted.numbers))
    if wanted.digits is not None:
        found.append(_C.ani == wanted.digits)
    return found


def _what(wanted: Wanted) -> list[ColumnElement[bool]]:
    asked = ((_C.pbx, wanted.pbx), (_C.direction, wanted.direction), (_C.outcome, wanted.outcome))
    found = [column == value for column, value in asked if value is not None]
    return found if wanted.within is None else [*found, seen_call(wanted.within, _C.id, _C.pbx)]


def _when(wanted: Wanted, at: ColumnElement[Any]) -> list[ColumnElement[bool]]:
    if not wanted.is_about_visits:
        return _between(wanted, at, early=timedelta(0))
    meant = [_V.call_id == _C.id, *_between(wanted, _V.entered_at, early=timedelta(0))]
    if wanted.queue is not None:
        meant.append(_V.queue == wanted.queue)
    stays: FromClause = call_visit
    if wanted.figure is not None:
        meant.append(_BEHIND[wanted.figure])
        stays = call_visit.outerjoin(line, _ITS_OWN)
    return [*_between(wanted, at, early=LONGEST_CALL), exists().select_from(stays).where(*meant)]


def _between(wanted: Wanted, at: ColumnElement[Any], *, early: timedelta) -> list[ColumnElement[bool]]:
    found = []
    if wanted.since is not None:
        found.append(at >= wanted.since - early)
    if wanted.until is not None:
        found.append(at < wanted.until)
    return found
