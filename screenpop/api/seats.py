"""Phones to sit at: which there are, who sits there, and where I sit."""

from __future__ import annotations

import re
from http import HTTPStatus

import msgspec
from aiohttp import web
from pydantic import Field

from crm_core.services import users
from screenpop.api.exchange import Input, Line, answer, read_body
from screenpop.api.operation import operation
from screenpop.auth import identity_of
from screenpop.context import CONTEXT, Context
from screenpop.identity import Identity, Seat
from screenpop.permissions import Permission
from screenpop.problem import FieldError, ProblemError
from screenpop.schema import TAKEN

routes = web.RouteTableDef()


class Phone(msgspec.Struct, frozen=True, kw_only=True):
    """A phone of an exchange: ``agent`` and ``name`` of who sits there, None when nobody does."""

    seat: str
    pbx: str
    interface: str
    agent: str | None = None
    name: str | None = None
    is_on_call: bool = False
    is_mine: bool = False


class Phones(msgspec.Struct, frozen=True, kw_only=True):
    """Every phone that the exchanges have shown; ``mine`` is where I sat last."""

    mine: str | None
    items: tuple[Phone, ...]


class ChosenSeat(Input):
    """Where to sit, such as ``main:PJSIP/agent101``."""

    seat: Line = Field(min_length=3, max_length=240)


@routes.get("/seats")
@operation(Permission.USE_DESK, returns=Phones)
async def get_seats(request: web.Request) -> web.Response:
    """Return the phones to choose from, and who sits there."""
    return answer(await phones_for(request.app[CONTEXT], identity_of(request)))


@routes.put("/seat")
@operation(Permission.USE_DESK, body=ChosenSeat, returns=Phone)
async def put_seat(request: web.Request) -> web.Response:
    """Sit at a phone from now on: remembered for the next sign-in; open desks come again there.

    Who sits there without a call leaves it and is told who came (close code 4009). While he is on a call
    (``seat_in_use``, with his name), or I am (``on_a_call``), nothing changes.
    """
    context, me = request.app[CONTEXT], identity_of(request)
    chosen = await read_body(request, ChosenSeat)
    if me.session is None or me.agent is None:
        raise ProblemError(HTTPStatus.CONFLICT, "takes_no_calls", "who has no agent code sits nowhere")
    phones = await phones_for(context, me)
    phone = next((one for one in phones.items if one.seat == chosen.seat), None)
    if phone is None:
        errors = [FieldError(field="seat", code="unknown_phone", message="no exchange has shown this phone")]
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", errors=errors)
    await _sit(context, me, Seat(phone.pbx, phone.interface), phone)
    return answer(msgspec.structs.replace(phone, agent=me.agent, name=me.full_name, is_mine=True))


async def _sit(context: Context, me: Identity, seat: Seat, phone: Phone) -> None:
    if context.hub.in_use_by_another(seat, user=me.user):
        raise ProblemError(HTTPStatus.CONFLICT, "seat_in_use", phone.name or phone.agent)
    is_another = me.seat != seat
    if is_another and me.seat and phone_of(context, me.seat) == me.agent and context.hub.is_on_call(me.seat):
        raise ProblemError(HTTPStatus.CONFLICT, "on_a_call", "end your call first")
    await context.db.run(users.set_seat, user_id=me.user, seat=str(seat))
    if phone.agent not in {None, me.agent}:
        context.hub.empty_seat(seat, why=TAKEN, by=me.full_name)
    if is_another:
        context.hub.move(me.user)


def phone_of(context: Context, seat: Seat) -> str | None:
    """Return the code of the agent who sits at *seat* now."""
    floor = context.floors.get(seat.pbx)
    agents = floor.agents() if floor else ()
    return next((one.agent for one in agents if one.interface == seat.interface), None)


async def phones_for(context: Context, me: Identity) -> Phones:
    """Return the phones of all exchanges as *me* may choose from them, in order of their numbers."""
    there = {
        Seat(name, agent.interface): agent
        for name, floor in context.floors.items()
        for agent in floor.agents()
    }
    seats = {Seat(name, phone) for name, floor in context.floors.items() for phone in floor.phones()}
    seats |= there.keys() | ({me.seat} if me.seat else set())
    names = await context.db.read(users.names_of, agents=sorted({one.agent for one in there.values()}))
    items = []
    for seat in sorted(seats, key=_by_number):
        agent = there[seat].agent if seat in there else None
        items.append(
            Phone(
                seat=str(seat),
                pbx=seat.pbx,
                interface=seat.interface,
                agent=agent,
                name=names.get(agent, agent) if agent else None,
                is_on_call=seat in there and there[seat].call is not None,
                is_mine=seat == me.seat,
            )
        )
    return Phones(mine=str(me.seat) if me.seat else None, items=tuple(items))


def _by_number(seat: Seat) -> tuple[str, list[tuple[int, str]]]:
    """Return a key by which agent2 comes before agent10."""
    pieces = re.findall(r"\d+|\D+", seat.interface)
    return seat.pbx, [(int(one), "") if one.isdecimal() else (-1, one) for one in pieces]
