"""The dial gate: may this number be dialled now, why not, and when next? Pure.

Asked when a lead is claimed and again at the instant of dialling. The rules are those of the law where the
number is at home; where we know of none, the house's own. When a number may be in several time zones (a
mobile) it must be a lawful hour in all of them. What no number tells is not known here: regional and local
holidays, and lists of exclusion that were not loaded.

Sources:
    ES: Real Decreto Legislativo 1/2007, art. 96.2 (text of Ley 3/2014).
    FR: Code de la consommation, art. D223-9 (décret n° 2022-1313).
    US: 47 CFR § 64.1200(c)(1) and (d).
    Consent and objection: GDPR art. 6(1), 7(3), 21(3).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec
import phonenumbers
from phonenumbers.timezone import time_zones_for_number

from crm_core.domain.consents import Basis, Standing

Reason = Literal[
    "allowed",
    "do_not_call",
    "consent_refused",
    "no_consent",
    "attempts_used_up",
    "place_unknown",
    "attempts_in_law",
    "attempts_today",
    "too_soon",
    "hours",
]
NEVER_AGAIN: frozenset[Reason] = frozenset(
    {"do_not_call", "consent_refused", "attempts_used_up", "place_unknown"}
)
MARKETING: frozenset[Basis] = frozenset({"consent", "legitimate_interests"})
"""Grounds on which somebody is called to be sold something; he may refuse it."""
A_DAY, A_MONTH, LOOKS_AHEAD_DAYS = timedelta(days=1), timedelta(days=30), 21
UNKNOWN_ZONE = "Etc/Unknown"
OpenHours = tuple[tuple[time, time], ...]
IsHoliday = Callable[[str, date], bool]


class Law(msgspec.Struct, frozen=True, kw_only=True):
    """When commercial calls are lawful: ``hours`` by weekday (Monday first), local time at the number.

    ``in_a_month`` is how often one number may be tried in 30 days; None where the law does not count.
    """

    hours: tuple[OpenHours, ...]
    keeps_holidays: bool
    in_a_month: int | None = None
    source: str


def _week(working_day: OpenHours, *, weekend: OpenHours = ()) -> tuple[OpenHours, ...]:
    return (working_day,) * 5 + (weekend,) * 2


_NINE_TO_NINE: OpenHours = ((time(9), time(21)),)
_EIGHT_TO_NINE: OpenHours = ((time(8), time(21)),)
LAWS: dict[str, Law] = {
    "ES": Law(hours=_week(_NINE_TO_NINE), keeps_holidays=True, source="RDL 1/2007, art. 96.2"),
    "FR": Law(
        hours=_week(((time(10), time(13)), (time(14), time(20)))),
        keeps_holidays=True,
        in_a_month=4,
        source="Code de la consommation, art. D223-9",
    ),
    "US": Law(
        hours=_week(_EIGHT_TO_NINE, weekend=_EIGHT_TO_NINE),
        keeps_holidays=False,
        source="47 CFR 64.1200(c)(1)",
    ),
}
OWN_RULE = Law(hours=_week(((time(9), time(20)),)), keeps_holidays=True, source="own rule")
"""For numbers of a country whose law we do not know."""


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """What a campaign adds to the law: dials of one number in 24 hours, of one lead at all.

    ``basis`` is the ground on which the people of its list are called: ``consent`` is each one's own, as it
    is noted of him; for another one the house answers. Who refused to be sold something is called on grounds
    that are not marketing only.
    """

    in_a_day: int = 3
    at_all: int = 8
    basis: Basis = "legitimate_interests"


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What the gate is asked about.

    ``dials`` are the instants at which the number was dialled in the last 30 days, by whatever campaign;
    ``used`` how often its lead was dialled by this one; ``not_before`` is when the last outcome allows the
    next try; ``zone`` (IANA) where the list says in which time zone the customer lives.
    """

    number: str
    zone: str | None = None
    is_do_not_call: bool = False
    standing: Standing = "unknown"
    dials: Sequence[datetime] = ()
    used: int = 0
    not_before: datetime | None = None


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """The answer, by the rule ``source``; from ``until`` on it may be dialled, None: never."""

    reason: Reason
    until: datetime | None = None
    source: str = "own rule"

    @property
    def is_allowed(self) -> bool:
        """Whether it may be dialled now."""
        return self.reason == "allowed"


