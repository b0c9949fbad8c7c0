"""What the demo's customers have: pieces under warranty or no more, and maintenance contracts."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from crm_core.domain.contacts import Contact
from crm_core.domain.equipment import Asset, Contract, Product
from crm_core.domain.ids import new_id
from crm_core.ports import UnitOfWork
from crm_core.services import equipment

BY = "demo"
HAS_SOME, A_SECOND, HAS_CONTRACT = 0.25, 0.3, 0.6
WARRANTY = timedelta(days=730)
NAMES = {"es": "Mantenimiento Oro 24 h", "en": "Maintenance Gold 24 h"}


def sell(
    uow: UnitOfWork,
    *,
    products: Sequence[Mapping[str, Any]],
    lines: Mapping[str, str],
    customers: Sequence[Contact],
    language: str,
    chance: random.Random,
    now: datetime,
) -> None:
    """Keep *products*, of *lines* by name, and what some customers have of them."""
    sold = [_product(uow, one, lines, chance=chance, now=now) for one in products]
    for contact in customers:
        if chance.random() >= HAS_SOME:
            continue
        for product in chance.sample(sold, 2 if chance.random() < A_SECOND else 1):
            made = _asset(contact, product, chance=chance, now=now)
            equipment.add_asset(uow, made=made, by=BY, now=now)
        if chance.random() < HAS_CONTRACT:
            deal = _contract(contact, NAMES.get(language, NAMES["es"]), chance=chance, now=now)
            equipment.add_contract(uow, made=deal, by=BY, now=now)


def _product(
    uow: UnitOfWork,
    told: Mapping[str, Any],
    lines: Mapping[str, str],
    *,
    chance: random.Random,
    now: datetime,
) -> Product:
    made = Product(
        id=new_id(now, chance.randbytes(10)),
        name_es=told["es"],
        name_en=told["en"],
        code=told["code"],
        product_line_id=lines[told["line"]],
    )
    return equipment.add_product(uow, made=made, by=BY, now=now)


def _asset(contact: Contact, product: Product, *, chance: random.Random, now: datetime) -> Asset:
    bought_on = _days_ago(chance.randint(30, 1_500), now)
    return Asset(
        id=new_id(now, chance.randbytes(10)),
        product_id=product.id,
        serial=f"{(product.code or '').replace('-', '')}-{chance.randrange(10**7):07d}",
        contact_id=contact.id,
        bought_on=bought_on,
        warranty_until=bought_on + WARRANTY,
    )


def _contract(contact: Contact, name: str, *, chance: random.Random, now: datetime) -> Contract:
    begins_on = _days_ago(chance.randint(10, 500), now)
    return Contract(
        id=new_id(now, chance.randbytes(10)),
        name=name,
        kind="maintenance",
        contact_id=contact.id,
        begins_on=begins_on,
        ends_on=begins_on + timedelta(days=364),
    )


def _days_ago(days: int, now: datetime) -> date:
    return (now - timedelta(days=days)).date()
