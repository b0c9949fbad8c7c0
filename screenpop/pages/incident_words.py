"""Words for what incidents hold as codes: kinds, fields, deeds; and how their clocks stand. As filters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, Literal

import msgspec

from crm_core.domain.incident_entries import EntryKind
from crm_core.domain.incident_lists import MOST_COUNTED
from crm_core.domain.incidents import Entitles, Incident, Kind, State, WaitingFor
from crm_core.domain.masking import GONE
from crm_core.domain.service_levels import Promise, is_late
from screenpop.i18n import Translator
from screenpop.pages.looks import N_
from screenpop.pages.words import PRIORITIES, STATES, reader

KINDS: Final[dict[Kind, str]] = {
    "incident": N_("Incident"),
    "request": N_("Request"),
    "problem": N_("Problem"),
    "complaint": N_("Complaint"),
    "question": N_("Question"),
}
LEVELS: Final = {1: N_("High"), 2: N_("Medium"), 3: N_("Low")}
WAITS: Final[dict[WaitingFor, str]] = {
    "customer": N_("Pending on the customer"),
    "vendor": N_("Pending on the vendor"),
}
STEPS: Final[dict[State, str]] = {
    "in_progress": N_("Start work"),
    "resolved": N_("Resolve"),
    "closed": N_("Close"),
    "cancelled": N_("Cancel incident"),
}
"""What a step to a state is called on its button."""
FIELDS: Final[dict[str, str]] = {
    "subject": N_("Subject"),
    "description": N_("Details"),
    "kind": N_("Kind"),
    "impact": N_("Impact"),
    "urgency": N_("Urgency"),
    "priority": N_("Priority"),
    "priority_reason": N_("Reason for the priority"),
    "state": N_("State"),
    "waiting_for": N_("Waiting for"),
    "category_id": N_("Category"),
    "product_line_id": N_("Product line"),
    "asset_id": N_("Customer's equipment"),
    "assignee": N_("Assigned to"),
    "team_id": N_("Team"),
    "parent_id": N_("Problem behind it"),
    "resolution_id": N_("Resolution"),
    "cause": N_("Cause"),
    "policy_id": N_("Agreement"),
}
ENTRIES: Final[dict[EntryKind, tuple[str, str]]] = {
    "note": ("pencil-line", N_("Internal note")),
    "reply": ("message-circle", N_("Told to the customer")),
    "change": ("check", N_("Changed")),
    "merge": ("ticket", N_("Made a part of another incident")),
    "warned": ("hourglass", N_("The time is running out")),
    "breached": ("octagon-alert", N_("The time is over")),
}
ENTITLED: Final[dict[Entitles, str]] = {
    "asset": N_("By a contract for this piece"),
    "contact": N_("By the customer's contract"),
    "account": N_("By the company's contract"),
}
PROMISES: Final[dict[Promise, str]] = {
    "respond": N_("First response"),
    "resolve": N_("Resolution"),
}
CHOICES: Final = {
    "category": N_("Categories"),
    "product_line": N_("Product lines"),
    "team": N_("Teams"),
    "resolution": N_("Resolutions"),
}
DAYS: Final = {
    "mon": N_("Monday"),
    "tue": N_("Tuesday"),
    "wed": N_("Wednesday"),
    "thu": N_("Thursday"),
    "fri": N_("Friday"),
    "sat": N_("Saturday"),
    "sun": N_("Sunday"),
}
LONGEST_VALUE: Final = 200
Stand = Literal["runs", "held", "kept", "broken", "none"]


class Clock(msgspec.Struct, frozen=True, kw_only=True):
    """How a promise stands: it runs until ``due``, is held ``since``, is kept or broken, or there is none."""

    stand: Stand
    due: datetime | None = None
    warn: datetime | None = None
    since: datetime | None = None
    late_s: float = 0.0


def clock_of(incident: Incident, what: Promise) -> Clock:
    """Return how one promise of *incident* stands."""
    by = incident.respond_by if what == "respond" else incident.resolve_by
    done = incident.first_responded_at if what == "respond" else incident.resolved_at
    late = is_late(incident, what)
    if late is not None and by is not None and done is not None:
        return Clock(stand="broken" if late else "kept", due=by, late_s=max(0.0, (done - by).total_seconds()))
    if what == "resolve" and incident.waiting_for and incident.policy_id:
        return Clock(stand="held", due=by, since=incident.holds[-1].at)
    if by is None or not incident.is_open:
        return Clock(stand="none")
    return Clock(stand="runs", due=by, warn=incident.warn_at if incident.due_at == by else None)


def next_clock(incident: Incident) -> Clock:
    """Return how the promise stands that is to be kept next; of what is over, that of its resolution."""
    is_asked = incident.is_open and incident.due_at is not None
    what: Promise = "respond" if is_asked and incident.due_at == incident.respond_by else "resolve"
    return clock_of(incident, what)


def held_s(incident: Incident, now: datetime) -> float:
    """Return how long *incident* was held, by the clock on the wall."""
    spans = ((one.until or now) - one.at for one in incident.holds)
    return sum(spans, timedelta()).total_seconds()


def span_text(seconds: float) -> str:
    """Return a span as people say it in both languages: ``48 min``, ``3 h 20``, ``19 h``, ``2 d``."""
    minutes = int(seconds // 60)
    if minutes < 60:  # noqa: PLR2004 - an hour
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    if hours < 24:  # noqa: PLR2004 - a day
        return f"{hours} h {rest:02}" if rest and hours < 10 else f"{hours} h"  # noqa: PLR2004 - two digits
    return f"{hours // 24} d"


def values(t: Translator, names: Mapping[str, str]) -> Callable[[str, Any], str]:
    """Return what says a field's value in words; *names* are those of what is behind ids."""
    tables: dict[str, Mapping[Any, str]] = {
        "kind": KINDS,
        "impact": LEVELS,
        "urgency": LEVELS,
        "priority": PRIORITIES,
        "state": STATES,
        "waiting_for": WAITS,
    }

    def said(field: str, value: Any) -> str:
        if value is None or value == "":
            return "—"
        if field in tables:
            return t.gettext(tables[field].get(value, str(value)))
        return names.get(value, str(value))[:LONGEST_VALUE]

    return said


def filters(t: Translator) -> dict[str, Callable[..., Any]]:
    """Return the filters by name."""
    tables: dict[str, Mapping[Any, str]] = {
        "incident_kind": KINDS,
        "level": LEVELS,
        "waits": WAITS,
        "incident_step": STEPS,
        "incident_field": FIELDS,
        "entry": {kind: word for kind, (_, word) in ENTRIES.items()},
        "promise": PROMISES,
        "entitled": ENTITLED,
        "choices": CHOICES,
        "day": DAYS,
    }
    return {name: reader(table, t) for name, table in tables.items()} | {
        "is_many": lambda number: number > MOST_COUNTED,
        "is_masked": lambda value: value == GONE,
        "entry_icon": lambda kind: ENTRIES[kind][0],
        "sla_clock": clock_of,
        "next_clock": next_clock,
        "held_s": held_s,
        "span": span_text,
    }
