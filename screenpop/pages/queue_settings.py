"""Settings of queues and numbers: what they are called, what they promise, whose they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from aiohttp import web
from pydantic import Field

from crm_core.domain.lines import Colour, CrmMode, Line, LineKey, LineKind
from crm_core.services import lines, teams
from screenpop.api import exchange
from screenpop.api.exchange import Input
from screenpop.context import CONTEXT, Context
from screenpop.i18n import translator
from screenpop.pages.looks import N_
from screenpop.pages.page import page, page_language
from screenpop.pages.settings import SETTINGS
from screenpop.permissions import Permission, requires

routes = web.RouteTableDef()
QUEUES: Final = f"{SETTINGS}/queues"
COLOURS: Final[dict[Colour, str]] = {
    "green": N_("Green"),
    "orange": N_("Orange"),
    "blue": N_("Blue"),
    "magenta": N_("Magenta"),
    "gold": N_("Gold"),
    "cyan": N_("Cyan"),
    "indigo": N_("Indigo"),
    "grey": N_("Grey"),
}
CRM_MODES: Final[dict[CrmMode, str]] = {"tab": N_("In a tab of its own"), "frame": N_("At the desk")}


class Asked(Input):
    """Which queue or number stands beside the list; none is a new number."""

    pbx: exchange.Line | None = Field(default=None, max_length=80)
    kind: LineKind = "did"
    code: exchange.Line | None = Field(default=None, max_length=80)


@dataclass(frozen=True, slots=True)
class Nameable:
    """A queue or a number of ours; ``line`` is what it is called, None for a queue that nobody named."""

    key: LineKey
    line: Line | None


@routes.get(QUEUES)
@requires(Permission.NAME_LINES)
async def get_queues(request: web.Request) -> web.Response:
    """Return the queues and numbers, and one of them to be changed."""
    context = request.app[CONTEXT]
    asked = Asked.model_validate({name: text for name, text in request.query.items() if text.strip()})
    t = translator(page_language(request))
    named = await nameables(context)
    return page(
        request,
        "queues.html",
        named=named,
        one=next((each for each in named if each.key == (asked.pbx, asked.kind, asked.code)), None),
        exchanges=sorted(context.floors),
        colours=[(one, t.gettext(text)) for one, text in COLOURS.items()],
        crm_modes=[(one, t.gettext(text)) for one, text in CRM_MODES.items()],
        team_names={one.id: one.name(t.language) for one in await context.db.read(teams.every)},
        target=context.settings.target,
    )


async def nameables(context: Context) -> list[Nameable]:
    """Return every queue that the exchanges tell of, and everything that has a name already."""
    named: dict[LineKey, Line] = {line.key: line for line in await context.db.read(lines.every)}
    queues: set[LineKey] = {
        (name, "queue", queue.queue) for name, floor in context.floors.items() for queue in floor.queues()
    }
    return [Nameable(key, named.get(key)) for key in sorted(queues | named.keys())]
