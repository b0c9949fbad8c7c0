"""How a call, a visit and an attempt ended, told from what was seen. Pure functions, one table each."""

from __future__ import annotations

from ami_bridge.domain.events import OfferEnd
from ami_bridge.domain.story import Story
from crm_core.domain.calls import AttemptResult, Outcome, VisitOutcome

BUSY, NO_USER, NO_ANSWER, UNREGISTERED, REJECTED, ELSEWHERE = 17, 18, 19, 20, 21, 26
BY_CAUSE: dict[int, AttemptResult] = {
    BUSY: "busy",
    REJECTED: "rejected",
    NO_USER: "no_answer",
    NO_ANSWER: "no_answer",
    UNREGISTERED: "unreachable",
    1: "unreachable",
    3: "unreachable",
    27: "unreachable",
    34: "unreachable",
    38: "unreachable",
}
BY_DIAL_STATUS: dict[str, AttemptResult] = {
    "ANSWER": "answered",
    "BUSY": "busy",
    "CONGESTION": "unreachable",
    "CHANUNAVAIL": "unreachable",
    "NOANSWER": "no_answer",
    "CANCEL": "cancelled",
}
"""https://docs.asterisk.org/Latest_API/API_Documentation/Dialplan_Applications/Dial/ (DIALSTATUS)"""
OUTCOME_OF_ATTEMPT: dict[AttemptResult, Outcome] = {
    "busy": "busy",
    "no_answer": "no_answer",
    "rejected": "no_answer",
    "unreachable": "failed",
    "cancelled": "no_answer",
    "forwarded": "failed",
}
OUTCOME_OF_VISIT: dict[VisitOutcome, Outcome] = {
    "abandoned": "abandoned",
    "timeout": "timeout",
    "refused": "refused",
    "exit_key": "self_service",
    "left_empty": "refused",
    "redirected": "abandoned",
    "withdrawn": "abandoned",
    "cut": "cut",
}

BY_QUEUE_STATUS: dict[str, VisitOutcome] = {
    "TIMEOUT": "timeout",
    "FULL": "refused",
    "JOINEMPTY": "refused",
    "JOINUNAVAIL": "refused",
    "LEAVEEMPTY": "left_empty",
    "LEAVEUNAVAIL": "left_empty",
    "WITHDRAW": "withdrawn",
}
"""https://docs.asterisk.org/Latest_API/API_Documentation/Dialplan_Applications/Queue/ (QUEUESTATUS)"""


def attempt_result(said: AttemptResult | None, cause: int | None) -> AttemptResult:
    """Return what became of a rung phone: its hang-up cause tells more than what Dial() said.

    app_queue says NOANSWER for a busy phone; only cause 17 tells.
    """
    if cause is not None and cause in BY_CAUSE:
        return BY_CAUSE[cause]
    return said or "no_answer"


def offer_end(story: Story, result: AttemptResult) -> OfferEnd:
    """Return why the card of a phone goes away."""
    if result == "answered":
        return "answered"
    if story.is_connected or story.is_taken():
        return "answered_elsewhere"
    if story.customer is None or story.customer.asked_to_end:
        return "caller_left"
    if story.was_given_up or result == "forwarded":
        return "redirected"
    if result == "cancelled":
        return "answered_elsewhere" if story.record.answered_at else "no_answer"
    return result


def visit_outcome(story: Story) -> VisitOutcome:
    """Return how the open visit ended, now that the customer is out of the queue unanswered."""
    customer = story.customer
    if story.is_connected:
        return "answered"
    left = customer is None or customer.asked_to_end
    if story.was_given_up:
        return "abandoned" if left else "timeout"
    if not story.has_left_queue:
        return "abandoned" if left else "cut"
    return "abandoned" if left else "exit_key"


def call_outcome(story: Story) -> Outcome:
    """Return how the whole call ended."""
    record = story.record
    if record.answered_at is not None:
        return "answered"
    if record.visits:
        return OUTCOME_OF_VISIT.get(record.visits[-1].outcome or "cut", "abandoned")
    if record.direction == "inbound" and story.asked_by == "customer" and record.attempts:
        return "abandoned"
    if record.attempts:
        last = record.attempts[-1]
        to_agent_first = story.customer is None and record.direction == "outbound"
        return "failed" if to_agent_first else OUTCOME_OF_ATTEMPT.get(last.result or "no_answer", "no_answer")
    if story.customer is not None and story.customer.is_up:
        return "self_service"
    return "abandoned" if story.asked_by == "customer" else "failed"
