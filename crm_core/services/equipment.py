"""What customers have: products, pieces of them, contracts; and whether they are entitled to service."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from msgspec.structs import replace

from crm_core.domain.entitlement import Covered, entitlement
from crm_core.domain.equipment import (
    Asset,
    Contract,
    Owned,
    Product,
    Record,
    changed,
    checked_asset,
    checked_contract,
)
from crm_core.domain.errors import InvalidError, NotFoundError
from crm_core.domain.events import AssetChanged, ContractChanged, ProductChanged
from crm_core.domain.versions import at_version
from crm_core.domain.words import folded
from crm_core.ports import UnitOfWork
from crm_core.ports.equipment import Found
from crm_core.services import audit

MOST = 100
"""Pieces and contracts of one customer that are looked at."""
MOST_OWED = 1_000
"""Contracts of all who have these pieces, or ask for service, that are looked at."""


def products(uow: UnitOfWork) -> list[Product]:
    """Return all products, in the order of their Spanish names."""
    return uow.products.every()


def product(uow: UnitOfWork, *, product_id: str) -> Product:
    """Return one product.

    Raises:
        NotFoundError: there is none.
    """
    if (found := uow.products.get(product_id)) is None:
        raise NotFoundError("product", product_id)
    return found


def add_product(uow: UnitOfWork, *, made: Product, by: str, now: datetime) -> Product:
    """Keep a new product.

    Raises:
        InvalidError: there is no such product line.
    """
    _demand_line(uow, made.product_line_id)
    uow.products.add(made)
    _tell(uow, "product added", made, by=by, now=now)
    return made


def change_product(
    uow: UnitOfWork, *, product_id: str, version: int, changes: Mapping[str, Any], by: str, now: datetime
) -> Product:
    """Return the product's next version.

    Raises:
        NotFoundError: there is none.
        VersionConflictError: *version* is not the one that is kept.
        InvalidError: a change cannot be.
    """
    before = at_version(product(uow, product_id=product_id), version)
    after = changed(before, changes)
    if after.product_line_id != before.product_line_id:
        _demand_line(uow, after.product_line_id)
    return _keep(uow, uow.products.change, before, after, by=by, now=now)


def asset(uow: UnitOfWork, *, asset_id: str) -> Asset:
    """Return one piece of a product.

    Raises:
        NotFoundError: there is none.
    """
    return _found(uow, asset_id).asset


def covered_asset(uow: UnitOfWork, *, asset_id: str, today: date) -> Covered:
    """Return one piece of a product with its name, owner, and how it is covered *today*.

    Raises:
        NotFoundError: there is none.
    """
    found = _found(uow, asset_id)
    (one,) = _covered([found], owed_for(uow, [found]), today)
    return one


def of_customer(
    uow: UnitOfWork,
    *,
    contact_id: str | None,
    account_id: str | None,
    today: date,
    limit: int = MOST,
    place: tuple[str, str] | None = None,
) -> tuple[list[Covered], list[Contract]]:
    """Return what a contact or a company has behind *place*, and his contracts, the last that ends first.

    How a piece is covered *today* may also be told by a contract of who else has it.
    """
    found = uow.assets.of(contact_id, account_id, limit, place)
    owed = owed_for(uow, found, contact_id, account_id)
    his = [
        one
        for one in owed
        if (contact_id and one.contact_id == contact_id) or (account_id and one.account_id == account_id)
    ]
    return _covered(found, owed, today), his[:MOST]


def find_assets(
    uow: UnitOfWork, *, serial: str, place: tuple[str, str] | None = None, today: date, limit: int
) -> list[Covered]:
    """Return the pieces whose serial number begins so, in the order of serial numbers, behind *place*."""
    found = uow.assets.beginning(folded(serial), place, limit)
    return _covered(found, owed_for(uow, found), today)


def owed_for(
    uow: UnitOfWork, found: Sequence[Found], contact_id: str | None = None, account_id: str | None = None
) -> list[Contract]:
    """Return the contracts of a contact, of a company, and of who has what was *found*."""
    people = {contact_id, *(one.asset.contact_id for one in found)}
    companies = {account_id, *(one.asset.account_id for one in found)}
    return uow.contracts.of_any(sorted(filter(None, people)), sorted(filter(None, companies)), MOST_OWED)


def place_of(one: Covered) -> tuple[str, str]:
    """Return where *one* is in the order of serial numbers."""
    return folded(one.asset.serial), one.asset.id


def add_asset(uow: UnitOfWork, *, made: Asset, by: str, now: datetime) -> Asset:
    """Keep a new piece of a product; a contact's is his company's, too.

    Raises:
        InvalidError: it cannot be kept, or what it names is not there.
    """
    made = checked_asset(_with_company(uow, made))
    _demand_product(uow, made.product_id)
    uow.assets.add(made)
    _tell(uow, "asset added", made, by=by, now=now)
    return made


def change_asset(
    uow: UnitOfWork, *, asset_id: str, version: int, changes: Mapping[str, Any], by: str, now: datetime
) -> Asset:
    """Return the next version of a piece.

    Raises:
        NotFoundError: there is none.
        VersionConflictError: *version* is not the one that is kept.
        InvalidError: a change cannot be.
    """
    before = at_version(asset(uow, asset_id=asset_id), version)
    after = checked_asset(changed(before, changes))
    if after.product_id != before.product_id:
        _demand_product(uow, after.product_id)
    return _keep(uow, uow.assets.change, before, after, by=by, now=now)


def remove_asset(uow: UnitOfWork, *, asset_id: str, version: int, by: str, now: datetime) -> None:
    """Forget a piece that was noted by mistake.

    Raises:
        NotFoundError: there is none.
        VersionConflictError: *version* is not the one that is kept.
        InvalidError: an incident, a repair or a contract names it.
    """
    one = at_version(asset(uow, asset_id=asset_id), version)
    if uow.assets.is_named(one):
        raise InvalidError("asset_id", "an incident, a repair or a contract names it", fault="in_use")
    uow.assets.remove(asset_id)
    _tell(uow, "asset removed", one, by=by, now=now)


def contract(uow: UnitOfWork, *, contract_id: str) -> Contract:
    """Return one contract.

    Raises:
        NotFoundError: there is none.
    """
    if (found := uow.contracts.get(contract_id)) is None:
        raise NotFoundError("contract", contract_id)
    return found


def contracts(uow: UnitOfWork, *, contact_id: str | None, account_id: str | None) -> list[Contract]:
    """Return the contracts of a contact or a company, the last that ends first."""
    return uow.contracts.of(contact_id, account_id, MOST)


def add_contract(uow: UnitOfWork, *, made: Contract, by: str, now: datetime) -> Contract:
    """Keep a new contract; a contact's is his company's, too.

    Raises:
        InvalidError: it cannot be kept, or what it names is not there.
    """
    made = checked_contract(_with_company(uow, made))
    _demand_cover(uow, made, None)
    uow.contracts.add(made)
    _tell(uow, "contract added", made, by=by, now=now)
    return made


def change_contract(
    uow: UnitOfWork,
    *,
    contract_id: str,
    version: int,
    changes: Mapping[str, Any],
    by: str,
    now: datetime,
) -> Contract:
    """Return the next version of a contract.

    Raises:
        NotFoundError: there is none.
        VersionConflictError: *version* is not the one that is kept.
        InvalidError: a change cannot be.
    """
    before = at_version(contract(uow, contract_id=contract_id), version)
    after = checked_contract(changed(before, changes))
    _demand_cover(uow, after, before)
    return _keep(uow, uow.contracts.change, before, after, by=by, now=now)


def remove_contract(uow: UnitOfWork, *, contract_id: str, version: int, by: str, now: datetime) -> None:
    """Forget a contract that was noted by mistake.

    Raises:
        NotFoundError: there is none.
        VersionConflictError: *version* is not the one that is kept.
    """
    one = at_version(contract(uow, contract_id=contract_id), version)
    uow.contracts.remove(contract_id)
    _tell(uow, "contract removed", one, by=by, now=now)


def _found(uow: UnitOfWork, asset_id: str) -> Found:
    if (found := uow.assets.get(asset_id)) is None:
        raise NotFoundError("asset", asset_id)
    return found


def _covered(found: Iterable[Found], owed: Sequence[Contract], today: date) -> list[Covered]:
    return [
        Covered(
            asset=one.asset,
            product=one.product,
            owner=one.owner,
            entitlement=entitlement(
                one.asset,
                [deal for deal in owed if deal.is_of(one.asset)],
                line_id=one.product.product_line_id,
                today=today,
            ),
        )
        for one in found
    ]


def _with_company(uow: UnitOfWork, one: Owned) -> Owned:
    contact = uow.contacts.get(one.contact_id) if one.contact_id else None
    if one.contact_id and contact is None:
        raise _unknown("contact_id")
    if one.account_id and uow.accounts.get(one.account_id) is None:
        raise _unknown("account_id")
    if one.account_id is None and contact:
        return replace(one, account_id=contact.account_id)
    return one


def _demand_product(uow: UnitOfWork, product_id: str) -> None:
    known = uow.products.get(product_id)
    if known is None or not known.is_active:
        raise _unknown("product_id")


def _demand_line(uow: UnitOfWork, line_id: str | None) -> None:
    choice = uow.choices.get(line_id) if line_id else None
    if line_id and (choice is None or choice.kind != "product_line"):
        raise _unknown("product_line_id")


def _demand_cover(uow: UnitOfWork, one: Contract, before: Contract | None) -> None:
    """Look that what a contract names anew is there, and its pieces are its customer's.

    Raises:
        InvalidError: naming the field of what is not.
    """
    known = before.asset_ids if before else ()
    for n, asset_id in enumerate(one.asset_ids):
        found = uow.assets.get(asset_id) if asset_id not in known else None
        if asset_id not in known and (found is None or not one.is_of(found.asset)):
            raise _unknown(f"asset_ids.{n}")
    if before is None or before.product_line_id != one.product_line_id:
        _demand_line(uow, one.product_line_id)
    if one.policy_id and (before is None or before.policy_id != one.policy_id):
        policy = uow.policies.get(one.policy_id)
        if policy is None or not policy.is_active or policy.part_of:
            raise _unknown("policy_id")


def _unknown(field: str) -> InvalidError:
    return InvalidError(field, "there is no such record", fault="unknown")


_EVENTS: Mapping[type, tuple[str, type[Any]]] = {
    Product: ("product", ProductChanged),
    Asset: ("asset", AssetChanged),
    Contract: ("contract", ContractChanged),
}


def _keep(
    uow: UnitOfWork,
    change: Callable[[Record], None],
    before: Record,
    after: Record,
    *,
    by: str,
    now: datetime,
) -> Record:
    """Return *after*, kept by *change* and told when it is another than *before*."""
    if after is not before:
        change(after)
        _tell(uow, f"{_EVENTS[type(after)][0]} changed", after, by=by, now=now)
    return after


def _tell(uow: UnitOfWork, what: str, one: Product | Asset | Contract, *, by: str, now: datetime) -> None:
    """Keep in the audit what was done, and tell it."""
    kind, event = _EVENTS[type(one)]
    audit.note(uow, who=by, what=what, address=None, now=now, kind=kind, record_id=one.id)
    uow.events.append(event(at=now, by=by, version=one.version, **{f"{kind}_id": one.id}))
