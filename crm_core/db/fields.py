"""The fields that a site adds to its records, in the database."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, delete, insert, select, update

from crm_core.db.schema_fields import field_def
from crm_core.db.schema_incidents import incident
from crm_core.domain.custom_fields import FieldDef, impersonal

_C = field_def.c
_FIELDS = FieldDef.__struct_fields__
_ONE = select(field_def).where(_C.id == bindparam("wanted"))
_OF = select(field_def).where(_C.entity == bindparam("entity")).order_by(_C.position, _C.key)
_DROP = delete(field_def).where(_C.id == bindparam("wanted"))


class SqlFields:
    """``Fields``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, field_id: str) -> FieldDef | None:
        """Return one."""
        row = self._connection.execute(_ONE, {"wanted": field_id}).first()
        return _field(row) if row else None

    def of(self, entity: str) -> list[FieldDef]:
        """Return those of a kind of record, by position and key."""
        return [_field(row) for row in self._connection.execute(_OF, {"entity": entity})]

    def put(self, one: FieldDef) -> None:
        """Keep one, new or changed."""
        self.drop(one.id)
        self._connection.execute(insert(field_def), {name: getattr(one, name) for name in _FIELDS})

    def drop(self, field_id: str) -> None:
        """Keep one no more."""
        self._connection.execute(_DROP, {"wanted": field_id})


def _field(row: Row[Any]) -> FieldDef:
    return FieldDef(**{name: getattr(row, name) for name in _FIELDS})


def forget_in_incidents(connection: Connection, which: ColumnElement[bool]) -> None:
    """Take what may be personal out of the site's own fields of incidents."""
    told = [_field(row) for row in connection.execute(_OF, {"entity": "incident"})]
    kept = impersonal(told)
    rows = select(incident).where(which)
    for row in connection.execute(rows).all():
        left = {name: value for name, value in row.fields.items() if name in kept}
        if left != row.fields:
            connection.execute(update(incident).where(incident.c.id == row.id).values(fields=left))
