"""Customers: people and companies as lists, and each with everything that is known of it."""

from __future__ import annotations

from typing import Any, Final

from aiohttp import web
from pydantic import Field
from yarl import URL

from crm_core.domain import accounts as account_kinds
from crm_core.domain import contacts as contact_kinds
from crm_core.domain.choices import in_order
from crm_core.domain.custom_fields import ENTITIES, TYPES
from crm_core.services import accounts, contacts, fields, service_levels
from screenpop.api.exchange import Input, Line, cursor_of, read_cursor, read_time_cursor
from screenpop.auth import identity_of
from screenpop.context import CONTEXT
from screenpop.lists import AskedList
from screenpop.pages import account_table, call_records, customer_records
from screenpop.pages.customer_records import Tab
from screenpop.pages.erased import tells_of_erased
from screenpop.pages.interaction_words import SAID
from screenpop.pages.page import page, page_language
from screenpop.pages.saved_views import keeps_views
from screenpop.permissions import Permission, requires
from screenpop.places import region_of
from screenpop.tables_out import FORMS
from screenpop.whole import hides_emails, looks_for_whole, may_look_for

routes = web.RouteTableDef()
CONTACTS: Final = "/contacts"
ACCOUNTS: Final = "/accounts"
FIELDS: Final = "/fields"
ON_A_PAGE: Final = 50
CHOICES: Final[dict[str, Any]] = {
    "phone_labels": contact_kinds.PHONE_LABELS,
    "email_labels": contact_kinds.EMAIL_LABELS,
    "place_labels": contact_kinds.PLACE_LABELS,
    "lifecycles": contact_kinds.LIFECYCLES,
    "channels": contact_kinds.CHANNELS,
    "days": contact_kinds.DAYS,
    "kinds": account_kinds.KINDS,
    "relations": account_kinds.RELATIONS,
}
"""What the forms offer."""


class Asked(AskedList):
    """What a list is asked for."""

    q: Line = Field(default="", max_length=100)
    cursor: Line | None = Field(default=None, max_length=900)


class AskedOfContact(Input):
    """Which part of a contact's page is open, and which call is looked at."""

    tab: Tab = "all"
    call: Line | None = Field(default=None, max_length=80)
    cursor: Line | None = Field(default=None, max_length=200)


class AskedOfAccount(Input):
    """Which part of a company's page is open; ``cursor`` is a place among its people, ``before`` in time."""

    tab: Tab = "all"
    cursor: Line | None = Field(default=None, max_length=900)
    before: Line | None = Field(default=None, max_length=200)


@routes.get(CONTACTS)
@keeps_views("contacts", CONTACTS, Asked)
@requires(Permission.READ_CONTACTS)
async def get_contacts(request: web.Request) -> web.Response:
    """Return people by name, or those who are looked for."""
    asked = Asked.model_validate(dict(request.query))
    me, region = identity_of(request), region_of(request)
    found = (
        await request.app[CONTEXT].db.read(
            contacts.find,
            q=asked.q,
            after=read_cursor(asked.cursor),
            limit=ON_A_PAGE + 1,
            region=region,
            whole=hides_emails(me),
        )
        if may_look_for(me, asked.q, region=region)
        else []
    )
    return page(
        request,
        "contacts.html",
        asked=asked,
        found=found[:ON_A_PAGE],
        more=_more(request, found),
        files=[str(URL(f"{CONTACTS}.{form}").with_query(q=asked.q)) for form in (*FORMS, "vcf")],
        choices=CHOICES,
        fields=await request.app[CONTEXT].db.read(fields.of, entity="contact"),
    )


@routes.get(f"{CONTACTS}/{{id}}")
@requires(Permission.READ_CONTACTS)
@tells_of_erased
async def get_contact(request: web.Request) -> web.Response:
    """Return a contact: card, what is open, what happened, one call drawn as a bar."""
    asked = AskedOfContact.model_validate(dict(request.query))
    on = await request.app[CONTEXT].db.read(
        customer_records.on_contact,
        contact_id=request.match_info["id"],
        tab=asked.tab,
        call_id=asked.call,
        before=read_time_cursor(asked.cursor),
        within=identity_of(request).scope.within,
        now=request.app[CONTEXT].now(),
        today=request.app[CONTEXT].today(),
    )
    older = cursor_of(on.more[0].isoformat(), on.more[1]) if on.more else None
    return page(
        request,
        "contact.html",
        on=on,
        asked=asked,
        segments=call_records.customers_segments(on.chosen.call) if on.chosen else (),
        at=lambda **also: _address(request, **also),
        older=_address(request, cursor=older) if older else None,
        ways=tuple(SAID),
        me_id=identity_of(request).user,
        may_dial=_may_dial(request),
        choices=CHOICES,
        fields=on.fields,
    )


