"""What every request goes through: security headers, problems, who asks, whether he may."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus

import structlog
from aiohttp import hdrs, web
from yarl import URL

from screenpop import problem
from screenpop.api.operation import operation_of
from screenpop.auth import AUTH, CSRF_HEADER, IDENTITY, csrf_fits, signed_in_by_cookie
from screenpop.confining import demand_scope
from screenpop.context import CONTEXT
from screenpop.identity import Identity
from screenpop.key_scopes import scope_of
from screenpop.led_on import lead_on
from screenpop.masked import mask
from screenpop.origins import may_call, may_speak
from screenpop.pages.faults import draw_faults
from screenpop.permissions import PUBLIC, Permission, demanded, demanded_besides
from screenpop.places import ws_origin

log = structlog.get_logger(__name__)
SAFE = frozenset({hdrs.METH_GET, hdrs.METH_HEAD, hdrs.METH_OPTIONS})
API = "/api/"
SIGN_IN = "/sign-in"
ACCOUNT = "/me"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def secure(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Send the headers that keep pages to themselves (CSP as the design has it)."""
    response = await handler(request)
    if not response.prepared:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", _policy(request))
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), payment=()")
        is_static = request.path.startswith("/static/")
        headers.setdefault("Cache-Control", "no-cache" if is_static else "no-store")
        if (request.app[CONTEXT].settings.public_url or "").startswith("https://"):
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response


@web.middleware
async def tell_problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn errors into problems; what is a fault of ours is logged and says no more than that."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if not request.path.startswith(API) or error.status < HTTPStatus.BAD_REQUEST:
            raise
        return _told(error)
    except Exception as error:
        if problem.problem_of(error) is None:
            log.exception("a request failed", method=request.method, path=request.path)
        return _told(error)


@web.middleware
async def refuse_strangers(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse names that are not ours, text that is none, and commands from pages that are not ours."""
    settings = request.app[CONTEXT].settings
    if not may_call(request.headers.get(hdrs.HOST), public_url=settings.public_url):
        raise problem.ProblemError(
            HTTPStatus.MISDIRECTED_REQUEST,
            "host_not_served",
            "set public_url to serve other names than localhost",
        )
    _demand_text(request)
    if request.method not in SAFE and (signed_in_by_cookie(request) or hdrs.ORIGIN in request.headers):
        origin = request.headers.get(hdrs.ORIGIN)
        if not may_speak(origin, public_url=settings.public_url, http_port=settings.http_port):
            raise problem.ProblemError(HTTPStatus.FORBIDDEN, "wrong_origin")
    return await handler(request)


@web.middleware
async def authorise(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let through who may: a handler that says nothing lets nobody through."""
    wanted = demanded(request.match_info.handler)
    if request.match_info.http_exception is not None or _is_static(request):
        return await handler(request)
    identity = await request.app[AUTH].identify(
        request.headers.get(hdrs.COOKIE), request.headers.get(hdrs.AUTHORIZATION)
    )
    if identity is not None:
        request[IDENTITY] = identity
    if wanted == PUBLIC:
        return await handler(request)
    if identity is None:
        return _ask_to_sign_in(request)
    all_wanted = (wanted, *demanded_besides(request.match_info.handler))
    lacks = [one for one in all_wanted if not isinstance(one, Permission) or not identity.may(one)]
    if lacks:
        if identity.is_held:
            return _ask_for_second_factor(request)
        raise _refused(identity, lacks[0])
    if request.method not in SAFE and identity.session and not csrf_fits(request):
        raise problem.ProblemError(HTTPStatus.FORBIDDEN, "csrf", f"{CSRF_HEADER} is missing or wrong")
    await demand_scope(request, identity)
    return await handler(request)


MIDDLEWARES = (secure, mask, tell_problems, draw_faults, lead_on, refuse_strangers, authorise)


def _policy(request: web.Request) -> str:
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        f"connect-src 'self' {ws_origin(request)}; frame-ancestors 'none'; form-action 'self'; "
        f"base-uri 'none'{_frames(request)}"
    )


def _frames(request: web.Request) -> str:
    origins = sorted(request.app[CONTEXT].lines.frame_origins)
    return f"; frame-src {' '.join(origins)}" if origins else ""


def _told(error: Exception) -> web.Response:
    known = problem.problem_of(error)
    return problem.response(known or problem.ProblemError(HTTPStatus.INTERNAL_SERVER_ERROR, "internal"))


def _demand_text(request: web.Request) -> None:
    """Refuse NUL and bytes that are not UTF-8 in the address: they would fail deep inside."""
    asked = (text for pair in request.query.items() for text in pair)
    for text in (request.path, *asked, *request.match_info.values()):
        if "\0" in text or "\ufffd" in text or not _is_encodable(text):
            raise problem.ProblemError(HTTPStatus.BAD_REQUEST, "malformed", "the address is not UTF-8 text")


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_static(request: web.Request) -> bool:
    route = request.match_info.route
    return isinstance(route.resource, web.StaticResource)


def _refused(identity: Identity, wanted: object) -> problem.ProblemError:
    """A key is told which scope it lacks, if one gives what is wanted."""
    scope = scope_of(wanted) if identity.key_scopes is not None and isinstance(wanted, Permission) else None
    if scope is None:
        return problem.ProblemError(HTTPStatus.FORBIDDEN, "not_allowed")
    lacks = problem.FieldError(field="scope", code="missing_scope", message=scope)
    return problem.ProblemError(
        HTTPStatus.FORBIDDEN, "missing_scope", f"the key lacks the scope {scope}", errors=[lacks]
    )


def _ask_for_second_factor(request: web.Request) -> web.StreamResponse:
    """A page leads to where it is set up; what programs ask says 403."""
    if operation_of(request.match_info.handler) is not None or request.method not in SAFE:
        raise problem.ProblemError(HTTPStatus.FORBIDDEN, "second_factor_wanted")
    raise web.HTTPSeeOther(ACCOUNT)


def _ask_to_sign_in(request: web.Request) -> web.StreamResponse:
    """A page leads to the sign-in; what programs ask says 401."""
    if operation_of(request.match_info.handler) is not None or request.method not in SAFE:
        raise problem.ProblemError(
            HTTPStatus.UNAUTHORIZED, "not_signed_in", headers={hdrs.WWW_AUTHENTICATE: "Bearer"}
        )
    here = URL(SIGN_IN)
    if request.path != "/":
        here = here.with_query(next=str(request.rel_url))
    raise web.HTTPSeeOther(here)
