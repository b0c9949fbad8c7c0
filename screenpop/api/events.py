"""The stored event log: what happened, in the order in which it was stored, for who reads along."""

from __future__ import annotations

from datetime import datetime

import msgspec
from aiohttp import web
from pydantic import Field

from crm_core.domain.events import StoredEvent
from crm_core.services import events
from screenpop.api.exchange import DEFAULT_PAGE, LARGEST_PAGE, Input, answer, read_query
from screenpop.api.operation import operation
from screenpop.context import CONTEXT
from screenpop.permissions import Permission

routes = web.RouteTableDef()
LARGEST_POS = (1 << 63) - 1


class EventsQuery(Input):
    """From where: events behind ``after``, the oldest first."""

    after: int = Field(default=0, ge=0, le=LARGEST_POS)
    limit: int = Field(default=DEFAULT_PAGE, ge=1, le=LARGEST_PAGE)


class LoggedEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event and its place ``pos``; ``event`` is what desktops were told."""

    pos: int
    type: str
    at: datetime
    event: msgspec.Raw


class EventPage(msgspec.Struct, frozen=True, kw_only=True):
    """Events in their order; ``next`` is the ``after`` of the next request, whether there is more or not."""

    items: tuple[LoggedEvent, ...]
    next: int


@routes.get("/events")
@operation(Permission.READ_EVENTS, query=EventsQuery, returns=EventPage)
async def list_events(request: web.Request) -> web.Response:
    """List what happened after a place in the log; places grow, and are never given twice."""
    asked = read_query(request, EventsQuery)
    found = await request.app[CONTEXT].db.read(events.after, pos=asked.after, limit=asked.limit)
    items = tuple(logged(event) for event in found)
    return answer(EventPage(items=items, next=items[-1].pos if items else asked.after))


def logged(event: StoredEvent) -> LoggedEvent:
    """Return *event* as others are told it."""
    assert event.pos is not None  # noqa: S101 - what is read from the log has its place
    return LoggedEvent(pos=event.pos, type=event.type, at=event.at, event=msgspec.Raw(event.payload))
