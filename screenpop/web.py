"""The web application: REST, pages and static files behind the same middlewares."""

from __future__ import annotations

from pathlib import Path

from aiohttp import web

from screenpop import http_api
from screenpop.api.provider import PROVIDER
from screenpop.auth import AUTH, Auth
from screenpop.context import CONTEXT, Context
from screenpop.middlewares import MIDDLEWARES
from screenpop.oidc import Provider
from screenpop.pages.routes import routes as page_routes
from screenpop.permissions import demanded

STATIC = Path(__file__).with_name("static")
LARGEST_BODY = 256 * 1024
LINGER_S = 1.0


class RouteWithoutPermissionError(Exception):
    """A route does not say who may use it, so the service does not start."""

    def __init__(self, routes: list[str]) -> None:
        super().__init__(routes)
        self.routes = routes

    def __str__(self) -> str:
        return f"routes without a permission: {', '.join(self.routes)}"


def make_web(context: Context) -> web.Application:
    """Return the application; ``app[AUTH].identify`` also tells the websocket server who connects.

    Raises:
        RouteWithoutPermissionError: when a handler is marked neither ``@requires`` nor ``@public``.
    """
    app = web.Application(middlewares=MIDDLEWARES, client_max_size=LARGEST_BODY)
    app[CONTEXT] = context
    app[AUTH] = Auth(context)
    if context.settings.provider is not None:
        app[PROVIDER] = Provider(context.settings.provider, now=context.now)
    http_api.add_to(app)
    app.add_routes(page_routes)
    app.router.add_static("/static/", STATIC, name="static")
    demand_permissions(app)
    app.on_cleanup.append(_close)
    return app


def make_runner(app: web.Application, *, stop_within_s: float) -> web.AppRunner:
    """Return what serves *app*; stopping, it waits at most *stop_within_s* for requests under way.

    Who goes on sending after a refusal is listened to for a second, so that he can read it, and then cut off.
    """
    return web.AppRunner(app, access_log=None, shutdown_timeout=stop_within_s, lingering_time=LINGER_S)


async def _close(app: web.Application) -> None:
    app[AUTH].close()


def demand_permissions(app: web.Application) -> None:
    """Check that every route says who may use it; static files are everybody's.

    Raises:
        RouteWithoutPermissionError: with all that do not.
    """
    unmarked = [
        f"{route.method} {route.resource.canonical if route.resource else '?'}"
        for route in app.router.routes()
        if not isinstance(route.resource, web.StaticResource) and demanded(route.handler) is None
    ]
    if unmarked:
        raise RouteWithoutPermissionError(sorted(unmarked))
