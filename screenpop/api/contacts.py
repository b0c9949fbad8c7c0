"""Contacts: searched, created, changed, and what happened with them."""

from __future__ import annotations

import secrets
from datetime import datetime
from http import HTTPStatus

import msgspec
from aiohttp import web
from msgspec.structs import replace
from pydantic import Field

from crm_core.domain.contacts import Contact, Phone
from crm_core.domain.ids import new_id
from crm_core.domain.timeline import TimelineItem
from crm_core.services import contacts
from screenpop.api.calls import number_of_call
from screenpop.api.contact_input import ContactChange, NewContact, sent_of
from screenpop.api.exchange import (
    Line,
    PageQuery,
    answer,
    cursor_after,
    read_body,
    read_cursor,
    read_query,
    read_time_cursor,
    version_wanted,
)
from screenpop.api.operation import operation
from screenpop.auth import identity_of
from screenpop.context import CONTEXT
from screenpop.masked import as_kept
from screenpop.permissions import Permission
from screenpop.places import region_of
from screenpop.whole import hides_emails, may_look_for

routes = web.RouteTableDef()


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
    me, region = identity_of(request), region_of(request)
    found = (
        await request.app[CONTEXT].db.read(
            contacts.find,
            q=asked.q,
            after=read_cursor(asked.cursor),
            limit=asked.limit + 1,
            region=region,
            whole=hides_emails(me),
        )
        if may_look_for(me, asked.q, region=region)
        else []
    )
    more = cursor_after(found, limit=asked.limit, place=lambda one: (one.listed_as, one.id))
    return answer(ContactPage(items=tuple(found[: asked.limit]), next=more))


@routes.post("/contacts")
@operation(
    Permission.WRITE_CONTACTS, body=NewContact, returns=Contact, status=HTTPStatus.CREATED, takes_key=True
)
async def create_contact(request: web.Request) -> web.Response:
    """Create a contact; past calls from its numbers become its own, or possibly its own."""
    identity, context = identity_of(request), request.app[CONTEXT]
    asked, now = await read_body(request, NewContact), context.now()
    number = await number_of_call(context, asked.call_id, identity.scope) if asked.call_id else None
    contact = await context.db.run(
        contacts.create,
        contact=_new(asked, now, number=number),
        region=region_of(request),
        by=identity.user,
        now=now,
    )
    return answer(contact, status=HTTPStatus.CREATED, version=contact.version)


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
    asked = await read_body(request, ContactChange, may_echo=True)
    context, contact_id = request.app[CONTEXT], request.match_info["id"]
    contact = await context.db.run(
        contacts.change,
        contact_id=contact_id,
        version=version,
        changes=await as_kept(request, sent_of(asked), contacts.get, contact_id=contact_id),
        region=region_of(request),
        by=identity_of(request).user,
        now=context.now(),
        may_lift=identity_of(request).may(Permission.RUN_CAMPAIGNS),
    )
    return answer(contact, version=contact.version)


@routes.get("/contacts/{id}/timeline")
@operation(Permission.READ_CONTACTS, query=PageQuery, returns=Timeline)
async def get_timeline(request: web.Request) -> web.Response:
    """List what happened with a contact, newest first: calls, possible calls, incidents, interactions."""
    asked = read_query(request, PageQuery)
    found = await request.app[CONTEXT].db.read(
        contacts.timeline,
        contact_id=request.match_info["id"],
        before=read_time_cursor(asked.cursor),
        limit=asked.limit + 1,
        within=identity_of(request).scope.within,
    )
    more = cursor_after(found, limit=asked.limit, place=place_of)
    return answer(Timeline(items=tuple(found[: asked.limit]), next=more))


def place_of(item: TimelineItem) -> tuple[str, str]:
    """Return where *item* is in its list."""
    at, key = item.place
    return at.isoformat(), key


def _new(asked: NewContact, now: datetime, *, number: str | None) -> Contact:
    sent = sent_of(asked)
    sent.pop("call_id", None)
    if number is not None:
        sent["phones"] = (Phone(id="", raw=number, is_primary=True), *sent.get("phones", ()))
    phones = tuple(replace(one, id=_id(now)) for one in sent.pop("phones", ()))
    emails = tuple(replace(one, id=_id(now)) for one in sent.pop("emails", ()))
    if emails and not any(one.is_primary for one in emails):
        emails = (replace(emails[0], is_primary=True), *emails[1:])
    return Contact(
        **sent | {"company": asked.company or None},
        id=_id(now),
        created_at=now,
        updated_at=now,
        phones=phones,
        emails=emails,
    )


def _id(now: datetime) -> str:
    return new_id(now, secrets.token_bytes(10))
