"""What went wrong, as a page in the house's own look; the API tells the same as problem+json."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus

import structlog
from aiohttp import hdrs, web

from crm_core.domain.erasure import GONE
from screenpop import problem
from screenpop.auth import AUTH, IDENTITY
from screenpop.confining import CONFINED, HIDDEN
from screenpop.pages.looks import N_
from screenpop.pages.page import page

log = structlog.get_logger(__name__)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_OWN_ANSWERS = ("/api/", "/static/", "/health", "/metrics")
_WORDS: dict[int, tuple[str, str]] = {
    403: (N_("You may not open this page"), N_("Your role does not allow it. Ask an administrator.")),
    404: (N_("There is no such page"), N_("The address may be old or have a slip in it.")),
    421: (
        N_("This address is not served"),
        N_("An administrator has to set public_url to the name that you called."),
    ),
    422: (N_("The address has a slip in it"), N_("It asks this page for something that it does not know.")),
    503: (N_("Not available for the moment"), N_("Calls go on. The page comes back by itself in a moment.")),
}
_BY_CODE: dict[str, tuple[str, str]] = {
    GONE: (
        N_("This customer was erased"),
        N_("His name, numbers and all texts about him are gone. Calls stay for the figures, as nobody's."),
    ),
    HIDDEN: (
        N_("This belongs to another team"),
        N_("You see what belongs to your teams. An administrator says which these are."),
    ),
    CONFINED: (
        N_("You may not open this page"),
        N_("It is not shown to who sees only his teams. Ask an administrator."),
    ),
}
_OTHER = (N_("This did not work"), N_("What went wrong is in the log of the service."))


@web.middleware
async def draw_faults(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Draw what ends the request of a page; everything else is told by who answers it."""
    try:
        return await handler(request)
    except Exception as error:
        fault = problem.problem_of(error)
        if not _is_page(request) or (fault is not None and fault.status < HTTPStatus.BAD_REQUEST):
            raise
        if fault is None:
            log.exception("a page failed", path=request.path)
        return await _drawn(
            request, fault or problem.ProblemError(HTTPStatus.INTERNAL_SERVER_ERROR, "internal")
        )


def _is_page(request: web.Request) -> bool:
    return request.method == hdrs.METH_GET and not request.path.startswith(_OWN_ANSWERS)


async def _drawn(request: web.Request, fault: problem.ProblemError) -> web.Response:
    if fault.status is HTTPStatus.NOT_FOUND:
        await _learn_who(request)
    title, why = _BY_CODE.get(fault.code) or _WORDS.get(fault.status, _OTHER)
    response = page(
        request,
        "fault.html",
        status=fault.status,
        title=title,
        why=why,
        code=fault.code,
        comes_back=fault.status is HTTPStatus.SERVICE_UNAVAILABLE,
        is_worth_a_retry=fault.status >= HTTPStatus.INTERNAL_SERVER_ERROR,
    )
    response.headers.update(fault.headers)
    return response


async def _learn_who(request: web.Request) -> None:
    """Find out who asks where no handler did: in his language, and with his ways out of here."""
    me = await request.app[AUTH].identify(request.headers.get(hdrs.COOKIE), None)
    if me is not None:
        request[IDENTITY] = me
