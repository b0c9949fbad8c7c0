"""Click-to-call: the agent's phone rings, then the customer is dialled."""

from __future__ import annotations

import secrets
from http import HTTPStatus
from typing import Self

import msgspec
from aiohttp import web
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from ami_bridge.ports import CallControl
from crm_core.domain.calls import Call
from crm_core.domain.errors import DatabaseAwayError
from crm_core.domain.ids import new_id
from crm_core.domain.phone import DialRoute, dialable, read_number
from crm_core.services import calls, dialled, do_not_call
from screenpop.api.calls import live_call, number_of_call
from screenpop.api.exchange import Id, Input, Line, answer, read_body
from screenpop.api.operation import operation
from screenpop.auth import identity_of
from screenpop.confining import demand_call
from screenpop.context import CONTEXT, Context
from screenpop.identity import Identity, Seat
from screenpop.permissions import Permission
from screenpop.problem import FieldError, ProblemError
from screenpop.scope import Scope

routes = web.RouteTableDef()


class Dial(Input):
    """Whom to call: by his ``number`` in any writing, else by what has it.

    That is the phone of a contact or a company, the callback that he waits for, or, where neither is named,
    the call ``call_id`` that is answered by this one. So who is not shown numbers dials them all the same.
    A number that must not be called is called only ``regardless`` of that (409 ``do_not_call`` else).
    The customer sees the number of the line that he called then, else of the one that he called last.
    """

    number: Line | None = Field(default=None, min_length=1, max_length=40)
    phone_id: Id | None = None
    callback_id: Id | None = None
    call_id: Id | None = None
    regardless: bool = False

    @model_validator(mode="after")
    def _is_somebody(self) -> Self:
        """Demand that somebody is named."""
        if self.number is None and not (self.phone_id or self.callback_id or self.call_id):
            raise PydanticCustomError("nobody_named", "a number is needed, or what has it")
        return self


class Dialling(msgspec.Struct, frozen=True, kw_only=True):
    """The exchange took the request; events tell what becomes of it. ``ref`` is the call's origin then."""

    ref: str
    number: str


@routes.post("/calls")
@operation(Permission.DIAL, body=Dial, returns=Dialling, status=HTTPStatus.ACCEPTED, takes_key=True)
async def dial(request: web.Request) -> web.Response:
    """Ring the phone of the agent who signed in, then dial a number."""
    identity, asked = identity_of(request), await read_body(request, Dial)
    if asked.number or asked.phone_id or asked.callback_id:  # else the call has the number: looked at there
        await demand_call(request, asked.call_id)
    return await _dial(request, identity, asked)


async def _dial(request: web.Request, identity: Identity, asked: Dial) -> web.Response:
    context = request.app[CONTEXT]
    seat, control, route = exchange_of(context, identity)
    e164, digits = _readable(asked.number or await _number_of(context, asked, identity.scope), route)
    if not asked.regardless and await _is_forbidden(context, e164):
        raise ProblemError(HTTPStatus.CONFLICT, "do_not_call", "it is on the list of those not to be called")
    ref = await control.originate(
        interface=seat.interface,
        number=digits,
        caller_id=await _caller_id(context, asked.call_id, e164),
        agent=identity.agent,
        ref=new_id(context.now(), secrets.token_bytes(10)),
    )
    return answer(Dialling(ref=ref, number=e164), status=HTTPStatus.ACCEPTED)


def exchange_of(context: Context, identity: Identity) -> tuple[Seat, CallControl, DialRoute]:
    """Return where somebody sits, what commands the exchange there, and how it wants to be asked.

    Raises:
        ProblemError: he sits nowhere, or nothing is known of that exchange (409).
    """
    seat = _seat(identity)
    control, route = context.control.get(seat.pbx), context.routes.get(seat.pbx)
    if control is None or route is None:
        raise ProblemError(HTTPStatus.CONFLICT, "no_exchange", f"there is no exchange {seat.pbx!r}")
    return seat, control, route


async def _number_of(context: Context, asked: Dial, scope: Scope) -> str:
    """Return the number that is asked for by what has it.

    Raises:
        NotFoundError: there is no such thing, or it has no number.
    """
    read = context.db.read
    if asked.phone_id:
        return await read(dialled.number_of_phone, phone_id=asked.phone_id)
    if asked.callback_id:
        return await read(dialled.number_of_callback, callback_id=asked.callback_id, within=scope.within)
    return await number_of_call(context, asked.call_id or "", scope)


async def _caller_id(context: Context, call_id: str | None, number: str) -> str | None:
    """Return the number that the customer is to see; None, the exchange's own, when no line says one."""
    before = await _call_before(context, call_id, number)
    return context.lines.brand_of(before).caller_id if before else None


async def _call_before(context: Context, call_id: str | None, number: str) -> Call | None:
    """Return the call that is answered by this one, else the last one that came from *number*.

    When the records are away there is none: the customer is called all the same.

    Raises:
        NotFoundError: there is no call *call_id*.
    """
    try:
        if call_id is None:
            return await context.db.read(calls.last_from, number=number)
        return live_call(context, call_id) or await context.db.read(calls.get_call, call_id=call_id)
    except DatabaseAwayError:
        return None


async def _is_forbidden(context: Context, number: str) -> bool:
    """Return whether somebody said that *number* must not be called; when the records are away nobody did."""
    try:
        return await context.db.read(do_not_call.forbids, number=number)
    except DatabaseAwayError:
        return False


def _seat(identity: Identity) -> Seat:
    if identity.seat is None:
        raise ProblemError(HTTPStatus.CONFLICT, "no_seat", "only who sits at a phone can dial")
    return identity.seat


def _readable(text: str, route: DialRoute) -> tuple[str, str]:
    """Return the number in E.164, and what to dial for it."""
    e164 = number_asked(text, route.region)
    return e164, dialable(e164, route=route)


def number_asked(text: str, region: str) -> str:
    """Return the number in E.164 that *text* is in *region*.

    Raises:
        ProblemError: it is none (422).
    """
    number = read_number(text, region=region)
    if number.e164 is None:
        raise ProblemError(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "invalid",
            errors=[FieldError(field="number", code=f"number_{number.kind}", message=number.rule)],
        )
    return number.e164
