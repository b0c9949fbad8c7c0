"""A page as the answer to a request: in the reader's language, knowing who reads."""

from __future__ import annotations

from http import HTTPStatus

from aiohttp import hdrs, web

from screenpop.auth import IDENTITY, csrf_token
from screenpop.context import CONTEXT
from screenpop.i18n import language_of, translator
from screenpop.identity import Identity
from screenpop.pages.environment import draw
from screenpop.permissions import Permission
from screenpop.places import ws_url
from screenpop.redaction import redacted
from screenpop.version import VERSION

HOME, FLOOR = "/", "/floor"
VIEWS = web.RequestKey("views", object)
"""The saved views of the list that is asked for (``pages/saved_views.py``)."""


def page(
    request: web.Request, name: str, *, status: HTTPStatus = HTTPStatus.OK, **values: object
) -> web.Response:
    """Return the page *name* for who asks, in his language, without what is not shown to him.

    The template also gets ``me`` (an ``Identity``, None for strangers), ``may`` (the permissions by
    name), ``pause_reasons`` (names by code), ``home`` and ``here`` (paths), ``now``, ``ws_url``,
    ``csrf_token``, ``region``, ``version``, ``queue_name(pbx, queue)`` and ``views`` (of a list).
    """
    me, language = request.get(IDENTITY), page_language(request)
    shown = {"views": request.get(VIEWS), **values}
    text = draw(
        name,
        language,
        me=me,
        may={one.value: me is not None and me.may(one) for one in Permission},
        home=home_of(me) if me else HOME,
        here=request.path,
        now=request.app[CONTEXT].now(),
        ws_url=ws_url(request),
        csrf_token=csrf_token(request) or "",
        region=home_region(request),
        queue_name=request.app[CONTEXT].lines.queue_name,
        pause_reasons={one.code: one.name(language) for one in request.app[CONTEXT].settings.pause_reasons},
        version=VERSION,
        **(shown if me is None or me.masks is None else redacted(shown, me.masks)),
    )
    headers = {hdrs.CONTENT_LANGUAGE: language}
    return web.Response(text=text, status=status, content_type="text/html", charset="utf-8", headers=headers)


def page_language(request: web.Request) -> str:
    """Return the language of who asks; a stranger's is the one chosen in the address, else his browser's."""
    if (me := request.get(IDENTITY)) is not None:
        return translator(me.language).language
    asked = request.query.get("language") or request.headers.get(hdrs.ACCEPT_LANGUAGE)
    return language_of(asked, otherwise=request.app[CONTEXT].settings.language)


def home_of(me: Identity) -> str:
    """Return where *me* begins: at the desk who takes calls, else on the floor who may see it."""
    return FLOOR if me.agent is None and me.may(Permission.SEE_FLOOR) else HOME


def home_region(request: web.Request) -> str | None:
    """Return the region whose numbers are written without a country code; None when there is not one."""
    regions = {route.region for route in request.app[CONTEXT].routes.values()}
    return regions.pop() if len(regions) == 1 else None
