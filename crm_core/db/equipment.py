"""Products, what customers have of them, and contracts, in the database."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Table,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)

from crm_core.db.folded import fitted
from crm_core.db.prepared import Prepared
from crm_core.db.schema_equipment import asset, contract, product, repair
from crm_core.db.schema_incidents import incident
from crm_core.db.schema_people import NAMES, account, contact
from crm_core.db.statements import begins, behind_name
from crm_core.domain.contacts import full_name
from crm_core.domain.equipment import Asset, Contract, Product
from crm_core.domain.words import folded
from crm_core.ports.equipment import Found

_A, _C, _P = asset.c, contract.c, product.c
_OF_PRODUCT = "of_product_"
_FOUND = (
    select(
        asset,
        *(column.label(f"{_OF_PRODUCT}{column.name}") for column in _P),
        account.c.name.label("company"),
        *NAMES,
    )
    .join(product, _P.id == _A.product_id)
    .outerjoin(contact, contact.c.id == _A.contact_id)
    .outerjoin(account, account.c.id == _A.account_id)
)


def _whose(table: Table) -> ColumnElement[bool]:
    """Return whether a row is the contact's or the company's who is asked for."""
    return or_(table.c.contact_id == bindparam("contact"), table.c.account_id == bindparam("account"))


_OF_OWNER = _FOUND.where(_whose(asset)).order_by(_A.search, _A.id)
_CONTRACTS = (
    select(contract)
    .where(_whose(contract))
    .order_by(func.coalesce(_C.ends_on, date.max).desc(), _C.begins_on.desc(), _C.id)
)

_HAS_ANY = Prepared(
    tuple,
    select(literal_column("1")).where(
        or_(
            select(_A.id).where(_whose(asset)).correlate(None).exists(),
            select(_C.id).where(_whose(contract)).correlate(None).exists(),
        )
    ),
)


class SqlProducts:
    """``Products``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, product_id: str) -> Product | None:
        """Return one product."""
        row = self._connection.execute(select(product).where(_P.id == product_id)).first()
        return Product(**row._mapping) if row else None  # noqa: SLF001 - SQLAlchemy's public name

    def every(self) -> list[Product]:
        """Return all products, in the order of their Spanish names."""
        rows = self._connection.execute(select(product).order_by(_P.name_es, _P.id))
        return [Product(**row._mapping) for row in rows]  # noqa: SLF001 - as above

    def add(self, one: Product) -> None:
        """Keep a new product."""
        self._connection.execute(insert(product), msgspec.structs.asdict(one))

    def change(self, one: Product) -> None:
        """Keep a product as it is now."""
        kept = update(product).where(_P.id == one.id)
        self._connection.execute(kept.values(**msgspec.structs.asdict(one)))


class SqlAssets:
    """``Assets``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, asset_id: str) -> Found | None:
        """Return one piece."""
        row = self._connection.execute(_FOUND.where(_A.id == asset_id)).first()
        return _found(row) if row else None

    def of(self, contact_id: str | None, account_id: str | None, limit: int) -> list[Found]:
        """Return what a contact or a company has, by serial number and id."""
        owner = {"contact": contact_id, "account": account_id}
        return [_found(row) for row in self._connection.execute(_OF_OWNER.limit(limit), owner)]

    def has_any(self, contact_id: str | None, account_id: str | None) -> bool:
        """Return whether a contact or a company has any piece, or any contract."""
        return bool(_HAS_ANY.rows(self._connection, {"contact": contact_id, "account": account_id}))

    def beginning(self, serial: str, place: tuple[str, str] | None, limit: int) -> list[Found]:
        """Return the pieces whose serial number, folded, begins so, behind a place in their order."""
        query = _FOUND.where(*behind_name(place, _A.search, _A.id)).order_by(_A.search, _A.id).limit(limit)
        if serial:
            query = query.where(begins(_A.search, serial))
        return [_found(row) for row in self._connection.execute(query)]

    def add(self, one: Asset) -> None:
        """Keep a new piece."""
        self._connection.execute(insert(asset), _asset_row(one))

    def change(self, one: Asset) -> None:
        """Keep a piece as it is now."""
        self._connection.execute(update(asset).where(_A.id == one.id).values(**_asset_row(one)))

    def is_named(self, asset_id: str) -> bool:
        """Return whether an incident or a repair names it."""
        named = (
            select(column).where(column == asset_id).limit(1)
            for column in (incident.c.asset_id, repair.c.asset_id)
        )
        return any(self._connection.scalar(query) for query in named)

    def remove(self, asset_id: str) -> None:
        """Forget a piece that nothing names."""
        self._connection.execute(delete(asset).where(_A.id == asset_id))


class SqlContracts:
    """``Contracts``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, contract_id: str) -> Contract | None:
        """Return one contract."""
        row = self._connection.execute(select(contract).where(_C.id == contract_id)).first()
        return Contract(**row._mapping) if row else None  # noqa: SLF001 - as above

    def of(self, contact_id: str | None, account_id: str | None, limit: int) -> list[Contract]:
        """Return the contracts of a contact or a company, the last that ends first."""
        owner = {"contact": contact_id, "account": account_id}
        rows = self._connection.execute(_CONTRACTS.limit(limit), owner)
        return [Contract(**row._mapping) for row in rows]  # noqa: SLF001 - as above

    def add(self, one: Contract) -> None:
        """Keep a new contract."""
        self._connection.execute(insert(contract), msgspec.structs.asdict(one))

    def change(self, one: Contract) -> None:
        """Keep a contract as it is now."""
        kept = update(contract).where(_C.id == one.id)
        self._connection.execute(kept.values(**msgspec.structs.asdict(one)))

    def remove(self, contract_id: str) -> None:
        """Forget a contract."""
        self._connection.execute(delete(contract).where(_C.id == contract_id))


def _asset_row(one: Asset) -> dict[str, Any]:
    return msgspec.structs.asdict(one) | {"search": fitted(folded(one.serial), _A.search)}


def _found(row: Row[Any]) -> Found:
    facts = {name: row._mapping[name] for name in Asset.__struct_fields__}  # noqa: SLF001 - as above
    about = {name: row._mapping[f"{_OF_PRODUCT}{name}"] for name in Product.__struct_fields__}  # noqa: SLF001
    person = full_name(*(getattr(row, one.name) for one in NAMES), company=None)
    return Found(Asset(**facts), Product(**about), person or row.company)
