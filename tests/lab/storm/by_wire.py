"""How a call of the storm must stand in the history, by what SIPp wrote down and when the exchange died."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from lab.storm.office import CLOSED, MENU, Kind
from lab.storm.site import Outage
from lab.truth import BECAUSE_S
from lab.wire import Wire

DOUBT_S = 0.2
"""What was on the wire so shortly before the exchange was killed it may have heard, or not."""
BOOT_S = 2.0
"""So long after it says that it is there an exchange may still turn callers away whom it heard before."""
BUSY = 486
Fate = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """One call; instants in seconds since the epoch.

    ``fates``: outcome and who hung up; more than one when the exchange died in that moment. ``talked``: the
    seconds of those who talked to the caller, by phone. ``is_sure``: whether the exchange took it at all.
    """

    started_at: float
    ended_at: float
    fates: tuple[Fate, ...]
    talked: dict[str, float] = field(default_factory=dict)
    is_sure: bool = True


def expected(kind: Kind, caller: Wire, legs: Sequence[Wire], outages: Sequence[Outage]) -> Expected | None:
    """Return what must be told of a call; None when the exchange took no notice of it."""
    started_at = caller.invite_at or 0.0
    if not caller.was_heard:
        return None
    killed = next((one for one in outages if _was_on(caller, one)), None)
    fates = tuple(dict.fromkeys(_fates(kind, caller, legs, killed)))
    ended_at = caller.ended_at or 0.0
    if killed is not None and not ended_at < killed.at:
        ended_at = killed.at
    return Expected(
        started_at=started_at,
        ended_at=ended_at,
        fates=fates,
        talked=_talked(legs, ended_at),
        is_sure=not any(_may_be_unnoticed(caller, one) for one in outages),
    )


def _was_on(caller: Wire, outage: Outage) -> bool:
    """Return whether the exchange died while the call was on, or as it ended."""
    ended_at = caller.ended_at or float("inf")
    return (caller.invite_at or 0.0) < outage.at < ended_at + DOUBT_S


def _may_be_unnoticed(caller: Wire, outage: Outage) -> bool:
    """Return whether it died as the call came, or was not there yet and turned it away."""
    came_at = caller.invite_at or 0.0
    came_as_it_died = outage.at - DOUBT_S < came_at <= outage.at
    was_turned_away = caller.answered_at is None and caller.status not in (None, BUSY)
    return came_as_it_died or (was_turned_away and outage.at <= came_at <= outage.until + BOOT_S)


def _fates(kind: Kind, caller: Wire, legs: Sequence[Wire], killed: Outage | None) -> Iterator[Fate]:
    answers = [leg.answered_at for leg in legs if leg.answered_at]
    if killed is None:
        yield from _as_it_ended(kind, caller, legs)
        return
    if any(at < killed.at for at in answers):
        yield "answered", "system"
    if not any(at < killed.at - DOUBT_S for at in answers):
        yield "cut", "system"
    if caller.ended_at is not None and caller.ended_at < killed.at:  # it may have heard that, or not
        yield from _as_it_ended(kind, caller, legs)


def _as_it_ended(kind: Kind, caller: Wire, legs: Sequence[Wire]) -> Iterator[Fate]:
    """Yield what became of a call that nothing cut; when no phone rang no wire tells menu and queue apart."""
    by = _ended_by(caller, legs)
    if any(leg.answered_at for leg in legs):
        yield "answered", by
    elif by == "customer":
        yield "abandoned", by
        if kind is MENU and not legs:
            yield "self_service", by
    elif caller.answered_at is None:
        yield ("busy" if caller.status == BUSY else "no_answer"), by
    else:
        yield ("refused" if kind is CLOSED else "timeout"), by


def _ended_by(caller: Wire, legs: Sequence[Wire]) -> str:
    if caller.bye_by == "us" or caller.cancel_at:
        return "customer"
    at = caller.ended_at or 0.0
    left = [leg for leg in legs if leg.bye_by == "us" and not _has_handed_on(leg, legs)]
    return "agent" if any(abs((leg.bye_at or 0.0) - at) < BECAUSE_S for leg in left) else "system"


def _has_handed_on(leg: Wire, legs: Sequence[Wire]) -> bool:
    """Return whether somebody else was dialled at his word: when he hangs up then, nothing ends."""
    return leg.refer_at is not None and any((other.invite_at or 0.0) > leg.refer_at for other in legs)


def _talked(legs: Sequence[Wire], ended_at: float) -> dict[str, float]:
    """Return the seconds of each who talked: until he hung up or handed on, or the caller was gone."""
    found: dict[str, float] = {}
    for leg in legs:
        if leg.answered_at is not None and leg.answered_at < ended_at:
            until = min(at for at in (leg.refer_at, leg.ended_at, ended_at) if at is not None)
            found[f"PJSIP/{leg.number}"] = found.get(f"PJSIP/{leg.number}", 0.0) + until - leg.answered_at
    return found
