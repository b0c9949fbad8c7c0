"""What a page lists as a file for spreadsheets, sent as it is read; the audit tells who had it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any, Final

import structlog
from aiohttp import hdrs, web

from crm_core.domain.errors import CrmError
from crm_core.services import audit
from screenpop.auth import identity_of
from screenpop.context import CONTEXT, Records
from screenpop.i18n import translator
from screenpop.pages.page import page_language
from screenpop.places import address_of
from screenpop.tables_out import Cell, Form, TableWriter, table_writer

log = structlog.get_logger(__name__)
Row = Sequence[Cell]
Rows = Sequence[Row]
Part = Callable[..., tuple[Rows, Any]]
AT_ONCE: Final = 500
MOST: Final = 50_000
_PERSONAL: Final = frozenset(("q", "who", "number", "contact_id"))


async def send(
    request: web.Request,
    *,
    name: str,
    headings: Sequence[str],
    part: Part,
    cut: str,
    cut_in: int = 0,
    own: Sequence[str] = (),
    **asked: object,
) -> web.StreamResponse:
    """Send a table called *name*: its *headings* (msgids, then *own* ones), then each part when it is read.

    *part* reads, of what is *asked*, the rows behind a place (None: the first), at most ``AT_ONCE``. Behind
    ``MOST`` of them *cut* (a msgid) is said in the column number *cut_in*. Records that go away meanwhile
    break the connection off: half a table must not look whole.
    """
    t, form = translator(page_language(request)), _form_of(request)
    end = [*[None] * cut_in, t.gettext(cut)]
    head = [*(t.gettext(one) for one in headings), *own]
    return await send_with(
        request, table_writer(form, has_comma=t.language == "es"), name, form, head, part, end, asked
    )


async def send_with(
    request: web.Request,
    writer: TableWriter,
    name: str,
    form: str,
    head: Row,
    part: Part,
    end: Row,
    asked: Mapping[str, object],
) -> web.StreamResponse:
    """Send a file called *name* as *writer* makes it of *head* and what is read; *form* ends its name."""
    context = request.app[CONTEXT]
    parts = _parts(context.db, part, end, asked)
    await context.db.run(
        audit.note,
        who=identity_of(request).user,
        what=f"exported_{name} {_asked(request)}".rstrip(),
        address=address_of(request),
        now=context.now(),
        kind="contact" if "contact_id" in request.query else name,
        record_id=request.query.get("contact_id"),
    )
    first = await anext(parts)
    day = context.now().astimezone(context.settings.zone)
    response = _response(f"{name}-{day:%Y-%m-%d}.{form}", writer.media)
    await response.prepare(request)
    try:
        await response.write(await asyncio.to_thread(writer.rows, [head, *first]))
        async for rows in parts:
            await response.write(await asyncio.to_thread(writer.rows, rows))
        await response.write(writer.end())
        await response.write_eof()
    except (ConnectionError, CrmError) as error:
        log.warning("an export was broken off", why=str(error))
        if request.transport is not None:
            request.transport.abort()
    return response


async def _parts(db: Records, part: Part, end: Row, asked: Mapping[str, object]) -> AsyncIterator[Rows]:
    place: Any = None
    for _ in range(MOST // AT_ONCE):
        rows, place = await db.read(part, place=place, **asked)
        yield rows
        if place is None:
            return
    yield [end]


def _form_of(request: web.Request) -> Form:
    """Return which file is asked for, as its name ends."""
    return "xlsx" if request.path.endswith(".xlsx") else "csv"


def moment(at: datetime | None, zone: tzinfo) -> str | None:
    """Return an instant as spreadsheets read it; None where there is none."""
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S") if at else None


def _asked(request: web.Request) -> str:
    """Return what was asked for as the audit keeps it: without names and numbers, which it cannot forget."""
    return "&".join(
        name if name in _PERSONAL else f"{name}={value}" for name, value in request.query.items() if value
    )


def _response(name: str, media: str) -> web.StreamResponse:
    return web.StreamResponse(
        headers={
            hdrs.CONTENT_TYPE: media,
            hdrs.CONTENT_DISPOSITION: f'attachment; filename="{name}"',
            hdrs.CACHE_CONTROL: "no-store",
            "X-Content-Type-Options": "nosniff",
        }
    )
