"""The fields that a site adds to its records: defined, changed, taken away; and what stands in them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from crm_core.domain.custom_fields import (
    ENTITIES,
    MOST_FIELDS,
    Entity,
    FieldDef,
    changed,
    checked,
    values_of,
)
from crm_core.domain.errors import AlreadyExistsError, InvalidError, NotFoundError
from crm_core.domain.events import FieldsChanged
from crm_core.domain.versions import at_version
from crm_core.ports import UnitOfWork


def every(uow: UnitOfWork) -> list[FieldDef]:
    """Return all fields, by record and place."""
    return [one for entity in ENTITIES for one in uow.fields.of(entity)]


def of(uow: UnitOfWork, *, entity: Entity) -> list[FieldDef]:
    """Return the fields of a kind of record, in their places."""
    return uow.fields.of(entity)


def define(uow: UnitOfWork, *, field: FieldDef, by: str | None, now: datetime) -> FieldDef:
    """Keep a new field.

    Raises:
        AlreadyExistsError: the record has a field with this key.
        InvalidError: it cannot be kept, or there are 50.
    """
    there = uow.fields.of(field.entity)
    if any(one.key == field.key for one in there):
        raise AlreadyExistsError("field", field.key)
    if len(there) >= MOST_FIELDS:
        raise InvalidError("key", f"a record has at most {MOST_FIELDS} fields", fault="too_many")
    uow.fields.put(checked(field))
    uow.events.append(FieldsChanged(at=now, by=by, entity=field.entity, key=field.key))
    return field


def change(
    uow: UnitOfWork, *, field_id: str, version: int, changes: Mapping[str, Any], by: str | None, now: datetime
) -> FieldDef:
    """Return the field's next version; values that are kept stay as they are.

    Raises:
        NotFoundError: there is none.
        VersionConflictError: *version* is not the one that is kept.
        InvalidError: a change cannot be.
    """
    known = _known(uow, field_id, version)
    after = changed(known, changes)
    uow.fields.put(after)
    uow.events.append(FieldsChanged(at=now, by=by, entity=after.entity, key=after.key))
    return after


def remove(uow: UnitOfWork, *, field_id: str, version: int, by: str | None, now: datetime) -> None:
    """Take a field away. Values of it are shown no more, and come back with a field of the same key.

    Raises:
        NotFoundError: there is none.
        VersionConflictError: *version* is not the one that is kept.
    """
    known = _known(uow, field_id, version)
    uow.fields.drop(field_id)
    uow.events.append(FieldsChanged(at=now, by=by, entity=known.entity, key=known.key))


def values(
    uow: UnitOfWork, *, entity: Entity, given: Mapping[str, Any], before: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what is kept of *given*, all that stands in a record's fields from now on.

    What stood *before* in fields that are not defined any more stays.

    Raises:
        ManyInvalidError: with everything that is wrong.
    """
    defs = uow.fields.of(entity)
    known = {one.key for one in defs}
    unseen = {key: value for key, value in before.items() if key not in known}
    return unseen | values_of(defs, {key: value for key, value in given.items() if key not in unseen})


def _known(uow: UnitOfWork, field_id: str, version: int) -> FieldDef:
    known = uow.fields.get(field_id)
    if known is None:
        raise NotFoundError("field", field_id)
    return at_version(known, version)
