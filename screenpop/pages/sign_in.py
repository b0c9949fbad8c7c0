"""The sign-in page. What it sends goes to the REST API like everything else."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from screenpop.auth import IDENTITY
from screenpop.context import CONTEXT
from screenpop.i18n import LANGUAGES
from screenpop.middlewares import SIGN_IN
from screenpop.pages.looks import N_
from screenpop.pages.page import home_of, page, page_language
from screenpop.permissions import public

OWN_NAMES = {"es": "Español", "en": "English"}
FAULTS: Final[dict[str, str]] = {
    "no_provider": N_("Nobody signs in by a provider here."),
    "provider_away": N_("The provider does not answer now. Try again, or sign in with your password."),
    "provider_refused": N_("The provider did not let you in."),
    "provider_lied": N_("What the provider says could not be verified. The log says why."),
    "provider_begin_anew": N_("That took too long, or was begun in another window. Begin again."),
    "provider_no_role": N_("You are in no group that may come in here. Ask an administrator."),
    "provider_unknown": N_("You are not known here. Ask an administrator."),
    "provider_name_taken": N_(
        "Your name is taken here. If it is you, sign in with your password and link it in My account."
    ),
    "provider_taken": N_("This identity belongs to another account."),
}
"""Why somebody who came by the provider is not in."""
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
        provider=provider.name if (provider := request.app[CONTEXT].settings.provider) else None,
        fault=FAULTS.get(request.query.get("fault", "")),
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
