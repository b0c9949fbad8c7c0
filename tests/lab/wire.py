"""What went over the wire, as SIPp wrote it down: an account of each call that owes nothing to Asterisk.

Times are seconds since the epoch by this machine's clock, taken when SIPp handed the datagram over or got it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

Side = Literal["us", "them"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One SIP message; ``by`` tells who sent it."""

    at: float
    by: Side
    first: str
    headers: dict[str, str]
    body: str

    @property
    def method(self) -> str:
        """INVITE, BYE and the like; of a response the method it answers."""
        return self.headers["cseq"].split()[-1] if self.status else self.first.split()[0]

    @property
    def status(self) -> int | None:
        """The code of a response, None for a request."""
        return int(self.first.split()[1]) if self.first.startswith("SIP/2.0") else None


@dataclass(slots=True, kw_only=True)
class Wire:
    """One call as one SIPp saw it, None for what has not happened."""

    call_id: str
    number: str = ""
    shown: str = ""  # whose number the called party sees
    invite_at: float | None = None
    ringing_at: float | None = None
    answered_at: float | None = None
    cancel_at: float | None = None
    refused_at: float | None = None
    status: int | None = None
    bye_at: float | None = None
    bye_by: Side | None = None
    holds: list[tuple[float, float | None]] = field(default_factory=list)
    refer_at: float | None = None
    referred: list[int] = field(default_factory=list)  # what became of it, as the other side notifies
    was_heard: bool = False  # the other side answered the INVITE, if only by 100
    was_acknowledged: bool = False  # so long an answer may be sent again: the last one counts
    was_let_go: bool = False  # the BYE was answered
    ours: str = ""  # From or To as we write it, with its tag
    theirs: str = ""
    keys: list[float] = field(default_factory=list)  # pressed by INFO: let go at

    @property
    def ended_at(self) -> float | None:
        """When it was over: BYE, CANCEL, or the refusal."""
        return self.bye_at or self.cancel_at or self.refused_at


def calls(trace: str) -> list[Wire]:
    """Return the calls in a SIPp message trace (``-trace_msg``), registrations left out, oldest first."""
    found: dict[str, Wire] = {}
    for message in messages(trace):
        if message.method == "REGISTER":
            continue
        call_id = message.headers["call-id"]
        _tell(found.setdefault(call_id, Wire(call_id=call_id)), message)
    return list(found.values())


def messages(trace: str) -> Iterator[Message]:
    """Return each message of a trace whole; one that SIPp is still writing is left out."""
    blocks = re.split(
        r"^-{20,} (\d{4}-\d\d-\d\d)[ \t]+(\d\d:\d\d:\d\d\.\d+)[^\n]*\n", trace, flags=re.MULTILINE
    )
    for day, clock, text in zip(blocks[1::3], blocks[2::3], blocks[3::3], strict=True):
        how, _, raw = text.partition("\n\n")
        head, blank, body = raw.partition("\n\n")
        lines = head.split("\n")
        if not blank or not lines[0]:
            continue
        pairs = (line.partition(":") for line in reversed(lines[1:]))
        yield Message(
            at=datetime.fromisoformat(f"{day} {clock}").replace(tzinfo=UTC).timestamp(),
            by="us" if " sent" in how else "them",
            first=lines[0],
            headers={name.strip().lower(): value.strip() for name, _, value in pairs},
            body=body,
        )


def _tell(call: Wire, message: Message) -> None:
    match message.method, message.status:
        case "INVITE", None if call.answered_at is None:
            if not call.was_heard:  # one that was lost on its way, and sent again, did not begin the call
                call.invite_at = message.at
            call.number = message.first.split()[1].removeprefix("sip:").partition("@")[0]
            call.shown = message.headers["from"].partition("sip:")[2].partition("@")[0]
        case "INVITE", None:
            _tell_hold(call, message)
        case "INVITE", status if status and (call.answered_at is None or not call.was_acknowledged):
            _tell_answer(call, message, status)
        case "ACK", None:
            call.was_acknowledged = True
        case "CANCEL", None:
            call.cancel_at = call.cancel_at or message.at
        case "BYE", status if not call.was_let_go:
            _tell_bye(call, message, status)
        case _:
            _tell_aside(call, message)


def _tell_aside(call: Wire, message: Message) -> None:
    match message.method, message.status:
        case "REFER", None:
            call.refer_at = call.refer_at or message.at
        case "NOTIFY", None if told := re.match(r"SIP/2.0 ([2-6][0-9][0-9])", message.body):
            call.referred.append(int(told[1]))
        case "INFO", None if pressed := re.search(r"Duration=([0-9]+)", message.body):
            call.keys.append(message.at + int(pressed[1]) / 1000)


def _tell_bye(call: Wire, message: Message, status: int | None) -> None:
    if status is not None:
        call.was_let_go = True
    elif call.bye_by in (None, "us"):  # the last one counts when the first was lost
        call.bye_at, call.bye_by = message.at, message.by


def _tell_answer(call: Wire, message: Message, status: int) -> None:
    at = message.at
    if not call.was_heard:
        call.was_heard = True
    if status in {180, 183} and call.ringing_at is None:
        call.ringing_at = at
    if status == 200:
        call.answered_at, call.status = at, status
    if status in {180, 183, 200}:
        ends = message.headers["to"], message.headers["from"]
        call.ours, call.theirs = ends if message.by == "us" else ends[::-1]
    if status >= 300 and status != 401:
        call.refused_at, call.status = call.refused_at or at, status


def _tell_hold(call: Wire, message: Message) -> None:
    if "a=sendonly" in message.body:
        call.holds.append((message.at, None))
    elif call.holds and call.holds[-1][1] is None:
        call.holds[-1] = (call.holds[-1][0], message.at)
