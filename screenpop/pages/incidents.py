"""Incidents as pages: a list, a board, one of them; and which problems come most often."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final, Literal

from aiohttp import web
from pydantic import Field
from yarl import URL

from crm_core.domain.incident_lists import Order, Wanted
from crm_core.domain.incidents import HIGHEST, KINDS, LEAST, LOWEST, MOST, STATES, STEPS, Kind, State
from crm_core.domain.tasks import Wanted as WantedTasks
from crm_core.services import incident_lists
from screenpop.api.exchange import Id, Line, cursor_of, read_time_cursor
from screenpop.api.incidents import place_of
from screenpop.auth import identity_of
from screenpop.context import CONTEXT
from screenpop.i18n import translator
from screenpop.lists import AskedList
from screenpop.pages import incident_records, incident_table, incident_words, task_records
from screenpop.pages.page import page, page_language
from screenpop.pages.saved_views import keeps_views
from screenpop.permissions import Permission, requires
from screenpop.scope import Scope
from screenpop.tables_out import FORMS

routes = web.RouteTableDef()
INCIDENTS: Final = "/incidents"
PROBLEMS: Final = "/problems"
ON_A_PAGE, MOST_PROBLEMS = 50, 100


class Asked(AskedList):
    """What the address asks for; without a state it is what is open."""

    view: Literal["list", "board"] = "list"
    state: State | Literal["any"] | None = None
    kind: Kind | None = None
    priority: int | None = Field(default=None, ge=HIGHEST, le=LOWEST)
    assignee: Id | Line | None = Field(default=None, max_length=36)
    team_id: Id | None = None
    category_id: Id | None = None
    product_line_id: Id | None = None
    contact_id: Id | None = None
    account_id: Id | None = None
    due: Literal["today"] | None = None
    cursor: Line | None = Field(default=None, max_length=200)

    @property
    def order(self) -> Order:
        """What is open is asked for by what is due; what is over by when it began."""
        return "due" if self.state is None or self.state in incident_records.COLUMNS[:4] else "newest"

    def wanted(self, due_before: datetime, scope: Scope) -> Wanted:
        """Return what is looked for, as far as it is in *scope*."""
        return Wanted(
            state=None if self.state == "any" else self.state,
            only_open=self.state is None and self.view == "list",
            kind=self.kind,
            priority=self.priority,
            assignee=None if self.assignee == "nobody" else self.assignee,
            is_unassigned=self.assignee == "nobody",
            team_id=self.team_id,
            category_ids=(self.category_id,) if self.category_id else (),
            product_line_id=self.product_line_id,
            contact_id=self.contact_id,
            account_id=self.account_id,
            due_before=due_before if self.due else None,
            within=scope.within,
        )


class ProblemsAsked(AskedList):
    """Of which customer or product line, and in how many days."""

    contact_id: Id | None = None
    account_id: Id | None = None
    product_line_id: Id | None = None
    days: Literal["30", "90", "365"] = "365"


@routes.get(INCIDENTS)
@keeps_views("incidents", INCIDENTS, Asked)
@requires(Permission.READ_INCIDENTS)
async def get_incidents(request: web.Request) -> web.Response:
    """Return incidents as a list or as a board; the script keeps them as they are."""
    asked = Asked.model_validate({name: text for name, text in request.query.items() if text.strip()})
    shared: dict[str, Any] = {
        "asked": asked,
        "kinds": KINDS,
        "states": STATES,
        "address": lambda **also: _address(request, **also),
        "without": lambda *names: _address(request, without=names),
        "me_id": identity_of(request).user,
    }
    if asked.view == "board":
        return page(request, "incident_board.html", steps=STEPS, on=await _board(request, asked), **shared)
    context = request.app[CONTEXT]
    on = await context.db.read(
        incident_records.on_list,
        wanted=asked.wanted(_midnight(request), identity_of(request).scope),
        order=asked.order,
        place=read_time_cursor(asked.cursor),
        limit=ON_A_PAGE,
        views=_views(request),
        language=page_language(request),
    )
    more = cursor_of(*place_of(on.found[-1], asked.order)) if on.has_more else None
    return page(
        request,
        "incidents.html",
        on=on,
        more=_address(request, cursor=more) if more else None,
        files=[
            str(URL(_address(request)).with_path(f"{INCIDENTS}.{form}", keep_query=True)) for form in FORMS
        ],
        **shared,
    )


@routes.get(f"{INCIDENTS}.csv")
@routes.get(f"{INCIDENTS}.xlsx")
@requires(Permission.EXPORT_RECORDS)
async def get_incidents_file(request: web.Request) -> web.StreamResponse:
    """Return the incidents that are looked for as a table for spreadsheets."""
    asked = Asked.model_validate({name: text for name, text in request.query.items() if text.strip()})
    wanted = asked.wanted(_midnight(request), identity_of(request).scope)
    return await incident_table.send(request, wanted=wanted, order=asked.order)


@routes.get(f"{INCIDENTS}/{{id}}")
@requires(Permission.READ_INCIDENTS)
async def get_incident(request: web.Request) -> web.Response:
    """Return one incident."""
    context, within = request.app[CONTEXT], identity_of(request).scope.within
    on = await context.db.read(
        incident_records.on_incident,
        incident_id=request.match_info["id"],
        language=page_language(request),
        now=context.now(),
        within=within,
        zone=context.settings.zone,
    )
    wanted = WantedTasks(incident_id=on.listed.incident.id, within=within)
    to_do = await context.db.read(task_records.to_do, wanted=wanted)
    names = dict(on.named.names) | {one.id: one.number for one in on.problems}
    names |= {one.asset.id: one.asset.serial for one in on.equipment} | dict(on.agreements)
    return page(
        request,
        "incident.html",
        on=on,
        kinds=KINDS,
        levels=range(MOST, LEAST + 1),
        me_id=identity_of(request).user,
        to_do=to_do,
        value_of=incident_words.values(translator(page_language(request)), names),
    )


@routes.get(PROBLEMS)
@keeps_views("problems", PROBLEMS, ProblemsAsked)
@requires(Permission.READ_INCIDENTS)
async def get_problems(request: web.Request) -> web.Response:
    """Return which problems come most often, each a link to the incidents behind it."""
    context = request.app[CONTEXT]
    asked = ProblemsAsked.model_validate({name: text for name, text in request.query.items() if text.strip()})
    wanted = Wanted(
        contact_id=asked.contact_id,
        account_id=asked.account_id,
        product_line_id=asked.product_line_id,
        within=identity_of(request).scope.within,
    )
    found = await context.db.read(
        incident_lists.problems,
        wanted=wanted,
        now=context.now(),
        days=int(asked.days),
        limit=MOST_PROBLEMS,
    )
    named = await context.db.read(incident_records.named, language=page_language(request))
    return page(request, "problems.html", asked=asked, found=found, named=named)


async def _board(request: web.Request, asked: Asked) -> incident_records.OnBoard:
    return await request.app[CONTEXT].db.read(
        incident_records.on_board,
        wanted=asked.wanted(_midnight(request), identity_of(request).scope),
        views=_views(request),
        language=page_language(request),
    )


def _views(request: web.Request) -> Mapping[str, Wanted]:
    """Return the views that have a tab, by name."""
    me, within = identity_of(request).user, identity_of(request).scope.within
    return {
        "open": Wanted(only_open=True, within=within),
        "mine": Wanted(only_open=True, assignee=me, within=within),
        "nobody": Wanted(only_open=True, is_unassigned=True, within=within),
        "today": Wanted(due_before=_midnight(request), within=within),
    }


def _midnight(request: web.Request) -> datetime:
    """Return the end of the day where the site is."""
    context = request.app[CONTEXT]
    day = context.today() + timedelta(days=1)
    return datetime.combine(day, time(), tzinfo=context.settings.zone).astimezone(UTC)


def _address(request: web.Request, *, without: tuple[str, ...] = (), **also: Any) -> str:
    """Return the address of what is asked for, from its first page on, but for some fields."""
    query = {name: text for name, text in request.query.items() if name not in (*without, "cursor")}
    kept = {name: value for name, value in (query | also).items() if value}
    return str(URL(INCIDENTS).with_query(kept))
