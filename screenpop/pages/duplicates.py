"""Who may be there twice: the list, two of them side by side, and what became one."""

from __future__ import annotations

from typing import Final

from aiohttp import web
from pydantic import Field

from crm_core.domain.duplicates import MOST_SHARING, Reason, RecordKind
from crm_core.domain.errors import NotFoundError
from screenpop.api.exchange import Input, Line, cursor_of, read_cursor
from screenpop.auth import identity_of
from screenpop.context import CONTEXT
from screenpop.pages import duplicate_records
from screenpop.pages.duplicate_words import SHARED
from screenpop.pages.page import page, page_language
from screenpop.permissions import Permission, requires
from screenpop.whole import hides

routes = web.RouteTableDef()
DUPLICATES: Final = "/duplicates"
ON_A_PAGE: Final = 25
PATHS: Final[dict[RecordKind, str]] = {"contact": "/contacts", "account": "/accounts"}


class Asked(Input):
    """What the list is asked for."""

    by: Reason = "number"
    cursor: Line | None = Field(default=None, max_length=900)


@routes.get(DUPLICATES)
@requires(Permission.READ_CONTACTS)
async def get_duplicates(request: web.Request) -> web.Response:
    """Return pairs of records that share something, and what became one lately."""
    asked = Asked.model_validate(dict(request.query))
    hidden = hides(identity_of(request), asked.by)
    after = None if hidden else read_cursor(asked.cursor)
    on = await request.app[CONTEXT].db.read(
        duplicate_records.on_list, reason=asked.by, after=after, limit=ON_A_PAGE
    )
    cursor = cursor_of(*on.more) if on.more and not hidden else None
    more = str(request.rel_url.with_query(by=asked.by, cursor=cursor)) if cursor else None
    return page(
        request,
        "duplicates.html",
        on=on,
        by=asked.by,
        reasons=SHARED,
        more=more,
        paths=PATHS,
        most=MOST_SHARING,
    )


@routes.get(f"{DUPLICATES}/{{kind}}/{{stays}}/{{goes}}")
@requires(Permission.READ_CONTACTS)
async def get_compared(request: web.Request) -> web.Response:
    """Return two records side by side, to be made one; the first one stays."""
    told = request.match_info
    kind = next((kind for kind in PATHS if kind == told["kind"]), None)
    if kind is None:
        raise NotFoundError("kind", told["kind"])
    if told["stays"] == told["goes"]:
        raise web.HTTPSeeOther(f"{PATHS[kind]}/{told['stays']}")
    on = await request.app[CONTEXT].db.read(
        duplicate_records.compared,
        kind=kind,
        stays=told["stays"],
        goes=told["goes"],
        language=page_language(request),
    )
    return page(request, "compare.html", on=on, path=PATHS[kind])
