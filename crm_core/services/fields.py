"""The fields that a site adds to its records: defined, changed, taken away; and what stands in them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from crm_core.domain import custom_fields
from crm_core.domain.choices import path_of
from crm_core.domain.custom_fields import (
    ENTITIES,
    MOST_FIELDS,
    Entity,
    FieldDef,
    asked_in,
    changed,
    checked,
    values_of,
)
from crm_core.domain.errors import AlreadyExistsError, InvalidError, ManyInvalidError, NotFoundError
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
    _demand_categories(uow, field)
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
    _demand_categories(uow, after)
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


def demand_newly_asked(
    uow: UnitOfWork, values: Mapping[str, Any], *, category_id: str | None, before: str | None
) -> None:
    """Look that among *values* of an incident stands what this category requires and that *before* did not.

    Raises:
        ManyInvalidError: with every field that is empty.
    """
    defs = uow.fields.of("incident")
    now, then = _asked(uow, defs, category_id, before)
    custom_fields.demand_newly_asked(values, asked=now, asked_before=then)


def values(
    uow: UnitOfWork,
    *,
    entity: Entity,
    given: Mapping[str, Any],
    before: Mapping[str, Any],
    category_id: str | None = None,
) -> dict[str, Any]:
    """Return what is kept of *given*, all that stands in a record's fields from now on.

    What stood *before* in fields that are not defined any more stays; so does what stands in one that is not
    asked in this category, unless it is emptied.

    Raises:
        ManyInvalidError: with everything that is wrong.
    """
    every = uow.fields.of(entity)
    (defs,) = _asked(uow, every, category_id)
    known = {one.key for one in defs}
    elsewhere = {one.key for one in every} - known
    stays = {key: value for key, value in before.items() if key not in known}
    emptied = {key for key in elsewhere if key in given and given[key] in (None, "")}
    wrong = [key for key in sorted(elsewhere - emptied) if key in given and given[key] != before.get(key)]
    if wrong:
        why = "it is not asked in this category"
        raise ManyInvalidError([InvalidError(f"fields.{key}", why, fault="other_category") for key in wrong])
    kept = values_of(defs, {key: value for key, value in given.items() if key not in {*stays, *elsewhere}})
    return {key: value for key, value in stays.items() if key not in emptied} | kept


def _asked(uow: UnitOfWork, defs: list[FieldDef], *categories: str | None) -> list[list[FieldDef]]:
    """Return for each of *categories* the fields that are asked in it; of other records all are."""
    if not any(one.category_ids for one in defs):
        return [defs for _ in categories]
    choices = {one.id: one for one in uow.choices.of("category")}
    paths = (path_of(own, choices) if (own := choices.get(key or "")) else [] for key in categories)
    return [asked_in(defs, {one.id for one in path}) for path in paths]


def _demand_categories(uow: UnitOfWork, one: FieldDef) -> None:
    for n, category_id in enumerate(one.category_ids):
        choice = uow.choices.get(category_id)
        if choice is None or choice.kind != "category":
            raise InvalidError(f"category_ids.{n}", "there is no such category", fault="unknown")


def _known(uow: UnitOfWork, field_id: str, version: int) -> FieldDef:
    known = uow.fields.get(field_id)
    if known is None:
        raise NotFoundError("field", field_id)
    return at_version(known, version)
