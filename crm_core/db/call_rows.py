"""A call as rows: one of its own, and one for each visit, agent and possible contact.

What nothing is asked by (segments, phones that rang) stands in the record alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace
from sqlalchemy import String, Table

from crm_core.db.call_record import packed
from crm_core.db.schema import call as calls
from crm_core.db.schema import call_agent, call_candidate, call_visit
from crm_core.domain.calls import Call
from crm_core.domain.figures import busy_s
from crm_core.domain.history import agents_of, last_agent, last_queue

Row = dict[str, Any]
PARTS: tuple[Table, ...] = (call_visit, call_agent, call_candidate)
_TEXTS = {
    table: [
        (column.name, column.type.length)
        for column in table.columns
        if isinstance(column.type, String) and column.type.length
    ]
    for table in (calls, *PARTS)
}


def fits_cut(table: Table) -> bool:
    """Return whether a text that is too long for its column of *table* may be cut."""
    return table in _TEXTS


def call_row(call: Call) -> Row:
    """Return the row of the call itself."""
    return _fitted(calls, _call(call))


def part_rows(call: Call) -> Iterator[tuple[Table, list[Row]]]:
    """Yield the rows that belong to the call, table by table."""
    for table, rows in _parts(call):
        yield table, [_fitted(table, row) for row in rows]


def _call(call: Call) -> Row:
    return {
        "id": call.id,
        "pbx": call.pbx,
        "linkedid": call.linkedid,
        "version": call.version,
        "source": call.source,
        "direction": call.direction,
        "ani": call.ani,
        "did": call.did,
        "customer": call.customer,
        "contact_id": call.contact_id,
        "match_kind": call.match.kind,
        "started_at": call.started_at,
        "answered_at": call.answered_at,
        "ended_at": call.ended_at,
        "outcome": call.outcome,
        "hung_up_by": call.hung_up_by,
        "wait_s": call.wait_s,
        "talk_s": call.talk_s,
        "hold_s": call.hold_s,
        "agent": last_agent(call),
        "queue": last_queue(call),
        "record": packed(replace(call, work=[], incident_ids=[])),
    }


def _parts(call: Call) -> Iterator[tuple[Table, list[Row]]]:
    yield call_visit, [_visit(call, n) for n in range(len(call.visits))]
    yield (
        call_agent,
        [
            {"agent": agent, "started_at": call.started_at, "call_id": call.id, "is_missed": is_missed}
            for agent, is_missed in agents_of(call).items()
        ],
    )
    people = {one.contact_id for one in call.match.candidates if one.contact_id}
    yield (
        call_candidate,
        [
            {"contact_id": contact_id, "started_at": call.started_at, "call_id": call.id}
            for contact_id in people
            if call.contact_id is None
        ],
    )


def _visit(call: Call, n: int) -> Row:
    visit = call.visits[n]
    return {
        "call_id": call.id,
        "n": n,
        "queue": visit.queue,
        "entered_at": visit.entered_at,
        "left_at": visit.left_at,
        "wait_s": visit.wait_s,
        "agent": visit.agent,
        "interface": visit.interface,
        "outcome": visit.outcome,
        "busy_s": busy_s(call, n),
    }


def _fitted(table: Table, row: Row) -> Row:
    for name, length in _TEXTS[table]:
        text = row[name]
        if text is not None and (len(text) > length or "\0" in text):
            row[name] = text.replace("\0", "")[:length]
    return row
