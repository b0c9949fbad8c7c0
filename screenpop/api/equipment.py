"""Products, what customers have of them, and contracts; each piece with how it is covered today."""

from __future__ import annotations

import secrets
from http import HTTPStatus
from typing import Any

import msgspec
from aiohttp import web

from crm_core.domain.entitlement import Covered
from crm_core.domain.equipment import Asset, Contract, Product
from crm_core.domain.ids import new_id
from crm_core.services import equipment
from screenpop.api.deeds import changed, removed
from screenpop.api.equipment_input import (
    AssetChange,
    AssetsQuery,
    ContractChange,
    NewAsset,
    NewContract,
    NewProduct,
    OwnerQuery,
    ProductChange,
)
from screenpop.api.exchange import (
    answer,
    cursor_after,
    read_body,
    read_cursor,
    read_query,
)
from screenpop.api.operation import operation
from screenpop.auth import identity_of
from screenpop.context import CONTEXT, Context
from screenpop.permissions import Permission

routes = web.RouteTableDef()
PRODUCTS, ASSETS, CONTRACTS = "/products", "/assets", "/contracts"


class Products(msgspec.Struct, frozen=True, kw_only=True):
    """All products, in the order of their Spanish names."""

    items: tuple[Product, ...]


class AssetPage(msgspec.Struct, frozen=True, kw_only=True):
    """Pieces with how they are covered, by serial number; ``next`` is the cursor of what follows."""

    items: tuple[Covered, ...]
    next: str | None


class Contracts(msgspec.Struct, frozen=True, kw_only=True):
    """Contracts, the last that ends first."""

    items: tuple[Contract, ...]


@routes.get(PRODUCTS)
@operation(Permission.READ_CONTACTS, returns=Products)
async def list_products(request: web.Request) -> web.Response:
    """List all products."""
    return answer(Products(items=tuple(await request.app[CONTEXT].db.read(equipment.products))))


@routes.post(PRODUCTS)
@operation(
    Permission.SET_UP_INCIDENTS, body=NewProduct, returns=Product, status=HTTPStatus.CREATED, takes_key=True
)
async def add_product(request: web.Request) -> web.Response:
    """Add a product."""
    context, asked = request.app[CONTEXT], await read_body(request, NewProduct)
    made = Product(id=_new_id(context), **asked.model_dump())
    kept = await context.db.run(
        equipment.add_product, made=made, by=identity_of(request).user, now=context.now()
    )
    return answer(kept, status=HTTPStatus.CREATED, version=kept.version)


@routes.get(f"{PRODUCTS}/{{id}}")
@operation(Permission.READ_CONTACTS, returns=Product)
async def get_product(request: web.Request) -> web.Response:
    """Return one product, with its version as ``ETag``."""
    found = await request.app[CONTEXT].db.read(equipment.product, product_id=request.match_info["id"])
    return answer(found, version=found.version)


@routes.patch(f"{PRODUCTS}/{{id}}")
@operation(Permission.SET_UP_INCIDENTS, body=ProductChange, returns=Product, takes_version=True)
async def change_product(request: web.Request) -> web.Response:
    """Change a product; 412 with the newer one when somebody was quicker."""
    return await changed(request, ProductChange, equipment.change_product, "product_id", equipment.product)


@routes.get(ASSETS)
@operation(Permission.READ_CONTACTS, query=AssetsQuery, returns=AssetPage)
async def list_assets(request: web.Request) -> web.Response:
    """List a customer's pieces; else all by serial number, or those whose serial number begins so."""
    asked, context = read_query(request, AssetsQuery), request.app[CONTEXT]
    on_page: dict[str, Any] = {
        "place": read_cursor(asked.cursor),
        "today": context.today(),
        "limit": asked.limit + 1,
    }
    if asked.contact_id or asked.account_id:
        found, _ = await context.db.read(
            equipment.of_customer, contact_id=asked.contact_id, account_id=asked.account_id, **on_page
        )
    else:
        found = await context.db.read(equipment.find_assets, serial=asked.serial, **on_page)
    more = cursor_after(found, limit=asked.limit, place=equipment.place_of)
    return answer(AssetPage(items=tuple(found[: asked.limit]), next=more))


