"""Repairs in the database."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, func, insert, select, update

from crm_core.db.schema_equipment import asset, product, repair
from crm_core.db.schema_incidents import incident
from crm_core.db.schema_people import NAMES, account, contact
from crm_core.db.statements import behind
from crm_core.domain.contacts import full_name
from crm_core.domain.incidents import number_of as incident_number
from crm_core.domain.repairs import Listed, Repair, Wanted, number_of, sequence_of
from crm_core.ports.places import Place

_C = repair.c
_FIELDS = tuple(name for name in Repair.__struct_fields__ if name != "number")
_LISTED = (
    select(
        repair,
        asset.c.serial,
        product.c.name_es,
        product.c.name_en,
        account.c.name.label("company"),
        incident.c.sequence.label("incident_sequence"),
        *NAMES,
    )
    .join(asset, asset.c.id == _C.asset_id)
    .join(product, product.c.id == asset.c.product_id)
    .outerjoin(contact, contact.c.id == asset.c.contact_id)
    .outerjoin(account, account.c.id == asset.c.account_id)
    .outerjoin(incident, incident.c.id == _C.incident_id)
)


class SqlRepairs:
    """``Repairs``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, repair_id: str) -> Repair | None:
        """Return one repair."""
        row = self._connection.execute(select(repair).where(_C.id == repair_id)).first()
        return _repair(row) if row else None

    def next_number(self) -> str:
        """Return the number of the next repair."""
        return number_of((self._connection.scalar(select(func.max(_C.sequence))) or 0) + 1)

    def add(self, one: Repair) -> None:
        """Keep a new repair."""
        self._connection.execute(insert(repair), _row(one))

    def change(self, one: Repair) -> None:
        """Keep a repair as it is now."""
        self._connection.execute(update(repair).where(_C.id == one.id).values(**_row(one)))

    def find(self, wanted: Wanted, place: Place | None, limit: int) -> list[Listed]:
        """Return repairs behind *place*, the last received first."""
        query = _LISTED.where(*_asked(wanted), *behind(place, _C.received_at, _C.id))
        query = query.order_by(_C.received_at.desc(), _C.id.desc()).limit(limit)
        return [_listed(row) for row in self._connection.execute(query)]


def _asked(wanted: Wanted) -> list[ColumnElement[bool]]:
    fields = msgspec.structs.asdict(wanted)
    return [_C[name] == value for name, value in fields.items() if value is not None]


def _row(one: Repair) -> dict[str, Any]:
    row = {name: getattr(one, name) for name in _FIELDS}
    return row | {"sequence": sequence_of(one.number), "is_open": one.is_open}


def _repair(row: Row[Any]) -> Repair:
    kept = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for it
    return Repair(number=number_of(kept["sequence"]), **{name: kept[name] for name in _FIELDS})


def _listed(row: Row[Any]) -> Listed:
    person = full_name(*(getattr(row, one.name) for one in NAMES), company=None)
    behind_it = row.incident_sequence
    return Listed(
        repair=_repair(row),
        serial=row.serial,
        product_es=row.name_es,
        product_en=row.name_en,
        owner=person or row.company,
        incident=None if behind_it is None else incident_number(behind_it),
    )