def verdict(asked: Question, *, rules: Rules, is_holiday: IsHoliday, now: datetime) -> Verdict:
    """Return whether the number may be dialled at *now*.

    The first rule that forbids it answers; ``until`` heeds the hours as well, so that who asks again then
    is let through unless something else happened.
    """
    if (forbidden := _unwanted(asked, rules.basis)) is not None:
        return forbidden
    if asked.used >= rules.at_all:
        return Verdict(reason="attempts_used_up")
    zones, region = zones_of(asked.number, asked.zone), region_of(asked.number)
    if not zones or region is None:
        return Verdict(reason="place_unknown")
    law = LAWS.get(region, OWN_RULE)
    reason, free_at, source = _counted(asked, rules=rules, law=law, now=now)

    def is_off(day: date) -> bool:
        return law.keeps_holidays and is_holiday(region, day)

    until = _lawful_from(free_at, zones=zones, law=law, is_off=is_off)
    if reason is not None:
        return Verdict(reason=reason, until=until, source=source)
    if until != now:
        return Verdict(reason="hours", until=until, source=law.source)
    return Verdict(reason="allowed", until=now, source=law.source)


def _unwanted(asked: Question, basis: Basis) -> Verdict | None:
    """Return what forbids the call by what the customer wishes; None when nothing does."""
    if asked.is_do_not_call:
        return Verdict(reason="do_not_call", source="47 CFR 64.1200(d); AEPD Circular 1/2023")
    if basis in MARKETING and asked.standing in {"refused", "withdrawn"}:
        return Verdict(reason="consent_refused", source="GDPR art. 7(3), 21(3)")
    if basis == "consent" and asked.standing != "given":
        return Verdict(reason="no_consent", source="GDPR art. 6(1)(a)")
    return None


def zones_of(number: str, told: str | None = None) -> tuple[ZoneInfo, ...]:
    """Return all time zones in which *number* (E.164) may be; *told* is where the list says it is."""
    if told is not None:
        return (ZoneInfo(told),)
    names = time_zones_for_number(phonenumbers.parse(number))
    return tuple(ZoneInfo(name) for name in names if name != UNKNOWN_ZONE)


def region_of(number: str) -> str | None:
    """Return the country (ISO 3166-1) of *number* (E.164); None of one that is in no country."""
    read = phonenumbers.parse(number)
    region = phonenumbers.region_code_for_number(read) or phonenumbers.region_code_for_country_code(
        read.country_code or 0
    )
    return None if region in {"ZZ", phonenumbers.REGION_CODE_FOR_NON_GEO_ENTITY} else region


def _counted(
    asked: Question, *, rules: Rules, law: Law, now: datetime
) -> tuple[Reason | None, datetime, str]:
    """Return which count forbids it, from when on none does, and whose rule that is."""
    found: list[tuple[datetime, Reason, str]] = []
    if law.in_a_month is not None and (at := _freed(asked.dials, law.in_a_month, A_MONTH, now)):
        found.append((at, "attempts_in_law", law.source))
    if at := _freed(asked.dials, rules.in_a_day, A_DAY, now):
        found.append((at, "attempts_today", "own rule"))
    if asked.not_before is not None and asked.not_before > now:
        found.append((asked.not_before, "too_soon", "own rule"))
    if not found:
        return None, now, ""
    latest = max(found)
    return latest[1], latest[0], latest[2]


def _freed(dials: Sequence[datetime], most: int, within: timedelta, now: datetime) -> datetime | None:
    """Return when fewer than *most* of *dials* will be less than *within* ago; None when that is so."""
    recent = sorted(at for at in dials if now - at < within)
    return recent[-most] + within if len(recent) >= most else None


def _lawful_from(
    at: datetime, *, zones: Sequence[ZoneInfo], law: Law, is_off: Callable[[date], bool]
) -> datetime | None:
    """Return the first instant from *at* on that is lawful in all *zones*; None when there is none soon."""

    def is_lawful(instant: datetime) -> bool:
        return all(_is_open(instant.astimezone(zone), law, is_off) for zone in zones)

    candidates = sorted({at, *(one for one in _openings(at, zones, law) if one > at)})
    return next((one for one in candidates if is_lawful(one)), None)


def _openings(at: datetime, zones: Sequence[ZoneInfo], law: Law) -> Iterator[datetime]:
    for zone in zones:
        today = at.astimezone(zone).date()
        for days in range(LOOKS_AHEAD_DAYS):
            day = today + timedelta(days=days)
            for begin, _ in law.hours[day.weekday()]:
                yield datetime.combine(day, begin, tzinfo=zone).astimezone(UTC)


def _is_open(local: datetime, law: Law, is_off: Callable[[date], bool]) -> bool:
    hours = law.hours[local.weekday()]
    return not is_off(local.date()) and any(begin <= local.time() < end for begin, end in hours)
