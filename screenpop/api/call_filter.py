"""Which calls are asked for: read from an address, by REST and by pages alike."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Final

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from crm_core.domain.calls import Direction, Outcome
from crm_core.domain.search import Wanted
from crm_core.domain.sla import Figure
from crm_core.services.reports import with_number
from screenpop.api.exchange import Id, Input, Line, Moment
from screenpop.scope import Scope

YEARS: Final = range(1970, 2200)


def _instant(value: datetime) -> datetime:
    if value.year not in YEARS:
        raise PydanticCustomError("not_a_time", "there are no calls of that time")
    return value.astimezone(UTC)


Instant = Annotated[Moment, AfterValidator(_instant)]


class CallFilter(Input):
    """What calls have in common; what is not named is not asked for.

    ``since`` (inclusive) and ``until`` (exclusive) bound the call's begin; with ``queue`` or ``figure`` the
    entry into the queue. ``number`` is the customer's in any writing, or an extension. ``missed`` are those
    that rang at ``agent`` in vain; without an agent those from outside that nobody took. ``figure`` asks for
    the calls that a queue's figure counts.
    """

    since: Instant | None = None
    until: Instant | None = None
    number: Line | None = Field(default=None, max_length=60)
    contact_id: Id | None = None
    agent: Line | None = Field(default=None, max_length=40)
    missed: bool = False
    pbx: Line | None = Field(default=None, max_length=32)
    queue: Line | None = Field(default=None, max_length=80)
    figure: Figure | None = None
    direction: Direction | None = None
    outcome: Outcome | None = None


def wanted_by(asked: CallFilter, *, region: str, scope: Scope) -> Wanted:
    """Return what is asked for, as far as it is in *scope*; a number is read as in *region*."""
    wanted = Wanted(
        since=asked.since,
        until=asked.until,
        contact_ids=(asked.contact_id,) if asked.contact_id else None,
        agent=asked.agent,
        missed=asked.missed,
        pbx=asked.pbx,
        queue=asked.queue,
        figure=asked.figure,
        direction=asked.direction,
        outcome=asked.outcome,
        within=scope.within,
    )
    return with_number(wanted, asked.number, region=region) if asked.number else wanted
