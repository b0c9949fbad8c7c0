"""What the pages of equipment show, read in one hop: a customer's things, one of them, what was repaired."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from crm_core.domain.confines import Confines
from crm_core.domain.entitlement import Covered
from crm_core.domain.equipment import Contract, Product
from crm_core.domain.incident_lists import Listed, Wanted
from crm_core.domain.repairs import Listed as ListedRepair
from crm_core.domain.repairs import Wanted as WantedRepairs
from crm_core.ports import UnitOfWork
from crm_core.services import accounts, contacts, equipment, incident_lists, repairs
from screenpop.pages import incident_records
from screenpop.pages.incident_records import Named

PAST, REPAIRS = 20, 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """A contact or a company: ``field`` is what REST calls it."""

    field: str
    id: str
    name: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OfCustomer:
    """What a customer has, what he is owed, and what can be chosen."""

    owner: Owner
    found: Sequence[Covered]
    contracts: Sequence[Contract]
    products: Sequence[Product]
    lines: Sequence[tuple[str, str]]
    policies: Sequence[tuple[str, str]]
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class OnAsset:
    """One piece: how it is covered and by what, its repairs and its incidents."""

    one: Covered
    contracts: Sequence[Contract]
    products: Sequence[Product]
    repairs: Sequence[ListedRepair]
    incidents: Sequence[Listed]
    people: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class OnProducts:
    """All products, and the lines that they can be of."""

    found: Sequence[Product]
    named: Named


def of_customer(
    uow: UnitOfWork, *, contact_id: str | None, account_id: str | None, language: str, today: date
) -> OfCustomer:
    """Return what a contact (with his company) or a company has.

    Raises:
        NotFoundError: there is no such customer.
    """
    owner, account_id = _owner(uow, contact_id, account_id)
    named = incident_records.named(uow, language=language)
    policies = uow.policies.every()
    found, contracts = equipment.of_customer(uow, contact_id=contact_id, account_id=account_id, today=today)
    return OfCustomer(
        owner=owner,
        found=found,
        contracts=contracts,
        products=[one for one in equipment.products(uow) if one.is_active],
        lines=named.active["product_line"],
        policies=[(one.id, one.name) for one in policies if one.is_active and one.part_of is None],
        names=dict(named.names) | {one.id: one.name for one in policies},
    )


def on_asset(uow: UnitOfWork, *, asset_id: str, today: date, within: Confines | None) -> OnAsset:
    """Return one piece with what belongs to it.

    Raises:
        NotFoundError: there is none.
    """
    one = equipment.covered_asset(uow, asset_id=asset_id, today=today)
    owed = equipment.contracts(uow, contact_id=one.asset.contact_id, account_id=one.asset.account_id)
    line_id = one.product.product_line_id
    return OnAsset(
        one=one,
        contracts=[deal for deal in owed if deal.is_of(one.asset) and deal.is_about(one.asset, line_id)],
        products=[
            each for each in equipment.products(uow) if each.is_active or each.id == one.asset.product_id
        ],
        repairs=repairs.find(uow, wanted=WantedRepairs(asset_id=asset_id), limit=REPAIRS),
        incidents=incident_lists.find(uow, wanted=Wanted(asset_id=asset_id, within=within), limit=PAST),
        people=dict(incident_records.workers(uow)),
    )


def on_products(uow: UnitOfWork, *, language: str) -> OnProducts:
    """Return all products."""
    return OnProducts(found=equipment.products(uow), named=incident_records.named(uow, language=language))


def _owner(uow: UnitOfWork, contact_id: str | None, account_id: str | None) -> tuple[Owner, str | None]:
    if contact_id:
        contact = contacts.get(uow, contact_id=contact_id)
        path = f"/contacts/{contact.id}"
        return Owner(field="contact_id", id=contact.id, name=contact.name, path=path), contact.account_id
    account = accounts.get(uow, account_id=account_id or "")
    path = f"/accounts/{account.id}"
    return Owner(field="account_id", id=account.id, name=account.name, path=path), account.id
