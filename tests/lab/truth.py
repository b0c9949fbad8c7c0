"""What really happened, told from SIPp's own log alone: the measure for what we conclude from events."""

from __future__ import annotations

from typing import Any, Literal

from asterisk_conf.model import Phone
from lab.sipp import Sipp
from lab.wire import Wire

# A CANCEL that follows an answer elsewhere or the caller's end by less than this is because of it.
BECAUSE_S = 0.3

Rung = tuple[Phone, Sipp]


def rung(phone: Phone, wire: Wire, *, others: list[Wire]) -> dict[str, Any]:
    """Tell how one phone was rung; *others* are the call's other legs."""
    return {
        "interface": phone.interface,
        "invited_at": wire.invite_at,
        "ringing_at": wire.ringing_at,
        "answered_at": wire.answered_at,
        "ended_at": wire.answered_at or wire.cancel_at or wire.refused_at,
        "result": _result(wire, others),
    }


def _result(wire: Wire, others: list[Wire]) -> str:
    if wire.answered_at:
        return "answered"
    if wire.cancel_at is None:
        return "busy" if wire.status == 486 else "rejected"
    reasons = [at for other in others for at in (other.answered_at, other.bye_at, other.cancel_at) if at]
    return "cancelled" if any(abs(wire.cancel_at - at) < BECAUSE_S for at in reasons) else "no_answer"


def _ended(caller: Wire, agents: list[Wire]) -> tuple[float | None, str]:
    """Return when the customer's leg ended, and who ended it."""
    if caller.bye_by == "us" or caller.cancel_at:
        return caller.ended_at, "customer"
    at = caller.ended_at
    agent = any(wire.bye_by == "us" and at and abs((wire.bye_at or 0) - at) < BECAUSE_S for wire in agents)
    return at, "agent" if agent else "system"


def _outcome(caller: Wire, agents: list[Wire], *, queue: str | None) -> str:
    if any(wire.answered_at for wire in agents):
        return "answered"
    if caller.bye_by == "us" or caller.cancel_at:
        return "abandoned"
    if queue:
        return "timeout" if caller.answered_at else "refused"
    return "busy" if caller.status == 486 else "no_answer"


def call(
    caller: Wire,
    phones: list[Rung],
    *,
    number: str,
    name: str = "",
    queue: str | None = None,
    direction: Literal["inbound", "internal"] = "inbound",
) -> dict[str, Any]:
    """Tell one call from its caller's wire and those of the phones that rang while it lasted.

    A phone that rings for several calls must ring for one at a time.
    """
    started, over = caller.invite_at or 0.0, caller.ended_at or 0.0
    legs = [
        (phone, wire)
        for phone, running in phones
        for wire in running.calls()
        if started < (wire.invite_at or 0.0) < over
    ]
    legs.sort(key=lambda leg: leg[1].invite_at or 0)
    wires = [wire for _, wire in legs]
    ended_at, by = _ended(caller, wires)
    answers = [(phone, wire) for phone, wire in legs if wire.answered_at]
    return {
        "direction": direction,
        "from": number,
        "name": name,
        "to": caller.number,
        "queue": queue,
        "started_at": caller.invite_at,
        "picked_up_at": caller.answered_at,
        "rung": [
            rung(phone, wire, others=[caller, *(other for other in wires if other is not wire)])
            for phone, wire in legs
        ],
        "answered_by": answers[0][0].interface if answers else None,
        "answered_at": answers[0][1].answered_at if answers else None,
        "ended_at": ended_at,
        "outcome": _outcome(caller, wires, queue=queue),
        "hung_up_by": by,
        "holds": [
            {"by": phone.interface, "at": at, "until": until}
            for phone, wire in legs
            for at, until in wire.holds
        ],
        "transfers": _transfers(answers),
    }


def _transfers(answers: list[tuple[Phone, Wire]]) -> list[dict[str, Any]]:
    if not answers or answers[0][1].refer_at is None:
        return []
    first, target = answers[0], answers[1] if len(answers) > 1 else None
    return [
        {
            "kind": "blind",
            "by": first[0].interface,
            "started_at": first[1].refer_at,
            "answered_by": target and target[0].interface,
            "completed_at": target and target[1].answered_at,
        }
    ]


def click(
    agent: Rung, customer: Sipp | None, *, number: str, asked_at: float, action_id: str
) -> dict[str, Any]:
    """Tell a click-to-call: the agent's phone rings first, then *number* is dialled."""
    seat, running = agent
    ours, theirs = next(iter(running.calls())), next(iter(customer.calls()), None) if customer else None
    by = "system"
    if theirs and theirs.answered_at:
        by = "customer" if theirs.bye_by == "us" else "agent" if ours.bye_by == "us" else "system"
    return {
        "direction": "outbound",
        "origin": "click",
        "action_id": action_id,
        "asked_at": asked_at,
        "to": number,
        "interface": seat.interface,
        "agent": rung(seat, ours, others=[theirs] if theirs else []),
        "customer": theirs
        and {
            "invited_at": theirs.invite_at,
            "ringing_at": theirs.ringing_at,
            "answered_at": theirs.answered_at,
            "status": theirs.status,
            "cancelled_at": theirs.cancel_at,
            "ended_at": theirs.ended_at,
        },
        "started_at": ours.invite_at,
        "answered_by": seat.interface if theirs and theirs.answered_at else None,
        "answered_at": theirs and theirs.answered_at,
        "ended_at": theirs.ended_at if theirs else ours.ended_at,
        "agent_ended_at": ours.ended_at,
        "outcome": _click_outcome(theirs),
        "hung_up_by": by,
    }


def _click_outcome(customer: Wire | None) -> str | None:
    """None when the agent did not pick up: the customer was never called."""
    if customer is None:
        return None
    if customer.answered_at:
        return "answered"
    return {486: "busy", 487: "no_answer"}.get(customer.status or 0, "failed")
