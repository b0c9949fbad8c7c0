"""Click-to-call: the agent's phone rings, then the customer is dialled."""

from __future__ import annotations

import secrets
from http import HTTPStatus

import msgspec
from aiohttp import web
from pydantic import Field

from crm_core.domain.ids import new_id
from crm_core.domain.phone import DialRoute, dialable, read_number
from screenpop.api.exchange import Input, Line, answer, read_body
from screenpop.api.operation import operation
from screenpop.api.twice import ONCE
from screenpop.auth import identity_of
from screenpop.context import CONTEXT
from screenpop.identity import Identity, Seat
from screenpop.permissions import Permission
from screenpop.problem import FieldError, ProblemError

routes = web.RouteTableDef()


class Dial(Input):
    """Whom to call, in any writing of his number."""

    number: Line = Field(min_length=1, max_length=40)


class Dialling(msgspec.Struct, frozen=True, kw_only=True):
    """The exchange took the request; events tell what becomes of it. ``ref`` is the call's origin then."""

    ref: str
    number: str


@routes.post("/calls")
@operation(Permission.DIAL, body=Dial, returns=Dialling, status=HTTPStatus.ACCEPTED, takes_key=True)
async def dial(request: web.Request) -> web.Response:
    """Ring the phone of the agent who signed in, then dial a number."""
    identity = identity_of(request)

    async def work() -> web.Response:
        return await _dial(request, identity, await read_body(request, Dial))

    return await request.app[ONCE].do(request, user=identity.user, work=work)


async def _dial(request: web.Request, identity: Identity, asked: Dial) -> web.Response:
    context, seat = request.app[CONTEXT], _seat(identity)
    control, route = context.control.get(seat.pbx), context.routes.get(seat.pbx)
    if control is None or route is None:
        raise ProblemError(HTTPStatus.CONFLICT, "no_exchange", f"there is no exchange {seat.pbx!r}")
    e164, digits = _readable(asked.number, route)
    ref = await control.originate(
        interface=seat.interface,
        number=digits,
        caller_id=None,
        agent=identity.agent,
        ref=new_id(context.now(), secrets.token_bytes(10)),
    )
    return answer(Dialling(ref=ref, number=e164), status=HTTPStatus.ACCEPTED)


def _seat(identity: Identity) -> Seat:
    if identity.seat is None:
        raise ProblemError(HTTPStatus.CONFLICT, "no_seat", "only who sits at a phone can dial")
    return identity.seat


def _readable(text: str, route: DialRoute) -> tuple[str, str]:
    """Return the number in E.164, and what to dial for it."""
    number = read_number(text, region=route.region)
    if number.e164 is None:
        raise ProblemError(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "invalid",
            errors=[FieldError(field="number", code=f"number_{number.kind}", message=number.rule)],
        )
    return number.e164, dialable(number.e164, route=route)
