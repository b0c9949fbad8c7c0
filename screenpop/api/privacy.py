"""What a person may ask of us: what is kept of him, and to be forgotten; and what keeps us from it."""

from __future__ import annotations

import asyncio
from datetime import datetime
from http import HTTPStatus

import msgspec
from aiohttp import hdrs, web
from pydantic import Field

from crm_core.domain.erasure import GRACE, Erasure, ErasureState, LegalHold
from crm_core.services import erasure, handing_out, person_zip
from screenpop.api.exchange import Input, Line, answer, read_body
from screenpop.api.operation import operation
from screenpop.auth import identity_of
from screenpop.context import CONTEXT
from screenpop.permissions import Permission
from screenpop.places import address_of

routes = web.RouteTableDef()
ERASURE, HOLD, FILE = (f"/contacts/{{id}}/{name}" for name in ("erasure", "legal-hold", "file"))
ZIP = "application/zip"


class HoldInput(Input):
    """Why the records must be kept."""

    reason: Line = Field(min_length=1, max_length=erasure.LONGEST_REASON)


class ErasureTold(msgspec.Struct, frozen=True, kw_only=True):
    """How far an erasure is: until ``due_at`` it can be taken back, and a call in progress is waited for."""

    contact_id: str
    state: ErasureState
    by: str
    asked_at: datetime
    due_at: datetime
    done_at: datetime | None


@routes.post(ERASURE)
@operation(Permission.KEEP_PRIVACY, returns=ErasureTold, status=HTTPStatus.ACCEPTED)
async def ask_erasure(request: web.Request) -> web.Response:
    """Ask that a contact be erased; in ten minutes, and when he is not on the line, it is done.

    Asked again it is the same one. 409 ``legal_hold`` when his records must be kept, 410 when it is done.
    """
    context = request.app[CONTEXT]
    one = await context.db.run(
        erasure.ask,
        contact_id=request.match_info["id"],
        grace=GRACE,
        by=identity_of(request).user,
        address=address_of(request),
        now=context.now(),
    )
    return answer(_told(one), status=HTTPStatus.ACCEPTED)


@routes.get(ERASURE)
@operation(Permission.KEEP_PRIVACY, returns=ErasureTold)
async def get_erasure(request: web.Request) -> web.Response:
    """Return how far the erasure of a contact is; 404 when nobody asked for it."""
    one = await request.app[CONTEXT].db.read(erasure.asked, contact_id=request.match_info["id"])
    return answer(_told(one))


@routes.delete(ERASURE)
@operation(Permission.KEEP_PRIVACY, status=HTTPStatus.NO_CONTENT)
async def take_erasure_back(request: web.Request) -> web.Response:
    """Let a contact be who was to be erased; 410 when it is done."""
    context = request.app[CONTEXT]
    await context.db.run(
        erasure.take_back,
        contact_id=request.match_info["id"],
        by=identity_of(request).user,
        address=address_of(request),
        now=context.now(),
    )
    return web.Response(status=HTTPStatus.NO_CONTENT)


@routes.get(HOLD)
@operation(Permission.KEEP_PRIVACY, returns=LegalHold)
async def get_hold(request: web.Request) -> web.Response:
    """Return why a contact's records must be kept; 404 when they need not."""
    return answer(await request.app[CONTEXT].db.read(erasure.held, contact_id=request.match_info["id"]))


@routes.put(HOLD)
@operation(Permission.KEEP_PRIVACY, body=HoldInput, returns=LegalHold)
async def put_hold(request: web.Request) -> web.Response:
    """Keep a contact's records, whatever their age, and whoever asks to be erased.

    409 ``already_exists`` when they are kept for another reason: that one is lifted first.
    """
    context = request.app[CONTEXT]
    asked = await read_body(request, HoldInput)
    one = await context.db.run(
        erasure.hold,
        contact_id=request.match_info["id"],
        reason=asked.reason,
        by=identity_of(request).user,
        address=address_of(request),
        now=context.now(),
    )
    return answer(one)


@routes.delete(HOLD)
@operation(Permission.KEEP_PRIVACY, status=HTTPStatus.NO_CONTENT)
async def lift_hold(request: web.Request) -> web.Response:
    """Let a contact's records be like all others."""
    context = request.app[CONTEXT]
    await context.db.run(
        erasure.lift_hold,
        contact_id=request.match_info["id"],
        by=identity_of(request).user,
        address=address_of(request),
        now=context.now(),
    )
    return web.Response(status=HTTPStatus.NO_CONTENT)


@routes.get(FILE)
@operation(Permission.KEEP_PRIVACY, media=ZIP)
async def get_file(request: web.Request) -> web.Response:
    """Return all that is kept of a contact in one zip, as JSON and as a vCard; the audit tells who had it."""
    context, contact_id = request.app[CONTEXT], request.match_info["id"]
    who = {"by": identity_of(request).user, "address": address_of(request)}
    await context.db.run(handing_out.note, contact_id=contact_id, now=context.now(), **who)
    found = await context.db.read(handing_out.gather, contact_id=contact_id, now=context.now())
    name = f"{found.contact.id}.zip"
    return web.Response(
        body=await asyncio.to_thread(person_zip.person_zip, found),
        content_type=ZIP,
        headers={hdrs.CONTENT_DISPOSITION: f'attachment; filename="{name}"'},
    )


def _told(one: Erasure) -> ErasureTold:
    return ErasureTold(state=one.state, **msgspec.structs.asdict(one))
