"""What is promised of incidents, by which calendars, and what they are sorted by."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus
from typing import Annotated, Literal

import msgspec
from aiohttp import web
from pydantic import ConfigDict, Field, StringConstraints

from crm_core.domain.choices import NAME_LENGTH, Choice, ChoiceKind
from crm_core.domain.incidents import HIGHEST, LOWEST, Kind
from crm_core.domain.service_levels import (
    LONGEST_S,
    MOST_CLOSED,
    MOST_INTERVALS,
    SHORTEST_S,
    TIER_LENGTH,
    WARN_PERCENT,
    Hours,
    Policy,
)
from crm_core.services import service_levels
from screenpop.api.deeds import added, changed
from screenpop.api.exchange import (
    Id,
    Input,
    Line,
    all_stays,
    answer,
    read_query,
)
from screenpop.api.operation import operation
from screenpop.context import CONTEXT
from screenpop.permissions import Permission

routes = web.RouteTableDef()
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Interval = Annotated[str, StringConstraints(pattern=r"^[0-2]\d:[0-5]\d-[0-2]\d:[0-5]\d$")]
Name = Annotated[Line, Field(min_length=1, max_length=NAME_LENGTH)]
Seconds = Annotated[int, Field(ge=SHORTEST_S, le=LONGEST_S)]
Percent = Annotated[int, Field(ge=1, le=99)]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Weekly = dict[Day, Annotated[tuple[Interval, ...], Field(max_length=MOST_INTERVALS)]]
ClosedDays = Annotated[tuple[date, ...], Field(max_length=MOST_CLOSED)]


class NewChoice(Input):
    """Something to choose for incidents, named in both languages; categories may be under one another."""

    kind: ChoiceKind
    name_es: Name
    name_en: Name
    parent_id: Id | None = None


class ChoiceChange(Input):
    """What to change; what is not named stays. What is not active cannot be chosen any more."""

    model_config = ConfigDict(json_schema_extra=all_stays)

    name_es: Name = ""
    name_en: Name = ""
    parent_id: Id | None = None
    is_active: bool = True


class ChoicesQuery(Input):
    """What is chosen from."""

    kind: ChoiceKind | None = None


class NewCalendar(Input):
    """When a house is open; without hours always."""

    name: Name
    zone: Line = Field(min_length=1, max_length=60)
    hours: Weekly = Field(default_factory=dict)
    closed: ClosedDays = ()
    country: Country | None = None
    subdivision: Line | None = Field(default=None, max_length=10)


class CalendarChange(Input):
    """What to change; what is not named stays."""

    model_config = ConfigDict(json_schema_extra=all_stays)

    name: Name = ""
    zone: Line = Field(default="", min_length=1, max_length=60)
    hours: Weekly = Field(default_factory=dict)
    closed: ClosedDays = ()
    country: Country | None = None
    subdivision: Line | None = Field(default=None, max_length=10)


class NewPolicy(Input):
    """What is promised, of which incidents; what is not said holds for all.

    ``by_contract`` holds where a contract names it; what is ``part_of`` such an agreement refines it for a
    kind, a priority or a tier.
    """

    name: Name
    calendar_id: Id
    kind: Kind | None = None
    priority: int | None = Field(default=None, ge=HIGHEST, le=LOWEST)
    tier: Line | None = Field(default=None, min_length=1, max_length=TIER_LENGTH)
    respond_s: Seconds | None = None
    resolve_s: Seconds | None = None
    warn_percent: Percent = WARN_PERCENT
    escalate_to: Id | None = None
    by_contract: bool = False
    part_of: Id | None = None


class PolicyChange(Input):
    """What to change; what is not named stays."""

    model_config = ConfigDict(json_schema_extra=all_stays)

    name: Name = ""
    calendar_id: Id = ""
    kind: Kind | None = None
    priority: int | None = Field(default=None, ge=HIGHEST, le=LOWEST)
    tier: Line | None = Field(default=None, min_length=1, max_length=TIER_LENGTH)
    respond_s: Seconds | None = None
    resolve_s: Seconds | None = None
    warn_percent: Percent = WARN_PERCENT
    escalate_to: Id | None = None
    by_contract: bool = False
    part_of: Id | None = None
    is_active: bool = True


class Choices(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that can be chosen, also what is not active any more."""

    items: tuple[Choice, ...]


