"""Calls: live ones from the floor, past ones from the records; and what agents write about them."""

from __future__ import annotations

from http import HTTPStatus

import msgspec
from aiohttp import web
from pydantic import Field

from crm_core.domain.calls import Call, Match, Work, call_id
from crm_core.services import calls, dialled, reports
from screenpop.api.call_filter import CallFilter, wanted_by
from screenpop.api.exchange import (
    Id,
    Input,
    Line,
    PageQuery,
    Prose,
    answer,
    cursor_after,
    read_body,
    read_query,
    read_time_cursor,
)
from screenpop.api.operation import operation
from screenpop.auth import identity_of
from screenpop.context import CONTEXT, Context
from screenpop.masked import as_kept
from screenpop.permissions import Permission
from screenpop.places import region_of
from screenpop.problem import ProblemError
from screenpop.scope import Scope

routes = web.RouteTableDef()
LONGEST_NOTES = 10_000


class CallsQuery(PageQuery, CallFilter):
    """Which calls, and which part of their list."""


class CallPage(msgspec.Struct, frozen=True, kw_only=True):
    """Calls, newest first; ``next`` is the cursor of what follows."""

    items: tuple[Call, ...]
    next: str | None


class WorkInput(Input):
    """What the agent wrote; all of it, each time."""

    notes: Prose | None = Field(default=None, max_length=LONGEST_NOTES)
    disposition: Line | None = Field(default=None, max_length=80)


class ChosenContact(Input):
    """Who it was."""

    contact_id: Id


@routes.get("/calls")
@operation(Permission.READ_CALLS, query=CallsQuery, returns=CallPage)
async def list_calls(request: web.Request) -> web.Response:
    """List past calls, newest first."""
    asked, context = read_query(request, CallsQuery), request.app[CONTEXT]
    found = await context.db.read(
        reports.find_written,
        wanted=wanted_by(asked, region=region_of(request), scope=identity_of(request).scope),
        target=context.settings.target,
        before=read_time_cursor(asked.cursor),
        limit=asked.limit + 1,
    )
    more = cursor_after(found, limit=asked.limit, place=lambda call: (call.started_at.isoformat(), call.id))
    return answer(CallPage(items=tuple(found[: asked.limit]), next=more))


@routes.get("/calls/{id}")
@operation(Permission.READ_CALLS, returns=Call)
async def get_call(request: web.Request) -> web.Response:
    """Return one call, live or past, by its id or as ``pbx:linkedid``."""
    wanted = id_of_call(request)
    context = request.app[CONTEXT]
    if live := live_call(context, wanted):
        return answer(await context.db.read(calls.written, call=live))
    return answer(await context.db.read(calls.get_call, call_id=wanted))


@routes.put("/calls/{id}/work")
@operation(Permission.WRITE_WORK, body=WorkInput, returns=Work)
async def put_work(request: web.Request) -> web.Response:
    """Save what the agent who signed in writes about a call; saved again, the newest words stay."""
    asked = await read_body(request, WorkInput, may_echo=True)
    agent = identity_of(request).agent
    if agent is None:
        raise ProblemError(HTTPStatus.CONFLICT, "no_agent", "only an agent writes about calls")
    context, now = request.app[CONTEXT], request.app[CONTEXT].now()
    which = {"call_id": await known_call(context, id_of_call(request)), "agent": agent, "now": now}
    written = await as_kept(request, asked.model_dump(), calls.work_of, **which)
    work = await context.db.run(calls.save_work, **which, **written)
    return answer(work)


@routes.post("/calls/{id}/contact")
@operation(Permission.WRITE_WORK, body=ChosenContact, returns=Match)
async def choose_contact(request: web.Request) -> web.Response:
    """Say who the customer is; the choice is remembered for his number, and the card is replaced."""
    asked = await read_body(request, ChosenContact)
    context, wanted = request.app[CONTEXT], id_of_call(request)
    live = live_call(context, wanted)
    match = await context.db.run(
        calls.choose_contact,
        call_id=await known_call(context, wanted),
        contact_id=asked.contact_id,
        number=live.customer if live else None,
        now=context.now(),
    )
    if live:
        context.cards.choose(wanted, contact_id=asked.contact_id, match=match)
    return answer(match)


def id_of_call(request: web.Request) -> str:
    """Return the id of the call that the path names, by its id or as ``pbx:linkedid``."""
    text = request.match_info["id"]
    pbx, colon, linkedid = text.partition(":")
    return call_id(pbx, linkedid) if colon else text


def live_call(context: Context, wanted: str) -> Call | None:
    """Return the call when it is live, or ended just now and not in the records yet."""
    for floor in context.floors.values():
        if call := floor.call(wanted):
            return call
    return context.unstored(wanted)


async def number_of_call(context: Context, wanted: str, scope: Scope) -> str:
    """Return the number of the customer of a call, live or past, that is in *scope*.

    Raises:
        NotFoundError: there is no such call, or nobody knows its number.
    """
    live = live_call(context, wanted)
    return await context.db.read(dialled.number_of_call, call_id=wanted, live=live, within=scope.within)


async def known_call(context: Context, wanted: str) -> str:
    """Return *wanted* when there is such a call; one that is live is not in the records yet.

    Raises:
        NotFoundError: there is none.
    """
    if live_call(context, wanted) is None:
        await context.db.read(calls.get_call, call_id=wanted)
    return wanted
