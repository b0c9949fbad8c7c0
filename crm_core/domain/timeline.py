"""What happened with a customer, as one list."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import Literal

import msgspec

from crm_core.domain.calls import Call
from crm_core.domain.incidents import Incident


class TimelineItem(msgspec.Struct, frozen=True, kw_only=True):
    """A call, a call that may have been his, or an incident; ``at`` is its begin."""

    at: datetime
    kind: Literal["call", "possible_call", "incident"]
    call: Call | None = None
    incident: Incident | None = None


def timeline_of(
    *, calls: Iterable[Call], possible: Iterable[Call], incidents: Iterable[Incident], limit: int
) -> list[TimelineItem]:
    """Return the newest *limit* of three lists, each newest first."""
    told = merge(
        (TimelineItem(at=one.started_at, kind="call", call=one) for one in calls),
        (TimelineItem(at=one.started_at, kind="possible_call", call=one) for one in possible),
        (TimelineItem(at=one.opened_at, kind="incident", incident=one) for one in incidents),
        key=_place,
        reverse=True,
    )
    return list(islice(told, limit))


def _place(item: TimelineItem) -> tuple[datetime, str]:
    thing = item.call or item.incident
    return item.at, thing.id if thing else ""
