"""Contacts: searched, created, changed, and what happened with them."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Literal

import msgspec
from aiohttp import web
from pydantic import Field

from crm_core.domain.calls import Call
from crm_core.domain.contacts import Contact, Phone
from crm_core.domain.incidents import Incident
from crm_core.services import contacts
from screenpop.api.exchange import (
    Id,
    Input,
    Line,
    PageQuery,
    Prose,
    answer,
    cursor_of,
    read_body,
    read_cursor,
    read_query,
    version_wanted,
)
from screenpop.api.operation import operation
from screenpop.api.twice import ONCE
from screenpop.auth import identity_of
from screenpop.context import CONTEXT
from screenpop.permissions import Permission

routes = web.RouteTableDef()
MOST_PHONES = 20


class NewPhone(Input):
    """A number, in any writing."""

    raw: Line = Field(min_length=1, max_length=60)
    label: Literal["work", "mobile", "home", "fax", "other"] = "work"
    is_primary: bool = False


class NewContact(Input):
    """Somebody new; a name or a company is needed."""

    given: Line = Field(default="", max_length=100)
    family: Line = Field(default="", max_length=100)
    company: Line | None = Field(default=None, max_length=200)
    language: str | None = Field(default=None, pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=35)
    vip: bool = False
    note: Prose | None = Field(default=None, max_length=4000)
    phones: tuple[NewPhone, ...] = Field(default=(), max_length=MOST_PHONES)
    emails: tuple[Line, ...] = Field(default=(), max_length=MOST_PHONES)


class ContactChange(Input):
    """What to change; what is not named stays."""

    given: Line | None = Field(default=None, max_length=100)
    family: Line | None = Field(default=None, max_length=100)
    company: Line | None = Field(default=None, max_length=200)
    language: str | None = Field(default=None, pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=35)
    vip: bool | None = None
    note: Prose | None = Field(default=None, max_length=4000)


class ContactsQuery(PageQuery):
    """``q``: the beginning of a name, a company, a number or an address."""

    q: Line = Field(default="", max_length=100)


class ContactPage(msgspec.Struct, frozen=True, kw_only=True):
    """Contacts by name; ``next`` is the cursor of what follows."""

    items: tuple[Contact, ...]
    next: str | None


class TimelineItem(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened with a contact: a call, possibly his only, or an incident."""

    at: datetime
    kind: Literal["call", "possible_call", "incident"]
    call: Call | None = None
    incident: Incident | None = None


class Timeline(msgspec.Struct, frozen=True, kw_only=True):
    """What happened, newest first; ``next`` is the cursor of what follows."""

    items: tuple[TimelineItem, ...]
    next: str | None
