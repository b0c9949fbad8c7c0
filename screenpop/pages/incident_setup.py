"""What is promised of incidents and what they are sorted by: sections, a list, one record beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from aiohttp import web

from crm_core.domain.calendar import DAYS
from crm_core.domain.choices import Choice, ChoiceKind, in_order
from crm_core.domain.incidents import KINDS
from crm_core.domain.service_levels import WARN_PERCENT, Hours, Policy
from crm_core.ports import UnitOfWork
from crm_core.services import service_levels
from screenpop.api.exchange import Id, Input
from screenpop.context import CONTEXT
from screenpop.i18n import translator
from screenpop.pages import incident_words
from screenpop.pages.incident_records import Named, named
from screenpop.pages.page import page, page_language
from screenpop.pages.words import PRIORITIES
from screenpop.permissions import Permission, requires

routes = web.RouteTableDef()
SETUP: Final = "/settings/incidents"
Section = Literal["policies", "calendars", "category", "product_line", "resolution"]


class Asked(Input):
    """Which section, and which record of it stands beside the list; none is a new one."""

    section: Section = "policies"
    edit: Id | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OnSetup:
    """Everything that is set up, and the record that is changed."""

    policies: Sequence[Policy]
    calendars: Sequence[Hours]
    choices: Sequence[tuple[Choice, str]]
    named: Named
    chosen: Policy | Hours | Choice | None

    def whole(self, part: Policy) -> str | None:
        """Return the name of the agreement that *part* is a part of."""
        return next((one.name for one in self.policies if one.id == part.part_of), None)

    @property
    def wholes(self) -> list[tuple[str, str]]:
        """The agreements that the chosen one can be a part of: ids and names."""
        key = self.chosen.id if self.chosen else None
        if any(one.part_of == key for one in self.policies if one.part_of):
            return []
        return [(one.id, one.name) for one in self.policies if one.part_of is None and one.id != key]


@routes.get(SETUP)
@requires(Permission.SET_UP_INCIDENTS)
async def get_setup(request: web.Request) -> web.Response:
    """Return a section."""
    asked = Asked.model_validate({name: text for name, text in request.query.items() if text.strip()})
    context, t = request.app[CONTEXT], translator(page_language(request))
    on = await context.db.read(_read, asked=asked, language=page_language(request))
    return page(
        request,
        "incident_setup.html",
        asked=asked,
        on=on,
        wholes_of=on.wholes,
        calendars_of=[(one.id, one.name) for one in on.calendars],
        kinds_of=[(kind, t.gettext(incident_words.KINDS[kind])) for kind in KINDS],
        priorities_of=[(level, t.gettext(text)) for level, text in PRIORITIES.items()],
        days=DAYS,
        zone=context.settings.zone,
        warn_percent=WARN_PERCENT,
    )


def _read(uow: UnitOfWork, *, asked: Asked, language: str) -> OnSetup:
    policies, calendars = service_levels.policies(uow), service_levels.calendars(uow)
    listed: dict[Section, Sequence[Policy | Hours | Choice]] = {"policies": policies, "calendars": calendars}
    of = listed.get(asked.section) or _of(uow, asked.section)
    return OnSetup(
        policies=policies,
        calendars=calendars,
        choices=in_order(_of(uow, asked.section), language),
        named=named(uow, language=language),
        chosen=next((one for one in of if one.id == asked.edit), None),
    )


def _of(uow: UnitOfWork, section: Section) -> list[Choice]:
    kinds: dict[Section, ChoiceKind] = {
        "category": "category",
        "product_line": "product_line",
        "resolution": "resolution",
    }
    kind = kinds.get(section)
    return service_levels.choices_of(uow, kind=kind) if kind else []
