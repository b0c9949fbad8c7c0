"""Settings of people: users, what each role may, and teams. A list, and one record beside it."""

from __future__ import annotations

from typing import Final

from aiohttp import web
from pydantic import Field

from crm_core.domain.people import Colleague
from crm_core.domain.teams import Team
from crm_core.ports import UnitOfWork
from crm_core.services import staff, teams
from screenpop.api.exchange import Input, Line
from screenpop.context import CONTEXT, Context
from screenpop.i18n import translator
from screenpop.pages.page import page, page_language
from screenpop.pages.role_words import RIGHTS, ROLES
from screenpop.pages.settings import SETTINGS
from screenpop.permissions import Permission, permissions_of, requires

routes = web.RouteTableDef()
USERS: Final = f"{SETTINGS}/users"
ROLES_AT: Final = f"{SETTINGS}/roles"
TEAMS: Final = f"{SETTINGS}/teams"


class Asked(Input):
    """Which record stands beside the list; none is a new one."""

    edit: Line | None = Field(default=None, max_length=40)


@routes.get(USERS)
@requires(Permission.MANAGE_USERS)
async def get_users(request: web.Request) -> web.Response:
    """Return who may sign in, and one of them to be changed."""
    context, edit = request.app[CONTEXT], _asked(request).edit
    t = translator(page_language(request))
    users, kept = await context.db.read(_people)
    queues, names = _queues(context), {one.id: one.name(t.language) for one in kept}
    return page(
        request,
        "users.html",
        users=users,
        one=next((one for one in users if one.id == edit), None),
        belongs={
            one.id: [*queues.get(one.seat or "", ()), *(names[team] for team in one.teams)] for one in users
        },
        teams=names,
        role_names=[(role, t.gettext(text)) for role, text in ROLES.items()],
    )


@routes.get(ROLES_AT)
@requires(Permission.MANAGE_USERS)
async def get_roles(request: web.Request) -> web.Response:
    """Return what each role may."""
    may = {role: permissions_of(role) for role in ROLES}
    return page(request, "roles.html", roles=ROLES, rights=RIGHTS, may_as=may)


@routes.get(TEAMS)
@requires(Permission.MANAGE_USERS)
async def get_teams(request: web.Request) -> web.Response:
    """Return the teams, and one of them to be changed."""
    context, edit = request.app[CONTEXT], _asked(request).edit
    language = page_language(request)
    users, kept = await context.db.read(_people)
    return page(
        request,
        "teams.html",
        teams=sorted(kept, key=lambda one: (one.name(language).casefold(), one.id)),
        one=next((one for one in kept if one.id == edit), None),
        names={one.id: one.full_name for one in users},
        queues=_queues_of_teams(context),
    )


def _asked(request: web.Request) -> Asked:
    return Asked.model_validate({name: text for name, text in request.query.items() if text.strip()})


def _people(uow: UnitOfWork) -> tuple[list[Colleague], list[Team]]:
    return staff.every(uow), teams.every(uow)


def _queues(context: Context) -> dict[str, list[str]]:
    """Return the names of the queues that each seat is in now, as the exchanges tell."""
    found: dict[str, list[str]] = {}
    for pbx, floor in context.floors.items():
        for queue in floor.queues():
            name = context.lines.queue_name(pbx, queue.queue) or queue.queue
            for member in queue.members:
                found.setdefault(f"{pbx}:{member.interface}", []).append(name)
    return found


def _queues_of_teams(context: Context) -> dict[str, list[str]]:
    """Return the names of the queues that belong to each team."""
    found: dict[str, list[str]] = {}
    for line in context.lines.queues():
        if line.team_id:
            found.setdefault(line.team_id, []).append(line.name)
    return found
