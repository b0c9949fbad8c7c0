"""Callbacks: asked for, listed, and done when the customer was spoken with."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from msgspec.structs import replace

from crm_core.domain.callbacks import Callback, is_reached
from crm_core.domain.calls import Call
from crm_core.domain.confines import Confines, concerned
from crm_core.domain.errors import NotFoundError
from crm_core.domain.events import CallbackAsked, CallbackDone
from crm_core.ports import UnitOfWork
from crm_core.ports.places import Place
from crm_core.services.lookup import callers
from crm_core.services.relabel import kept_number


def ask(
    uow: UnitOfWork, *, number: str, call_id: str | None, did: str | None, due_at: datetime, now: datetime
) -> Callback:
    """Keep that *number* (E.164) wants to be rung from *due_at* on.

    Who waits already keeps his place: asked again, the first is returned.
    """
    if known := uow.callbacks.open_to([number]):
        return known[0]
    contact = callers(uow, number=kept_number(number)).contact
    wish = Callback(
        id=uow.new_id(now),
        number=number,
        contact_id=contact.contact_id if contact else None,
        call_id=call_id,
        did=did,
        asked_at=now,
        due_at=due_at,
    )
    uow.callbacks.add(wish)
    uow.events.append(
        CallbackAsked(at=now, callback_id=wish.id, call=call_id, contact_id=wish.contact_id, due_at=due_at)
    )
    return wish


def waiting(
    uow: UnitOfWork, *, after: Place | None = None, limit: int, within: Confines | None = None
) -> list[Callback]:
    """Return the customers who wait to be rung, first due first.

    Who is confined to his teams sees whom their calls told of, and whose calls came to nobody.
    """
    return uow.callbacks.waiting(after, limit, within)


def sees(uow: UnitOfWork, *, callback_id: str, within: Confines) -> bool:
    """Return whether who is confined sees a callback; one that is not there is not hidden."""
    wish = uow.callbacks.get(callback_id)
    call = uow.calls.get(wish.call_id) if wish and wish.call_id else None
    return call is None or not (call.visits or concerned(call)) or within.sees_call(call)


def finish(uow: UnitOfWork, *, callback_id: str, by: str | None, now: datetime) -> Callback:
    """Say that nobody needs to be rung any more; twice is once.

    Raises:
        NotFoundError: there is no such callback.
    """
    wish = uow.callbacks.get(callback_id)
    if wish is None:
        raise NotFoundError("callback", callback_id)
    return _done(uow, wish, by=by, now=now) if wish.is_open else wish


def reached(uow: UnitOfWork, *, calls: Iterable[Call]) -> None:
    """Close the callbacks of customers who were spoken with in *calls*, whoever rang whom."""
    talks = {call.customer: call for call in calls if call.customer and call.talk_s}
    if not talks:
        return
    for wish in uow.callbacks.open_to(list(talks)):
        call = talks[wish.number]
        if call.ended_at and is_reached(wish, call):
            _done(uow, wish, by=None, now=call.ended_at)


def _done(uow: UnitOfWork, wish: Callback, *, by: str | None, now: datetime) -> Callback:
    done = replace(wish, done_at=now, done_by=by)
    uow.callbacks.change(done)
    uow.events.append(CallbackDone(at=now, by=by, callback_id=wish.id))
    return done
