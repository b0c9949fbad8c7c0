"""What a queue promises, and what one stay in it counts as."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final, Literal, get_args

import msgspec

from crm_core.domain.calls import Visit, VisitOutcome

Counted = Literal["answered", "abandoned", "short_abandoned", "left", "refused"]
Figure = Literal[
    "offered", "answered", "in_time", "abandoned", "short_abandoned", "left", "refused", "counted", "waited"
]
"""A figure's name, as it is asked which visits are behind it (``is_behind``)."""

FIGURES: Final[tuple[Figure, ...]] = get_args(Figure)
BESIDE: Final[Mapping[VisitOutcome, Counted]] = {"answered": "answered", "refused": "refused"}
"""Outcomes that are counted by their own name; whoever went otherwise hung up or ``left``."""


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """An answer ``within`` is in time; who hangs up within ``short_abandon`` is not counted. Both inclusive.

    Raises:
        ValueError: *within* is not positive, or *short_abandon* is negative.
    """

    within: timedelta = timedelta(seconds=20)
    short_abandon: timedelta = timedelta(seconds=5)

    def __post_init__(self) -> None:
        if self.within <= timedelta(0) or self.short_abandon < timedelta(0):
            raise ValueError("an answer takes time, and nobody hangs up before he came")


class Targets(msgspec.Struct, frozen=True, kw_only=True):
    """What each queue promises: ``own`` by exchange and queue, the others what all do."""

    of_all: Target
    own: Mapping[tuple[str, str], Target] = {}

    def of(self, pbx: str, queue: str) -> Target:
        """Return what a queue promises."""
        return self.own.get((pbx, queue), self.of_all)


def counted_as(visit: Visit, target: Target) -> Counted | None:
    """Return what *visit* counts as; None while it goes on.

    Who left without a time that is known abandoned it, or left it: he is never dropped.
    """
    if visit.outcome is None:
        return None
    if visit.outcome == "abandoned":
        is_short = visit.wait_s is not None and visit.wait_s <= target.short_abandon.total_seconds()
        return "short_abandoned" if is_short else "abandoned"
    return BESIDE.get(visit.outcome, "left")


def is_in_time(visit: Visit, target: Target) -> bool:
    """Return whether *visit* was answered within the target; one whose wait is not known was not."""
    return (
        visit.outcome == "answered"
        and visit.wait_s is not None
        and visit.wait_s <= target.within.total_seconds()
    )


def is_behind(figure: Figure, visit: Visit, target: Target) -> bool:
    """Return whether *visit* is one of those that *figure* counts.

    ``counted`` are those of the service level; ``waited`` are all that were let in, also who waits now.
    """
    kind = counted_as(visit, target)
    match figure:
        case "offered":
            return kind not in (None, "refused")
        case "waited":
            return kind != "refused"
        case "in_time":
            return is_in_time(visit, target)
        case "counted":
            return kind in ("answered", "abandoned")
        case _:
            return kind == figure
