"""Who may sign in: listed, added, changed, switched off, given another password; and what each role may."""

from __future__ import annotations

import secrets
from http import HTTPStatus
from typing import Annotated, Literal

import msgspec
from aiohttp import web
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from crm_core.domain.errors import InvalidError
from crm_core.domain.ids import new_id
from crm_core.domain.people import ROLES, Colleague, Role, User
from crm_core.services import staff
from screenpop.api.exchange import ONE_LINE, Id, Input, Line, all_stays, answer, read_body, version_wanted
from screenpop.api.operation import operation
from screenpop.auth import AUTH, identity_of
from screenpop.context import CONTEXT, Context
from screenpop.passwords import LONGEST, SHORTEST
from screenpop.permissions import Permission, permissions_of
from screenpop.places import address_of

routes = web.RouteTableDef()
USERS = "/users"
MOST_TEAMS = 100


def _none_when_empty(text: str | None) -> str | None:
    return text or None


SignInName = Annotated[str, StringConstraints(pattern=r"^[\w.@+-]{1,80}$")]
FullName = Annotated[str, StringConstraints(min_length=1, max_length=200), ONE_LINE]
AgentCode = Annotated[
    Annotated[str, StringConstraints(pattern=r"^([A-Za-z0-9_.-]{1,40})?$")] | None,
    AfterValidator(_none_when_empty),
]
SeatName = Annotated[Annotated[Line, Field(max_length=240)] | None, AfterValidator(_none_when_empty)]
TeamIds = Annotated[tuple[Id, ...], Field(max_length=MOST_TEAMS)]
Secret = StringConstraints(min_length=SHORTEST, max_length=LONGEST, strip_whitespace=False)
NewSecret = Annotated[str, Secret]


class NewUser(Input):
    """Somebody who may sign in. ``agent`` is his code when he takes calls, ``seat`` the phone he is at.

    Who ``is_confined`` (an agent, a supervisor or an auditor) sees what belongs to his teams, and himself.
    """

    name: SignInName
    full_name: FullName
    role: Role
    language: Literal["es", "en"] = "es"
    agent: AgentCode = None
    seat: SeatName = None
    teams: TeamIds = ()
    is_confined: bool = False
    password: NewSecret = Field(repr=False)


class UserChange(Input):
    """What to change; what is not named stays. Who is not active cannot sign in, and his sessions end."""

    model_config = ConfigDict(json_schema_extra=all_stays)

    name: SignInName = ""
    full_name: FullName = ""
    role: Role = "agent"
    language: Literal["es", "en"] = "es"
    agent: AgentCode = None
    seat: SeatName = None
    teams: TeamIds = ()
    is_active: bool = True
    is_confined: bool = False


class NewPassword(BaseModel):
    """Another password; blanks count."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    password: NewSecret = Field(repr=False)


class Users(msgspec.Struct, frozen=True, kw_only=True):
    """Everybody, by full name."""

    items: tuple[Colleague, ...]


class RoleRights(msgspec.Struct, frozen=True, kw_only=True):
    """A role and what it may."""

    role: Role
    permissions: tuple[str, ...]


class Roles(msgspec.Struct, frozen=True, kw_only=True):
    """All roles."""

    items: tuple[RoleRights, ...]


@routes.get(USERS)
@operation(Permission.MANAGE_USERS, returns=Users)
async def list_users(request: web.Request) -> web.Response:
    """List everybody who may sign in, also who was switched off."""
    return answer(Users(items=tuple(await request.app[CONTEXT].db.read(staff.every))))


@routes.get(f"{USERS}/{{id}}")
@operation(Permission.MANAGE_USERS, returns=Colleague)
async def get_user(request: web.Request) -> web.Response:
    """Return one, with his version as ``ETag``."""
    one = await request.app[CONTEXT].db.read(staff.get, user_id=request.match_info["id"])
    return answer(one, version=one.version)


@routes.post(USERS)
@operation(
    Permission.MANAGE_USERS, body=NewUser, returns=Colleague, status=HTTPStatus.CREATED, takes_key=True
)
async def add_user(request: web.Request) -> web.Response:
    """Add somebody; 409 when his name or his agent code is somebody else's."""
    identity, context = identity_of(request), request.app[CONTEXT]
    asked, now = await read_body(request, NewUser), context.now()
    _check_seat(context, asked.seat)
    hashed = await request.app[AUTH].hashed(asked.password)
    fields = asked.model_dump(exclude={"password", "teams"})
    made = await context.db.run(
        staff.add,
        user=User(id=new_id(now, secrets.token_bytes(10)), password_hash=hashed, **fields),
        teams=asked.teams,
        by=identity.user,
        address=address_of(request),
        now=now,
    )
    return answer(made, status=HTTPStatus.CREATED, version=made.version)


@routes.patch(f"{USERS}/{{id}}")
@operation(Permission.MANAGE_USERS, body=UserChange, returns=Colleague, takes_version=True)
async def change_user(request: web.Request) -> web.Response:
    """Change somebody; switched off, his sessions end. One administrator stays; nobody does it to himself."""
    version, context = version_wanted(request), request.app[CONTEXT]
    asked = await read_body(request, UserChange)
    _check_seat(context, asked.seat)
    changed = await context.db.run(
        staff.change,
        user_id=request.match_info["id"],
        version=version,
        changes=asked.model_dump(exclude_unset=True),
        by=identity_of(request).user,
        address=address_of(request),
        now=context.now(),
    )
    context.hub.end_sessions(changed.ended)
    return answer(changed.colleague, version=changed.colleague.version)


@routes.put(f"{USERS}/{{id}}/password")
@operation(Permission.MANAGE_USERS, body=NewPassword, status=HTTPStatus.NO_CONTENT)
async def put_password(request: web.Request) -> web.Response:
    """Give somebody another password: his sessions end."""
    context = request.app[CONTEXT]
    hashed = await request.app[AUTH].hashed((await read_body(request, NewPassword)).password)
    ended = await context.db.run(
        staff.set_password,
        user_id=request.match_info["id"],
        password_hash=hashed,
        by=identity_of(request).user,
        address=address_of(request),
        now=context.now(),
    )
    context.hub.end_sessions(ended)
    return web.Response(status=HTTPStatus.NO_CONTENT)


@routes.get("/roles")
@operation(Permission.MANAGE_USERS, returns=Roles)
async def list_roles(_request: web.Request) -> web.Response:
    """List what each role may."""
    items = (RoleRights(role=role, permissions=tuple(sorted(permissions_of(role)))) for role in ROLES)
    return answer(Roles(items=tuple(items)))


def _check_seat(context: Context, seat: str | None) -> None:
    """Demand an exchange that there is.

    Raises:
        InvalidError: the seat is at none.
    """
    if seat and seat.partition(":")[0] not in context.floors:
        raise InvalidError("seat", "there is no such exchange", fault="unknown")
