"""Incidents as a table for spreadsheets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo
from typing import Final

from aiohttp import web

from crm_core.domain.incident_lists import Listed, Order, Wanted
from crm_core.ports import UnitOfWork
from crm_core.ports.places import Place
from crm_core.services import incident_lists
from screenpop.api.incidents import stands_at
from screenpop.auth import identity_of
from screenpop.context import CONTEXT
from screenpop.i18n import Translator, translator
from screenpop.masks import Masks
from screenpop.pages import sent_table
from screenpop.pages.incident_records import Named, named
from screenpop.pages.incident_words import KINDS, WAITS
from screenpop.pages.looks import N_
from screenpop.pages.page import page_language
from screenpop.pages.sent_table import Rows, moment
from screenpop.pages.words import PRIORITIES, STATES
from screenpop.redaction import redacted
from screenpop.tables_out import Cell

COLUMNS: Final = (
    N_("Number"),
    N_("Subject"),
    N_("Kind"),
    N_("State"),
    N_("Priority"),
    N_("Category"),
    N_("Product line"),
    N_("Customer"),
    N_("Company"),
    N_("Assigned to"),
    N_("Opened"),
    N_("First response"),
    N_("Due"),
    N_("Resolved"),
    N_("Closed"),
    N_("Details"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a table is written for one reader, with the ``names`` of what can be chosen."""

    t: Translator
    zone: tzinfo
    names: Named

    def cells(self, one: Listed) -> list[Cell]:
        """Return the row of an incident."""
        incident = one.incident
        waits = incident.waiting_for
        return [
            incident.number,
            incident.subject,
            self.t.gettext(KINDS[incident.kind]),
            self.t.gettext(WAITS[waits] if waits else STATES[incident.state]),
            self.t.gettext(PRIORITIES[incident.priority]),
            self.names.name(incident.category_id),
            self.names.name(incident.product_line_id),
            one.contact,
            one.account,
            one.assignee,
            *(
                moment(at, self.zone)
                for at in (
                    incident.opened_at,
                    incident.first_responded_at,
                    incident.due_at,
                    incident.resolved_at,
                    incident.closed_at,
                )
            ),
            incident.description,
        ]


async def send(request: web.Request, *, wanted: Wanted, order: Order) -> web.StreamResponse:
    """Send the incidents that are looked for, in the order of their list, at most ``MOST``."""
    context, t = request.app[CONTEXT], translator(page_language(request))
    names = await context.db.read(named, language=t.language)
    return await sent_table.send(
        request,
        name="incidents",
        headings=COLUMNS,
        part=_part,
        cut=N_("Cut off here: look for fewer."),
        wanted=wanted,
        order=order,
        manner=Manner(t=t, zone=context.settings.zone, names=names),
        masks=identity_of(request).masks,
    )


def _part(
    uow: UnitOfWork,
    *,
    wanted: Wanted,
    order: Order,
    place: Place | None,
    manner: Manner,
    masks: Masks | None,
) -> tuple[Rows, Place | None]:
    """Return the rows of the incidents behind *place*, and the place of the last one when others follow."""
    found = incident_lists.find(uow, wanted=wanted, order=order, place=place, limit=sent_table.AT_ONCE + 1)
    shown = found[: sent_table.AT_ONCE]
    more = stands_at(shown[-1], order) if len(found) > len(shown) else None
    if masks is not None:
        shown = redacted(shown, masks)
    return [manner.cells(one) for one in shown], more
