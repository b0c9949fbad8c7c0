"""Tasks: what is to be done for customers, and until when."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated

import msgspec
from aiohttp import web
from pydantic import AfterValidator, AwareDatetime, ConfigDict, Field
from pydantic_core import PydanticCustomError

from crm_core.domain.ids import new_id
from crm_core.domain.tasks import NOTE_LENGTH, TITLE_LENGTH, Listed, Task, Wanted
from crm_core.services import tasks
from screenpop.api.call_filter import YEARS, Instant
from screenpop.api.calls import known_call
from screenpop.api.deeds import changed
from screenpop.api.exchange import (
    Id,
    Input,
    Line,
    PageQuery,
    Prose,
    all_stays,
    answer,
    cursor_after,
    read_body,
    read_query,
    read_time_cursor,
)
from screenpop.api.operation import operation
from screenpop.auth import identity_of
from screenpop.confining import demand_call, demand_incident
from screenpop.context import CONTEXT
from screenpop.permissions import Permission
from screenpop.scope import Scope

routes = web.RouteTableDef()
TASKS = "/tasks"


def _due(value: datetime) -> datetime:
    if value.year not in YEARS:
        raise PydanticCustomError("not_a_time", "nobody does anything then")
    return value.astimezone(UTC)


Due = Annotated[AwareDatetime, AfterValidator(_due)]
UserId = Annotated[Line, Field(max_length=36)]
_SOME_TIME = datetime(2026, 1, 1, tzinfo=UTC)


class NewTask(Input):
    """What is to be done until when, by whom, and for whom; of an incident or a call it is its customer."""

    title: Line = Field(min_length=1, max_length=TITLE_LENGTH)
    note: Prose | None = Field(default=None, max_length=NOTE_LENGTH)
    due_at: Due
    assignee: UserId | None = None
    contact_id: Id | None = None
    account_id: Id | None = None
    incident_id: Id | None = None
    call_id: Id | None = None


class TaskChange(Input):
    """What to change; what is not named stays."""

    model_config = ConfigDict(json_schema_extra=all_stays)

    title: Line = Field(default="", min_length=1, max_length=TITLE_LENGTH)
    note: Prose | None = Field(default=None, max_length=NOTE_LENGTH)
    due_at: Due = _SOME_TIME
    assignee: UserId | None = None
    is_done: bool = False


class TasksQuery(PageQuery):
    """Which tasks: those that are open, or those that are done.

    Those of ``team_of`` (a user's id) are of everybody who is in a team with him.
    """

    done: bool = False
    assignee: UserId | None = None
    team_of: UserId | None = None
    unassigned: bool = False
    contact_id: Id | None = None
    account_id: Id | None = None
    incident_id: Id | None = None
    call_id: Id | None = None
    due_before: Instant | None = None

    def wanted(self, scope: Scope) -> Wanted:
        """Return what is looked for, as far as it is in *scope*."""
        same = {name: getattr(self, name) for name in _SAME}
        return Wanted(is_open=not self.done, is_unassigned=self.unassigned, within=scope.within, **same)


_SAME = ("assignee", "team_of", "contact_id", "account_id", "incident_id", "call_id", "due_before")


class TaskPage(msgspec.Struct, frozen=True, kw_only=True):
    """Tasks with the names of their people; ``next`` is the cursor of what follows."""

    items: tuple[Listed, ...]
    next: str | None


@routes.post(TASKS)
@operation(Permission.WRITE_INCIDENTS, body=NewTask, returns=Task, status=HTTPStatus.CREATED, takes_key=True)
async def add_task(request: web.Request) -> web.Response:
    """Note what is to be done."""
    context, by = request.app[CONTEXT], identity_of(request).user
    asked, now = await read_body(request, NewTask), context.now()
    await demand_incident(request, asked.incident_id)
    await demand_call(request, asked.call_id)
    if asked.call_id:
        await known_call(context, asked.call_id)
    made = Task(id=new_id(now, secrets.token_bytes(10)), created_at=now, created_by=by, **asked.model_dump())
    kept = await context.db.run(tasks.add, task=made, by=by, now=now)
    return answer(kept, status=HTTPStatus.CREATED, version=kept.version)


@routes.get(TASKS)
@operation(Permission.READ_INCIDENTS, query=TasksQuery, returns=TaskPage)
async def list_tasks(request: web.Request) -> web.Response:
    """List tasks: what is open first due first, what is done last done first."""
    asked = read_query(request, TasksQuery)
    found = await request.app[CONTEXT].db.read(
        tasks.find,
        wanted=asked.wanted(identity_of(request).scope),
        place=read_time_cursor(asked.cursor),
        limit=asked.limit + 1,
    )
    more = cursor_after(found, limit=asked.limit, place=place_of)
    return answer(TaskPage(items=tuple(found[: asked.limit]), next=more))


@routes.get(f"{TASKS}/{{id}}")
@operation(Permission.READ_INCIDENTS, returns=Task)
async def get_task(request: web.Request) -> web.Response:
    """Return one task, with its version as ``ETag``."""
    task = await request.app[CONTEXT].db.read(tasks.get, task_id=request.match_info["id"])
    return answer(task, version=task.version)


@routes.patch(f"{TASKS}/{{id}}")
@operation(Permission.WRITE_INCIDENTS, body=TaskChange, returns=Task, takes_version=True)
async def change_task(request: web.Request) -> web.Response:
    """Change a task, or say that it is done, or is not; 412 with the newer one when somebody was quicker."""
    return await changed(request, TaskChange, tasks.change, "task_id", tasks.get)


def place_of(one: Listed) -> tuple[str, str]:
    """Return where *one* is in its list."""
    return (one.task.done_at or one.task.due_at).isoformat(), one.task.id
