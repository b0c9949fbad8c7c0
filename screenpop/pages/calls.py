"""Calls looked for, as a list and as a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

from aiohttp import web
from msgspec.structs import replace
from pydantic import Field
from yarl import URL

from ami_bridge.domain.events import QueueChanged
from crm_core.domain.calls import Call
from crm_core.domain.search import Wanted, fits
from crm_core.ports.places import Place
from crm_core.services import reports
from screenpop.api.call_filter import YEARS, CallFilter, wanted_by
from screenpop.api.exchange import Line, cursor_of, read_time_cursor
from screenpop.auth import identity_of
from screenpop.context import CONTEXT, Context
from screenpop.floor_figures import live_calls
from screenpop.lists import AskedList
from screenpop.pages import call_records, calls_csv
from screenpop.pages.call_words import DIRECTIONS
from screenpop.pages.page import page
from screenpop.pages.saved_views import keeps_views
from screenpop.pages.words import OUTCOMES
from screenpop.permissions import Permission, requires
from screenpop.places import region_of
from screenpop.scope import Scope
from screenpop.tables_out import FORMS
from screenpop.whole import hides_emails

routes = web.RouteTableDef()
CALLS: Final = "/calls"
ON_A_PAGE: Final = 50
DAYS: Final = 7  # that are looked through when nobody says which


class Asked(CallFilter, AskedList):
    """What the form asks for besides: the first and the last day of the site, and a name or a number."""

    first: date | None = Field(default=None, alias="from")
    last: date | None = Field(default=None, alias="to")
    who: Line | None = Field(default=None, max_length=100)
    cursor: Line | None = Field(default=None, max_length=200)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What may be chosen in the form; queues by the exchange's name, with what people call them."""

    queues: Mapping[str, str]
    agents: Sequence[str]
    directions: Sequence[str] = tuple(DIRECTIONS)
    outcomes: Sequence[str] = tuple(OUTCOMES)


@routes.get(CALLS)
@keeps_views("calls", CALLS, Asked)
@requires(Permission.SEE_FLOOR)
async def get_calls(request: web.Request) -> web.Response:
    """Return the calls that are looked for, newest first; those that go on stand before them."""
    context, asked = request.app[CONTEXT], asked_for(request)
    wanted = await wanted_of(request, asked)
    choices = _choices(context, asked, identity_of(request).scope)
    found = await context.db.read(
        call_records.search,
        wanted=wanted,
        target=context.settings.target,
        live=[] if asked.cursor else _live(context, wanted),
        contact_id=asked.contact_id,
        agents=choices.agents,
        before=read_time_cursor(asked.cursor),
        limit=ON_A_PAGE,
    )
    return page(
        request,
        "calls.html",
        asked=asked,
        found=found,
        choices=choices,
        older=_address(request, cursor=_cursor(found.more)) if found.more else None,
        files=[_address(request, path=f"{CALLS}.{form}") for form in FORMS],
        without=lambda name: _address(request, without=name),
    )


@routes.get(f"{CALLS}.csv")
@routes.get(f"{CALLS}.xlsx")
@requires(Permission.EXPORT_CALLS)
async def get_file(request: web.Request) -> web.StreamResponse:
    """Return the calls that are looked for as a table for spreadsheets, in the reader's writing."""
    return await calls_csv.send(request, await wanted_of(request, asked_for(request)))


def asked_for(request: web.Request) -> Asked:
    """Return what the address asks for; a field that was left empty asks for nothing.

    Without a customer and a time it is the last days.

    Raises:
        ValidationError: what stands there is not what the form sends.
    """
    asked = Asked.model_validate({name: text for name, text in request.query.items() if text.strip()})
    if any((asked.who, asked.number, asked.contact_id, asked.first, asked.last, asked.since, asked.until)):
        return asked
    context = request.app[CONTEXT]
    today = context.today()
    return asked.model_copy(update={"first": today - timedelta(days=DAYS - 1)})


async def wanted_of(request: web.Request, asked: Asked) -> Wanted:
    """Return what is looked for; of a day and an instant the later begin and the earlier end hold."""
    context, region = request.app[CONTEXT], region_of(request)
    wanted = wanted_by(asked, region=region, scope=identity_of(request).scope)
    zone = context.settings.zone
    if asked.who and any(sign.isalpha() for sign in asked.who):
        whole = hides_emails(identity_of(request))
        wanted = await context.db.read(
            reports.named, wanted=wanted, text=asked.who, region=region, whole=whole
        )
    elif asked.who:
        wanted = reports.with_number(wanted, asked.who, region=region)
    begins = [one for one in (wanted.since, _midnight(asked.first, zone)) if one]
    ends = [one for one in (wanted.until, _midnight(asked.last, zone, days=1)) if one]
    return replace(wanted, since=max(begins, default=None), until=min(ends, default=None))


def _midnight(day: date | None, zone: tzinfo, *, days: int = 0) -> datetime | None:
    if day is None or day.year not in YEARS:
        return None
    return datetime.combine(day + timedelta(days=days), time(), tzinfo=zone).astimezone(UTC)


def _live(context: Context, wanted: Wanted) -> list[Call]:
    targets = context.lines.targets(context.settings.target)
    found = [one for one in live_calls(context) if fits(one, wanted, targets)]
    return sorted(found, key=lambda one: (one.started_at, one.id), reverse=True)


def _choices(context: Context, asked: Asked, scope: Scope) -> Choices:
    floors = context.floors.values()
    there = [one for floor in floors for one in floor.queues() if scope.has_queue(one.pbx, one.queue)]
    queues = {one.queue: _name(context, one) for one in there}
    named = {asked.queue: asked.queue} if asked.queue else {}
    agents = {
        one.agent for floor in floors for one in floor.agents() if one.agent and scope.has_agent(one.agent)
    }
    return Choices(
        queues=dict(sorted((named | queues).items())),
        agents=sorted(agents | ({asked.agent} if asked.agent else set())),
    )


def _name(context: Context, queue: QueueChanged) -> str:
    return context.lines.queue_name(queue.pbx, queue.queue) or queue.queue


def _cursor(place: Place) -> str:
    return cursor_of(place[0].isoformat(), place[1])


def _address(request: web.Request, *, path: str = CALLS, without: str = "", **also: str) -> str:
    """Return the address of what is asked for, from its first page on, but for one field."""
    query = {name: text for name, text in request.query.items() if name not in (without, "cursor")}
    return str(URL(path).with_query(query | also))
