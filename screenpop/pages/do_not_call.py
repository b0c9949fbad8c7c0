"""Who must not be called: the list, a number asked about, and all of it as a table for spreadsheets."""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from typing import Final

from aiohttp import hdrs, web
from pydantic import Field

from crm_core.domain.cells import safe_cell
from crm_core.domain.do_not_call import Excluded, WhyNot
from crm_core.domain.phone import read_number
from crm_core.ports import UnitOfWork
from crm_core.services import audit, do_not_call
from screenpop.api.exchange import Input, Line
from screenpop.auth import identity_of
from screenpop.context import CONTEXT
from screenpop.masks import Masks
from screenpop.pages.page import page
from screenpop.permissions import Permission, requires
from screenpop.places import address_of, region_of
from screenpop.redaction import redacted
from screenpop.whole import sees_whole_only

routes = web.RouteTableDef()
PAGE: Final = "/do-not-call"
SHOWN: Final = 50
AT_ONCE: Final = 1_000


class Asked(Input):
    """A number in any writing, or how it begins; ``after`` is the last number of the page before."""

    q: Line = Field(default="", max_length=40)
    after: str | None = Field(default=None, pattern=r"^\+\d{1,15}$")


@dataclass(frozen=True, slots=True, kw_only=True)
class OnPage:
    """Numbers in their order (``more`` follows), what is known of the one asked about, and who people are."""

    listed: Sequence[Excluded]
    more: bool
    asked_about: WhyNot | None
    names: Mapping[str, str]


@routes.get(PAGE)
@requires(Permission.RUN_CAMPAIGNS)
async def get_list(request: web.Request) -> web.Response:
    """Return the page."""
    asked = Asked.model_validate({name: text for name, text in request.query.items() if text.strip()})
    number = read_number(asked.q, region=region_of(request)).e164 if asked.q else None
    context = request.app[CONTEXT]
    on = await context.db.read(
        _read, asked=asked, number=number, whole=sees_whole_only(identity_of(request)), now=context.now()
    )
    return page(request, "do_not_call.html", on=on, asked=asked)


@routes.get(f"{PAGE}.csv")
@requires(Permission.RUN_CAMPAIGNS)
async def get_table(request: web.Request) -> web.StreamResponse:
    """Return the list as CSV, as it is read in again; the audit tells who had it."""
    context = request.app[CONTEXT]
    await context.db.run(
        audit.note,
        who=identity_of(request).user,
        what="do not call export",
        address=address_of(request),
        now=context.now(),
        kind="do_not_call",
    )
    response = web.StreamResponse(
        headers={hdrs.CONTENT_DISPOSITION: 'attachment; filename="do-not-call.csv"'}
    )
    response.content_type, response.charset = "text/csv", "utf-8"
    await response.prepare(request)
    async for part in _parts(request, identity_of(request).masks):
        await response.write(part.encode())
    await response.write_eof()
    return response


async def _parts(request: web.Request, masks: Masks | None) -> AsyncIterator[str]:
    after: str | None = None
    yield _lines([("phone", "since", "why")])
    while found := await request.app[CONTEXT].db.read(
        do_not_call.listed, begin="", after=after, limit=AT_ONCE
    ):
        shown = found if masks is None else redacted(found, masks)
        yield _lines((_written(one.number), one.since.isoformat(), safe_cell(one.why)) for one in shown)
        after = found[-1].number


def _written(number: str) -> str:
    return f"00{number[1:]}" if number.startswith("+") else number


def _lines(rows: Iterable[Sequence[str]]) -> str:
    """Return lines of the table; numbers begin with 00, for a spreadsheet takes + for a formula."""
    written = StringIO()
    csv.writer(written).writerows(rows)
    return written.getvalue()


def _read(uow: UnitOfWork, *, asked: Asked, number: str | None, whole: bool, now: datetime) -> OnPage:
    """*whole*: who asks is not shown numbers, so neither how one begins nor a place behind one says any."""
    about = do_not_call.why_not(uow, number=number, now=now) if number else None
    begin = number or (asked.q if asked.q.startswith("+") and not whole else "")
    found = do_not_call.listed(uow, begin=begin, after=None if whole else asked.after, limit=SHOWN + 1)
    people = {one.by for one in found if one.by} | {one.by for one in (about.lifted if about else ())}
    names = {key: user.full_name for key in sorted(people) if (user := uow.users.get(key))}
    if about:
        names |= uow.reports.names(about.marked)
    return OnPage(listed=found[:SHOWN], more=len(found) > SHOWN and not whole, asked_about=about, names=names)
