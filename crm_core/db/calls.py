"""Past calls in the database. No ORM: a group of calls is a handful of ``executemany``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace
from sqlalchemy import BindParameter, Connection, Select, bindparam, delete, func, insert, select, true

from crm_core.db.account_calls import ids_of_account
from crm_core.db.call_record import unpacked
from crm_core.db.call_rows import PARTS, Row, call_row, part_rows
from crm_core.db.prepared import Prepared, PreparedInsert
from crm_core.db.schema import call, call_agent, call_candidate, call_work, instant_of, user
from crm_core.db.schema_incidents import incident
from crm_core.db.statements import behind
from crm_core.domain.calls import Call, Work, call_id
from crm_core.domain.cards import CardCall, CardNote
from crm_core.domain.history import LOST, as_card_call
from crm_core.ports.places import Place

NOTED_CALLS = 20  # among this many of the last calls the last notes are looked for
_C = call.c
_ALL: BindParameter[Any] = bindparam("ids", expanding=True)
_RECORDS = select(_C.id, _C.record).where(_C.id.in_(_ALL))
_RECORD = select(_C.record).where(_C.id == bindparam("wanted"))
_THERE = select(_C.id).where(_C.id.in_(_ALL))
_FORGET_PARTS = [delete(table).where(table.c.call_id.in_(_ALL)) for table in PARTS]
_ADD = PreparedInsert(call)
_ADD_PARTS = {table: PreparedInsert(table) for table in PARTS}
_FORGET = delete(call).where(_C.id.in_(_ALL))
_NEWEST = select(_C.record).order_by(_C.started_at.desc(), _C.id.desc())
# Whose a call is, in an expression: else the index of all that are nobody's is walked for a few numbers.
_UNLABELLED = select(_C.record).where(
    _C.customer.in_(bindparam("numbers", expanding=True)), _C.contact_id.concat("").is_(None)
)
_WORK_OF = select(call_work).where(call_work.c.call_id.in_(_ALL)).order_by(call_work.c.saved_at)
_INCIDENTS_OF = (
    select(incident.c.call_id, incident.c.id).where(incident.c.call_id.in_(_ALL)).order_by(incident.c.id)
)
_WORK = select(call_work).where(
    call_work.c.call_id == bindparam("wanted"), call_work.c.agent == bindparam("who")
)
_FORGET_WORK = delete(call_work).where(
    call_work.c.call_id == bindparam("wanted"), call_work.c.agent == bindparam("who")
)
_TOLD = (
    select(_C.record, func.coalesce(user.c.full_name, _C.agent))
    .outerjoin(user, user.c.agent == _C.agent)
    .order_by(_C.started_at.desc(), _C.id.desc())
    .limit(bindparam("most"))
)
_RECENT_OF_CONTACT = Prepared(tuple, _TOLD.where(_C.contact_id == bindparam("whose")))
_RECENT_OF_NUMBER = Prepared(tuple, _TOLD.where(_C.customer == bindparam("whose")))
_LAST = (
    select(_C.id)
    .where(_C.contact_id == bindparam("whose"))
    .order_by(_C.started_at.desc(), _C.id.desc())
    .limit(NOTED_CALLS)
)
_NOTES = (
    select(call_work.c.notes, func.coalesce(user.c.full_name, call_work.c.agent), call_work.c.saved_at)
    .outerjoin(user, user.c.agent == call_work.c.agent)
    .where(call_work.c.call_id.in_(_LAST), call_work.c.notes.is_not(None), call_work.c.notes != "")
    .order_by(call_work.c.saved_at.desc())
    .limit(bindparam("most"))
)
_LAST_NOTES = Prepared(tuple, _NOTES)


class SqlCalls:
    """``Calls``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, call_id: str) -> Call | None:
        """Return one call."""
        record = self._connection.scalar(_RECORD, {"wanted": call_id})
        return self._filled([unpacked(record)])[0] if record is not None else None

    def written(self, call: Call) -> Call:
        """Return a live call with the work and the incidents that are kept of it already."""
        return self.all_written([call])[0]

    def all_written(self, calls: Sequence[Call]) -> list[Call]:
        """Return calls with the work and the incidents that are kept of them."""
        return self._filled([replace(call, work=[], incident_ids=[]) for call in calls])

    def known(self, ids: Sequence[str]) -> dict[str, Call]:
        """Return those of *ids* that are kept, by id, without work and incidents."""
        rows = self._connection.execute(_RECORDS, {"ids": list(ids)})
        return {row.id: unpacked(row.record) for row in rows}

    def put(self, calls: Sequence[Call]) -> None:
        """Keep calls, in place of what was kept of them."""
        if not calls:
            return
        self._forget([one.id for one in calls])
        _ADD.add(self._connection, map(call_row, calls))
        rows: dict[Any, list[Row]] = defaultdict(list)
        for one in calls:
            for table, parts in part_rows(one):
                rows[table] += parts
        for table, parts in rows.items():
            if parts:
                _ADD_PARTS[table].add(self._connection, parts)

    def of(
        self, *, contact_id: str | None, agent: str | None, missed: bool, before: Place | None, limit: int
    ) -> list[Call]:
        """Return calls, newest first; *missed*: that rang at *agent* in vain, or that nobody answered."""
        query = _of_agent(agent, missed=missed, before=before) if agent else _of_all(before, missed=missed)
        if contact_id is not None:
            query = query.where(_C.contact_id == contact_id)
        return self._filled(self._records(query.limit(limit)))

    def recent(self, *, contact_id: str | None, customer: str | None, limit: int) -> list[CardCall]:
        """Return the last calls of a contact, else of a number, newest first, as a card shows them."""
        query, whose = (_RECENT_OF_CONTACT, contact_id) if contact_id else (_RECENT_OF_NUMBER, customer)
        return [
            as_card_call(unpacked(record), agent=agent)
            for record, agent in query.rows(self._connection, {"whose": whose, "most": limit})
        ]

    def possibly_of(self, contact_id: str, before: Place | None, limit: int) -> list[Call]:
        """Return calls that are nobody's yet and may be this contact's, newest first."""
        may_be = call_candidate.c
        query = (
            select(_C.record)
            .select_from(call_candidate)
            .join(call, _C.id == may_be.call_id)
            .where(may_be.contact_id == contact_id, *behind(before, may_be.started_at, may_be.call_id))
            .order_by(may_be.started_at.desc(), may_be.call_id.desc())
            .limit(limit)
        )
        return self._filled(self._records(query))

    def of_account(self, account_id: str, before: Place | None, limit: int) -> list[Call]:
        """Return the calls of a company's people and of its own numbers, newest first."""
        known = self.known(ids := ids_of_account(self._connection, account_id, before, limit))
        return self._filled([known[one] for one in ids])

    def unlabelled(self, numbers: Sequence[str]) -> list[Call]:
        """Return the calls of these customers' numbers that are nobody's yet."""
        return self._records(_UNLABELLED, {"numbers": list(numbers)})

    def work(self, call_id: str, agent: str) -> Work | None:
        """Return what an agent wrote about a call."""
        row = self._connection.execute(_WORK, {"wanted": call_id, "who": agent}).first()
        return _work(row) if row else None

    def put_work(self, call_id: str, work: Work) -> None:
        """Keep what an agent wrote about a call, which may be live still."""
        self._connection.execute(_FORGET_WORK, {"wanted": call_id, "who": work.agent})
        row = {
            "call_id": call_id,
            "agent": work.agent,
            "disposition": work.disposition,
            "notes": work.notes,
            "wrap_up_s": work.wrap_up_s,
            "saved_at": work.saved_at,
        }
        self._connection.execute(insert(call_work), row)

    def last_notes(self, contact_id: str, limit: int) -> list[CardNote]:
        """Return the last notes about a contact's last 20 calls, newest first, as a card shows them."""
        rows = _LAST_NOTES.rows(self._connection, {"whose": contact_id, "most": limit})
        return [CardNote(text=text, agent=agent, at=instant_of(at)) for text, agent, at in rows]

    def _forget(self, ids: list[str]) -> None:
        """Delete what is kept of calls; most are new, and nothing is."""
        there = list(self._connection.scalars(_THERE, {"ids": ids}))
        if there:
            for statement in (*_FORGET_PARTS, _FORGET):
                self._connection.execute(statement, {"ids": there})

    def _records(self, query: Select[Any], values: dict[str, Any] | None = None) -> list[Call]:
        return [unpacked(record) for record in self._connection.scalars(query, values or {})]

    def _filled(self, calls: list[Call]) -> list[Call]:
        """Fill in work and incidents, also those of calls that were merged into these."""
        whose = {part: one for one in calls for part in _ids_of(one)}
        if not whose:
            return calls
        ids = {"ids": list(whose)}
        for row in self._connection.execute(_WORK_OF, ids):
            whose[row.call_id].work.append(_work(row))
        for row in self._connection.execute(_INCIDENTS_OF, ids):
            whose[row.call_id].incident_ids.append(row.id)
        return calls


def _of_agent(agent: str, *, missed: bool, before: Place | None) -> Select[Any]:
    his = call_agent.c
    query = (
        select(_C.record)
        .select_from(call_agent)
        .join(call, _C.id == his.call_id)
        .where(his.agent == agent, *behind(before, his.started_at, his.call_id))
        .order_by(his.started_at.desc(), his.call_id.desc())
    )
    return query.where(his.is_missed == true()) if missed else query


def _of_all(before: Place | None, *, missed: bool) -> Select[Any]:
    query = _NEWEST.where(*behind(before, _C.started_at, _C.id))
    return query.where(_C.direction == "inbound", _C.outcome.in_(sorted(LOST))) if missed else query


def _ids_of(one: Call) -> list[str]:
    return [one.id, *(call_id(one.pbx, linkedid) for linkedid in one.merged_ids)]


def _work(row: Any) -> Work:
    return Work(
        agent=row.agent,
        disposition=row.disposition,
        notes=row.notes,
        wrap_up_s=row.wrap_up_s,
        saved_at=row.saved_at,
    )
