"""What was promised of incidents: when they are answered and resolved, and when one is warned. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec.structs import replace

from crm_core.domain.calendar import DAYS, Calendar, interval, knows_holidays
from crm_core.domain.errors import InvalidError
from crm_core.domain.incidents import HIGHEST, LOWEST, Incident, Kind
from crm_core.domain.working_time import Pause, due

Promise = Literal["respond", "resolve"]
Stage = Literal["warned", "breached"]
NAME_LENGTH, TIER_LENGTH = 80, 40
SHORTEST_S, LONGEST_S = 60, 366 * 24 * 3600
MOST_INTERVALS, MOST_CLOSED = 8, 366
WARN_PERCENT = 75


class Hours(msgspec.Struct, frozen=True, kw_only=True):
    """A business calendar.

    ``hours`` are by day of the week (``mon`` …), such as ``["09:00-14:00"]``; without any it is always open.
    ``closed`` are days of its own; with ``country`` (ISO 3166-1) and ``subdivision`` go public holidays.
    """

    id: str
    name: str
    zone: str
    hours: Mapping[str, tuple[str, ...]]
    closed: tuple[date, ...] = ()
    country: str | None = None
    subdivision: str | None = None
    version: int = 1


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """What is promised of incidents of a ``kind``, a ``priority`` and a company's ``tier``; None is any.

    ``respond_s`` and ``resolve_s`` are working time of the calendar, None promises nothing. At
    ``warn_percent`` of it somebody is warned; once it is broken the incident is of the team ``escalate_to``.
    ``by_contract`` holds only where a contract names it; what is ``part_of`` another agreement holds where
    that one is named, for its own kind, priority and tier.
    """

    id: str
    name: str
    calendar_id: str
    kind: Kind | None = None
    priority: int | None = None
    tier: str | None = None
    respond_s: int | None = None
    resolve_s: int | None = None
    warn_percent: int = WARN_PERCENT
    escalate_to: str | None = None
    by_contract: bool = False
    part_of: str | None = None
    is_active: bool = True
    version: int = 1


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """An instant at which somebody hears of an incident, unless it is dealt with before."""

    what: Promise
    stage: Stage
    at: datetime


class KeptDue(Due, frozen=True, kw_only=True):
    """A due of an incident as it is kept; ``told_at`` is None as long as nobody heard of it."""

    incident_id: str
    told_at: datetime | None = None


def checked_hours(one: Hours) -> Hours:
    """Return *one* when its calendar can be counted by.

    Raises:
        InvalidError: naming the first field that cannot be.
    """
    _name(one.name)
    if unknown := sorted(set(one.hours) - set(DAYS)):
        raise InvalidError("hours", f"{unknown[0]} is no day of the week; they are {', '.join(DAYS)}")
    if one.hours and not any(one.hours.values()):
        raise InvalidError("hours", "it is never open", fault="never_open")
    _demand_zone(one.zone)
    for day, told in one.hours.items():
        _demand_intervals(day, told)
    if len(one.closed) > MOST_CLOSED:
        raise InvalidError("closed", f"at most {MOST_CLOSED} days")
    _demand_holidays(one.country, one.subdivision)
    return one


def checked_policy(one: Policy) -> Policy:
    """Return *one* when it can be promised.

    Raises:
        InvalidError: naming the first field that cannot be.
    """
    _name(one.name)
    if one.respond_s is None and one.resolve_s is None:
        raise InvalidError("resolve_s", "it promises nothing", fault="no_promise")
    for field in ("respond_s", "resolve_s"):
        told = getattr(one, field)
        if told is not None and not SHORTEST_S <= told <= LONGEST_S:
            raise InvalidError(field, f"{SHORTEST_S} to {LONGEST_S} seconds")
    if one.priority is not None and not HIGHEST <= one.priority <= LOWEST:
        raise InvalidError("priority", f"{HIGHEST} (highest) to {LOWEST}")
    if not 1 <= one.warn_percent < 100:  # noqa: PLR2004 - of a hundred
        raise InvalidError("warn_percent", "1 to 99")
    if one.tier is not None and not 0 < len(one.tier) <= TIER_LENGTH:
        raise InvalidError("tier", f"1 to {TIER_LENGTH} characters")
    return one


def policy_for(policies: Iterable[Policy], incident: Incident, tier: str | None) -> Policy | None:
    """Return the policy that says most of *incident*, of a company of *tier*; None when none holds.

    A tier says more than a kind, and a kind more than a priority; of equals the first by name holds.
    """
    fitting = [one for one in policies if _fits(one, incident, tier)]
    return min(fitting, key=lambda one: (_vagueness(one), one.name, one.id), default=None)


def promised(
    incident: Incident, policy: Policy | None, calendar: Calendar | None
) -> tuple[Incident, Sequence[Due]]:
    """Return *incident* with what is promised of it by *policy*, and what is due.

    The clock of the answer stops at the first response; that of the resolution stands while the incident is
    held, and past holds count whatever policy came since. What is over keeps what it was measured by.
    """
    if policy is None or calendar is None:
        return _promising(incident, None, {}, ()), ()
    spans = _spans(policy)
    by = {what: _due(incident, calendar, what, span) for what, span in spans.items()}
    running = [what for what in spans if _is_running(incident, what)]
    shares: tuple[tuple[Stage, float], ...] = (("warned", policy.warn_percent / 100), ("breached", 1.0))
    dues = [
        Due(what=what, stage=stage, at=at)
        for what in running
        for stage, share in shares
        if (at := _due(incident, calendar, what, spans[what] * share)) is not None
    ]
    return _promising(incident, policy.id, by, dues), dues


def calendar_of(one: Hours) -> Calendar:
    """Return *one* as time is counted by it."""
    return _counted(one.zone, tuple(one.hours.items()), frozenset(one.closed), one.country, one.subdivision)


def replanned(
    kept: Iterable[KeptDue], wanted: Iterable[Due], now: datetime
) -> tuple[list[Due], list[Due], list[KeptDue]]:
    """Return which dues are new, which move, and which fall away, when *wanted* are due instead of *kept*.

    What was told stays told, unless it is promised again for an instant to come.
    """
    known = {(one.what, one.stage): one for one in kept}
    new, moved = [], []
    for due_now in wanted:
        was = known.pop((due_now.what, due_now.stage), None)
        if was is None:
            new.append(due_now)
        elif was.at != due_now.at and (was.told_at is None or due_now.at > now):
            moved.append(due_now)
    return new, moved, [one for one in known.values() if one.told_at is None]


def is_late(incident: Incident, what: Promise) -> bool | None:
    """Return whether a promise was broken that is over; None while it goes on, or when there was none."""
    by, at = (
        (incident.respond_by, incident.first_responded_at)
        if what == "respond"
        else (incident.resolve_by, incident.resolved_at)
    )
    return None if by is None or at is None else at > by


def _spans(policy: Policy) -> dict[Promise, timedelta]:
    told: tuple[tuple[Promise, int | None], ...] = (
        ("respond", policy.respond_s),
        ("resolve", policy.resolve_s),
    )
    return {what: timedelta(seconds=seconds) for what, seconds in told if seconds is not None}


def _is_running(incident: Incident, what: Promise) -> bool:
    if not incident.is_open:
        return False
    return incident.first_responded_at is None if what == "respond" else incident.waiting_for is None


def _due(incident: Incident, calendar: Calendar, what: Promise, span: timedelta) -> datetime | None:
    pauses: list[Pause] = [(one.at, one.until) for one in incident.holds] if what == "resolve" else []
    return due(calendar, incident.opened_at, span, pauses=pauses)


def _promising(
    incident: Incident, policy_id: str | None, by: Mapping[Promise, datetime | None], dues: Sequence[Due]
) -> Incident:
    next_due = min((one for one in dues if one.stage == "breached"), key=lambda one: one.at, default=None)
    warnings = (one.at for one in dues if next_due and one.what == next_due.what and one.stage == "warned")
    return replace(
        incident,
        policy_id=policy_id,
        respond_by=by.get("respond"),
        resolve_by=by.get("resolve"),
        due_at=next_due.at if next_due else None,
        warn_at=next(warnings, None),
    )


def _fits(policy: Policy, incident: Incident, tier: str | None) -> bool:
    asked = ((policy.kind, incident.kind), (policy.priority, incident.priority), (policy.tier, tier))
    return policy.is_active and all(wanted in (None, told) for wanted, told in asked)


def _vagueness(policy: Policy) -> tuple[bool, bool, bool]:
    return policy.tier is None, policy.kind is None, policy.priority is None


@lru_cache(maxsize=64)
def _counted(
    zone: str,
    hours: tuple[tuple[str, tuple[str, ...]], ...],
    closed: frozenset[date],
    country: str | None,
    subdivision: str | None,
) -> Calendar:
    return Calendar(
        zone=ZoneInfo(zone),
        hours={DAYS.index(day): tuple(map(interval, told)) for day, told in hours if told},
        closed=closed,
        country=country,
        subdivision=subdivision,
    )


def _name(name: str) -> None:
    if not 0 < len(name.strip()) <= NAME_LENGTH:
        raise InvalidError("name", f"1 to {NAME_LENGTH} characters")


def _demand_zone(zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (ValueError, OSError, ZoneInfoNotFoundError):  # a path, a folder, or nothing
        raise InvalidError("zone", "no time zone, such as Europe/Madrid", fault="unknown_zone") from None


def _demand_intervals(day: str, told: Sequence[str]) -> None:
    if len(told) > MOST_INTERVALS:
        raise InvalidError(f"hours.{day}", f"at most {MOST_INTERVALS} intervals a day")
    try:
        found = sorted(map(interval, told), key=lambda one: one.begin)
    except ValueError as error:
        raise InvalidError(f"hours.{day}", str(error), fault="no_hours") from None
    for one, following in pairwise(found):
        if one.end is None or following.begin < one.end:
            raise InvalidError(f"hours.{day}", "its intervals overlap", fault="overlap")


def _demand_holidays(country: str | None, subdivision: str | None) -> None:
    if not knows_holidays(country, subdivision):
        field = "subdivision" if subdivision else "country"
        raise InvalidError(field, "its public holidays are not known", fault="no_holidays")
