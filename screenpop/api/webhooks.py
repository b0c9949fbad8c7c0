"""Other systems that are told what happens: subscriptions, their secrets, and what they did not take."""

from __future__ import annotations

import secrets
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

import msgspec
from aiohttp import web
from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from crm_core.domain.webhooks import LONGEST_NAME, LONGEST_URL, MOST_TYPES, Undelivered, Webhook, secret_of
from crm_core.services import webhooks
from screenpop.api.event_types import EVENT_TYPES
from screenpop.api.events import LARGEST_POS
from screenpop.api.exchange import (
    DEFAULT_PAGE,
    LARGEST_PAGE,
    ONE_LINE,
    Input,
    all_stays,
    answer,
    read_body,
    read_query,
    version_wanted,
)
from screenpop.api.operation import operation
from screenpop.auth import identity_of
from screenpop.context import CONTEXT
from screenpop.permissions import Permission
from screenpop.places import address_of

routes = web.RouteTableDef()
WEBHOOKS = "/webhooks"
ONE = f"{WEBHOOKS}/{{id}}"


def _known(kind: str) -> str:
    if kind not in EVENT_TYPES:
        raise PydanticCustomError("unknown_event", "nothing that happens is called so")
    return kind


Name = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_NAME), ONE_LINE]
Url = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_URL), ONE_LINE]
EventType = Annotated[
    str, AfterValidator(_known), WithJsonSchema({"type": "string", "enum": sorted(EVENT_TYPES)})
]
Types = Annotated[tuple[EventType, ...], Field(min_length=1, max_length=MOST_TYPES)]


class NewWebhook(Input):
    """Where to, and what: ``incident.opened``, every ``incident.*``, or everything (``*``)."""

    name: Name
    url: Url
    types: Types


class WebhookChange(Input):
    """What to change; what is not named stays."""

    model_config = ConfigDict(json_schema_extra=all_stays)
    name: Name = ""
    url: Url = ""
    types: Types = ()
    is_active: bool = True


class Replay(Input):
    """From where in the event log: what stands behind the place ``after``."""

    after: int = Field(ge=0, le=LARGEST_POS)


class Again(Input):
    """Which event that was given up; without ``pos`` all of them."""

    pos: int | None = Field(default=None, ge=0, le=LARGEST_POS)


class UndeliveredQuery(Input):
    """Which part: events that were given up behind the place ``after``."""

    after: int = Field(default=0, ge=0, le=LARGEST_POS)
    limit: int = Field(default=DEFAULT_PAGE, ge=1, le=LARGEST_PAGE)


class WebhookList(msgspec.Struct, frozen=True, kw_only=True):
    """All subscriptions, by name."""

    items: tuple[Webhook, ...]


class MadeWebhook(msgspec.Struct, frozen=True, kw_only=True):
    """A new subscription and its secret, which is told here and never again."""

    webhook: Webhook
    secret: str


class NewSecret(msgspec.Struct, frozen=True, kw_only=True):
    """Another secret, told here and never again; until ``both_until`` the one before it signs as well."""

    secret: str
    both_until: datetime


class UndeliveredPage(msgspec.Struct, frozen=True, kw_only=True):
    """Events that were given up; ``next`` is the ``after`` of what follows, None when nothing does."""

    items: tuple[Undelivered, ...]
    next: int | None


class SentAgain(msgspec.Struct, frozen=True, kw_only=True):
    """How many events will be sent again."""

    count: int


@routes.get(WEBHOOKS)
@operation(Permission.SET_UP_WEBHOOKS, returns=WebhookList)
async def list_webhooks(request: web.Request) -> web.Response:
    """List who is told what happens, and how far each is."""
    return answer(WebhookList(items=tuple(await request.app[CONTEXT].db.read(webhooks.every))))


@routes.post(WEBHOOKS)
@operation(
    Permission.SET_UP_WEBHOOKS,
    body=NewWebhook,
    returns=MadeWebhook,
    status=HTTPStatus.CREATED,
    takes_key=True,
)
async def add_webhook(request: web.Request) -> web.Response:
    """Let another system be told what happens from now on."""
    asked, secret = await read_body(request, NewWebhook), secret_of(secrets.token_bytes(32))
    one = await request.app[CONTEXT].db.run(
        webhooks.add,
        fields=asked.model_dump(),
        sealed=_sealed(request, secret),
        allowed=_allowed(request),
        **_who(request),
    )
    return answer(MadeWebhook(webhook=one, secret=secret), status=HTTPStatus.CREATED, version=one.version)


