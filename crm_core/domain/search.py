"""Which calls somebody looks for."""

from __future__ import annotations

from datetime import datetime

import msgspec

from crm_core.domain.calls import Call, Direction, Outcome, Visit
from crm_core.domain.confines import Confines
from crm_core.domain.history import LOST, agents_of
from crm_core.domain.sla import Figure, Target, Targets, is_behind


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What the calls have in common; None asks for all.

    ``since`` is inclusive, ``until`` exclusive; they bound the call's begin, and with ``queue`` or
    ``figure`` the entry into the queue. ``numbers`` are the customer's, in E.164; ``digits`` what stood in
    place of a caller's number that is none of the public net; ``contact_ids`` who he may be (of nobody there
    are no calls). ``missed`` are those that rang at ``agent`` in vain, without one those from outside that
    nobody took. ``within`` are those that somebody sees who is confined to his teams.
    """

    since: datetime | None = None
    until: datetime | None = None
    numbers: tuple[str, ...] = ()
    digits: str | None = None
    contact_ids: tuple[str, ...] | None = None
    agent: str | None = None
    missed: bool = False
    pbx: str | None = None
    queue: str | None = None
    figure: Figure | None = None
    direction: Direction | None = None
    outcome: Outcome | None = None
    within: Confines | None = None

    @property
    def is_about_visits(self) -> bool:
        """Return whether a stay in a queue is what is looked for."""
        return self.queue is not None or self.figure is not None


def fits(call: Call, wanted: Wanted, targets: Targets) -> bool:
    """Return whether *call* is one of those that are looked for."""
    return (
        (wanted.within is None or wanted.within.sees_call(call))
        and _is_theirs(call, wanted)
        and _is_with(call, wanted)
        and wanted.pbx in (None, call.pbx)
        and wanted.direction in (None, call.direction)
        and wanted.outcome in (None, call.outcome)
        and _is_then(call, wanted, targets)
    )


def _is_theirs(call: Call, wanted: Wanted) -> bool:
    return (
        (wanted.contact_ids is None or call.contact_id in wanted.contact_ids)
        and (not wanted.numbers or call.customer in wanted.numbers)
        and wanted.digits in (None, call.ani)
    )


def _is_with(call: Call, wanted: Wanted) -> bool:
    if wanted.agent is None:
        return not wanted.missed or (call.direction == "inbound" and call.outcome in LOST)
    his = agents_of(call)
    return wanted.agent in his and (his[wanted.agent] or not wanted.missed)


def _is_then(call: Call, wanted: Wanted, targets: Targets) -> bool:
    if not wanted.is_about_visits:
        return _is_between(call.started_at, wanted)
    return any(_is_meant(one, wanted, targets.of(call.pbx, one.queue)) for one in call.visits)


def _is_meant(visit: Visit, wanted: Wanted, target: Target) -> bool:
    return (
        wanted.queue in (None, visit.queue)
        and _is_between(visit.entered_at, wanted)
        and (wanted.figure is None or is_behind(wanted.figure, visit, target))
    )


def _is_between(at: datetime, wanted: Wanted) -> bool:
    return (wanted.since is None or wanted.since <= at) and (wanted.until is None or at < wanted.until)
