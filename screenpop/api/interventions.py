"""Stepping in at another agent's phone: pause, unpause, sign out; each stands in the audit."""

from __future__ import annotations

from http import HTTPStatus
from typing import Literal

import msgspec
from aiohttp import web
from pydantic import Field

from ami_bridge.services.commands import LOGGED_OUT, Presence
from crm_core.services import audit
from screenpop.api.exchange import Input, Line, answer, read_body
from screenpop.api.operation import operation
from screenpop.api.presence import presence_at, reason_of
from screenpop.api.seats import phone_of
from screenpop.auth import identity_of
from screenpop.confining import hidden
from screenpop.context import CONTEXT, Context
from screenpop.identity import Seat
from screenpop.permissions import Permission
from screenpop.places import address_of
from screenpop.problem import ProblemError
from screenpop.schema import LEFT
from screenpop.scope import Scope

routes = web.RouteTableDef()


class Intervention(Input):
    """What to do, and at which phone; ``agent`` is who was seen there, None for nobody who signed in."""

    pbx: Line = Field(min_length=1, max_length=32)
    interface: Line = Field(min_length=1, max_length=200)
    agent: Line | None = Field(default=None, max_length=40)
    act: Literal["pause", "unpause", "log_out"]
    reason: Line | None = Field(default=None, max_length=20)


class Intervened(msgspec.Struct, frozen=True, kw_only=True):
    """What was done."""

    pbx: str
    interface: str
    agent: str | None
    act: Literal["pause", "unpause", "log_out"]
    reason: str | None


@routes.post("/interventions")
@operation(Permission.STEP_IN, body=Intervention, returns=Intervened, takes_key=True)
async def intervene(request: web.Request) -> web.Response:
    """Pause an agent, let him be rung again, or sign him out of his phone, which is paused then.

    Answered when the exchange confirmed it (``not_confirmed`` when not within 2 s); he is told who did it. It
    stands in the audit before it is tried. Who is confined to his teams steps in at theirs alone (404).
    """
    return await _intervene(request, await read_body(request, Intervention))


async def _intervene(request: web.Request, asked: Intervention) -> web.Response:
    context, me = request.app[CONTEXT], identity_of(request)
    presence, seat = presence_at(context, asked.pbx), Seat(asked.pbx, asked.interface)
    if not _is_in(me.scope, context, seat, asked.agent):
        raise hidden()
    reason = reason_of(context, asked.reason) if asked.act == "pause" else None
    if phone_of(context, seat) != asked.agent:
        raise ProblemError(HTTPStatus.CONFLICT, "somebody_else_sits_there")
    if asked.act == "log_out":
        _demand_idle(context, seat, asked.agent)
    whom = f"{asked.agent or asked.interface}{f': {reason}' if reason else ''}"
    await context.db.run(
        audit.note,
        who=me.user,
        what=f"{asked.act} {whom}",
        address=address_of(request),
        now=context.now(),
        kind="agent",
        record_id=asked.agent or str(seat),
    )
    await _act(context, presence, seat, asked, by=me.full_name, reason=reason)
    return answer(
        Intervened(pbx=seat.pbx, interface=seat.interface, agent=asked.agent, act=asked.act, reason=reason)
    )


def _is_in(scope: Scope, context: Context, seat: Seat, agent: str | None) -> bool:
    """Return whether who sits at *seat* is in *scope*; where nobody signed in, whether a queue of it is."""
    if agent is not None or scope.is_everything:
        return scope.has_agent(agent)
    return any(
        scope.has_queue(seat.pbx, queue) for queue in context.floors[seat.pbx].queues_of(seat.interface)
    )


async def _act(
    context: Context, presence: Presence, seat: Seat, asked: Intervention, *, by: str, reason: str | None
) -> None:
    phone = seat.interface
    match asked.act:
        case "pause":
            await presence.pause(phone, reason or "")
            presence.tell(agent=asked.agent, phone=phone, by=by, act="paused", reason=reason)
        case "unpause":
            await presence.ready(phone)
            presence.tell(agent=asked.agent, phone=phone, by=by, act="unpaused", reason=None)
        case "log_out":
            if context.floors[seat.pbx].memberships(phone):
                await presence.pause(phone, LOGGED_OUT)
            presence.tell(agent=asked.agent, phone=phone, by=by, act="logged_out", reason=None)
            context.hub.empty_seat(seat, why=LEFT, by=by)


def _demand_idle(context: Context, seat: Seat, agent: str | None) -> None:
    if agent is None:
        raise ProblemError(HTTPStatus.CONFLICT, "nobody_sits_there")
    if context.hub.is_on_call(seat):
        raise ProblemError(HTTPStatus.CONFLICT, "on_a_call", "he is on a call")
