"""Looking for anything."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, get_args

import msgspec
from aiohttp import web
from pydantic import Field

from crm_core.domain.found import KINDS, Found, FoundOfKind, Kind, Place
from crm_core.domain.looking import StepName
from crm_core.services import search
from screenpop.api.exchange import Input, Line, answer, cursor_of, read_cursor, read_query
from screenpop.api.operation import operation
from screenpop.auth import identity_of
from screenpop.context import CONTEXT
from screenpop.permissions import Permission
from screenpop.places import region_of
from screenpop.problem import ProblemError
from screenpop.whole import hides_emails, looks_for_whole

routes = web.RouteTableDef()
LONGEST, FEW, MOST = 100, 8, 50
FARTHEST = 1 << 60
_DEMANDS: dict[Kind, Permission] = {
    "contact": Permission.READ_CONTACTS,
    "account": Permission.READ_CONTACTS,
    "incident": Permission.READ_INCIDENTS,
    "article": Permission.READ_INCIDENTS,
    "asset": Permission.READ_CONTACTS,
    "written": Permission.READ_CONTACTS,
}


class SearchQuery(Input):
    """``q``: words or how they begin, numbers in any writing or how they end, an incident's number.

    ``kind`` asks for records of that kind alone; then ``cursor`` is where an earlier answer ended.
    """

    q: Line = Field(max_length=LONGEST)
    kind: Kind | None = None
    limit: int = Field(default=FEW, ge=1, le=MOST)
    cursor: Line | None = Field(default=None, max_length=200)


class FoundGroup(msgspec.Struct, frozen=True, kw_only=True):
    """The records of one kind, the surest first; ``next`` is the cursor of what follows."""

    kind: Kind
    items: tuple[Found, ...]
    next: str | None


class SearchAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What was found, by kind; a kind that nothing was found of is left out."""

    groups: tuple[FoundGroup, ...]


@routes.get("/search")
@operation(Permission.READ_CONTACTS, query=SearchQuery, returns=SearchAnswer)
async def look_for(request: web.Request) -> web.Response:
    """Look for people, accounts, incidents, articles, equipment and interactions by what is known of them."""
    found = await found_for(request, read_query(request, SearchQuery))
    groups = (FoundGroup(kind=one.kind, items=one.items, next=cursor_of_group(one)) for one in found)
    return answer(SearchAnswer(groups=tuple(groups)))


async def found_for(request: web.Request, asked: SearchQuery) -> list[FoundOfKind]:
    """Return what is found for who asks, of the kinds that he may read; no kind without records.

    Raises:
        ProblemError: a cursor without a kind, or none of ours.
    """
    me, db = identity_of(request), request.app[CONTEXT].db
    kinds = [kind for kind in KINDS if asked.kind in (None, kind) and me.may(_DEMANDS[kind])]
    after, region = _place(asked), region_of(request)
    shared: dict[str, Any] = {"q": asked.q, "limit": asked.limit, "region": region, "within": me.scope.within}
    shared |= {"whole": looks_for_whole(me), "whole_addresses": hides_emails(me)}
    if asked.kind is None or not kinds:
        found = await db.read(search.everywhere, kinds=kinds, **shared)
        return [one for one in found if one.items]
    one = await db.read(search.of_kind, kind=asked.kind, after=after, **shared)
    return [one] if one.items else []


def cursor_of_group(group: FoundOfKind) -> str | None:
    """Return the cursor of what follows *group*."""
    return cursor_of(group.next[0], str(group.next[1])) if group.next else None


def _place(asked: SearchQuery) -> Place | None:
    place = read_cursor(asked.cursor)
    if place is None:
        return None
    step: StepName | None = next((one for one in get_args(StepName) if one == place[0]), None)
    digits = place[1]
    if asked.kind is None or step is None or not (digits.isascii() and digits.isdigit()):
        raise _bad_cursor()
    if int(digits[: len(str(FARTHEST))]) > FARTHEST or len(digits) > len(str(FARTHEST)):
        raise _bad_cursor()
    return step, int(digits)


def _bad_cursor() -> ProblemError:
    return ProblemError(HTTPStatus.BAD_REQUEST, "bad_cursor", "take the cursor from an earlier page")
