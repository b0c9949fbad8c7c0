"""Past calls: recorded, read, written about, and given to whom they belong."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from crm_core.domain.batches import SpoolPlace
from crm_core.domain.calls import Call, Match, Work, call_id
from crm_core.domain.errors import NotFoundError
from crm_core.domain.events import CallsRelabelled, StoredEvent, WorkSaved, stored
from crm_core.domain.labels import chosen, labelled, told_again
from crm_core.domain.sources import is_worse
from crm_core.domain.traces import Steps, Trace, packed
from crm_core.ports import UnitOfWork
from crm_core.ports.places import Place
from crm_core.services import callbacks, erasure, preview
from crm_core.services.led_on import calls_led_on, led_on
from crm_core.services.lookup import callers
from crm_core.services.relabel import kept_number

LATEST = 5


def record(
    uow: UnitOfWork, *, calls: Sequence[Call], events: Sequence[Any], spooled: SpoolPlace | None = None
) -> None:
    """Store calls and what happened (tagged structs with ``at``, or ``Steps``), all or nothing.

    Of each call the highest version is kept, so the same calls may come twice; events that come from a spool
    are kept the first time only. A call that nobody was known for, and whose number became known while it
    went on, is labelled here.
    """
    if spooled is not None and not uow.log.take(spooled):
        return
    calls = calls_led_on(uow, erasure.forgotten(uow, calls))
    newest = {call.id: call for call in sorted(calls, key=lambda call: call.version)}
    known = uow.calls.known(list(newest)) if newest else {}
    kept = []
    for call in newest.values():
        before = known.get(call.id)
        if before is None:
            kept.append(_known_by_now(uow, call))
        elif before.version < call.version and not is_worse(call, before):
            kept.append(told_again(call, before))
    uow.calls.put(kept)
    spoke(uow, kept)
    callbacks.reached(uow, calls=kept)
    preview.told(uow, calls=kept)
    told = [_as_kept(one) for one in events]
    uow.log.append(one for one in told if isinstance(one, StoredEvent))
    uow.log.trace(one for one in told if isinstance(one, Trace))


def why_told(uow: UnitOfWork, *, call: Call) -> list[Trace]:
    """Return what is kept of how *call*, and those that became one with it, came to be told so."""
    ids = [call.id, *(call_id(call.pbx, linkedid) for linkedid in call.merged_ids)]
    return uow.log.traces(ids)


def get_call(uow: UnitOfWork, *, call_id: str) -> Call:
    """Return a past call.

    Raises:
        NotFoundError: there is none; a live call is not in the records yet.
    """
    call = uow.calls.get(call_id)
    if call is None:
        raise NotFoundError("call", call_id)
    return call


def last_from(uow: UnitOfWork, *, number: str) -> Call | None:
    """Return the last call that came in from *number* (E.164); None when none of the latest did."""
    latest = uow.calls.recent(contact_id=None, customer=number, limit=LATEST)
    known = uow.calls.known([one.id for one in latest])
    return next((call for one in latest if (call := known[one.id]).direction == "inbound"), None)


def written(uow: UnitOfWork, *, call: Call) -> Call:
    """Return a live call with what was written and opened about it so far."""
    return uow.calls.written(call)


def history(
    uow: UnitOfWork,
    *,
    contact_id: str | None = None,
    agent: str | None = None,
    missed: bool = False,
    before: Place | None = None,
    limit: int,
) -> list[Call]:
    """Return past calls, newest first: all, a contact's, those an agent had or missed.

    *missed* keeps those that rang at the agent and that he did not take; without an agent, those from outside
    that nobody took.
    """
    return uow.calls.of(contact_id=contact_id, agent=agent, missed=missed, before=before, limit=limit)


def work_of(uow: UnitOfWork, *, call_id: str, agent: str, now: datetime) -> Work:
    """Return what an agent wrote about a call; nothing yet is nothing of now."""
    return uow.calls.work(call_id, agent) or Work(agent=agent, saved_at=now)


def save_work(
    uow: UnitOfWork, *, call_id: str, agent: str, notes: str | None, disposition: str | None, now: datetime
) -> Work:
    """Keep what an agent writes about a call, live or past, in place of what he wrote before."""
    before = uow.calls.work(call_id, agent)
    work = Work(
        agent=agent,
        disposition=disposition,
        notes=notes,
        wrap_up_s=before.wrap_up_s if before else None,
        saved_at=now,
    )
    uow.calls.put_work(call_id, work)
    uow.events.append(WorkSaved(at=now, by=agent, call=call_id, agent=agent))
    return work


def choose_contact(
    uow: UnitOfWork, *, call_id: str, contact_id: str, number: str | None, now: datetime
) -> Match:
    """Say who a call was, and remember it for its number; return the call's match.

    *number* is the customer's while the call is live; of a past one it stands in the records.

    Raises:
        NotFoundError: there is no such contact.
    """
    contact_id = led_on(uow, contact_id)
    entry = uow.phone_book.contact(contact_id)
    if entry is None:
        raise NotFoundError("contact", contact_id)
    call = uow.calls.get(call_id)
    customer = number or (call.customer if call else None)
    if customer:
        uow.phone_book.choose(customer, contact_id, now)
    if call is None:
        before = callers(uow, number=kept_number(customer)).match if customer else Match()
        return chosen(before, contact_id=contact_id, account_id=entry.account_id)
    match = chosen(call.match, contact_id=contact_id, account_id=entry.account_id)
    call = labelled(call, contact_id=contact_id, match=match, at=now)
    uow.calls.put([call])
    spoke(uow, [call])
    uow.events.append(CallsRelabelled(at=now, contact_id=contact_id, calls=(call_id,)))
    return call.match


def spoke(uow: UnitOfWork, calls: Iterable[Call]) -> None:
    """Keep when the contacts of answered calls were spoken with."""
    at: dict[str, datetime] = {}
    for call in calls:
        if call.contact_id and call.answered_at:
            at[call.contact_id] = max(call.started_at, at.get(call.contact_id, call.started_at))
    uow.contacts.spoke(at)


def _as_kept(one: Any) -> StoredEvent | Trace:
    match one:
        case StoredEvent() | Trace():
            return one
        case Steps():
            return packed(one)
    return stored(one)


def _known_by_now(uow: UnitOfWork, call: Call) -> Call:
    if call.contact_id or call.match.kind != "none" or not call.customer:
        return call
    found = callers(uow, number=kept_number(call.customer))
    if found.match.kind == "none":
        return call
    contact_id = found.contact.contact_id if found.contact else None
    return labelled(call, contact_id=contact_id, match=found.match, at=call.ended_at or call.started_at)
