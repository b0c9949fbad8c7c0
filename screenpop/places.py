"""Where we are for who asks: the websocket's address, the client's address, the region of his numbers."""

from __future__ import annotations

from aiohttp import hdrs, web
from yarl import URL

from screenpop.auth import IDENTITY
from screenpop.context import CONTEXT
from screenpop.origins import client_address, networks


def ws_url(request: web.Request) -> str:
    """Return the address that the page's script connects to."""
    settings = request.app[CONTEXT].settings
    if settings.public_ws_url is not None:
        return settings.public_ws_url
    host = URL(f"http://{request.headers.get(hdrs.HOST, 'localhost')}").host or "localhost"
    return str(URL.build(scheme="ws", host=host, port=settings.ws_port, path="/"))


def ws_origin(request: web.Request) -> str:
    """Return the websocket's origin, as the content security policy names it."""
    return str(URL(ws_url(request)).origin())


def address_of(request: web.Request) -> str:
    """Return the address of who asks; a proxy's word counts when the settings trust it."""
    settings = request.app[CONTEXT].settings
    return client_address(
        request.remote or "",
        request.headers.getall("X-Forwarded-For", []),
        trusted=networks(settings.trusted_proxies),
    )


def region_of(request: web.Request) -> str:
    """Return the region in which numbers are read: of the exchange where who asks sits, else of the first.

    Without any exchange it is "ZZ", no region: only numbers with a country code can be read then.
    """
    routes, identity = request.app[CONTEXT].routes, request.get(IDENTITY)
    seat = identity.seat if identity else None
    if seat and seat.pbx in routes:
        return routes[seat.pbx].region
    return next((route.region for route in routes.values()), "ZZ")