@routes.get(ACCOUNTS)
@keeps_views("accounts", ACCOUNTS, Asked)
@requires(Permission.READ_CONTACTS)
async def get_accounts(request: web.Request) -> web.Response:
    """Return companies by name, or those that are looked for."""
    asked = Asked.model_validate(dict(request.query))
    found = await request.app[CONTEXT].db.read(
        accounts.find,
        q=asked.q,
        after=read_cursor(asked.cursor),
        limit=ON_A_PAGE + 1,
        whole=looks_for_whole(identity_of(request)),
    )
    return page(
        request,
        "accounts.html",
        asked=asked,
        found=found[:ON_A_PAGE],
        more=_more(request, found),
        files=[str(URL(f"{ACCOUNTS}.{form}").with_query(q=asked.q)) for form in FORMS],
        choices=CHOICES,
        fields=await request.app[CONTEXT].db.read(fields.of, entity="account"),
    )


@routes.get(f"{ACCOUNTS}.csv")
@routes.get(f"{ACCOUNTS}.xlsx")
@requires(Permission.EXPORT_RECORDS)
async def get_accounts_file(request: web.Request) -> web.StreamResponse:
    """Return the companies that are looked for as a table for spreadsheets."""
    return await account_table.send(request, q=Asked.model_validate(dict(request.query)).q)


@routes.get(f"{ACCOUNTS}/{{id}}")
@requires(Permission.READ_CONTACTS)
async def get_account(request: web.Request) -> web.Response:
    """Return a company: card, its people, what is open, what happened."""
    asked = AskedOfAccount.model_validate(dict(request.query))
    on = await request.app[CONTEXT].db.read(
        customer_records.on_account,
        account_id=request.match_info["id"],
        tab=asked.tab,
        after=read_cursor(asked.cursor),
        before=read_time_cursor(asked.before),
        limit=ON_A_PAGE,
        within=identity_of(request).scope.within,
        today=request.app[CONTEXT].today(),
    )
    more = _address(request, cursor=cursor_of(*on.more)) if on.more else None
    older = cursor_of(on.older[0].isoformat(), on.older[1]) if on.older else None
    return page(
        request,
        "account.html",
        on=on,
        asked=asked,
        more=more,
        at=lambda **also: _address(request, before=None, **also),
        older=_address(request, before=older) if older else None,
        ways=tuple(SAID),
        me_id=identity_of(request).user,
        may_dial=_may_dial(request),
        choices=CHOICES,
        fields=on.fields,
    )


@routes.get(FIELDS)
@requires(Permission.DEFINE_FIELDS)
async def get_fields(request: web.Request) -> web.Response:
    """Return the fields that this site added to its records."""
    db = request.app[CONTEXT].db
    found, choices = await db.read(fields.every), await db.read(service_levels.choices_of, kind="category")
    categories = [(one.id, name) for one, name in in_order(choices, page_language(request))]
    return page(request, "fields.html", found=found, entities=ENTITIES, types=TYPES, categories=categories)


def _more(request: web.Request, found: list[Any]) -> str | None:
    """Return the address of what follows a full page of *found*."""
    if len(found) <= ON_A_PAGE:
        return None
    last = found[ON_A_PAGE - 1]
    return _address(request, cursor=cursor_of(last.listed_as, last.id))


def _address(request: web.Request, **also: str | None) -> str:
    """Return this page's address with other values; None takes one away, and the list begins anew."""
    query = {name: text for name, text in request.query.items() if name != "cursor"} | also
    return str(URL(request.path).with_query({name: text for name, text in query.items() if text}))


def _may_dial(request: web.Request) -> bool:
    me = identity_of(request)
    return me.seat is not None and me.may(Permission.DIAL)
