"""Calls as a table for spreadsheets, sent as it is read.

Separator and decimals are those that a spreadsheet in the reader's language expects; spans of time are
``h:mm:ss``, which it adds up. Text that it would take for a formula is marked as text.
"""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from io import StringIO
from typing import Final

import structlog
from aiohttp import hdrs, web

from crm_core.domain.calls import Call, seconds
from crm_core.domain.cells import safe_cell
from crm_core.domain.errors import CrmError
from crm_core.domain.search import Wanted
from crm_core.domain.sla import Target
from crm_core.ports import UnitOfWork
from crm_core.ports.places import Place
from crm_core.services import audit, reports
from screenpop.auth import identity_of
from screenpop.context import CONTEXT
from screenpop.i18n import Translator, translator
from screenpop.masks import Masks
from screenpop.pages.call_words import DIRECTIONS
from screenpop.pages.desk_records import talked_with
from screenpop.pages.looks import N_
from screenpop.pages.page import page_language
from screenpop.pages.words import OUTCOMES
from screenpop.places import address_of
from screenpop.redaction import redacted

log = structlog.get_logger(__name__)
AT_ONCE: Final = 500
MOST: Final = 50_000
BOM: Final = "\ufeff"  # else a spreadsheet reads no UTF-8
COLUMNS: Final = (
    N_("Began"),
    N_("Direction"),
    N_("Number"),
    N_("Customer"),
    N_("Called"),
    N_("Queue"),
    N_("Agent"),
    N_("How it ended"),
    N_("Outcome"),
    N_("Waited"),
    N_("Rang"),
    N_("Talked"),
    N_("On hold"),
    N_("Total"),
    N_("Waited, seconds"),
    N_("Call"),
)
_PERSONAL: Final = frozenset(("who", "number", "contact_id"))
Cell = str | float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a table is written for one reader; ``queues`` are the names of queues, by exchange.

    ``masks`` are what is kept from him.
    """

    t: Translator
    zone: tzinfo
    queues: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    masks: Masks | None = None

    @property
    def has_comma(self) -> bool:
        """Return whether decimals have a comma: then cells are separated by semicolons."""
        return self.t.language == "es"

    def line(self, cells: Sequence[Cell]) -> str:
        """Return a line of the table; texts cannot become formulas."""
        written = StringIO()
        csv.writer(written, delimiter=";" if self.has_comma else ",").writerow(map(self._cell, cells))
        return written.getvalue()

    def head(self) -> str:
        """Return the first line."""
        return self.line([self.t.gettext(name) for name in COLUMNS])

    def call(self, call: Call, contacts: Mapping[str, str], agents: Mapping[str, str]) -> str:
        """Return the line of a call."""
        agent = talked_with(call)
        return self.line(
            [
                self._moment(call.started_at),
                self.t.gettext(DIRECTIONS[call.direction]),
                call.customer or call.ani,
                contacts.get(call.contact_id or ""),
                call.did,
                ", ".join(dict.fromkeys(self._queue(call, one.queue) for one in call.visits)),
                agents.get(agent, agent) if agent else None,
                self.t.gettext(OUTCOMES[call.outcome]) if call.outcome else None,
                next((one.disposition for one in reversed(call.work) if one.disposition), None),
                span(call.wait_s),
                span(call.ring_s),
                span(call.talk_s),
                span(call.hold_s),
                span(seconds(call.started_at, call.ended_at) if call.ended_at else None),
                call.wait_s,
                call.id,
            ]
        )

    def cut(self) -> str:
        """Return the line that says that there are more calls than the table holds."""
        return self.line([self.t.gettext("Cut off here: choose fewer days.")])

    def _queue(self, call: Call, queue: str) -> str:
        return self.queues.get(call.pbx, {}).get(queue, queue)

    def _cell(self, value: Cell) -> str:
        if value is None:
            return ""
        if isinstance(value, float):
            return f"{value:.1f}".replace(".", "," if self.has_comma else ".")
        return safe_cell(value)

    def _moment(self, at: datetime) -> str:
        return at.astimezone(self.zone).strftime("%Y-%m-%d %H:%M:%S")


def span(length_s: float | None) -> str | None:
    """Return a span of time as spreadsheets add it up: ``0:05:07``; to the second, halves up."""
    if length_s is None:
        return None
    minutes, rest = divmod(int(length_s + 0.5), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"


async def send(request: web.Request, wanted: Wanted) -> web.StreamResponse:
    """Send the calls that are looked for, newest first, at most ``MOST``; the audit tells who had them.

    Records that go away meanwhile break the connection off: half a table must not look whole.
    """
    context = request.app[CONTEXT]
    manner = Manner(
        t=translator(page_language(request)),
        zone=context.settings.zone,
        queues=context.lines.queue_names(),
        masks=identity_of(request).masks,
    )
    await context.db.run(
        audit.note,
        who=identity_of(request).user,
        what=f"exported_calls {_asked(request)}".rstrip(),
        address=address_of(request),
        now=context.now(),
        kind="contact" if "contact_id" in request.query else "calls",
        record_id=request.query.get("contact_id"),
    )
    parts = _parts(request, wanted, manner)
    first = await anext(parts)
    response = _response(context.now().astimezone(manner.zone))
    await response.prepare(request)
    try:
        await response.write((BOM + manner.head() + first).encode())
        async for part in parts:
            await response.write(part.encode())
        await response.write_eof()
    except (ConnectionError, CrmError) as error:
        log.warning("an export was broken off", why=str(error))
        if request.transport is not None:
            request.transport.abort()
    return response


def _asked(request: web.Request) -> str:
    """Return what was asked for as the audit keeps it: without names and numbers, which it cannot forget."""
    return "&".join(
        name if name in _PERSONAL else f"{name}={value}" for name, value in request.query.items() if value
    )


def _response(now: datetime) -> web.StreamResponse:
    return web.StreamResponse(
        headers={
            hdrs.CONTENT_TYPE: "text/csv; charset=utf-8",
            hdrs.CONTENT_DISPOSITION: f'attachment; filename="calls-{now:%Y-%m-%d}.csv"',
            hdrs.CACHE_CONTROL: "no-store",
            "X-Content-Type-Options": "nosniff",
        }
    )


async def _parts(request: web.Request, wanted: Wanted, manner: Manner) -> AsyncIterator[str]:
    context = request.app[CONTEXT]
    before: Place | None = None
    for _ in range(MOST // AT_ONCE):
        text, before = await context.db.read(
            _part, wanted=wanted, target=context.settings.target, before=before, manner=manner
        )
        yield text
        if before is None:
            return
    yield manner.cut()


def _part(
    uow: UnitOfWork, *, wanted: Wanted, target: Target, before: Place | None, manner: Manner
) -> tuple[str, Place | None]:
    """Return the lines of the calls behind *before*, and the place of the last one when others follow."""
    found = reports.find_written(uow, wanted=wanted, target=target, before=before, limit=AT_ONCE + 1)
    shown = found[:AT_ONCE]
    contacts, agents = reports.names(uow, calls=shown)
    more = (shown[-1].started_at, shown[-1].id) if len(found) > AT_ONCE else None
    if manner.masks is not None:
        shown, contacts = redacted((shown, contacts), manner.masks)
    return "".join(manner.call(one, contacts, agents) for one in shown), more
