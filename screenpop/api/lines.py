"""Lines: what our numbers and queues are called; colours, greetings, the number shown, a page of a CRM."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

import msgspec
from aiohttp import hdrs, web
from pydantic import AfterValidator, Field, TypeAdapter

from crm_core.domain.errors import InvalidError, NotFoundError
from crm_core.domain.lines import Colour, CrmMode, Line, LineKey, LineKind
from crm_core.services import lines
from screenpop.api import exchange
from screenpop.api.exchange import Input, answer, read_body, version_wanted
from screenpop.api.operation import operation
from screenpop.auth import identity_of
from screenpop.context import CONTEXT, Context
from screenpop.permissions import Permission

routes = web.RouteTableDef()
PATH = "/lines/{pbx}/{kind}/{code}"
LONGEST_CODE = 80
_KEY: TypeAdapter[tuple[str, LineKind, str]] = TypeAdapter(
    tuple[exchange.Line, LineKind, Annotated[exchange.Line, Field(max_length=LONGEST_CODE)]]
)


def _none_when_empty(value: str | None) -> str | None:
    return value or None


Text = Annotated[exchange.Line | None, AfterValidator(_none_when_empty)]


class LineInput(Input):
    """What a number or a queue is called; all of it, each time.

    A queue may have a promise of its own (``within_s``, ``short_abandon_s``) and a team; null: as all queues.
    ``crm_url`` may hold ``{number}``, ``{contact_id}``, ``{call_id}``, ``{did}`` and ``{queue}``.
    """

    name: exchange.Line = Field(min_length=1, max_length=80)
    colour: Colour | None = None
    greeting_es: Text = Field(default=None, max_length=300)
    greeting_en: Text = Field(default=None, max_length=300)
    caller_id: Text = Field(default=None, max_length=24)
    crm_url: Text = Field(default=None, max_length=1000)
    crm_mode: CrmMode = "tab"
    within_s: int | None = Field(default=None, ge=1, le=3_600)
    short_abandon_s: int | None = Field(default=None, ge=0, le=600)
    team_id: exchange.Id | None = None


class Lines(msgspec.Struct, frozen=True, kw_only=True):
    """All lines, by exchange, kind and code."""

    items: tuple[Line, ...]


@routes.get("/lines")
@operation(Permission.READ_CALLS, returns=Lines)
async def list_lines(request: web.Request) -> web.Response:
    """List what numbers and queues are called."""
    return answer(Lines(items=tuple(await request.app[CONTEXT].db.read(lines.every))))


@routes.get(PATH)
@operation(Permission.READ_CALLS, returns=Line)
async def get_line(request: web.Request) -> web.Response:
    """Return one, with its version as ``ETag``; ``kind`` is ``did`` or ``queue``."""
    line = await request.app[CONTEXT].db.read(lines.get, key=_key(request))
    return answer(line, version=line.version)


@routes.put(PATH)
@operation(Permission.NAME_LINES, body=LineInput, returns=Line, heeds_version=True)
async def put_line(request: web.Request) -> web.Response:
    """Say what a number or a queue is called: a new one without ``If-Match``, else the version that is named.

    412 with the newer one when somebody was quicker. Cards that are drawn from now on show it.
    """
    context, key = request.app[CONTEXT], _key(request)
    version = version_wanted(request) if hdrs.IF_MATCH in request.headers else None
    line = _line(key, await read_body(request, LineInput))
    _check_place(line, context)
    kept = await context.db.run(
        lines.put, line=line, version=version, by=identity_of(request).user, now=context.now()
    )
    return answer(kept, version=kept.version)


@routes.delete(PATH)
@operation(Permission.NAME_LINES, status=HTTPStatus.NO_CONTENT, takes_version=True)
async def delete_line(request: web.Request) -> web.Response:
    """Let a number or a queue be called as the exchange calls it."""
    context = request.app[CONTEXT]
    await context.db.run(
        lines.remove,
        key=_key(request),
        version=version_wanted(request),
        by=identity_of(request).user,
        now=context.now(),
    )
    return web.Response(status=HTTPStatus.NO_CONTENT)


def _key(request: web.Request) -> LineKey:
    """Return which line the path names.

    Raises:
        NotFoundError: no line can be called that.
    """
    named = tuple(request.match_info[part] for part in ("pbx", "kind", "code"))
    try:
        return _KEY.validate_python(named)
    except ValueError:
        raise NotFoundError("line", "/".join(named)) from None


def _line(key: LineKey, asked: LineInput) -> Line:
    pbx, kind, code = key
    return Line(pbx=pbx, kind=kind, code=code, **asked.model_dump())


def _check_place(line: Line, context: Context) -> None:
    """Demand an exchange that there is, and for a frame a page that the settings let stand in one.

    Raises:
        NotFoundError: there is no such exchange.
        InvalidError: the page may not stand in a frame.
    """
    if line.pbx not in context.floors:
        raise NotFoundError("exchange", line.pbx)
    if line.crm_url and line.crm_mode == "frame" and not context.lines.may_frame(line.crm_url):
        raise InvalidError("crm_mode", "its origin is not in http.frame_origins of the settings")
