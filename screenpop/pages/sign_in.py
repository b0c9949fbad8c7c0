"""The sign-in page. What it sends goes to the REST API like everything else."""

from __future__ import annotations

from aiohttp import web

from screenpop.auth import IDENTITY
from screenpop.context import CONTEXT
from screenpop.i18n import LANGUAGES
from screenpop.middlewares import SIGN_IN
from screenpop.pages.page import home_of, page, page_language
from screenpop.permissions import public

OWN_NAMES = {"es": "Español", "en": "English"}
routes = web.RouteTableDef()


@routes.get(SIGN_IN)
@public
async def get_sign_in(request: web.Request) -> web.Response:
    """Return the sign-in, or lead on who has signed in already."""
    wanted = local(request.query.get("next"))
    if (me := request.get(IDENTITY)) is not None:
        raise web.HTTPSeeOther(wanted or home_of(me))
    language = page_language(request)
    other = next(one for one in LANGUAGES if one != language)
    return page(
        request,
        "sign_in.html",
        next=wanted or SIGN_IN,
        other=other,
        other_name=OWN_NAMES[other],
        other_url=request.rel_url.update_query(language=other),
        is_connected=all(floor.is_connected for floor in request.app[CONTEXT].floors.values()),
    )


def local(address: str | None) -> str | None:
    r"""Return *address* when it is a page of ours, else None.

    ``//elsewhere`` and, for browsers, ``/\elsewhere`` name other hosts (WHATWG URL, "special" schemes).
    """
    if not address or not address.startswith("/") or address[1:2] in {"/", "\\"}:
        return None
    return None if any(sign < " " for sign in address) else address
