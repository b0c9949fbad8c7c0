"""Products, what customers have of them, and contracts, in the database."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    Table,
    Text,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    or_,
    select,
    type_coerce,
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


_PIECE, _DEAL = (tuple(map(str, columns.keys())) for columns in (_FOUND.selected_columns, _C))


def _piece(row: Iterable[Any]) -> Found:
    return _found(dict(zip(_PIECE, row, strict=True)))


def _deal(row: Iterable[Any]) -> Contract:
    facts = dict(zip(_DEAL, row, strict=True))
    ids = facts.pop("asset_ids")
    known = msgspec.json.decode(ids, type=tuple[str, ...]) if ids else ()
    return msgspec.convert(facts | {"asset_ids": known}, Contract)


def _first(query: Select[Any]) -> Select[Any]:
    return query.limit(bindparam("most", type_=Integer))


_OF_OWNER = _FOUND.where(_whose(asset)).order_by(_A.search, _A.id)
_FIRST_OF_OWNER = Prepared(_piece, _first(_OF_OWNER))
_LAST_FIRST = select(contract).order_by(
    func.coalesce(_C.ends_on, date.max).desc(), _C.begins_on.desc(), _C.id
)
_OF_ONE = Prepared(_deal, _first(_LAST_FIRST.where(_whose(contract))))


@cache
def _of_any(size: int) -> Prepared[Contract]:
    """Return the question for the contracts of *size* contacts and companies."""
    columns = {"contact": _C.contact_id, "account": _C.account_id}
    whose = (column.in_([bindparam(f"{name}{n}") for n in range(size)]) for name, column in columns.items())
    return Prepared(_deal, _first(_LAST_FIRST.where(or_(*whose))))


def _filled(name: str, ids: Collection[str], size: int) -> dict[str, str | None]:
    return {f"{name}{n}": key for n, key in enumerate([*ids, *[None] * (size - len(ids))])}


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
        return _found(row._asdict()) if row else None

    def of(
        self, contact_id: str | None, account_id: str | None, limit: int, place: tuple[str, str] | None = None
    ) -> list[Found]:
        """Return what a contact or a company has, by serial number and id, behind a place in this order."""
        owner = {"contact": contact_id, "account": account_id}
        if place is None:
            return _FIRST_OF_OWNER.rows(self._connection, owner | {"most": limit})
        query = _OF_OWNER.where(*behind_name(place, _A.search, _A.id)).limit(limit)
        return [_found(row._asdict()) for row in self._connection.execute(query, owner)]

    def has_any(self, contact_id: str | None, account_id: str | None) -> bool:
        """Return whether a contact or a company has any piece, or any contract."""
        return bool(_HAS_ANY.rows(self._connection, {"contact": contact_id, "account": account_id}))

    def beginning(self, serial: str, place: tuple[str, str] | None, limit: int) -> list[Found]:
        """Return the pieces whose serial number, folded, begins so, behind a place in their order."""
        query = _FOUND.where(*behind_name(place, _A.search, _A.id)).order_by(_A.search, _A.id).limit(limit)
        if serial:
            query = query.where(begins(_A.search, serial))
        return [_found(row._asdict()) for row in self._connection.execute(query)]

    def add(self, one: Asset) -> None:
        """Keep a new piece."""
        self._connection.execute(insert(asset), _asset_row(one))

    def change(self, one: Asset) -> None:
        """Keep a piece as it is now."""
        self._connection.execute(update(asset).where(_A.id == one.id).values(**_asset_row(one)))

    def is_named(self, one: Asset) -> bool:
        """Return whether an incident, a repair or a contract of its owner names it."""
        in_contract = type_coerce(_C.asset_ids, Text).contains(f'"{one.id}"', autoescape=True)
        owner = {"contact": one.contact_id, "account": one.account_id}
        named = (
            select(incident.c.id).where(incident.c.asset_id == one.id),
            select(repair.c.id).where(repair.c.asset_id == one.id),
            select(_C.id).where(_whose(contract), in_contract).params(owner),
        )
        return any(self._connection.scalar(query.limit(1)) for query in named)

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
        return _OF_ONE.rows(self._connection, owner | {"most": limit})

    def of_any(
        self, contact_ids: Collection[str], account_ids: Collection[str], limit: int
    ) -> list[Contract]:
        """Return the contracts of all these contacts and companies, the last that ends first."""
        size = 1 << (max(len(contact_ids), len(account_ids), 1) - 1).bit_length()
        owners = _filled("contact", contact_ids, size) | _filled("account", account_ids, size)
        return _of_any(size).rows(self._connection, owners | {"most": limit})

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


def _found(row: Mapping[str, Any]) -> Found:
    facts = {name: row[name] for name in Asset.__struct_fields__}
    about = {name: row[f"{_OF_PRODUCT}{name}"] for name in Product.__struct_fields__}
    about |= {"is_active": bool(about["is_active"])}
    person = full_name(*(row[one.name] for one in NAMES), company=None)
    return Found(msgspec.convert(facts, Asset), Product(**about), person or row["company"])
