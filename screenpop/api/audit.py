"""The audit: who did what, to which record, and from where."""

from __future__ import annotations

from datetime import datetime

import msgspec
from aiohttp import web
from pydantic import Field

from crm_core.domain.audit import Change, Deed, Wanted
from crm_core.services import audit
from screenpop.api.exchange import Line, Moment, PageQuery, answer, cursor_of, place_of_cursor, read_query
from screenpop.api.operation import operation
from screenpop.context import CONTEXT
from screenpop.permissions import Permission

routes = web.RouteTableDef()


class AuditQuery(PageQuery):
    """Which entries: ``what`` is how the deed begins, ``who`` a user's id, the rest names a record."""

    who: Line | None = Field(default=None, max_length=80)
    what: Line | None = Field(default=None, max_length=80)
    kind: Line | None = Field(default=None, max_length=40)
    record_id: Line | None = Field(default=None, max_length=80)
    since: Moment | None = None
    until: Moment | None = None

    def wanted(self) -> Wanted:
        """Return what is asked of the records."""
        return Wanted(
            who=self.who,
            what=self.what,
            kind=self.kind,
            record_id=self.record_id,
            since=self.since,
            until=self.until,
        )


class AuditedDeed(msgspec.Struct, frozen=True, kw_only=True):
    """Who (``name``) did what to which record; ``changes``: before and after, null where it is personal."""

    at: datetime
    who: str
    name: str
    what: str
    address: str | None
    kind: str | None
    record_id: str | None
    changes: dict[str, Change]


class AuditPage(msgspec.Struct, frozen=True, kw_only=True):
    """Deeds, newest first; ``next`` is the cursor of what follows."""

    items: tuple[AuditedDeed, ...]
    next: str | None


@routes.get("/audit")
@operation(Permission.READ_AUDIT, query=AuditQuery, returns=AuditPage)
async def get_audit(request: web.Request) -> web.Response:
    """Return what was done, newest first: sign-ins, exports, erasures, interventions, rights given."""
    asked = read_query(request, AuditQuery)
    found = await request.app[CONTEXT].db.read(
        audit.find,
        wanted=asked.wanted(),
        before=place_of_cursor(asked.cursor),
        limit=asked.limit + 1,
    )
    shown = found[: asked.limit]
    more = cursor_of("pos", str(shown[-1].pos)) if len(found) > asked.limit else None
    return answer(AuditPage(items=tuple(map(_told, shown)), next=more))


def _told(one: Deed) -> AuditedDeed:
    return AuditedDeed(**msgspec.structs.asdict(one.entry), name=one.name)