class Calendars(msgspec.Struct, frozen=True, kw_only=True):
    """Calendars by name."""

    items: tuple[Hours, ...]


class Policies(msgspec.Struct, frozen=True, kw_only=True):
    """Policies by name."""

    items: tuple[Policy, ...]


@routes.get("/incident-choices")
@operation(Permission.READ_INCIDENTS, query=ChoicesQuery, returns=Choices)
async def list_choices(request: web.Request) -> web.Response:
    """List categories, product lines, teams and resolutions."""
    asked = read_query(request, ChoicesQuery)
    found = await request.app[CONTEXT].db.read(service_levels.choices_of, kind=asked.kind)
    return answer(Choices(items=tuple(found)))


@routes.post("/incident-choices")
@operation(
    Permission.SET_UP_INCIDENTS, body=NewChoice, returns=Choice, status=HTTPStatus.CREATED, takes_key=True
)
async def add_choice(request: web.Request) -> web.Response:
    """Add something to choose."""
    return await added(request, NewChoice, service_levels.add_choice)


@routes.patch("/incident-choices/{id}")
@operation(Permission.SET_UP_INCIDENTS, body=ChoiceChange, returns=Choice, takes_version=True)
async def change_choice(request: web.Request) -> web.Response:
    """Call it otherwise, put it elsewhere, or switch it off: what was chosen stays."""
    return await changed(request, ChoiceChange, service_levels.change_choice, "choice_id")


@routes.get("/calendars")
@operation(Permission.READ_INCIDENTS, returns=Calendars)
async def list_calendars(request: web.Request) -> web.Response:
    """List the calendars by which promises are counted."""
    return answer(Calendars(items=tuple(await request.app[CONTEXT].db.read(service_levels.calendars))))


@routes.post("/calendars")
@operation(
    Permission.SET_UP_INCIDENTS, body=NewCalendar, returns=Hours, status=HTTPStatus.CREATED, takes_key=True
)
async def add_calendar(request: web.Request) -> web.Response:
    """Add a calendar."""
    return await added(request, NewCalendar, service_levels.add_calendar)


@routes.patch("/calendars/{id}")
@operation(Permission.SET_UP_INCIDENTS, body=CalendarChange, returns=Hours, takes_version=True)
async def change_calendar(request: web.Request) -> web.Response:
    """Change a calendar; what is promised already is counted by it when the incident next changes."""
    return await changed(request, CalendarChange, service_levels.change_calendar, "calendar_id")


@routes.get("/sla-policies")
@operation(Permission.READ_INCIDENTS, returns=Policies)
async def list_policies(request: web.Request) -> web.Response:
    """List what is promised."""
    return answer(Policies(items=tuple(await request.app[CONTEXT].db.read(service_levels.policies))))


@routes.post("/sla-policies")
@operation(
    Permission.SET_UP_INCIDENTS, body=NewPolicy, returns=Policy, status=HTTPStatus.CREATED, takes_key=True
)
async def add_policy(request: web.Request) -> web.Response:
    """Add a policy: it holds for incidents that are opened, or get another priority, from now on."""
    return await added(request, NewPolicy, service_levels.add_policy)


@routes.patch("/sla-policies/{id}")
@operation(Permission.SET_UP_INCIDENTS, body=PolicyChange, returns=Policy, takes_version=True)
async def change_policy(request: web.Request) -> web.Response:
    """Change a policy, or switch it off: what was promised stays."""
    return await changed(request, PolicyChange, service_levels.change_policy, "policy_id")
