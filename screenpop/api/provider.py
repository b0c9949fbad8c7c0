"""Letting oneself come by the provider, and no more; what both ways there have in common."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import Final

import msgspec
from aiohttp import hdrs, web
from yarl import URL

from crm_core.services import provided
from screenpop.api.exchange import answer
from screenpop.api.operation import operation
from screenpop.auth import is_secure, person_of
from screenpop.context import CONTEXT
from screenpop.oidc import Begun, Provider, ProviderError
from screenpop.permissions import Permission
from screenpop.places import address_of
from screenpop.problem import ProblemError

routes = web.RouteTableDef()
PROVIDER = web.AppKey("provider", Provider)
START: Final = "/sign-in/provider"
COOKIE: Final = "centralita-provider"
UNDER_WAY: Final = timedelta(minutes=10)
MINE: Final = "/me/provider"


class Trip(msgspec.Struct, frozen=True, kw_only=True):
    """A way to the provider and back: where it leads then, or who is to be known there from now on."""

    begun: Begun
    wanted: str
    link: str | None

    @classmethod
    def anew(cls, *, wanted: str, link: str | None) -> Trip:
        """Return one that nobody guesses."""
        return cls(begun=Begun.anew(), wanted=wanted, link=link)


class WayThere(msgspec.Struct, frozen=True, kw_only=True):
    """Where the browser goes now."""

    url: str


@routes.post(MINE)
@operation(Permission.BE_KNOWN, returns=WayThere)
async def link_provider(request: web.Request) -> web.Response:
    """Begin to let oneself come by the provider: the browser goes to ``url`` and comes back."""
    trip = Trip.anew(wanted="", link=person_of(request).user)
    try:
        there = await way_there(request, trip)
    except ProviderError as error:
        raise ProblemError(HTTPStatus.CONFLICT, error.code) from None
    response = answer(WayThere(url=str(there)))
    keep(response, request, trip)
    return response


@routes.delete(MINE)
@operation(Permission.BE_KNOWN, status=HTTPStatus.NO_CONTENT)
async def unlink_provider(request: web.Request) -> web.Response:
    """Come by one's password alone; 422 for who has none."""
    me, context = person_of(request), request.app[CONTEXT]
    try:
        issuer = issuer_of(request).settings.issuer
    except ProviderError as error:
        raise ProblemError(HTTPStatus.CONFLICT, error.code) from None
    await context.db.run(
        provided.unlink, issuer=issuer, user_id=me.user, address=address_of(request), now=context.now()
    )
    return web.Response(status=HTTPStatus.NO_CONTENT)


async def way_there(request: web.Request, trip: Trip) -> URL:
    """Return where the browser goes to the provider, from where it comes back with *trip*.

    Raises:
        ProviderError: there is no provider, or it cannot be asked.
    """
    return await issuer_of(request).begin(trip.begun, back=back_of(request))


def keep(response: web.StreamResponse, request: web.Request, trip: Trip) -> None:
    """Let the browser bring *trip* back; it cannot read it."""
    context = request.app[CONTEXT]
    response.set_cookie(
        COOKIE,
        context.sealer.seal(msgspec.json.encode(trip).decode(), now=context.now()),
        max_age=int(UNDER_WAY.total_seconds()),
        path=START,
        httponly=True,
        samesite="Lax",
        secure=is_secure(context),
    )


def issuer_of(request: web.Request) -> Provider:
    """Return the provider.

    Raises:
        ProviderError: none is set.
    """
    provider = request.app.get(PROVIDER)
    if provider is None:
        raise ProviderError("no_provider", "no provider is set")
    return provider


def back_of(request: web.Request) -> str:
    """Return where the provider sends browsers back to."""
    origin = request.app[CONTEXT].settings.public_url or f"http://{request.headers[hdrs.HOST]}"
    return f"{origin.rstrip('/')}{START}/back"
