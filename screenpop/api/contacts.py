"""Contacts: searched, created, changed, and what happened with them."""

from __future__ import annotations

import secrets
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Literal

import msgspec
from aiohttp import web
from pydantic import Field, StringConstraints, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from crm_core.domain.contacts import Contact, Email, Phone
from crm_core.domain.ids import new_id
from crm_core.domain.timeline import TimelineItem
from crm_core.domain.words import folded
from crm_core.services import contacts
from screenpop.api.exchange import (
    Input,
    Line,
    PageQuery,
    Prose,
    answer,
    cursor_after,
    read_body,
    read_cursor,
    read_query,
    read_time_cursor,
    stays,
    version_wanted,
)
from screenpop.api.operation import operation
from screenpop.api.twice import ONCE
from screenpop.auth import identity_of
from screenpop.context import CONTEXT
from screenpop.permissions import Permission
from screenpop.places import region_of

routes = web.RouteTableDef()
MOST_PHONES = 20
LONGEST_NAME, LONGEST_COMPANY, LONGEST_NOTE = 100, 200, 4000
Language = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=35)]
Address = Annotated[Line, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$", max_length=254)]


class NewPhone(Input):
    """A number, in any writing."""

    raw: Line = Field(min_length=1, max_length=60)
    label: Literal["work", "mobile", "home", "fax", "other"] = "work"
    is_primary: bool = False


class NewContact(Input):
    """Somebody new; a name or a company is needed."""

    given: Line = Field(default="", max_length=LONGEST_NAME)
    family: Line = Field(default="", max_length=LONGEST_NAME)
    company: Line | None = Field(default=None, max_length=LONGEST_COMPANY, validate_default=True)
    language: Language | None = None
    vip: bool = False
    note: Prose | None = Field(default=None, max_length=LONGEST_NOTE)
    phones: tuple[NewPhone, ...] = Field(default=(), max_length=MOST_PHONES)
    emails: tuple[Address, ...] = Field(default=(), max_length=MOST_PHONES)

    @field_validator("company")
    @classmethod
    def _has_a_name(cls, company: str | None, told: ValidationInfo) -> str | None:
        """Demand that the contact can be called something."""
        names = [company, *(told.data.get(name, "?") for name in ("given", "family"))]
        if not any(names):
            raise PydanticCustomError("name_needed", "a name or a company is needed")
        return company


class ContactChange(Input):
    """What to change; what is not named stays."""

    given: Line = Field(default="", max_length=LONGEST_NAME, json_schema_extra=stays)
    family: Line = Field(default="", max_length=LONGEST_NAME, json_schema_extra=stays)
    company: Line | None = Field(default=None, max_length=LONGEST_COMPANY, json_schema_extra=stays)
    language: Language | None = Field(default=None, json_schema_extra=stays)
    vip: bool = Field(default=False, json_schema_extra=stays)
    note: Prose | None = Field(default=None, max_length=LONGEST_NOTE, json_schema_extra=stays)


class ContactsQuery(PageQuery):
    """``q``: the beginning of a name or a company, a number in any writing, or an e-mail address."""

    q: Line = Field(default="", max_length=100)


class ContactPage(msgspec.Struct, frozen=True, kw_only=True):
    """Contacts by name; ``next`` is the cursor of what follows."""

    items: tuple[Contact, ...]
    next: str | None


class Timeline(msgspec.Struct, frozen=True, kw_only=True):
    """What happened, newest first; ``next`` is the cursor of what follows."""

    items: tuple[TimelineItem, ...]
    next: str | None


@routes.get("/contacts")
@operation(Permission.READ_CONTACTS, query=ContactsQuery, returns=ContactPage)
async def list_contacts(request: web.Request) -> web.Response:
    """List contacts by name."""
    asked = read_query(request, ContactsQuery)
    found = await request.app[CONTEXT].db.read(
        contacts.find,
        q=asked.q,
        after=read_cursor(asked.cursor),
        limit=asked.limit + 1,
        region=region_of(request),
    )
    more = cursor_after(found, limit=asked.limit, place=lambda one: (folded(one.name), one.id))
    return answer(ContactPage(items=tuple(found[: asked.limit]), next=more))


@routes.post("/contacts")
@operation(
    Permission.WRITE_CONTACTS, body=NewContact, returns=Contact, status=HTTPStatus.CREATED, takes_key=True
)
async def create_contact(request: web.Request) -> web.Response:
    """Create a contact; past calls from its numbers become its own, or possibly its own."""
    identity, context = identity_of(request), request.app[CONTEXT]

    async def work() -> web.Response:
        asked, now = await read_body(request, NewContact), context.now()
        contact = await context.db.run(
            contacts.create,
            contact=_new(asked, now),
            region=region_of(request),
            by=identity.user,
            now=now,
        )
        return answer(contact, status=HTTPStatus.CREATED, version=contact.version)

    return await request.app[ONCE].do(request, user=identity.user, work=work)


@routes.get("/contacts/{id}")
@operation(Permission.READ_CONTACTS, returns=Contact)
async def get_contact(request: web.Request) -> web.Response:
    """Return one contact, with its version as ``ETag``."""
    contact = await request.app[CONTEXT].db.read(contacts.get, contact_id=request.match_info["id"])
    return answer(contact, version=contact.version)


@routes.patch("/contacts/{id}")
@operation(Permission.WRITE_CONTACTS, body=ContactChange, returns=Contact, takes_version=True)
async def change_contact(request: web.Request) -> web.Response:
    """Change a contact; 412 with the newer one when somebody was quicker."""
    version = version_wanted(request)
    asked = await read_body(request, ContactChange)
    context = request.app[CONTEXT]
    contact = await context.db.run(
        contacts.change,
        contact_id=request.match_info["id"],
        version=version,
        changes=asked.model_dump(exclude_unset=True),
        by=identity_of(request).user,
        now=context.now(),
    )
    return answer(contact, version=contact.version)


@routes.post("/contacts/{id}/phones")
@operation(
    Permission.WRITE_CONTACTS, body=NewPhone, returns=Contact, status=HTTPStatus.CREATED, takes_key=True
)
async def add_phone(request: web.Request) -> web.Response:
    """Add a number to a contact; past calls from it become the contact's own, or possibly its own."""
    identity, context = identity_of(request), request.app[CONTEXT]

    async def work() -> web.Response:
        asked, now = await read_body(request, NewPhone), context.now()
        contact = await context.db.run(
            contacts.add_phone,
            contact_id=request.match_info["id"],
            phone=_phone(asked, now),
            region=region_of(request),
            by=identity.user,
            now=now,
        )
        return answer(contact, status=HTTPStatus.CREATED, version=contact.version)

    return await request.app[ONCE].do(request, user=identity.user, work=work)


@routes.get("/contacts/{id}/timeline")
@operation(Permission.READ_CONTACTS, query=PageQuery, returns=Timeline)
async def get_timeline(request: web.Request) -> web.Response:
    """List what happened with a contact, newest first: calls, calls that may be his, incidents."""
    asked = read_query(request, PageQuery)
    found = await request.app[CONTEXT].db.read(
        contacts.timeline,
        contact_id=request.match_info["id"],
        before=read_time_cursor(asked.cursor),
        limit=asked.limit + 1,
    )
    more = cursor_after(found, limit=asked.limit, place=_place)
    return answer(Timeline(items=tuple(found[: asked.limit]), next=more))


def _place(item: TimelineItem) -> tuple[str, str]:
    thing = item.call or item.incident
    return item.at.isoformat(), thing.id if thing else ""


def _new(asked: NewContact, now: datetime) -> Contact:
    return Contact(
        id=_id(now),
        given=asked.given,
        family=asked.family,
        company=asked.company or None,
        language=asked.language,
        vip=asked.vip,
        note=asked.note or None,
        created_at=now,
        updated_at=now,
        phones=tuple(_phone(phone, now) for phone in asked.phones),
        emails=tuple(
            Email(id=_id(now), address=address, is_primary=n == 0) for n, address in enumerate(asked.emails)
        ),
    )


def _phone(asked: NewPhone, now: datetime) -> Phone:
    return Phone(id=_id(now), raw=asked.raw, label=asked.label, is_primary=asked.is_primary)


def _id(now: datetime) -> str:
    return new_id(now, secrets.token_bytes(10))
