"""What happened with a customer, as one list."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import Literal, get_args

import msgspec

from crm_core.domain.calls import Call
from crm_core.domain.incidents import Incident
from crm_core.domain.interactions import Interaction

Shown = Literal["calls", "incidents", "written"]
EVERYTHING: frozenset[Shown] = frozenset(get_args(Shown))


class TimelineItem(msgspec.Struct, frozen=True, kw_only=True):
    """A call, a call that may have been his, an incident, or what was written down; ``at`` is its begin."""

    at: datetime
    kind: Literal["call", "possible_call", "incident", "interaction"]
    call: Call | None = None
    incident: Incident | None = None
    interaction: Interaction | None = None

    @property
    def thing(self) -> Call | Incident | Interaction | None:
        """What it is."""
        return self.call or self.incident or self.interaction

    @property
    def place(self) -> tuple[datetime, str]:
        """Where it is in the list."""
        return self.at, self.thing.id if self.thing else ""


def timeline_of(
    *,
    calls: Iterable[Call],
    possible: Iterable[Call],
    incidents: Iterable[Incident],
    interactions: Iterable[Interaction],
    limit: int,
) -> list[TimelineItem]:
    """Return the newest *limit* of four lists, each newest first."""
    told = merge(
        (TimelineItem(at=one.started_at, kind="call", call=one) for one in calls),
        (TimelineItem(at=one.started_at, kind="possible_call", call=one) for one in possible),
        (TimelineItem(at=one.opened_at, kind="incident", incident=one) for one in incidents),
        (TimelineItem(at=one.at, kind="interaction", interaction=one) for one in interactions),
        key=lambda item: item.place,
        reverse=True,
    )
    return list(islice(told, limit))