@routes.get(ONE)
@operation(Permission.SET_UP_WEBHOOKS, returns=Webhook)
async def get_webhook(request: web.Request) -> web.Response:
    """Return a subscription."""
    one = await request.app[CONTEXT].db.read(webhooks.get, webhook_id=request.match_info["id"])
    return answer(one, version=one.version)


@routes.patch(ONE)
@operation(Permission.SET_UP_WEBHOOKS, body=WebhookChange, returns=Webhook, takes_version=True)
async def change_webhook(request: web.Request) -> web.Response:
    """Change a subscription, switch it off or on; what failed is tried again at once."""
    version, asked = version_wanted(request), await read_body(request, WebhookChange)
    one = await request.app[CONTEXT].db.run(
        webhooks.change,
        webhook_id=request.match_info["id"],
        version=version,
        changes={name: getattr(asked, name) for name in asked.model_fields_set},
        allowed=_allowed(request),
        **_who(request),
    )
    return answer(one, version=one.version)


@routes.delete(ONE)
@operation(Permission.SET_UP_WEBHOOKS, status=HTTPStatus.NO_CONTENT, takes_version=True)
async def remove_webhook(request: web.Request) -> web.Response:
    """Tell another system nothing any more, and forget its secret."""
    await request.app[CONTEXT].db.run(
        webhooks.remove,
        webhook_id=request.match_info["id"],
        version=version_wanted(request),
        **_who(request),
    )
    return web.Response(status=HTTPStatus.NO_CONTENT)


@routes.post(f"{ONE}/secret")
@operation(Permission.SET_UP_WEBHOOKS, returns=NewSecret, status=HTTPStatus.CREATED, takes_key=True)
async def renew_webhook_secret(request: web.Request) -> web.Response:
    """Sign with another secret; for a day the one before it signs as well."""
    secret = secret_of(secrets.token_bytes(32))
    until = await request.app[CONTEXT].db.run(
        webhooks.renew_secret,
        webhook_id=request.match_info["id"],
        sealed=_sealed(request, secret),
        **_who(request),
    )
    return answer(NewSecret(secret=secret, both_until=until), status=HTTPStatus.CREATED)


@routes.post(f"{ONE}/replay")
@operation(Permission.SET_UP_WEBHOOKS, body=Replay, returns=Webhook)
async def replay_webhook(request: web.Request) -> web.Response:
    """Send once more what stands in the event log behind a place."""
    asked = await read_body(request, Replay)
    one = await request.app[CONTEXT].db.run(
        webhooks.replay, webhook_id=request.match_info["id"], after=asked.after, **_who(request)
    )
    return answer(one, version=one.version)


@routes.get(f"{ONE}/undelivered")
@operation(Permission.SET_UP_WEBHOOKS, query=UndeliveredQuery, returns=UndeliveredPage)
async def list_undelivered(request: web.Request) -> web.Response:
    """List the events that were given up."""
    asked = read_query(request, UndeliveredQuery)
    found = await request.app[CONTEXT].db.read(
        webhooks.undelivered,
        webhook_id=request.match_info["id"],
        after=asked.after,
        limit=asked.limit + 1,
    )
    items = tuple(found[: asked.limit])
    return answer(UndeliveredPage(items=items, next=items[-1].pos if len(found) > asked.limit else None))


@routes.post(f"{ONE}/undelivered")
@operation(Permission.SET_UP_WEBHOOKS, body=Again, returns=SentAgain, status=HTTPStatus.ACCEPTED)
async def send_undelivered(request: web.Request) -> web.Response:
    """Send again what was given up, one event or all; 409 when the log does not keep it any more."""
    asked = await read_body(request, Again)
    count = await request.app[CONTEXT].db.run(
        webhooks.send_again, webhook_id=request.match_info["id"], pos=asked.pos, **_who(request)
    )
    return answer(SentAgain(count=count), status=HTTPStatus.ACCEPTED)


def _sealed(request: web.Request, secret: str) -> str:
    context = request.app[CONTEXT]
    return context.sealer.seal(secret, now=context.now())


def _allowed(request: web.Request) -> tuple[str, ...]:
    return request.app[CONTEXT].settings.webhook_hosts


def _who(request: web.Request) -> dict[str, Any]:
    """Return who does it, from where and when, for the audit."""
    return {
        "by": identity_of(request).user,
        "address": address_of(request),
        "now": request.app[CONTEXT].now(),
    }
