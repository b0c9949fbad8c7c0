"""Customers who waited in a queue in vain and have not got through since."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

import msgspec

from crm_core.domain.calls import VisitOutcome

IN_VAIN: Final[frozenset[VisitOutcome]] = frozenset(("abandoned", "timeout", "left_empty", "refused", "cut"))
"""How a stay ends for whom nobody served; who pressed a key or was moved went where he wanted or was sent."""


class Stay(msgspec.Struct, frozen=True, kw_only=True):
    """One customer's stay in a queue that no agent ended, and after which nobody has talked with him."""

    customer: str
    contact_id: str | None
    call: str
    pbx: str
    queue: str
    entered_at: datetime
    wait_s: float | None
    outcome: VisitOutcome


class LostCaller(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody to be rung back: ``at`` is his last stay's begin, ``tries`` how many stays ended in vain.

    ``name`` is None for a stranger.
    """

    customer: str
    contact_id: str | None
    name: str | None = None
    call: str
    pbx: str
    queue: str
    at: datetime
    wait_s: float | None
    tries: int


def lost_callers(stays: Iterable[Stay]) -> list[LostCaller]:
    """Return who is lost by these stays, whoever waits for longest first.

    The last stay of each counts: when it ended otherwise than in vain, he is not lost.
    """
    by_customer: dict[str, list[Stay]] = {}
    for one in sorted(stays, key=lambda stay: (stay.entered_at, stay.call)):
        by_customer.setdefault(one.customer, []).append(one)
    lost = (_lost(mine) for mine in by_customer.values() if mine[-1].outcome in IN_VAIN)
    return sorted(lost, key=lambda one: (one.at, one.customer))


def _lost(stays: list[Stay]) -> LostCaller:
    last = stays[-1]
    return LostCaller(
        customer=last.customer,
        contact_id=last.contact_id,
        call=last.call,
        pbx=last.pbx,
        queue=last.queue,
        at=last.entered_at,
        wait_s=last.wait_s,
        tries=sum(one.outcome in IN_VAIN for one in stays),
    )
