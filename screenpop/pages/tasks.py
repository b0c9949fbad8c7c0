"""Tasks as a page: mine, my team's, nobody's, what is late, all, and what is done."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal

from aiohttp import web
from msgspec.structs import replace
from yarl import URL

from crm_core.domain.tasks import Wanted
from screenpop.api.exchange import Line, cursor_of, read_time_cursor
from screenpop.api.tasks import place_of
from screenpop.auth import identity_of
from screenpop.context import CONTEXT
from screenpop.lists import AskedList
from screenpop.pages import task_records
from screenpop.pages.page import page
from screenpop.pages.saved_views import keeps_views
from screenpop.permissions import Permission, requires

routes = web.RouteTableDef()
TASKS: Final = "/tasks"
ON_A_PAGE: Final = 50
View = Literal["mine", "team", "nobody", "late", "all", "done"]


class Asked(AskedList):
    """Which tasks."""

    view: View = "mine"
    cursor: Line | None = None


@routes.get(TASKS)
@keeps_views("tasks", TASKS, Asked)
@requires(Permission.READ_INCIDENTS)
async def get_tasks(request: web.Request) -> web.Response:
    """Return tasks, and who waits to be rung; the script keeps them as they are."""
    asked = Asked.model_validate(dict(request.query))
    context, identity = request.app[CONTEXT], identity_of(request)
    me, within = identity.user, identity.scope.within
    views = {name: replace(one, within=within) for name, one in _views(me, context.now()).items()}
    on = await context.db.read(
        task_records.on_tasks,
        wanted=views[asked.view],
        views={name: one for name, one in views.items() if name != "done"},
        place=read_time_cursor(asked.cursor),
        limit=ON_A_PAGE,
        within=within,
    )
    more = cursor_of(*place_of(on.found[-1])) if on.has_more else None
    return page(
        request,
        "tasks.html",
        on=on,
        asked=asked,
        me_id=me,
        more=str(URL(TASKS).with_query(view=asked.view, cursor=more)) if more else None,
    )


def _views(me: str, now: datetime) -> dict[View, Wanted]:
    return {
        "mine": Wanted(assignee=me),
        "team": Wanted(team_of=me),
        "nobody": Wanted(is_unassigned=True),
        "late": Wanted(due_before=now),
        "all": Wanted(),
        "done": Wanted(is_open=False),
    }
