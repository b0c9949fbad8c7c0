"""Signing in by a provider: the way there, the way back, and signing out there, too."""

from __future__ import annotations

import hmac
import secrets
from http import HTTPStatus
from typing import Final

import msgspec
import structlog
from aiohttp import hdrs, web
from yarl import URL

from crm_core.domain.errors import AlreadyExistsError, CrmError
from crm_core.domain.ids import new_id
from crm_core.domain.people import User
from crm_core.services import provided
from screenpop.api.provider import COOKIE, START, UNDER_WAY, Trip, back_of, issuer_of, keep, way_there
from screenpop.auth import AUTH, IDENTITY, SignedIn, remember
from screenpop.context import CONTEXT
from screenpop.middlewares import ACCOUNT, SIGN_IN
from screenpop.oidc import Provider, ProviderError, Stated
from screenpop.pages.page import home_of
from screenpop.pages.sign_in import local
from screenpop.permissions import public
from screenpop.places import address_of

log = structlog.get_logger(__name__)
routes = web.RouteTableDef()
SIGN_OUT: Final = "/sign-out/provider"


@routes.get(START)
@public
async def get_provider(request: web.Request) -> web.StreamResponse:
    """Lead the browser to the provider."""
    wanted = local(request.query.get("next"))
    trip = Trip.anew(wanted=wanted or "", link=None)
    try:
        response = _led(await way_there(request, trip))
    except ProviderError as error:
        return _not_in(request, error, SIGN_IN)
    keep(response, request, trip)
    return response


@routes.get(f"{START}/back")
@public
async def get_back(request: web.Request) -> web.StreamResponse:
    """Let in who comes back from the provider with a code, or tell him why not."""
    trip = _trip_of(request)
    here = ACCOUNT if trip is not None and trip.link else SIGN_IN
    try:
        provider = issuer_of(request)
        stated = await _stated(request, provider, trip)
        if trip is not None and trip.link:
            response = await _linked(request, provider, stated, trip.link)
        else:
            response = await _let_in(request, provider, stated, trip.wanted if trip else "")
    except ProviderError as error:
        response = _not_in(request, error, here)
    response.del_cookie(COOKIE, path=START)
    return response


@routes.get(SIGN_OUT)
@public
async def get_sign_out(request: web.Request) -> web.StreamResponse:
    """Lead the browser on to sign out at the provider; to the sign-in where that cannot be."""
    try:
        there = await issuer_of(request).end(back=str(URL(back_of(request)).with_path(SIGN_IN)))
    except ProviderError as error:
        log.warning("nobody could be signed out at the provider", why=str(error))
        there = None
    return _led(there or URL(SIGN_IN))


async def _stated(request: web.Request, provider: Provider, trip: Trip | None) -> Stated:
    """Return who the provider says came back.

    Raises:
        ProviderError: he began elsewhere or too long ago, was refused there, or is not believed.
    """
    given = request.query.get("state", "")
    if trip is None or not hmac.compare_digest(given.encode(), trip.begun.state.encode()):
        raise ProviderError("provider_begin_anew", "it was begun elsewhere, or too long ago")
    if request.query.get("iss", provider.settings.issuer) != provider.settings.issuer:
        raise ProviderError("provider_lied", "the answer is of another issuer")  # RFC 9207
    code = request.query.get("code")
    if not code:
        raise ProviderError("provider_refused", request.query.get("error", "no code")[:80])
    return await provider.stated(trip.begun, code=code, back=back_of(request))


async def _let_in(
    request: web.Request, provider: Provider, stated: Stated, wanted: str
) -> web.StreamResponse:
    auth, before = request.app[AUTH], request.get(IDENTITY)
    signed_in = await _signed_in(request, provider, stated)
    if before is not None and before.session is not None:
        await auth.sign_out(before)
    then = URL(wanted or home_of(signed_in.identity), encoded=True)
    if signed_in.identity.agent is not None:
        then = URL("/seat").with_query(next=str(then))
    response = _led(then)
    remember(response, request, signed_in)
    return response


async def _signed_in(request: web.Request, provider: Provider, stated: Stated) -> SignedIn:
    context, address, now = request.app[CONTEXT], address_of(request), request.app[CONTEXT].now()
    role = provider.role_of(stated)
    if role is None:
        raise ProviderError("provider_no_role", f"{stated.name} is in no group that gives a role")
    new = User(
        id=new_id(now, secrets.token_bytes(10)),
        name=stated.name,
        full_name=stated.full_name,
        role=role,
        language=stated.language if stated.language in {"es", "en"} else context.settings.language,
    )
    try:
        user = await context.db.run(
            provided.admit,
            issuer=provider.settings.issuer,
            subject=stated.subject,
            role=role,
            new=new if provider.settings.creates_users else None,
            address=address,
            now=now,
        )
    except AlreadyExistsError as error:
        raise ProviderError("provider_name_taken", str(error)) from error
    except CrmError as error:
        if error.code not in {"not_found", "invalid"}:
            raise
        raise ProviderError("provider_unknown", str(error)) from error
    return await request.app[AUTH].admit(
        user, address=address, user_agent=request.headers.get(hdrs.USER_AGENT, ""), is_by_provider=True
    )


async def _linked(
    request: web.Request, provider: Provider, stated: Stated, user_id: str
) -> web.StreamResponse:
    """Let who is signed in come by the provider from now on; he must be who began."""
    me, context = request.get(IDENTITY), request.app[CONTEXT]
    if me is None or me.user != user_id:
        raise ProviderError("provider_begin_anew", "somebody else is signed in by now")
    try:
        await context.db.run(
            provided.link,
            issuer=provider.settings.issuer,
            subject=stated.subject,
            user_id=me.user,
            address=address_of(request),
            now=context.now(),
        )
    except AlreadyExistsError as error:
        raise ProviderError("provider_taken", str(error)) from error
    return _led(URL(ACCOUNT))


def _trip_of(request: web.Request) -> Trip | None:
    context = request.app[CONTEXT]
    sealed = request.cookies.get(COOKIE, "")
    opened = context.sealer.open_within(sealed, UNDER_WAY, now=context.now())
    return msgspec.json.decode(opened, type=Trip) if opened is not None else None


def _not_in(request: web.Request, error: ProviderError, here: str) -> web.StreamResponse:
    log.warning("a sign-in by the provider failed", why=str(error), address=address_of(request))
    return _led(URL(here).with_query(fault=error.code))


def _led(there: URL) -> web.Response:
    return web.Response(status=HTTPStatus.SEE_OTHER, headers={hdrs.LOCATION: str(there)})
