"""Who became a part of another record: what names him is led on to the one that he is in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from crm_core.domain.calls import Call
from crm_core.domain.errors import NotFoundError
from crm_core.domain.merges import Label, MergedError, relabelled
from crm_core.ports import UnitOfWork


def missing(uow: UnitOfWork, kind: str, key: str) -> NotFoundError:
    """Return what is to be said of a record that is not there: where it is now, or that there is none."""
    into = uow.merges.into([key]).get(key)
    return MergedError(kind, key, into) if into else NotFoundError(kind, key)


def led_on(uow: UnitOfWork, key: str) -> str:
    """Return the id of the record that *key* is a part of now; *key* itself when it is none's."""
    return uow.merges.into([key]).get(key, key)


def calls_led_on(uow: UnitOfWork, calls: Sequence[Call]) -> list[Call]:
    """Return *calls*, some of which began before their customer became a part of another one, as his."""
    named = {one.contact_id for call in calls for one in call.match.candidates} | {
        call.contact_id for call in calls
    }
    ids = {key for key in named if key}
    into = uow.merges.into(ids) if ids else {}
    told = list(calls)
    for loser, winner in into.items():
        told = [call_of(call, loser=loser, into=winner, at=call.ended_at or call.started_at) for call in told]
    return told


def call_of(call: Call, *, loser: str, into: str, at: datetime) -> Call:
    """Return *call* as it is when *loser* became a part of *into* at *at*."""
    label = relabelled(Label(contact_id=call.contact_id, match=call.match), loser=loser, into=into, at=at)
    return replace(call, contact_id=label.contact_id, match=label.match)
