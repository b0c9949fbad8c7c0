"""The audit as a page: who did what, by person, deed, record and day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from aiohttp import web
from pydantic import Field
from yarl import URL

from crm_core.domain.audit import Wanted
from crm_core.services import audit
from screenpop.api.call_filter import YEARS
from screenpop.api.exchange import Input, Line, cursor_of, place_of_cursor
from screenpop.context import CONTEXT
from screenpop.pages.page import page
from screenpop.permissions import Permission, requires

routes = web.RouteTableDef()
AUDIT: Final = "/audit"
ON_A_PAGE: Final = 100


class Asked(Input):
    """What the form asks for; days are those of the site."""

    who: Line | None = Field(default=None, max_length=80)
    what: Line | None = Field(default=None, max_length=80)
    kind: Line | None = Field(default=None, max_length=40)
    record_id: Line | None = Field(default=None, max_length=80)
    first: date | None = Field(default=None, alias="from")
    last: date | None = Field(default=None, alias="to")
    cursor: Line | None = Field(default=None, max_length=200)


@routes.get(AUDIT)
@requires(Permission.READ_AUDIT)
async def get_audit(request: web.Request) -> web.Response:
    """Return what was done, newest first."""
    asked = Asked.model_validate({name: text for name, text in request.query.items() if text.strip()})
    wanted = Wanted(
        who=asked.who,
        what=asked.what,
        kind=asked.kind,
        record_id=asked.record_id,
        since=_midnight(request, asked.first),
        until=_midnight(request, asked.last, days=1),
    )
    found = await request.app[CONTEXT].db.read(
        audit.find, wanted=wanted, before=place_of_cursor(asked.cursor), limit=ON_A_PAGE + 1
    )
    shown = found[:ON_A_PAGE]
    older = _address(request, cursor=cursor_of("pos", str(shown[-1].pos))) if len(found) > ON_A_PAGE else None
    return page(
        request,
        "audit.html",
        asked=asked,
        found=shown,
        older=older,
        only=lambda **fields: _address(request, **fields),
        is_asked=wanted != Wanted(),
    )


def _midnight(request: web.Request, day: date | None, *, days: int = 0) -> datetime | None:
    if day is None or day.year not in YEARS:
        return None
    zone = request.app[CONTEXT].settings.zone
    return datetime.combine(day + timedelta(days=days), time(), tzinfo=zone).astimezone(UTC)


def _address(request: web.Request, **also: str) -> str:
    query = {name: text for name, text in request.query.items() if name != "cursor"}
    return str(URL(AUDIT).with_query(query | also))
