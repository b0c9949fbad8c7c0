"""Fields that a site adds to its records: which there are, and what may stand in them."""

from __future__ import annotations

import secrets
from http import HTTPStatus
from typing import Annotated

import msgspec
from aiohttp import web
from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from crm_core.domain.custom_fields import Entity, FieldDef, FieldType
from crm_core.domain.ids import new_id
from crm_core.services import fields
from screenpop.api.exchange import ONE_LINE, Id, Input, all_stays, answer, read_body, version_wanted
from screenpop.api.operation import operation
from screenpop.auth import identity_of
from screenpop.context import CONTEXT
from screenpop.permissions import Permission

routes = web.RouteTableDef()
FIELDS = "/fields"
MOST_OPTIONS = MOST_CATEGORIES = 100
Label = Annotated[str, StringConstraints(min_length=1, max_length=80), ONE_LINE]
Option = Annotated[str, StringConstraints(min_length=1, max_length=80), ONE_LINE]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


def _none_when_empty(text: str | None) -> str | None:
    return text or None


Regex = Annotated[
    Annotated[str, StringConstraints(max_length=200), ONE_LINE] | None, AfterValidator(_none_when_empty)
]


class _Field(Input):
    """What may stand in a field: ``regex`` is what a text fits as a whole; ``pii``: it is personal data.

    One of incidents may be asked only in ``category_ids`` and what is under them.
    """

    is_required: bool = False
    options: tuple[Option, ...] = Field(default=(), max_length=MOST_OPTIONS)
    regex: Regex = None
    pii: bool = False
    category_ids: tuple[Id, ...] = Field(default=(), max_length=MOST_CATEGORIES)
    position: int = Field(default=0, ge=0, le=10_000)


class NewField(_Field):
    """A new field; its record, key and type stay for good."""

    entity: Entity
    key: Key
    type: FieldType
    label_es: Label
    label_en: Label


class FieldChange(_Field):
    """What to change; what is not named stays."""

    model_config = ConfigDict(json_schema_extra=all_stays)
    label_es: Label = ""
    label_en: Label = ""


class FieldDefs(msgspec.Struct, frozen=True, kw_only=True):
    """All fields, by record and place."""

    items: tuple[FieldDef, ...]


@routes.get(FIELDS)
@operation(Permission.READ_CONTACTS, returns=FieldDefs)
async def list_fields(request: web.Request) -> web.Response:
    """List the fields that this site added to its records."""
    return answer(FieldDefs(items=tuple(await request.app[CONTEXT].db.read(fields.every))))


@routes.post(FIELDS)
@operation(
    Permission.DEFINE_FIELDS, body=NewField, returns=FieldDef, status=HTTPStatus.CREATED, takes_key=True
)
async def define_field(request: web.Request) -> web.Response:
    """Add a field to a kind of record."""
    identity, context = identity_of(request), request.app[CONTEXT]
    asked, now = await read_body(request, NewField), context.now()
    made = FieldDef(id=new_id(now, secrets.token_bytes(10)), **asked.model_dump())
    kept = await context.db.run(fields.define, field=made, by=identity.user, now=now)
    return answer(kept, status=HTTPStatus.CREATED, version=kept.version)


@routes.patch(f"{FIELDS}/{{id}}")
@operation(Permission.DEFINE_FIELDS, body=FieldChange, returns=FieldDef, takes_version=True)
async def change_field(request: web.Request) -> web.Response:
    """Change a field; 412 with the newer one when somebody was quicker."""
    version, context = version_wanted(request), request.app[CONTEXT]
    asked = await read_body(request, FieldChange)
    kept = await context.db.run(
        fields.change,
        field_id=request.match_info["id"],
        version=version,
        changes={name: getattr(asked, name) for name in asked.model_fields_set},
        by=identity_of(request).user,
        now=context.now(),
    )
    return answer(kept, version=kept.version)


@routes.delete(f"{FIELDS}/{{id}}")
@operation(Permission.DEFINE_FIELDS, status=HTTPStatus.NO_CONTENT, takes_version=True)
async def remove_field(request: web.Request) -> web.Response:
    """Take a field away; values of it come back with a field of the same key."""
    context = request.app[CONTEXT]
    await context.db.run(
        fields.remove,
        field_id=request.match_info["id"],
        version=version_wanted(request),
        by=identity_of(request).user,
        now=context.now(),
    )
    return web.Response(status=HTTPStatus.NO_CONTENT)
