"""Who takes part in a call: phones that are rung, and people who call."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Literal

from asterisk_conf.model import Phone
from lab import ports
from lab.floor import Line
from lab.pbx import Asterisk
from lab.registration import REGISTERED_S, RegistrationError, register
from lab.sipp import REFUSALS, Sipp, display_name, milliseconds, sipp

WORDS = {
    302: "Moved Temporarily",
    404: "Not Found",
    480: "Temporarily Unavailable",
    486: "Busy Here",
    503: "Service Unavailable",
    603: "Decline",
}


@dataclass(frozen=True, slots=True)
class Act:
    """What a phone does so many seconds after what it did before.

    ``hold``, ``unhold`` (re-INVITE), ``refer`` (to a number), ``refer_asked`` (when and where it is told,
    ``play.refer``), ``info`` (a key by INFO), ``key`` (RFC 4733).
    """

    after: float
    does: Literal["hold", "unhold", "refer", "refer_asked", "info", "key"]
    what: str = ""


def presses(keys: str, *, after: float, by: Literal["info", "key"] = "key") -> tuple[Act, ...]:
    """Return how a phone presses *keys*, the first of them so many seconds from now."""
    pauses = [after, *[KEYS_S] * (len(keys) - 1)]
    names = {"*": "star", "#": "pound"} if by == "key" else {}
    return tuple(Act(pause, by, names.get(key, key)) for pause, key in zip(pauses, keys, strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """Picks up after so many seconds of ringing, does its acts, and hangs up so many later; None: never.

    Who *speaks* sends sound from the answer on, for some seconds.
    """

    after: float | None = 1.0
    hang_up_after: float | None = None
    hold_after: float | None = None
    hold_for: float = 1.0
    refer_after: float | None = None
    refer_to: str = ""
    acts: tuple[Act, ...] = ()
    speaks: bool = False

    def all_acts(self) -> list[Act]:
        """Return everything it does while it talks, in order."""
        acts = list(self.acts)
        if self.hold_after:
            acts += [Act(self.hold_after, "hold"), Act(self.hold_for, "unhold")]
        if self.refer_after:
            acts.append(Act(self.refer_after, "refer", self.refer_to))
        return acts

    def talks_on_for(self) -> float | None:
        """Return after which time it hangs up, everything done: soon when it handed the call on."""
        refers = any(act.does.startswith("refer") for act in self.all_acts())
        return BYE_AFTER_REFER_S if refers and self.hang_up_after is None else self.hang_up_after


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuses:
    """Says no with a SIP code: 486 busy, 603 or 480 rejected, 503 out of order, 302 moved to a number.

    Rings before, or does not.
    """

    code: int
    ring_for: float = 0.0
    to: str = ""


Manner = Answers | Refuses
NEVER = Answers(after=None)
# Asterisk waits for the BYE of a phone that has handed a call on.
BYE_AFTER_REFER_S = 0.5
KEYS_S = 0.4
# So long is a key down by what its INFO says; the exchange takes the digits of a number as they come.
PRESSED_S = 0.16
# SIPp plays a key 0.8 s after it is told to, and the next of its group 0.4 s later.
GROUP_MS, KEY_MS = 1200, 400


@asynccontextmanager
async def phone(pbx: Asterisk, seat: Phone, manner: Manner) -> AsyncIterator[Sipp]:
    """Register the phone of *seat* and let it take calls in its *manner* until the block is left."""
    async with phones(pbx, [seat], manner) as running:
        yield running


@asynccontextmanager
async def phones(
    pbx: Asterisk, seats: Sequence[Phone], manner: Manner, *, for_s: int = REGISTERED_S
) -> AsyncIterator[Sipp]:
    """Register the phones of *seats*, all played by one SIPp in one *manner*, until the block is left."""
    peer = (pbx.host, pbx.sip_port)
    with ports.port() as port:
        for seat in seats:
            await register(seat, peer=peer, port=port, for_s=for_s)
        try:
            async with _listening(peer, port=port, user=seats[0].endpoint, manner=manner) as running:
                yield running
        finally:
            with suppress(
                RegistrationError, OSError
            ):  # an exchange that was stopped has forgotten them anyway
                for seat in seats:
                    await register(seat, peer=peer, port=port, for_s=0)


@asynccontextmanager
async def customer(pbx: Asterisk, line: Line, manner: Manner) -> AsyncIterator[Sipp]:
    """Let somebody outside take the calls that leave by *line*."""
    async with _listening(
        (pbx.host, pbx.sip_port), port=line.port, user=line.number, manner=manner
    ) as running:
        yield running


@asynccontextmanager
async def _listening(peer: tuple[str, int], *, port: int, user: str, manner: Manner) -> AsyncIterator[Sipp]:
    match manner:
        case Refuses(code=code, ring_for=ring_for, to=to):
            words = {"code": code, "words": WORDS[code], "ring_ms": ring_for and milliseconds(ring_for)}
            words["to"] = to
            scenario = "phone_refuses"
        case Answers():
            acts = manner.all_acts()
            words = {"ring_ms": milliseconds(manner.after), "talk_ms": milliseconds(manner.talks_on_for())}
            words |= {"user": user, "has_keys": any(act.does == "key" for act in acts)}
            words["speaks"] = manner.speaks
            words["acts"] = [
                {"after_ms": milliseconds(act.after), "does": act.does, "what": act.what} for act in acts
            ]
            scenario = "phone_answers"
    async with sipp(scenario, peer=peer, port=port, **words) as running:
        await running.listening()
        yield running


@asynccontextmanager
async def caller(
    pbx: Asterisk,
    to: str,
    *,
    number: str = "957212000",
    name: str = "",
    hang_up_after: float | None = None,
    give_up_after: float | None = None,
    seat: Phone | None = None,
    speaks: bool = False,
    keys: str = "",
    info_keys: str = "",
    replaced: str = "",
) -> AsyncIterator[Sipp]:
    """Call *to* from outside, or from the phone of *seat*; who *speaks* sends sound from the answer on.

    *replaced* is the dialogue whose place it asks for (RFC 3891).
    Presses *info_keys* (by INFO), one by one, then *keys* (RFC 4733 events): groups between blanks, each of
    them quickly. Then hangs up after so many
    seconds; or gives up so many after the exchange said that it tries or rings. None: waits for the other
    side to end it.
    """
    user = seat.endpoint if seat else number
    words = _caller(to=to, user=user, hang_up_after=hang_up_after, give_up_after=give_up_after)
    words |= {"name": display_name(name), "secret": seat.secret if seat else "", "speaks": speaks}
    words |= {
        "replaced": replaced,
        "keys": keys.split(),
        "info_keys": info_keys,
        "group_ms": GROUP_MS,
        "key_ms": KEY_MS,
    }
    with ports.port() as port:
        async with sipp("caller", peer=(pbx.host, pbx.sip_port), port=port, calls=1, **words) as running:
            yield running


@asynccontextmanager
async def callers(
    pbx: Asterisk,
    calls: Sequence[tuple[str, str]],
    *,
    rate: float,
    hang_up_after: float | None = None,
    give_up_after: float | None = None,
    at_once: int | None = None,
) -> AsyncIterator[Sipp]:
    """Make *calls*, each (the number dialled, the caller's number), so many a second, by one SIPp.

    *at_once*: how many of them may go on at a time; None: as many as SIPp takes for right.
    """
    words = _caller(to="[field0]", user="[field1]", hang_up_after=hang_up_after, give_up_after=give_up_after)
    peer = (pbx.host, pbx.sip_port)
    with ports.port() as port:
        many = {"calls": len(calls), "rate": rate, "rows": calls, "at_once": at_once}
        async with sipp("caller", peer=peer, port=port, **many, **words) as running:
            yield running


def _caller(
    *, to: str, user: str, hang_up_after: float | None, give_up_after: float | None
) -> dict[str, Any]:
    limit = milliseconds(give_up_after)
    return {
        "to": to,
        "user": user,
        "secret": "",
        "replaced": "",
        "name": "",
        "speaks": False,
        "keys": (),
        "info_keys": "",
        "group_ms": 0,
        "key_ms": 0,
        "talk_ms": milliseconds(hang_up_after),
        "patience": "" if give_up_after is None else f' timeout="{limit}" ontimeout="give_up"',
        "refusals": REFUSALS,
    }
