"""How a call, a visit and an attempt ended, told from what was seen. Pure functions, one table each."""

from __future__ import annotations

from ami_bridge.domain.events import OfferEnd
from ami_bridge.domain.story import Offer, Story
from crm_core.domain.calls import Attempt, AttemptResult, Outcome, VisitOutcome

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
    "answered": "no_answer",
}
OUTCOME_OF_VISIT: dict[VisitOutcome, Outcome] = {
    "abandoned": "abandoned",
    "timeout": "timeout",
    "refused": "refused",
    "exit_key": "self_service",
    "answered": "answered",
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
    "EXITWITHKEY": "exit_key",  # as queue_log has it; Queue() itself says nothing then
}
"""https://docs.asterisk.org/Latest_API/API_Documentation/Dialplan_Applications/Queue/ (QUEUESTATUS)"""


def attempt_result(story: Story, offer: Offer, cause: int | None) -> AttemptResult:
    """Return what became of a rung phone, now that it is not rung any more.

    Its hang-up cause tells more than what Queue() said of it (NOANSWER for a busy phone, too). A phone that
    was rung until somebody else decided otherwise was cancelled.
    """
    result = BY_CAUSE.get(cause) if cause is not None else None
    result = result or offer.said or "no_answer"
    if result == "no_answer" and (
        cause == ELSEWHERE
        or story.is_taken()
        or story.was_given_up
        or story.is_cut
        or (story.customer is not None and story.customer.asked_to_end)
    ):
        return "cancelled"
    return result


def offer_end(story: Story, result: AttemptResult) -> OfferEnd:
    """Return why the card of a phone goes away unanswered."""
    if story.is_cut:
        return "cut"
    if story.is_taken():
        return "answered_elsewhere"
    if story.has_customer_left():
        return "caller_left"
    if story.was_given_up:
        return "redirected"
    return _END_OF_OFFER[result]


_END_OF_OFFER: dict[AttemptResult, OfferEnd] = {
    "busy": "busy",
    "rejected": "rejected",
    "no_answer": "no_answer",
    "unreachable": "unreachable",
    "forwarded": "redirected",
    "cancelled": "answered_elsewhere",
    "answered": "answered",
}


def visit_outcome(story: Story) -> VisitOutcome:
    """Return how the open visit ended, now that the customer is out of the queue unanswered."""
    if story.is_cut:
        return "cut"
    if story.has_customer_left():
        return "abandoned"
    if story.was_given_up:
        return _given_up(story)
    return "exit_key" if story.has_left_queue else "cut"


def _given_up(story: Story) -> VisitOutcome:
    """Return how a visit ended that the queue gave up, when nobody said that the customer hangs up."""
    if story.was_sent_away:
        return "redirected"
    if not story.was_silenced:
        return "timeout"
    return "redirected" if story.is_on_the_line() else "abandoned"


def call_outcome(story: Story) -> Outcome:
    """Return how the whole call ended."""
    record = story.record
    if record.answered_at is not None:
        return "answered"
    if story.is_cut or story.has_left_message:
        return "cut" if story.is_cut else "voicemail"
    if record.visits:
        return OUTCOME_OF_VISIT[record.visits[-1].outcome or "cut"]
    if record.attempts:
        return _of_attempts(story, record.attempts)
    if story.customer is not None and story.customer.is_up:
        return "abandoned" if story.is_unserved and story.asked_by == "customer" else "self_service"
    return "abandoned" if story.asked_by == "customer" else "failed"


def _of_attempts(story: Story, attempts: list[Attempt]) -> Outcome:
    record = story.record
    is_click = record.direction == "outbound" and story.caller is not None and story.caller.is_ours
    if is_click and len(attempts) == 1:
        return "failed"  # the agent did not pick up: nobody was called
    if record.direction == "inbound" and story.asked_by == "customer":
        return "abandoned"
    return OUTCOME_OF_ATTEMPT[attempts[-1].result or "no_answer"]
