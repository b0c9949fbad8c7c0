"""Calls as a table for spreadsheets; spans of time are ``h:mm:ss``, which they add up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Final

from aiohttp import web

from crm_core.domain.calls import Call, seconds
from crm_core.domain.search import Wanted
from crm_core.domain.sla import Target
from crm_core.ports import UnitOfWork
from crm_core.ports.places import Place
from crm_core.services import reports
from screenpop.auth import identity_of
from screenpop.context import CONTEXT
from screenpop.i18n import Translator, translator
from screenpop.masks import Masks
from screenpop.pages import sent_table
from screenpop.pages.call_words import DIRECTIONS
from screenpop.pages.desk_records import talked_with
from screenpop.pages.looks import N_
from screenpop.pages.page import page_language
from screenpop.pages.sent_table import Rows, moment
from screenpop.pages.words import OUTCOMES
from screenpop.redaction import redacted
from screenpop.tables_out import Cell

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a table is written for one reader; ``queues`` are the names of queues, by exchange."""

    t: Translator
    zone: tzinfo
    queues: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def call(self, call: Call, contacts: Mapping[str, str], agents: Mapping[str, str]) -> list[Cell]:
        """Return the row of a call."""
        agent = talked_with(call)
        return [
            moment(call.started_at, self.zone),
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

    def _queue(self, call: Call, queue: str) -> str:
        return self.queues.get(call.pbx, {}).get(queue, queue)


def span(length_s: float | None) -> str | None:
    """Return a span of time as spreadsheets add it up: ``0:05:07``; to the second, halves up."""
    if length_s is None:
        return None
    minutes, rest = divmod(int(length_s + 0.5), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"


async def send(request: web.Request, wanted: Wanted) -> web.StreamResponse:
    """Send the calls that are looked for, newest first, at most ``MOST``."""
    context = request.app[CONTEXT]
    manner = Manner(
        t=translator(page_language(request)),
        zone=context.settings.zone,
        queues=context.lines.queue_names(),
    )
    return await sent_table.send(
        request,
        name="calls",
        headings=COLUMNS,
        part=_part,
        cut=N_("Cut off here: choose fewer days."),
        wanted=wanted,
        target=context.settings.target,
        manner=manner,
        masks=identity_of(request).masks,
    )


def _part(
    uow: UnitOfWork,
    *,
    wanted: Wanted,
    target: Target,
    place: Place | None,
    manner: Manner,
    masks: Masks | None,
) -> tuple[Rows, Place | None]:
    """Return the rows of the calls behind *place*, and the place of the last one when others follow."""
    found = reports.find_written(
        uow, wanted=wanted, target=target, before=place, limit=sent_table.AT_ONCE + 1
    )
    shown = found[: sent_table.AT_ONCE]
    contacts, agents = reports.names(uow, calls=shown)
    more = (shown[-1].started_at, shown[-1].id) if len(found) > len(shown) else None
    if masks is not None:
        shown, contacts = redacted((shown, contacts), masks)
    return [manner.call(one, contacts, agents) for one in shown], more
