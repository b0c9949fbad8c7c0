"""My presence: ready or paused, and in which queues. What the exchange confirms is what is answered."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Literal

import msgspec
from aiohttp import web
from pydantic import Field

from ami_bridge.domain.events import AgentStateName
from ami_bridge.services.commands import Presence
from screenpop.api.exchange import Input, Line, answer, read_body
from screenpop.api.operation import operation
from screenpop.auth import identity_of
from screenpop.context import CONTEXT, Context
from screenpop.identity import Identity, Seat
from screenpop.permissions import Permission
from screenpop.problem import FieldError, ProblemError

routes = web.RouteTableDef()


class QueueOfMine(msgspec.Struct, frozen=True, kw_only=True):
    """A queue of my exchange; ``name`` is what it is called here.

    A member of the exchange's configuration cannot leave (``is_fixed``).
    """

    queue: str
    name: str
    is_member: bool
    is_fixed: bool = False
    is_paused: bool = False
    penalty: int = 0


class PresenceNow(msgspec.Struct, frozen=True, kw_only=True):
    """How I am; ``wished`` is the reason of the pause that follows the call I am in.

    Where the exchange ``is_observed`` nothing of it can be changed here.
    """

    seat: str
    state: AgentStateName
    since: datetime | None
    reason: str | None
    wished: str | None
    is_observed: bool
    queues: tuple[QueueOfMine, ...]


class Wanted(Input):
    """Ready, or paused for one of the reasons of the settings."""

    state: Literal["ready", "paused"]
    reason: Line | None = Field(default=None, max_length=20)


@routes.get("/presence")
@operation(Permission.USE_DESK, returns=PresenceNow)
async def get_presence(request: web.Request) -> web.Response:
    """Return how I am and which queues I am in."""
    context, me = request.app[CONTEXT], identity_of(request)
    return answer(_now(context, me, seat_of(me)))


@routes.put("/presence")
@operation(Permission.USE_DESK, body=Wanted, returns=PresenceNow)
async def put_presence(request: web.Request) -> web.Response:
    """Be ready, or pause; during a call, the pause follows it.

    Answered when the exchange confirmed it; ``not_confirmed`` (504) when it did not within 2 s.
    """
    context, me = request.app[CONTEXT], identity_of(request)
    wanted = await read_body(request, Wanted)
    seat, presence = _mine(context, me)
    if wanted.state == "ready":
        await presence.ready(seat.interface)
    else:
        await presence.pause(seat.interface, reason_of(context, wanted.reason))
    return answer(_now(context, me, seat))


@routes.put("/presence/queues/{id}")
@operation(Permission.USE_DESK, returns=PresenceNow)
async def join_queue(request: web.Request) -> web.Response:
    """Become a member of the queue of this name; confirmed as ``PUT /presence`` is."""
    context, me = request.app[CONTEXT], identity_of(request)
    seat, presence = _mine(context, me)
    queue = _queue(context, seat, request.match_info["id"])
    await presence.join(queue, seat.interface, name=me.full_name)
    return answer(_now(context, me, seat))


@routes.delete("/presence/queues/{id}")
@operation(Permission.USE_DESK, returns=PresenceNow)
async def leave_queue(request: web.Request) -> web.Response:
    """Be no member of the queue any more; confirmed as ``PUT /presence`` is."""
    context, me = request.app[CONTEXT], identity_of(request)
    seat, presence = _mine(context, me)
    queue = _queue(context, seat, request.match_info["id"])
    await presence.leave(queue, seat.interface)
    return answer(_now(context, me, seat))


def reason_of(context: Context, code: str | None) -> str:
    """Return *code* when it is a reason of the settings.

    Raises:
        ProblemError: it is none (422).
    """
    known = [reason.code for reason in context.settings.pause_reasons]
    if code not in known:
        errors = [FieldError(field="reason", code="unknown_reason", message=f"one of {', '.join(known)}")]
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", errors=errors)
    return code


def seat_of(me: Identity) -> Seat:
    """Return where *me* sits.

    Raises:
        ProblemError: nowhere (409).
    """
    if me.seat is None or me.agent is None:
        raise ProblemError(HTTPStatus.CONFLICT, "no_seat", "choose a phone first")
    return me.seat


def presence_at(context: Context, pbx: str) -> Presence:
    """Return the commands of an exchange.

    Raises:
        ProblemError: there is none of this name, or it is only observed (409).
    """
    presence = context.presence.get(pbx)
    if presence is None:
        raise ProblemError(HTTPStatus.CONFLICT, "no_exchange", f"there is no exchange {pbx!r}")
    if presence.is_observed:
        raise ProblemError(HTTPStatus.CONFLICT, "observe_only", "this exchange is only observed")
    return presence


def _mine(context: Context, me: Identity) -> tuple[Seat, Presence]:
    seat = seat_of(me)
    return seat, presence_at(context, seat.pbx)


def _queue(context: Context, seat: Seat, name: str) -> str:
    floor = context.floors[seat.pbx]
    if not any(queue.queue == name for queue in floor.queues()):
        raise ProblemError(HTTPStatus.NOT_FOUND, "not_found", "there is no such queue")
    return name


def _now(context: Context, me: Identity, seat: Seat) -> PresenceNow:
    floor, presence = context.floors.get(seat.pbx), context.presence.get(seat.pbx)
    agents = floor.agents() if floor else ()
    view = next((one for one in agents if one.interface == seat.interface and one.agent == me.agent), None)
    mine = {member.queue: member for member in floor.memberships(seat.interface)} if floor else {}
    is_paused = bool(mine) and all(member.paused for member in mine.values())
    queues = (
        QueueOfMine(
            queue=name,
            name=context.lines.queue_name(seat.pbx, name) or name,
            is_member=member is not None,
            is_fixed=member is not None and not member.dynamic,
            is_paused=member is not None and member.paused,
            penalty=member.penalty if member else 0,
        )
        for name in sorted(queue.queue for queue in (floor.queues() if floor else ()))
        for member in (mine.get(name),)
    )
    return PresenceNow(
        seat=str(seat),
        state=view.state if view else "logged_out",
        since=view.since if view else None,
        reason=view.reason if view else None,
        wished=next(iter(mine.values())).paused_reason if is_paused and view and view.call else None,
        is_observed=presence is None or presence.is_observed,
        queues=tuple(queues),
    )
