"""Companies: looked for, created, changed, with their lines, ranges of numbers, relations and people."""

from __future__ import annotations

import secrets
from http import HTTPStatus
from typing import Annotated, Any

import msgspec
from aiohttp import web
from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from crm_core.domain.accounts import Account, AccountKind, NumberRange, Relation, RelationKind, WholeAccount
from crm_core.domain.contacts import PostalAddress
from crm_core.domain.custom_fields import MOST_FIELDS
from crm_core.domain.ids import new_id
from crm_core.services import accounts, timelines
from screenpop.api.contact_input import (
    LONGEST_NOTE,
    MOST_PHONES,
    MOST_PLACES,
    Country,
    NewPhone,
    PhoneInput,
    PlaceInput,
    Tags,
    Text200,
    Values,
    phone_of,
)
from screenpop.api.contacts import ContactPage, Timeline, place_of
from screenpop.api.exchange import (
    ONE_LINE,
    Id,
    Input,
    Line,
    PageQuery,
    Prose,
    all_stays,
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
from screenpop.whole import looks_for_whole

routes = web.RouteTableDef()
MOST_RANGES = MOST_RELATIONS = 50


def _none_when_empty(text: str | None) -> str | None:
    return text or None


Name = Annotated[str, StringConstraints(min_length=1, max_length=200), ONE_LINE]
Text40 = Annotated[
    Annotated[str, StringConstraints(max_length=40), ONE_LINE] | None, AfterValidator(_none_when_empty)
]
Queue = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,80}$")]
Agent = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
E164 = Annotated[str, StringConstraints(pattern=r"^\+[1-9][0-9]{5,14}$")]
Website = Annotated[str, StringConstraints(pattern=r"^https?://[^\s\"<>]+$", max_length=200)]


class RangeInput(Input):
    """Numbers from ``first`` to ``last``: E.164, equally long."""

    first: E164
    last: E164

    @field_validator("last")
    @classmethod
    def _belongs_to_first(cls, last: str, told: ValidationInfo) -> str:
        """Demand two ends of one range."""
        first = told.data.get("first", last)
        if len(first) != len(last) or first > last:
            raise PydanticCustomError("no_range", "first and last are equally long, the lower one first")
        return last


class RelationInput(Input):
    """Another company: it is this one's ``kind``."""

    kind: RelationKind
    account_id: Id


class _Account(Input):
    """A company. Who calls from it is sent to ``preferred_queue``, which supervisors say."""

    kind: AccountKind = "customer"
    legal_name: Text200 = None
    tax_id: Text40 = None
    parent_id: Id | None = None
    tier: Text40 = None
    preferred_queue: Queue | None = None
    preferred_agent: Agent | None = None
    region: Country | None = None
    website: Website | None = None
    note: Prose | None = Field(default=None, max_length=LONGEST_NOTE)
    addresses: tuple[PlaceInput, ...] = Field(default=(), max_length=MOST_PLACES)
    tags: Tags = ()
    fields: Values = Field(default={}, max_length=MOST_FIELDS)
    ranges: tuple[RangeInput, ...] = Field(default=(), max_length=MOST_RANGES)
    relations: tuple[RelationInput, ...] = Field(default=(), max_length=MOST_RELATIONS)


class NewAccount(_Account):
    """A new company; ``phones`` are its own lines, nobody's in particular."""

    name: Name
    phones: tuple[NewPhone, ...] = Field(default=(), max_length=MOST_PHONES)


class AccountChange(_Account):
    """What to change; what is not named stays. ``phones``, ``ranges``, ``relations`` are all from now on."""

    model_config = ConfigDict(json_schema_extra=all_stays)
    name: Name = ""
    phones: tuple[PhoneInput, ...] = Field(default=(), max_length=MOST_PHONES)


class AccountsQuery(PageQuery):
    """``q``: how a name or a tax number begins."""

    q: Line = Field(default="", max_length=100)


class AccountPage(msgspec.Struct, frozen=True, kw_only=True):
    """Companies by name; ``next`` is the cursor of what follows."""

    items: tuple[Account, ...]
    next: str | None


_KEPT_AS: dict[str, Any] = {
    "addresses": tuple[PostalAddress, ...],
    "ranges": tuple[NumberRange, ...],
    "relations": tuple[Relation, ...],
}


