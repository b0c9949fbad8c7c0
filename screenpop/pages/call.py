"""One call with everything that is known of it."""

from __future__ import annotations

from aiohttp import web

from crm_core.domain.calls import Call, seconds
from crm_core.services import calls
from screenpop.api.calls import id_of_call, live_call
from screenpop.auth import identity_of
from screenpop.context import CONTEXT
from screenpop.pages import call_records
from screenpop.pages.calls import CALLS
from screenpop.pages.page import page
from screenpop.permissions import Permission, requires

routes = web.RouteTableDef()


@routes.get(f"{CALLS}/{{id}}")
@requires(Permission.READ_CALLS)
async def get_call(request: web.Request) -> web.Response:
    """Return the page of a call, by its id or as ``pbx:linkedid``; a live one as it is at this moment."""
    context, wanted = request.app[CONTEXT], id_of_call(request)
    call = live_call(context, wanted) or await context.db.read(calls.get_call, call_id=wanted)
    whole = await context.db.read(call_records.whole, call=call, within=identity_of(request).scope.within)
    return page(
        request,
        "call.html",
        whole=whole,
        call=whole.call,
        total_s=_total_s(whole.call),
        segments=call_records.customers_segments(whole.call),
    )


def _total_s(call: Call) -> float | None:
    return seconds(call.started_at, call.ended_at) if call.ended_at else None
