"""Preview dialling: an agent takes the next lead, dials it, tells what came of it."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus

import msgspec
from aiohttp import web
from pydantic import AwareDatetime, Field

from ami_bridge.domain.errors import AmiBridgeError
from crm_core.domain.calls import CampaignRef
from crm_core.domain.campaigns import NOTE_LENGTH, DialAttempt, Lead, Told
from crm_core.domain.list_rows import MOST_NUMBERS
from crm_core.domain.phone import dialable
from crm_core.services import preview
from crm_core.services.preview import Preview
from screenpop.api.dial import exchange_of
from screenpop.api.exchange import Id, Input, Line, Prose, answer, read_body
from screenpop.api.operation import operation
from screenpop.auth import identity_of
from screenpop.context import CONTEXT, Context
from screenpop.identity import Identity
from screenpop.permissions import Permission
from screenpop.problem import FieldError, ProblemError

routes = web.RouteTableDef()
BORN_WITHIN = timedelta(seconds=10)
"""A line of which nothing is heard for so long after it was asked for was never dialled."""


class NextLead(Input):
    """Of which campaign; of any when none is named."""

    campaign_id: Id | None = None


class DialLead(Input):
    """Which of the lead's numbers (E.164), or its ``place`` among them (from 0).

    The first that may be dialled when none is named.
    """

    number: Line | None = Field(default=None, max_length=20)
    place: int | None = Field(default=None, ge=0, lt=MOST_NUMBERS)


class LeadOutcome(Input):
    """What came of a try; a callback has its time, and is one's own or anyone's."""

    outcome: Told
    callback_at: AwareDatetime | None = None
    is_own: bool = False
    note: Prose | None = Field(default=None, max_length=NOTE_LENGTH)


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """The lead that an agent has before him; None when he has none."""

    preview: Preview | None


class LeadDialling(msgspec.Struct, frozen=True, kw_only=True):
    """The exchange took the request; the call carries the attempt's id, and its outcome is told by that."""

    attempt: DialAttempt


@routes.get("/preview")
@operation(Permission.DIAL, returns=Offer)
async def get_preview(request: web.Request) -> web.Response:
    """Return the lead that the agent who signed in has before him."""
    context, agent = request.app[CONTEXT], _agent(request)
    return answer(Offer(preview=await context.db.read(preview.current, agent=agent, now=context.now())))


@routes.post("/preview")
@operation(Permission.DIAL, body=NextLead, returns=Offer)
async def take_next(request: web.Request) -> web.Response:
    """Take the next lead, callbacks first; who has one keeps it until its outcome is told."""
    asked, context, agent = await read_body(request, NextLead), request.app[CONTEXT], _agent(request)
    found = await context.db.run(
        preview.next_lead, agent=agent, campaign_id=asked.campaign_id, now=context.now()
    )
    return answer(Offer(preview=found))


@routes.post("/preview/{lead_id}/dial")
@operation(Permission.DIAL, body=DialLead, returns=LeadDialling, status=HTTPStatus.ACCEPTED, takes_key=True)
async def dial_lead(request: web.Request) -> web.Response:
    """Ring the agent's phone, then dial the lead, when the gate allows it at this instant (else 409)."""
    identity = identity_of(request)
    return await _dial(request, identity, await read_body(request, DialLead))


@routes.post("/preview/{lead_id}/release")
@operation(Permission.DIAL, returns=Lead)
async def release_lead(request: web.Request) -> web.Response:
    """Give a lead back that was not dialled; it is offered again a little later."""
    context, agent = request.app[CONTEXT], _agent(request)
    await _forget_the_unborn(context, agent)
    lead = await context.db.run(
        preview.release, lead_id=request.match_info["lead_id"], agent=agent, now=context.now()
    )
    return answer(lead)


@routes.post("/attempts/{id}/outcome")
@operation(Permission.DIAL, body=LeadOutcome, returns=Lead)
async def tell_outcome(request: web.Request) -> web.Response:
    """Tell what came of a try; who refused is never called again."""
    asked, context = await read_body(request, LeadOutcome), request.app[CONTEXT]
    lead = await context.db.run(
        preview.finish,
        attempt_id=request.match_info["id"],
        agent=_agent(request),
        outcome=asked.outcome,
        callback_at=asked.callback_at,
        is_own=asked.is_own,
        note=asked.note,
        now=context.now(),
    )
    return answer(lead)


async def _dial(request: web.Request, identity: Identity, asked: DialLead) -> web.Response:
    context, agent = request.app[CONTEXT], _agent(request)
    seat, control, route = exchange_of(context, identity)
    attempt = await context.db.run(
        preview.ask_to_dial,
        lead_id=request.match_info["lead_id"],
        agent=agent,
        number=asked.number,
        place=asked.place,
        now=context.now(),
    )
    if attempt.verdict != "allowed":
        raise _forbidden(attempt)
    try:
        await control.originate(
            interface=seat.interface,
            number=dialable(attempt.number, route=route),
            caller_id=None,
            agent=agent,
            ref=attempt.id,
            campaign=CampaignRef(
                campaign_id=attempt.campaign_id, lead_id=attempt.lead_id, attempt_id=attempt.id
            ),
        )
    except AmiBridgeError:
        await context.db.run(preview.not_asked, attempt_id=attempt.id, now=context.now())
        raise
    return answer(LeadDialling(attempt=attempt), status=HTTPStatus.ACCEPTED)


def _forbidden(attempt: DialAttempt) -> ProblemError:
    """Return the gate's no; ``newer`` is the attempt as it is kept, with the verdict."""
    why = FieldError(field="number", code=attempt.verdict, message=attempt.source)
    return ProblemError(HTTPStatus.CONFLICT, "dial_gate_closed", errors=[why], newer=attempt)


async def _forget_the_unborn(context: Context, agent: str) -> None:
    """Settle a try of which the exchange told nothing: the agent's phone is gone, or the link was cut."""
    found = await context.db.read(preview.current, agent=agent, now=context.now())
    attempt = found.attempt if found else None
    if attempt is None or attempt.result is not None or context.now() - attempt.at < BORN_WITHIN:
        return
    live = (call.attempt_id for floor in context.floors.values() for call in floor.calls())
    if attempt.id not in live:
        await context.db.run(preview.not_asked, attempt_id=attempt.id, now=context.now())


def _agent(request: web.Request) -> str:
    agent = identity_of(request).agent
    if agent is None:
        raise ProblemError(HTTPStatus.CONFLICT, "no_agent", "only who has an agent's code can take leads")
    return agent
