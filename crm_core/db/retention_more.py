"""More that grows too old, found and let go: tasks, callbacks, leads, merges, and what was brought in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Delete,
    Select,
    Update,
    and_,
    delete,
    exists,
    false,
    func,
    null,
    or_,
    select,
    true,
    update,
)

from crm_core.db.schema import call
from crm_core.db.schema_campaigns import lead, lead_attempt, lead_number
from crm_core.db.schema_imports import import_account, import_batch, import_contact, import_fault
from crm_core.db.schema_incidents import incident
from crm_core.db.schema_merges import merge
from crm_core.db.schema_privacy import legal_hold
from crm_core.db.schema_reception import callback
from crm_core.db.schema_tasks import task
from crm_core.domain.erasure import GONE
from crm_core.ports.places import Place

_T, _C, _L, _M, _B = task.c, callback.c, lead.c, merge.c, import_batch.c
PART = 2_000
"""As many rows of a kind go in a transaction of what an import left, of 100,000 people maybe."""
_ENDED = ("done", "cancelled", "failed", "undone")


def tasks(before: datetime, behind: Place | None) -> Select[Any]:
    """Return those that were done so long ago; whose they are, their incident or call may know later on."""
    whose = func.coalesce(_T.contact_id, incident.c.contact_id, call.c.contact_id).label("contact_id")
    query = select(_T.id, _T.done_at.label("at"), whose, call.c.customer.label("number")).select_from(
        task.outerjoin(incident, incident.c.id == _T.incident_id).outerjoin(call, call.c.id == _T.call_id)
    )
    return by_time(query.where(_T.is_open.is_(False)), _T.done_at, _T.id, before, behind)


def callbacks(before: datetime, behind: Place | None) -> Select[Any]:
    """Return those that were settled so long ago, and still name a number."""
    query = select(_C.id, _C.done_at.label("at"), _C.contact_id, _C.number)
    is_old = and_(_C.is_open.is_(False), _C.done_at < before, _C.number != GONE)
    return by_id(query.where(is_old), _C.id, behind)


def leads(before: datetime, behind: Place | None) -> Select[Any]:
    """Return those that nobody will be called for any more, were due so long ago and not tried since."""
    tried = exists().where(lead_attempt.c.lead_id == _L.id, lead_attempt.c.at >= before)
    query = select(_L.id, _L.due_at.label("at"), null().label("contact_id"), _L.numbers.label("number"))
    is_old = and_(_L.state == "done", _L.due_at < before, _L.name != GONE, ~tried)
    return by_id(query.where(is_old), _L.id, behind)


def merges(before: datetime, behind: Place | None) -> Select[Any]:
    """Return those of so long ago of which is kept who was who."""
    query = select(_M.id, _M.at, _M.into_id.label("contact_id"), null().label("number"))
    is_told = or_(_M.journal.is_not(None), _M.loser_name.is_not(None), _M.into_name.is_not(None))
    return by_time(query.where(is_told), _M.at, _M.id, before, behind)


def imports(before: datetime, behind: Place | None) -> Select[Any]:
    """Return batches that ended so long ago, with something of people left that need not stay."""
    ended = func.coalesce(_B.ended_at, _B.begun_at)
    query = select(_B.id, ended.label("at"), null().label("contact_id"), null().label("number"))
    is_old = and_(_B.state.in_(_ENDED), ended < before)
    return by_id(query.where(is_old, _has_people()), _B.id, behind)


def _has_people() -> ColumnElement[bool]:
    quoted = exists().where(import_fault.c.batch_id == _B.id, import_fault.c.text != "")
    people = exists().where(import_contact.c.batch_id == _B.id, ~_is_held())
    companies = exists().where(import_account.c.batch_id == _B.id)
    return or_(_B.name != GONE, quoted, people, companies)


def _is_held() -> ColumnElement[bool]:
    return exists().where(legal_hold.c.contact_id == import_contact.c.contact_id)


def forget_tasks(connection: Connection, ids: Sequence[str]) -> int:
    """Forget what was to be done; return how much."""
    return connection.execute(delete(task).where(_T.id.in_(ids))).rowcount


def forget_callbacks(connection: Connection, ids: Sequence[str]) -> int:
    """Forget who was to be rung back; that he was stays."""
    gone = {"number": GONE, "contact_id": None}
    return connection.execute(update(callback).where(_C.id.in_(ids)).values(**gone)).rowcount


def forget_leads(connection: Connection, ids: Sequence[str]) -> int:
    """Forget who stood on lists; places, states and outcomes stay, and with them all figures."""
    rows = connection.execute(select(_L.campaign_id, _L.numbers).where(_L.id.in_(ids))).all()
    numbers = lead_number.c
    his = (
        and_(numbers.campaign_id == row.campaign_id, numbers.number.in_(row.numbers.split())) for row in rows
    )
    connection.execute(delete(lead_number).where(or_(false(), *his)))
    nobody = {"name": GONE, "company": None, "numbers": "", "fields": "{}", "zone": None}
    gone = connection.execute(update(lead).where(_L.id.in_(ids)).values(**nobody)).rowcount
    tries = update(lead_attempt).where(lead_attempt.c.lead_id.in_(ids))
    connection.execute(tries.values(number=GONE, note=None))
    return gone


def forget_merges(connection: Connection, ids: Sequence[str]) -> int:
    """Forget who was who before records became one; they stay one."""
    gone = {"journal": None, "loser_name": None, "into_name": None}
    return connection.execute(update(merge).where(_M.id.in_(ids)).values(**gone)).rowcount


def forget_imports(connection: Connection, ids: Sequence[str]) -> int:
    """Forget a part of what files left: their names, what was quoted of them, who people were before them.

    Returned is how many are through; the others are to be gone on with. Of who must be kept that stays.
    Counts stay; such a batch cannot be taken back any more, from its first part on.
    """
    connection.execute(update(import_batch).where(_B.id.in_(ids)).values(name=GONE))
    return sum(_forget_part(connection, one) for one in ids)


def _forget_part(connection: Connection, batch_id: str) -> bool:
    """Forget some of what an import left; return whether it was the last of it."""
    line, whom, which = import_fault.c.line, import_contact.c.contact_id, import_account.c.account_id
    parts: list[tuple[Update | Delete, Column[Any], ColumnElement[bool]]] = [
        (update(import_fault).values(text=""), line, import_fault.c.text != ""),
        (delete(import_contact), whom, ~_is_held()),
        (delete(import_account), which, true()),
    ]
    most = 0
    for change, key, goes in parts:
        of_batch = key.table.c.batch_id == batch_id
        keys = connection.scalars(select(key).where(of_batch, goes).order_by(key).limit(PART)).all()
        connection.execute(change.where(of_batch, key.in_(keys)))
        most = max(most, len(keys))
    return most < PART


def by_time(
    query: Select[Any],
    at: ColumnElement[Any],
    key: ColumnElement[Any],
    before: datetime,
    behind: Place | None,
) -> Select[Any]:
    """Return what *query* finds from before *before*, in the order of *at*, behind a place."""
    if behind is not None:
        query = query.where(at >= behind[0], or_(at > behind[0], key > behind[1]))
    return query.where(at < before).order_by(at, key)


def by_id(query: Select[Any], key: ColumnElement[Any], behind: Place | None) -> Select[Any]:
    """Return what *query* finds in the order of *key*, behind a place."""
    return query.where(key > (behind[1] if behind else "")).order_by(key)