@routes.get("/accounts")
@operation(Permission.READ_CONTACTS, query=AccountsQuery, returns=AccountPage)
async def list_accounts(request: web.Request) -> web.Response:
    """List companies by name."""
    asked = read_query(request, AccountsQuery)
    found = await request.app[CONTEXT].db.read(
        accounts.find,
        q=asked.q,
        after=read_cursor(asked.cursor),
        limit=asked.limit + 1,
        whole=looks_for_whole(identity_of(request)),
    )
    more = cursor_after(found, limit=asked.limit, place=lambda one: (one.listed_as, one.id))
    return answer(AccountPage(items=tuple(found[: asked.limit]), next=more))


@routes.post("/accounts")
@operation(
    Permission.WRITE_CONTACTS,
    body=NewAccount,
    returns=WholeAccount,
    status=HTTPStatus.CREATED,
    takes_key=True,
)
async def create_account(request: web.Request) -> web.Response:
    """Create a company."""
    identity, context = identity_of(request), request.app[CONTEXT]
    asked, now = await read_body(request, NewAccount), context.now()
    account = await context.db.run(
        accounts.create,
        account=WholeAccount(id=new_id(now, secrets.token_bytes(10)), **_sent(asked)),
        region=region_of(request),
        by=identity.user,
        now=now,
        may_route=identity.may(Permission.STEP_IN),
    )
    return answer(account, status=HTTPStatus.CREATED, version=account.version)


@routes.get("/accounts/{id}")
@operation(Permission.READ_CONTACTS, returns=WholeAccount)
async def get_account(request: web.Request) -> web.Response:
    """Return one company with its lines, ranges and relations, and its version as ``ETag``."""
    account = await request.app[CONTEXT].db.read(accounts.get, account_id=request.match_info["id"])
    return answer(account, version=account.version)


@routes.patch("/accounts/{id}")
@operation(Permission.WRITE_CONTACTS, body=AccountChange, returns=WholeAccount, takes_version=True)
async def change_account(request: web.Request) -> web.Response:
    """Change a company; 412 with the newer one when somebody was quicker."""
    version = version_wanted(request)
    asked = await read_body(request, AccountChange, may_echo=True)
    identity, context, account_id = identity_of(request), request.app[CONTEXT], request.match_info["id"]
    account = await context.db.run(
        accounts.change,
        account_id=account_id,
        version=version,
        changes=await as_kept(request, _sent(asked), accounts.get, account_id=account_id),
        region=region_of(request),
        by=identity.user,
        now=context.now(),
        may_lift=identity.may(Permission.RUN_CAMPAIGNS),
        may_route=identity.may(Permission.STEP_IN),
    )
    return answer(account, version=account.version)


@routes.get("/accounts/{id}/contacts")
@operation(Permission.READ_CONTACTS, query=PageQuery, returns=ContactPage)
async def list_people(request: web.Request) -> web.Response:
    """List the contacts of a company by name."""
    asked = read_query(request, PageQuery)
    found = await request.app[CONTEXT].db.read(
        accounts.people,
        account_id=request.match_info["id"],
        after=read_cursor(asked.cursor),
        limit=asked.limit + 1,
    )
    more = cursor_after(found, limit=asked.limit, place=lambda one: (one.listed_as, one.id))
    return answer(ContactPage(items=tuple(found[: asked.limit]), next=more))


@routes.get("/accounts/{id}/timeline")
@operation(Permission.READ_CONTACTS, query=PageQuery, returns=Timeline)
async def get_account_timeline(request: web.Request) -> web.Response:
    """List what happened with a company: calls of its people and lines, incidents, interactions."""
    asked = read_query(request, PageQuery)
    found = await request.app[CONTEXT].db.read(
        timelines.of_account,
        account_id=request.match_info["id"],
        before=read_time_cursor(asked.cursor),
        limit=asked.limit + 1,
        within=identity_of(request).scope.within,
    )
    more = cursor_after(found, limit=asked.limit, place=place_of)
    return answer(Timeline(items=tuple(found[: asked.limit]), next=more))


def _sent(asked: NewAccount | AccountChange) -> dict[str, Any]:
    """Return what *asked* names, as the records keep it."""
    sent = {name: getattr(asked, name) for name in asked.model_fields_set}
    for name, kind in _KEPT_AS.items():
        if name in sent:
            sent[name] = msgspec.convert(sent[name], kind, from_attributes=True)
    if "phones" in sent:
        sent["phones"] = tuple(map(phone_of, sent["phones"]))
    return sent
