"""Teams: who is in them and leads them."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

import msgspec
from aiohttp import web
from pydantic import ConfigDict, Field, StringConstraints

from crm_core.domain.choices import NAME_LENGTH
from crm_core.domain.teams import Team
from crm_core.services import teams
from screenpop.api.deeds import added, changed
from screenpop.api.exchange import Input, Line, all_stays, answer
from screenpop.api.operation import operation
from screenpop.context import CONTEXT
from screenpop.permissions import Permission

routes = web.RouteTableDef()
TEAMS = "/teams"
MOST_MEMBERS = 1_000
Name = Annotated[Line, Field(min_length=1, max_length=NAME_LENGTH)]
UserId = Annotated[str, StringConstraints(pattern=r"^[\w-]{1,36}$")]
Members = Annotated[tuple[UserId, ...], Field(max_length=MOST_MEMBERS)]


class NewTeam(Input):
    """A team, named in both languages; ``members`` are users' ids, ``lead`` is one of them."""

    name_es: Name
    name_en: Name
    members: Members = ()
    lead: UserId | None = None


class TeamChange(Input):
    """What to change; what is not named stays. What is not active is given nothing any more."""

    model_config = ConfigDict(json_schema_extra=all_stays)

    name_es: Name = ""
    name_en: Name = ""
    members: Members = ()
    lead: UserId | None = None
    is_active: bool = True


class Teams(msgspec.Struct, frozen=True, kw_only=True):
    """All teams."""

    items: tuple[Team, ...]


@routes.get(TEAMS)
@operation(Permission.READ_INCIDENTS, returns=Teams)
async def list_teams(request: web.Request) -> web.Response:
    """List the teams with their members."""
    return answer(Teams(items=tuple(await request.app[CONTEXT].db.read(teams.every))))


@routes.post(TEAMS)
@operation(Permission.MANAGE_USERS, body=NewTeam, returns=Team, status=HTTPStatus.CREATED, takes_key=True)
async def add_team(request: web.Request) -> web.Response:
    """Add a team: incidents can be handed to it."""
    return await added(request, NewTeam, teams.add)


@routes.patch(f"{TEAMS}/{{id}}")
@operation(Permission.MANAGE_USERS, body=TeamChange, returns=Team, takes_version=True)
async def change_team(request: web.Request) -> web.Response:
    """Change a team, or switch it off: what it was given stays."""
    return await changed(request, TeamChange, teams.change, "team_id")
