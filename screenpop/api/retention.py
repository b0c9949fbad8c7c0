"""How long records are kept, and what would go today."""

from __future__ import annotations

import msgspec
from aiohttp import web
from pydantic import Field

from crm_core.domain.retention import LONGEST, SHORTEST, Outlook, RecordKind, RetentionRule
from crm_core.services import retention
from screenpop.api.exchange import Input, answer, read_body, read_query, version_wanted
from screenpop.api.operation import operation
from screenpop.auth import identity_of
from screenpop.context import CONTEXT
from screenpop.permissions import Permission
from screenpop.places import address_of

routes = web.RouteTableDef()
RULES = "/retention"


class RuleInput(Input):
    """For how many days; null: for good."""

    days: int | None = Field(ge=min(SHORTEST.values()), le=LONGEST)


class OutlookQuery(Input):
    """Which kind, if it were kept for so many days."""

    kind: RecordKind
    days: int = Field(ge=min(SHORTEST.values()), le=LONGEST)


class RetentionRules(msgspec.Struct, frozen=True, kw_only=True):
    """The rule of each kind of record; its ``version`` is demanded by a change."""

    items: tuple[RetentionRule, ...]


@routes.get(RULES)
@operation(Permission.KEEP_PRIVACY, returns=RetentionRules)
async def list_rules(request: web.Request) -> web.Response:
    """List how long records of each kind are kept, and how many went in the last night."""
    return answer(RetentionRules(items=tuple(await request.app[CONTEXT].db.read(retention.rules))))


@routes.put(f"{RULES}/{{kind:(?!outlook$)[^/]+}}")
@operation(Permission.KEEP_PRIVACY, body=RuleInput, returns=RetentionRule, takes_version=True)
async def put_rule(request: web.Request) -> web.Response:
    """Keep records of a kind for so many days from the next night on; 412 when somebody was quicker."""
    context, version = request.app[CONTEXT], version_wanted(request)
    asked = await read_body(request, RuleInput)
    kept = await context.db.run(
        retention.set_rule,
        kind=request.match_info["kind"],
        days=asked.days,
        version=version,
        by=identity_of(request).user,
        address=address_of(request),
        now=context.now(),
    )
    return answer(kept, version=kept.version)


@routes.get(f"{RULES}/outlook")
@operation(Permission.KEEP_PRIVACY, query=OutlookQuery, returns=Outlook)
async def get_outlook(request: web.Request) -> web.Response:
    """Return what would go today of a kind that is kept for so many days; nothing goes by asking."""
    asked, context = read_query(request, OutlookQuery), request.app[CONTEXT]
    found = await context.db.read(retention.outlook, kind=asked.kind, days=asked.days, now=context.now())
    return answer(found)
