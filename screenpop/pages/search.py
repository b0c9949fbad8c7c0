"""Search everywhere: the dialog's results on every page, and a page of its own."""

from __future__ import annotations

from typing import Final

from aiohttp import web
from pydantic import Field
from yarl import URL

from crm_core.domain.found import (
    Found,
    FoundAccount,
    FoundArticle,
    FoundAsset,
    FoundContact,
    FoundOfKind,
    FoundWritten,
)
from crm_core.domain.looking import pieces_of
from screenpop.api.exchange import Line, read_query
from screenpop.api.search import LONGEST, SearchQuery, cursor_of_group, found_for
from screenpop.pages.page import page
from screenpop.permissions import Permission, requires
from screenpop.places import region_of

routes = web.RouteTableDef()
SEARCH: Final = "/search"
ON_A_PAGE: Final = 20
IN_DIALOG: Final = 5


class Asked(SearchQuery):
    """What the page's address asks for; nothing is asked for on an empty page."""

    q: Line = Field(default="", max_length=LONGEST)


@routes.get(SEARCH)
@requires(Permission.READ_CONTACTS)
async def get_search(request: web.Request) -> web.Response:
    """Return what is found, by kind; a kind that goes on leads to a page of itself."""
    asked = read_query(request, Asked)
    return await _drawn(request, "search.html", asked.model_copy(update={"limit": ON_A_PAGE}))


@routes.get(f"{SEARCH}/options")
@requires(Permission.READ_CONTACTS)
async def get_options(request: web.Request) -> web.Response:
    """Return the first of what is found, to be chosen from in the dialog."""
    asked = read_query(request, Asked)
    return await _drawn(request, "search_options.html", asked.model_copy(update={"limit": IN_DIALOG}))


async def _drawn(request: web.Request, name: str, asked: Asked) -> web.Response:
    groups = await found_for(request, asked)
    return page(
        request,
        name,
        asked=asked,
        groups=groups,
        words=_words(asked.q, region_of(request)),
        href=_href,
        more={one.kind: _more(asked, one) for one in groups if one.next},
    )


def _words(q: str, region: str) -> list[str]:
    """Return what is marked in the results."""
    return [word for piece in pieces_of(q, region=region) for one in piece.spellings for word in one]


def _href(one: Found) -> str:
    if isinstance(one, FoundContact):
        return f"/contacts/{one.id}"
    if isinstance(one, FoundArticle):
        return f"/knowledge/{one.id}"
    if isinstance(one, FoundAsset):
        return f"/equipment/{one.id}"
    if isinstance(one, FoundWritten):
        whose = f"/contacts/{one.contact_id}" if one.contact_id else f"/accounts/{one.account_id}"
        return f"{whose}?tab=written"
    return f"/accounts/{one.id}" if isinstance(one, FoundAccount) else f"/incidents/{one.id}"


def _more(asked: Asked, group: FoundOfKind) -> str:
    query = {"q": asked.q, "kind": group.kind, "cursor": cursor_of_group(group) or ""}
    return str(URL(SEARCH).with_query(query))
