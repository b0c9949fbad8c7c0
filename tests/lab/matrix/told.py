"""The usual shape of what is told: somebody called our queue, and this and that happened to him."""

from __future__ import annotations

from collections.abc import Mapping

from lab.matrix.expected import Expected, Handed
from lab.matrix.play import Play
from lab.wire import Wire

Kinds = Mapping[str, float]


def queue_call(
    play: Play,
    customer: Wire,
    credited: Mapping[str, Kinds],
    *transfers: Handed,
    hung_up_by: str = "agent",
    outcome: str = "answered",
    visits: tuple[tuple[str, str], ...] | None = None,
    own: Kinds | None = None,
    waits: Kinds | None = None,
) -> Expected:
    """Return what must be told of a call to the office's queue.

    *own* are the customer's own seconds, *waits* those that somebody waited in a queue.
    """
    return Expected(
        started_at=customer.invite_at or 0,
        ended_at=customer.ended_at or 0,
        outcome=outcome,
        hung_up_by=hung_up_by,
        credited=credited,
        customer=own or {},
        transfers=transfers,
        visits=((play.office.queue, "answered"),) if visits is None else visits,
        waits=waits or {},
    )


def number_call(
    customer: Wire,
    credited: Mapping[str, Kinds],
    *transfers: Handed,
    hung_up_by: str = "agent",
    outcome: str = "answered",
    own: Kinds | None = None,
    direction: str = "inbound",
    visits: tuple[tuple[str, str], ...] = (),
) -> Expected:
    """Return what must be told of a call to another number of the office."""
    return Expected(
        started_at=customer.invite_at or 0,
        ended_at=customer.ended_at or 0,
        outcome=outcome,
        hung_up_by=hung_up_by,
        direction=direction,
        credited=credited,
        customer=own or {},
        transfers=transfers,
        visits=visits,
    )