@routes.post(ASSETS)
@operation(Permission.WRITE_CONTACTS, body=NewAsset, returns=Asset, status=HTTPStatus.CREATED, takes_key=True)
async def add_asset(request: web.Request) -> web.Response:
    """Add a piece of a product that a customer has."""
    context, asked = request.app[CONTEXT], await read_body(request, NewAsset)
    made = Asset(id=_new_id(context), **asked.model_dump())
    kept = await context.db.run(
        equipment.add_asset, made=made, by=identity_of(request).user, now=context.now()
    )
    return answer(kept, status=HTTPStatus.CREATED, version=kept.version)


@routes.get(f"{ASSETS}/{{id}}")
@operation(Permission.READ_CONTACTS, returns=Covered)
async def get_asset(request: web.Request) -> web.Response:
    """Return one piece and how it is covered today, with its version as ``ETag``."""
    context = request.app[CONTEXT]
    found = await context.db.read(
        equipment.covered_asset, asset_id=request.match_info["id"], today=context.today()
    )
    return answer(found, version=found.asset.version)


@routes.patch(f"{ASSETS}/{{id}}")
@operation(Permission.WRITE_CONTACTS, body=AssetChange, returns=Asset, takes_version=True)
async def change_asset(request: web.Request) -> web.Response:
    """Change a piece; 412 with the newer one when somebody was quicker."""
    return await changed(request, AssetChange, equipment.change_asset, "asset_id", equipment.asset)


@routes.delete(f"{ASSETS}/{{id}}")
@operation(Permission.WRITE_CONTACTS, status=HTTPStatus.NO_CONTENT, takes_version=True)
async def remove_asset(request: web.Request) -> web.Response:
    """Remove a piece that was noted by mistake: nothing names it yet."""
    return await removed(request, equipment.remove_asset, "asset_id")


@routes.get(CONTRACTS)
@operation(Permission.READ_CONTACTS, query=OwnerQuery, returns=Contracts)
async def list_contracts(request: web.Request) -> web.Response:
    """List a customer's contracts, the last that ends first."""
    asked = read_query(request, OwnerQuery)
    found = await request.app[CONTEXT].db.read(
        equipment.contracts, contact_id=asked.contact_id, account_id=asked.account_id
    )
    return answer(Contracts(items=tuple(found)))


@routes.post(CONTRACTS)
@operation(
    Permission.WRITE_CONTACTS, body=NewContract, returns=Contract, status=HTTPStatus.CREATED, takes_key=True
)
async def add_contract(request: web.Request) -> web.Response:
    """Add a contract with a customer."""
    context, asked = request.app[CONTEXT], await read_body(request, NewContract)
    made = Contract(id=_new_id(context), **asked.model_dump())
    kept = await context.db.run(
        equipment.add_contract, made=made, by=identity_of(request).user, now=context.now()
    )
    return answer(kept, status=HTTPStatus.CREATED, version=kept.version)


@routes.get(f"{CONTRACTS}/{{id}}")
@operation(Permission.READ_CONTACTS, returns=Contract)
async def get_contract(request: web.Request) -> web.Response:
    """Return one contract, with its version as ``ETag``."""
    found = await request.app[CONTEXT].db.read(equipment.contract, contract_id=request.match_info["id"])
    return answer(found, version=found.version)


@routes.patch(f"{CONTRACTS}/{{id}}")
@operation(Permission.WRITE_CONTACTS, body=ContractChange, returns=Contract, takes_version=True)
async def change_contract(request: web.Request) -> web.Response:
    """Change a contract; 412 with the newer one when somebody was quicker."""
    return await changed(
        request, ContractChange, equipment.change_contract, "contract_id", equipment.contract
    )


@routes.delete(f"{CONTRACTS}/{{id}}")
@operation(Permission.WRITE_CONTACTS, status=HTTPStatus.NO_CONTENT, takes_version=True)
async def remove_contract(request: web.Request) -> web.Response:
    """Remove a contract that was noted by mistake."""
    return await removed(request, equipment.remove_contract, "contract_id")


def _new_id(context: Context) -> str:
    return new_id(context.now(), secrets.token_bytes(10))
