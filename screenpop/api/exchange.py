"""Reading requests and writing answers: JSON in checked, JSON out, versions, cursors."""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any, TypeVar

import msgspec
from aiohttp import hdrs, web
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)
from pydantic_core import PydanticCustomError

from crm_core.domain.words import is_one_line
from screenpop.masked import demand_none_masked
from screenpop.problem import ProblemError

Model = TypeVar("Model", bound=BaseModel)
Item = TypeVar("Item")
LARGEST_JSON, BODY_WITHIN_S = 64 * 1024, 10.0
DEFAULT_PAGE, LARGEST_PAGE = 50, 200
_ALLOWED_CONTROLS = frozenset("\n\t\r")
ETAG_PATTERN = r'^(W/)?("[0-9]{1,9}"|[0-9]{1,9})$'
_ETAG = re.compile(ETAG_PATTERN)
_YEAR = re.compile(r"[0-9]{4}-")


def _text(value: str) -> str:
    if any(unicodedata.category(sign) == "Cc" and sign not in _ALLOWED_CONTROLS for sign in value):
        raise PydanticCustomError("not_text", "control characters are not text")
    return value


def _line(value: str) -> str:
    if not is_one_line(value):
        raise PydanticCustomError("not_one_line", "this is one line of text")
    return value


def _written(value: object) -> object:
    if isinstance(value, str) and not _YEAR.match(value.strip()):
        raise PydanticCustomError("not_a_time", "a time is written as 2026-11-24T16:00:00Z")
    return value


def stays(schema: dict[str, Any]) -> None:
    """Leave the default out of the description of a change's field: what is not named stays as it is."""
    schema.pop("default", None)


def all_stays(schema: dict[str, Any]) -> None:
    """Leave the defaults out of the description of a change: what is not named stays as it is."""
    for field in schema.get("properties", {}).values():
        stays(field)


ONE_LINE = AfterValidator(_line)
Line = Annotated[str, ONE_LINE]
Prose = Annotated[str, AfterValidator(_text)]
Moment = Annotated[AwareDatetime, BeforeValidator(_written)]
"""A time with its offset; a number of seconds is none."""
Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


class Input(BaseModel):
    """What comes from outside: unknown fields are errors, blanks around text are dropped."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True)


class PageQuery(Input):
    """Which part of a list: ``limit`` items behind ``cursor``, which an earlier page gave."""

    limit: int = Field(default=DEFAULT_PAGE, ge=1, le=LARGEST_PAGE)
    cursor: Line | None = Field(default=None, max_length=200)


async def read_body(request: web.Request, model: type[Model], *, may_echo: bool = False) -> Model:
    """Return the body of *request* as *model*: what is a number or a yes there is sent as one, not as text.

    Who is not shown numbers sends none back as he was shown it, unless the record is known by which
    that can be told (*may_echo*).

    Raises:
        ProblemError: not JSON by its type (415), too large (413), too slow (408), or masked (422).
        ValidationError: with everything that is wrong with it.
    """
    if request.content_type != "application/json":
        raise ProblemError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "not_json", "send application/json")
    body = model.model_validate_json(await read_raw(request), strict=True)
    if not may_echo:
        demand_none_masked(request, body)
    return body


async def read_raw(request: web.Request) -> bytes:
    """Return the bytes of the body.

    Raises:
        ProblemError: too large (413), or too slow (408).
    """
    try:
        async with asyncio.timeout(BODY_WITHIN_S):
            raw = await request.read()
    except TimeoutError:
        raise ProblemError(HTTPStatus.REQUEST_TIMEOUT, "too_slow") from None
    if len(raw) > LARGEST_JSON:
        raise ProblemError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large")
    return raw


def read_query(request: web.Request, model: type[Model]) -> Model:
    """Return what stands behind the question mark as *model*; a name given twice is an error."""
    given = list(request.query.items())
    if len(given) != len(dict(given)):
        raise ProblemError(HTTPStatus.BAD_REQUEST, "malformed", "a parameter is given twice")
    return model.model_validate(dict(given))


def answer(value: Any, *, status: HTTPStatus = HTTPStatus.OK, version: int | None = None) -> web.Response:
    """Return *value* as JSON, with its version as ``ETag``."""
    headers = {hdrs.ETAG: f'"{version}"'} if version is not None else None
    return web.Response(
        body=msgspec.json.encode(value),
        status=status.value,
        content_type="application/json",
        headers=headers,
    )


def version_wanted(request: web.Request) -> int:
    """Return the version that ``If-Match`` names.

    Raises:
        ProblemError: without one (428, RFC 6585), or with one that is not ours (400).
    """
    text = request.headers.get(hdrs.IF_MATCH)
    if text is None:
        raise ProblemError(
            HTTPStatus.PRECONDITION_REQUIRED, "version_required", "send If-Match with the ETag"
        )
    if not _ETAG.fullmatch(text):
        raise ProblemError(HTTPStatus.BAD_REQUEST, "malformed", "If-Match is not an ETag of ours")
    return int(text.removeprefix("W/").strip('"'))


def cursor_of(*parts: str) -> str:
    """Return an opaque place in a list."""
    return base64.urlsafe_b64encode("\n".join(parts).encode()).decode().rstrip("=")


def cursor_after(
    found: Sequence[Item], *, limit: int, place: Callable[[Item], tuple[str, ...]]
) -> str | None:
    """Return the cursor of what follows the first *limit* items of *found*; None when nothing does."""
    return cursor_of(*place(found[limit - 1])) if len(found) > limit else None


def read_cursor(text: str | None) -> tuple[str, str] | None:
    """Return the place that *text* names, a key and an id; None at the beginning.

    Raises:
        ProblemError: when it is none of ours.
    """
    if text is None:
        return None
    try:
        found = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().split("\n")
    except (binascii.Error, UnicodeError, ValueError):
        found = []
    if len(found) != 2 or "\0" in "".join(found):  # noqa: PLR2004 - key and id
        raise _bad_cursor()
    return found[0], found[1]


def place_of_cursor(text: str | None) -> int | None:
    """Return the place that *text* names in a list that is numbered.

    Raises:
        ProblemError: when it is none of ours.
    """
    place = read_cursor(text)
    if place is None:
        return None
    kind, digits = place
    if kind != "pos" or not (digits.isascii() and digits.isdigit() and len(digits) <= 18):  # noqa: PLR2004 - below 2**63
        raise _bad_cursor()
    return int(digits)


def read_time_cursor(text: str | None) -> tuple[datetime, str] | None:
    """Return the place that *text* names in a list ordered by time: an instant and an id.

    Raises:
        ProblemError: when it is none of ours.
    """
    place = read_cursor(text)
    if place is None:
        return None
    try:
        at = datetime.fromisoformat(place[0]).astimezone(UTC)
    except (ValueError, OverflowError):
        raise _bad_cursor() from None
    return at, place[1]


def _bad_cursor() -> ProblemError:
    return ProblemError(HTTPStatus.BAD_REQUEST, "bad_cursor", "take the cursor from an earlier page")
