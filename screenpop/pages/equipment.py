"""What customers have as pages: all by serial number, a customer's, one of them; repairs; products."""

from __future__ import annotations

from typing import Final, Literal

from aiohttp import web
from pydantic import Field
from yarl import URL

from crm_core.domain.equipment import CONTRACT_KINDS, SERIAL_LENGTH
from crm_core.domain.repairs import Wanted
from crm_core.services import equipment, repairs
from screenpop.api.exchange import Id, Input, Line, cursor_after, read_cursor, read_time_cursor
from screenpop.api.repairs import place_of
from screenpop.auth import identity_of
from screenpop.context import CONTEXT
from screenpop.pages import equipment_records
from screenpop.pages.page import page, page_language
from screenpop.permissions import Permission, requires

routes = web.RouteTableDef()
EQUIPMENT: Final = "/equipment"
REPAIRS: Final = "/repairs"
ON_A_PAGE: Final = 50


class Asked(Input):
    """Whose, or which serial numbers."""

    contact_id: Id | None = None
    account_id: Id | None = None
    q: Line = Field(default="", max_length=SERIAL_LENGTH)
    cursor: Line | None = Field(default=None, max_length=900)


class AskedOfRepairs(Input):
    """Which repairs."""

    view: Literal["open", "all"] = "open"
    cursor: Line | None = Field(default=None, max_length=200)


@routes.get(EQUIPMENT)
@requires(Permission.READ_CONTACTS)
async def get_equipment(request: web.Request) -> web.Response:
    """Return what a customer has and what he is owed; of nobody in particular all, by serial number."""
    asked = Asked.model_validate(dict(request.query))
    context = request.app[CONTEXT]
    if asked.contact_id or asked.account_id:
        on = await context.db.read(
            equipment_records.of_customer,
            contact_id=asked.contact_id,
            account_id=asked.account_id,
            language=page_language(request),
            today=context.today(),
        )
        return page(request, "equipment_of.html", on=on, kinds=CONTRACT_KINDS)
    found = await context.db.read(
        equipment.find_assets,
        serial=asked.q,
        place=read_cursor(asked.cursor),
        today=context.today(),
        limit=ON_A_PAGE + 1,
    )
    cursor = cursor_after(found, limit=ON_A_PAGE, place=equipment.place_of)
    more = str(URL(EQUIPMENT).with_query(q=asked.q, cursor=cursor)) if cursor else None
    return page(request, "equipment.html", asked=asked, found=found[:ON_A_PAGE], more=more)


@routes.get(f"{EQUIPMENT}/{{id}}")
@requires(Permission.READ_CONTACTS)
async def get_asset(request: web.Request) -> web.Response:
    """Return one piece: what it is, how it is covered, its repairs and incidents."""
    context = request.app[CONTEXT]
    on = await context.db.read(
        equipment_records.on_asset,
        asset_id=request.match_info["id"],
        today=context.today(),
        within=identity_of(request).scope.within,
    )
    return page(request, "asset.html", on=on)


@routes.get(REPAIRS)
@requires(Permission.READ_INCIDENTS)
async def get_repairs(request: web.Request) -> web.Response:
    """Return what is with us to be repaired, or everything that ever was."""
    asked, context = AskedOfRepairs.model_validate(dict(request.query)), request.app[CONTEXT]
    wanted = Wanted(is_open=True if asked.view == "open" else None)
    found = await context.db.read(
        repairs.find, wanted=wanted, place=read_time_cursor(asked.cursor), limit=ON_A_PAGE + 1
    )
    cursor = cursor_after(found, limit=ON_A_PAGE, place=place_of)
    more = str(URL(REPAIRS).with_query(view=asked.view, cursor=cursor)) if cursor else None
    return page(request, "repairs.html", asked=asked, found=found[:ON_A_PAGE], more=more)


@routes.get("/products")
@requires(Permission.SET_UP_INCIDENTS)
async def get_products(request: web.Request) -> web.Response:
    """Return the products that customers have pieces of."""
    on = await request.app[CONTEXT].db.read(equipment_records.on_products, language=page_language(request))
    return page(request, "products.html", on=on)
