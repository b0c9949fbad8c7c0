"""Campaigns: a list of people to be called, what each was tried for, and what came of it.

``OUTCOMES`` is the one table that says what follows from how a try ended. Counts and rules of dialling are
``dial_gate``'s.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal, get_args

import msgspec

from crm_core.domain.calls import AttemptResult, Call
from crm_core.domain.dial_gate import Reason, Rules
from crm_core.domain.errors import InvalidError

CampaignState = Literal["running", "paused"]
LeadState = Literal["promised", "waiting", "done"]
Told = Literal[
    "success", "no_interest", "refused", "callback", "voicemail", "no_answer", "busy", "wrong_number"
]
Outcome = Literal[Told, "rejected", "unreachable", "cancelled", "not_dialled"]
Result = Literal[AttemptResult, "not_dialled"]
TOLD: tuple[Told, ...] = get_args(Told)
STATES: tuple[CampaignState, ...] = get_args(CampaignState)
NAME_LENGTH, NOTE_LENGTH = 80, 2000
CLAIMED_FOR, DIALLED_FOR = timedelta(minutes=15), timedelta(hours=2)
RESERVED_FOR = timedelta(days=1)
"""How long after its time a callback of one's own waits for its agent before it is anyone's."""
AFTER_BUSY, AFTER_NO_ANSWER = timedelta(minutes=20), timedelta(hours=3)
FURTHEST_CALLBACK = timedelta(days=180)


class Follows(msgspec.Struct, frozen=True):
    """What follows from an outcome: whether somebody was spoken with, and when to try again (None: not)."""

    is_reached: bool
    again_after: timedelta | None


OUTCOMES: dict[Outcome, Follows] = {
    "success": Follows(is_reached=True, again_after=None),
    "no_interest": Follows(is_reached=True, again_after=None),
    "refused": Follows(is_reached=True, again_after=None),
    "callback": Follows(is_reached=True, again_after=None),
    "voicemail": Follows(is_reached=False, again_after=AFTER_NO_ANSWER),
    "no_answer": Follows(is_reached=False, again_after=AFTER_NO_ANSWER),
    "busy": Follows(is_reached=False, again_after=AFTER_BUSY),
    "wrong_number": Follows(is_reached=False, again_after=None),
    "rejected": Follows(is_reached=False, again_after=AFTER_NO_ANSWER),
    "unreachable": Follows(is_reached=False, again_after=AFTER_NO_ANSWER),
    "cancelled": Follows(is_reached=False, again_after=AFTER_NO_ANSWER),
    "not_dialled": Follows(is_reached=False, again_after=timedelta(0)),
}
_OF_RESULT: dict[Result, Outcome | None] = {
    "answered": None,  # what was said is for the agent to tell
    "busy": "busy",
    "no_answer": "no_answer",
    "rejected": "rejected",
    "unreachable": "unreachable",
    "cancelled": "cancelled",
    "forwarded": "no_answer",
    "not_dialled": "not_dialled",
}


class Campaign(msgspec.Struct, frozen=True, kw_only=True):
    """A list and its rules; numbers without a country code are read as of ``region``."""

    id: str
    name: str
    region: str
    state: CampaignState = "running"
    rules: Rules = Rules()
    created_at: datetime
    created_by: str | None = None


class Lead(msgspec.Struct, frozen=True, kw_only=True):
    """One person on a list.

    ``numbers`` are those that are not known to be wrong, the first is tried first. ``due_at`` is when the
    lead is the next agent's to take; while somebody has it, ``claimed_by``, that is when it goes back by
    itself. A callback of one's own is kept for its agent (``reserved_for``). ``blocked`` is why the gate did
    not let it through when it was last asked.
    """

    id: str
    campaign_id: str
    place: int
    name: str
    company: str | None = None
    numbers: tuple[str, ...]
    zone: str | None = None
    fields: dict[str, str] = {}
    state: LeadState = "waiting"
    due_at: datetime
    not_before: datetime | None = None
    reserved_for: str | None = None
    claimed_by: str | None = None
    attempt_id: str | None = None
    attempts: int = 0
    outcome: Outcome | None = None
    is_reached: bool = False
    blocked: Reason | None = None
    version: int = 1


class DialAttempt(msgspec.Struct, frozen=True, kw_only=True):
    """One dial of one lead that was asked for; ``verdict`` is what the gate said, by the rule ``source``.

    ``until`` is when it would let it through. ``result`` is what the exchange told of the line, ``outcome``
    what came of it: of a line that nobody answered that follows, else the agent tells it (``told_by``). A
    forbidden try has neither: nothing was dialled.
    """

    id: str
    campaign_id: str
    lead_id: str
    number: str
    agent: str
    at: datetime
    verdict: Reason
    until: datetime | None = None
    source: str
    call_id: str | None = None
    result: Result | None = None
    outcome: Outcome | None = None
    told_by: str | None = None
    note: str | None = None


def checked(campaign: Campaign) -> Campaign:
    """Return *campaign* when every field can be kept.

    Raises:
        InvalidError: naming the first that cannot.
    """
    if not 0 < len(campaign.name.strip()) <= NAME_LENGTH:
        raise InvalidError("name", f"1 to {NAME_LENGTH} characters")
    return campaign


def result_of(call: Call) -> Result:
    """Return what became of a dialled line; the agent's phone rings first, then the customer's."""
    if call.answered_at is not None:
        return "answered"
    if len(call.attempts) < 2:  # noqa: PLR2004 - his phone and the customer's
        return "not_dialled"
    result = call.attempts[-1].result or "no_answer"
    return "cancelled" if result == "no_answer" and call.hung_up_by == "agent" else result


def outcome_of(result: Result) -> Outcome | None:
    """Return what follows from *result* by itself; None when the agent has to tell."""
    return _OF_RESULT[result]


def claimed(lead: Lead, *, agent: str, now: datetime) -> Lead:
    """Return *lead* as *agent* has it before him."""
    return msgspec.structs.replace(
        lead,
        claimed_by=agent,
        attempt_id=None,
        due_at=now + CLAIMED_FOR,
        blocked=None,
        version=lead.version + 1,
    )


def put_back(lead: Lead, *, until: datetime, blocked: Reason | None = None) -> Lead:
    """Return *lead* as nobody has it, to be offered from *until* on; *blocked* says what it waits for."""
    return msgspec.structs.replace(
        lead, claimed_by=None, due_at=until, blocked=blocked, version=lead.version + 1
    )


def closed(lead: Lead, *, blocked: Reason | None = None) -> Lead:
    """Return *lead* as it is never dialled again."""
    return msgspec.structs.replace(
        lead, state="done", claimed_by=None, reserved_for=None, blocked=blocked, version=lead.version + 1
    )


def dialled(lead: Lead, *, attempt_id: str, now: datetime) -> Lead:
    """Return *lead* while its line is dialled and talked on."""
    return msgspec.structs.replace(
        lead,
        attempt_id=attempt_id,
        attempts=lead.attempts + 1,
        due_at=now + DIALLED_FOR,
        version=lead.version + 1,
    )


def settled(lead: Lead, attempt: DialAttempt, outcome: Outcome, *, rules: Rules, now: datetime) -> Lead:
    """Return *lead* after a try ended so; told again otherwise, the later word counts.

    A callback is for ``promised``; a wrong number is dropped, and the lead goes on with its next one.
    """
    if outcome == "not_dialled":
        return _not_dialled(lead, now)
    follows = OUTCOMES[outcome]
    numbers, again = lead.numbers, follows.again_after
    if outcome == "wrong_number":
        numbers = tuple(one for one in numbers if one != attempt.number)
        again = timedelta(0) if numbers else None
    after = msgspec.structs.replace(
        lead,
        numbers=numbers or lead.numbers,
        outcome=outcome,
        is_reached=lead.is_reached or follows.is_reached,
        state="waiting",
        reserved_for=None,
    )
    if again is None:
        return closed(after)
    if after.attempts >= rules.at_all:
        return closed(after, blocked="attempts_used_up")
    return put_back(msgspec.structs.replace(after, not_before=now + again), until=now + again)


def _not_dialled(lead: Lead, now: datetime) -> Lead:
    """Return *lead* when the agent's own phone was not answered: he still has it, and nobody was called."""
    before = msgspec.structs.replace(lead, attempts=lead.attempts - 1)
    return claimed(before, agent=lead.claimed_by, now=now) if lead.claimed_by else put_back(before, until=now)


def promised(lead: Lead, *, at: datetime, agent: str | None, now: datetime) -> Lead:
    """Return *lead* when he wants to be called at *at*, by *agent* or by whoever is free.

    Raises:
        InvalidError: that is in the past, or further away than anybody remembers.
    """
    if not now <= at <= now + FURTHEST_CALLBACK:
        raise InvalidError("callback_at", f"from now on, at most {FURTHEST_CALLBACK.days} days ahead")
    after = msgspec.structs.replace(
        lead, state="promised", outcome="callback", is_reached=True, reserved_for=agent, not_before=at
    )
    return put_back(after, until=at)
