"""How far a list is: every lead is counted once, so that the figures add up. Pure.

loaded = waiting + blocked + called;  called = reached + not reached
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import msgspec

from crm_core.domain.campaigns import LeadState, Outcome, Result
from crm_core.domain.dial_gate import Reason

UNTOLD, UNDER_WAY = "untold", "under_way"


class LeadCount(msgspec.Struct, frozen=True, kw_only=True):
    """How many leads are alike."""

    state: LeadState
    outcome: Outcome | None
    is_reached: bool
    blocked: Reason | None
    is_called: bool
    count: int


class TryCount(msgspec.Struct, frozen=True, kw_only=True):
    """How many tries are alike; ``result`` is None while the line is dialled or talked on."""

    verdict: Reason
    result: Result | None
    count: int


class Funnel(msgspec.Struct, frozen=True, kw_only=True):
    """A list from top to bottom.

    ``waiting`` were never called and may be; ``blocked`` were never called because the gate was closed when
    they were last looked at, by reason. ``called`` were dialled once at least, ``outcomes`` is the last word
    about each of them (``untold``: none yet), ``done`` are never dialled again. ``dials`` counts lines by
    their end (``under_way``: none yet), ``refused`` the tries that were forbidden when they were asked for.
    """

    loaded: int
    waiting: int
    blocked: dict[str, int]
    called: int
    reached: int
    done: int
    outcomes: dict[str, int]
    dials: dict[str, int]
    refused: dict[str, int]


def funnel(leads: Iterable[LeadCount], tries: Iterable[TryCount]) -> Funnel:
    """Return the figures of a list from its counts."""
    listed, tried = list(leads), list(tries)
    fresh = [one for one in listed if not one.is_called]
    called = [one for one in listed if one.is_called]
    return Funnel(
        loaded=_sum(listed),
        waiting=_sum(one for one in fresh if one.blocked is None),
        blocked=_by((one.blocked, one.count) for one in fresh if one.blocked is not None),
        called=_sum(called),
        reached=_sum(one for one in called if one.is_reached),
        done=_sum(one for one in listed if one.state == "done"),
        outcomes=_by((one.outcome or UNTOLD, one.count) for one in called),
        dials=_by((one.result or UNDER_WAY, one.count) for one in tried if one.verdict == "allowed"),
        refused=_by((one.verdict, one.count) for one in tried if one.verdict != "allowed"),
    )


def _sum(counts: Iterable[LeadCount]) -> int:
    return sum(one.count for one in counts)


def _by(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for kind, count in pairs:
        found[kind] += count
    return dict(found)
