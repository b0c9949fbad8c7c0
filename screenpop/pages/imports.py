"""Many customers at once: a table sent, looked at, tried out, brought in, taken back."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from crm_core.domain.erasure import GONE
from crm_core.domain.imports import KINDS, POLICIES, columns_for_kind, entity_of
from crm_core.domain.typed_cells import DAY_ORDERS, OWN
from crm_core.services import fields, import_batches
from screenpop.api.imports import desk_of
from screenpop.context import CONTEXT
from screenpop.pages.page import page
from screenpop.permissions import Permission, requires

routes = web.RouteTableDef()
IMPORT: Final = "/import"
LISTED, SHOWN_REJECTED, SHOWN_STAYING = 20, 100, 100


@routes.get(IMPORT)
@requires(Permission.BRING_IN)
async def get_imports(request: web.Request) -> web.Response:
    """Return the page on which a table is sent, with those that were."""
    found = await request.app[CONTEXT].db.read(import_batches.last, limit=LISTED)
    return page(request, "imports.html", found=found, kinds=KINDS)


@routes.get(f"{IMPORT}/{{id}}")
@requires(Permission.BRING_IN)
async def get_import(request: web.Request) -> web.Response:
    """Return a table: its columns, and what became of it."""
    db, batch_id = request.app[CONTEXT].db, request.match_info["id"]
    batch = await db.read(import_batches.get, batch_id=batch_id)
    own = await db.read(fields.of, entity=entity_of(batch.kind))
    return page(
        request,
        "import.html",
        batch=batch,
        sheet=await desk_of(request).sheet(batch_id),
        rejected=await db.read(import_batches.rejected, batch_id=batch_id, limit=SHOWN_REJECTED),
        staying=await db.read(
            import_batches.stayed_companies if batch.kind == "accounts" else import_batches.stayed,
            batch_id=batch_id,
            limit=SHOWN_STAYING,
        ),
        columns=columns_for_kind(batch.kind, own),
        own={OWN + one.key: one for one in own},
        policies=POLICIES,
        gone=GONE,
        day_orders=DAY_ORDERS,
    )
