"""How a contact is reached: numbers and addresses, added, changed and taken away one by one.

The version of all of it is the contact's.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Literal

from aiohttp import web

from crm_core.domain.contacts import Contact
from crm_core.services import contacts
from screenpop.api.contact_input import (
    EmailChange,
    NewEmail,
    NewPhone,
    PhoneChange,
    email_of,
    phone_of,
    sent_of,
)
from screenpop.api.exchange import answer, read_body, version_wanted
from screenpop.api.operation import operation
from screenpop.auth import identity_of
from screenpop.context import CONTEXT
from screenpop.permissions import Permission
from screenpop.places import region_of

routes = web.RouteTableDef()
PHONES, EMAILS = "/contacts/{id}/phones", "/contacts/{id}/emails"


@routes.post(PHONES)
@operation(
    Permission.WRITE_CONTACTS, body=NewPhone, returns=Contact, status=HTTPStatus.CREATED, takes_key=True
)
async def add_phone(request: web.Request) -> web.Response:
    """Add a number to a contact; past calls from it become the contact's own, or possibly its own."""
    identity, context = identity_of(request), request.app[CONTEXT]
    asked, now = await read_body(request, NewPhone), context.now()
    contact = await context.db.run(
        contacts.add_phone,
        contact_id=request.match_info["id"],
        phone=phone_of(asked),
        region=region_of(request),
        by=identity.user,
        now=now,
    )
    return answer(contact, status=HTTPStatus.CREATED, version=contact.version)


@routes.patch(f"{PHONES}/{{phone_id}}")
@operation(Permission.WRITE_CONTACTS, body=PhoneChange, returns=Contact, takes_version=True)
async def change_phone(request: web.Request) -> web.Response:
    """Change a number; one that is written otherwise now is no more found by what it was."""
    return await _changed(request, "phones", "phone_id", sent_of(await read_body(request, PhoneChange)))


@routes.delete(f"{PHONES}/{{phone_id}}")
@operation(Permission.WRITE_CONTACTS, returns=Contact, takes_version=True)
async def remove_phone(request: web.Request) -> web.Response:
    """Take a number away: who calls from it is no more taken for this contact. Past calls stay."""
    return await _changed(request, "phones", "phone_id", None)


@routes.post(EMAILS)
@operation(
    Permission.WRITE_CONTACTS, body=NewEmail, returns=Contact, status=HTTPStatus.CREATED, takes_key=True
)
async def add_email(request: web.Request) -> web.Response:
    """Add an e-mail address to a contact."""
    identity, context = identity_of(request), request.app[CONTEXT]
    asked = await read_body(request, NewEmail)
    contact = await context.db.run(
        contacts.add_email,
        contact_id=request.match_info["id"],
        email=email_of(asked),
        by=identity.user,
        now=context.now(),
    )
    return answer(contact, status=HTTPStatus.CREATED, version=contact.version)


@routes.patch(f"{EMAILS}/{{email_id}}")
@operation(Permission.WRITE_CONTACTS, body=EmailChange, returns=Contact, takes_version=True)
async def change_email(request: web.Request) -> web.Response:
    """Change an e-mail address."""
    return await _changed(request, "emails", "email_id", sent_of(await read_body(request, EmailChange)))


@routes.delete(f"{EMAILS}/{{email_id}}")
@operation(Permission.WRITE_CONTACTS, returns=Contact, takes_version=True)
async def remove_email(request: web.Request) -> web.Response:
    """Take an e-mail address away."""
    return await _changed(request, "emails", "email_id", None)


async def _changed(
    request: web.Request, way: Literal["phones", "emails"], key: str, changes: dict[str, Any] | None
) -> web.Response:
    version, context = version_wanted(request), request.app[CONTEXT]
    contact = await context.db.run(
        contacts.change_way,
        contact_id=request.match_info["id"],
        way=way,
        way_id=request.match_info[key],
        version=version,
        changes=changes,
        region=region_of(request),
        by=identity_of(request).user,
        now=context.now(),
        may_lift=identity_of(request).may(Permission.RUN_CAMPAIGNS),
    )
    return answer(contact, version=contact.version)
