"""Why a call was told as it was: the page behind "Why?" of a call."""

from __future__ import annotations

from aiohttp import web

from crm_core.domain.calls import Call
from crm_core.domain.traces import packed, unpacked
from crm_core.domain.why import why
from crm_core.ports import UnitOfWork
from crm_core.services import calls
from screenpop.api.calls import id_of_call, live_call
from screenpop.auth import identity_of
from screenpop.context import CONTEXT
from screenpop.pages import call_records
from screenpop.pages.calls import CALLS
from screenpop.pages.page import page
from screenpop.permissions import Permission, requires

routes = web.RouteTableDef()


@routes.get(f"{CALLS}/{{id}}/why")
@requires(Permission.SEE_FLOOR)
async def get_why(request: web.Request) -> web.Response:
    """Return the page that explains a call, by its id or as ``pbx:linkedid``; a live one as it is now."""
    context, wanted = request.app[CONTEXT], id_of_call(request)
    call = live_call(context, wanted)
    if call is None:
        call = await context.db.read(calls.get_call, call_id=wanted)
    kept = await context.db.read(calls.why_told, call=call)
    steps, left_out = unpacked([*kept, packed(context.steps(call))])
    whole = await context.db.read(call_records.whole, call=call, within=identity_of(request).scope.within)
    return page(
        request,
        "why.html",
        whole=whole,
        call=call,
        told=why(call, steps, left_out=left_out),
        people=await context.db.read(names_of, call=call),
    )


def names_of(uow: UnitOfWork, *, call: Call) -> dict[str, str]:
    """Return what those are called who may have called."""
    return uow.reports.names([one.contact_id for one in call.match.candidates if one.contact_id])
