"""``FollowMe()``: one number after the other, taken at once or by a key once its owner knows who calls."""

from __future__ import annotations

from lab.matrix.play import Play, over, talked
from lab.matrix.scene import Told, scene
from lab.matrix.told import number_call
from lab.phones import NEVER, Answers, presses
from lab.wire import Wire

TAKES = Answers(after=0.6, hang_up_after=1.5)
NUMBERS = """
[f{no}]
musicclass => default
context => follow-{no}
number => 1{no}1,FIRST,1
number => 1{no}2,SECOND,2
takecall => 1
declinecall => 2
enable_callee_prompt => ASKS
"""
DIALPLAN = """
[from-trunk]
exten => 5551{no}9,1,FollowMe(f{no},OPTIONS)
 same => n,Hangup()
[follow-{no}]
exten => _1{no}X,1,Dial(PJSIP/agent${EXTEN},8)
 same => n,Hangup()
"""


def numbers(*, first_s: int = 20, second_s: int = 20, is_asked: bool = False) -> str:
    """Return an entry of two numbers, each rung for so long; who picks up *is_asked* whether he takes it."""
    asks = "true" if is_asked else "false"
    return NUMBERS.replace("FIRST", str(first_s)).replace("SECOND", str(second_s)).replace("ASKS", asks)


# It hears "incoming call from", a name or that there is none, and is asked only then.
ASKED_AFTER_S = 4.2


def by_key(key: str, *, hang_up_after: float | None = 1.5) -> Answers:
    """Return a phone that picks up, hears who calls and presses *key*.

    It speaks: without a sound from there the exchange does not hear the end of a key.
    """
    keys = presses(key, after=ASKED_AFTER_S, by="info")
    return Answers(after=0.6, acts=keys, hang_up_after=hang_up_after, speaks=True)


def _taken(play: Play, customer: Wire, seconds: float) -> Told:
    """Return what must be told when the second number talked to the customer for so long."""
    return [number_call(customer, {play.interface(1): {"talk": seconds}}, own={"talk": seconds})]


@scene(dialplan=DIALPLAN.replace("OPTIONS", "d"), follow_me=numbers(first_s=2))
async def follow_me_to_the_second_number(play: Play) -> Told:
    """Nobody is asked. Asterisk 16 stays with the first number: it takes its ringing for an answer."""
    async with play.phones(NEVER, TAKES) as phones, play.calls(play.office.own) as line:
        (customer,) = await line.ended()
        await over(phones[0])
        second = phones[1].calls()
    if not second:
        return [number_call(customer, {}, hung_up_by="system", outcome="no_answer")]
    return _taken(play, customer, talked(second[0]))


@scene(dialplan=DIALPLAN.replace("OPTIONS", "a"), follow_me=numbers(is_asked=True))
async def follow_me_declined_by_a_key_and_taken_by_the_second(play: Play) -> Told:
    """The customer says his name first (``#``: without being told how, and ``#``: that was it).

    From the key on they talk: before, the phone hears who calls.
    """
    first, second = by_key("2", hang_up_after=None), by_key("1")
    async with (
        play.phones(first, second) as phones,
        play.calls(play.office.own, speaks=True, info_keys="##") as line,
    ):
        (customer,) = await line.ended()
        _, leg = await over(*phones)
    return _taken(play, customer, (leg.ended_at or 0) - leg.keys[0])


@scene(dialplan=DIALPLAN.replace("OPTIONS", "d"), follow_me=numbers(first_s=4, is_asked=True))
async def follow_me_picked_up_and_not_taken(play: Play) -> Told:
    """A machine that picks up and presses nothing has not taken the call, and hears the question on."""
    machine = Answers(after=0.6, speaks=True)
    async with play.phones(machine, by_key("1")) as phones, play.calls(play.office.own) as line:
        (customer,) = await line.ended()
        _, leg = await over(*phones)
    return _taken(play, customer, (leg.ended_at or 0) - leg.keys[0])


@scene(dialplan=DIALPLAN.replace("OPTIONS", "dn"), follow_me=numbers(first_s=2, second_s=2))
async def follow_me_and_nobody_answers(play: Play) -> Told:
    async with play.phones(NEVER, NEVER) as phones, play.calls(play.office.own) as line:
        (customer,) = await line.ended()
        await over(phones[0])
    return [number_call(customer, {}, hung_up_by="system", outcome="no_answer")]


@scene(dialplan=DIALPLAN.replace("OPTIONS", "d"), follow_me=numbers(is_asked=True))
async def follow_me_and_the_customer_leaves_while_it_is_asked(play: Play) -> Told:
    phone = Answers(after=0.6)
    async with play.phones(phone) as phones, play.calls(play.office.own, hang_up_after=3.0) as line:
        (customer,) = await line.ended()
        await over(*phones)
    return [number_call(customer, {}, hung_up_by="customer", outcome="abandoned")]
