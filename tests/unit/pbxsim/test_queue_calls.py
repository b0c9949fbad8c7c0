"""A caller in a queue: what is told of him, in every way he can leave it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from unit.pbxsim.exchange_kit import NEVER, NOW, QUICK, STAYS, exchange, kinds, manners, queue, said

from pbxsim.config import Manner, exactly
from pbxsim.world import phone
from pbxsim.world.callers import call_in, hang_up
from pbxsim.world.channel import Channel
from pbxsim.world.exchange import AGENTS, QUEUES, Exchange, Moved

TOLD = ("QueueCallerJoin", "AgentCalled", "AgentConnect", "AgentComplete", "AgentRingNoAnswer",
        "QueueCallerAbandon", "QueueCallerLeave", "Hangup")  # fmt: skip
ANSWER_S = 0.5


def waiting(world: Exchange, manner: Manner = NEVER) -> Channel:
    """Return a caller for whom the first phone rings."""
    manners(world, x101=manner, x102=manner)
    channel = call_in(world, to="5551", number="957212000")
    world.run(NOW + 1)
    return channel


def talking(world: Exchange) -> tuple[Channel, Channel]:
    """Return a caller and the agent who answered."""
    channel = waiting(world, STAYS)
    world.run(NOW + 2)
    (leg,) = world.phones["101"].channels
    assert leg.bridge is not None
    world.take_events()
    return channel, leg


def move(context: str, exten: str) -> Callable[[Exchange, Channel], None]:
    return lambda world, channel: world.post(channel.thread, Moved(channel, context, exten))


@pytest.mark.parametrize(
    ("manner", "do", "at", "heard"),
    [
        pytest.param(
            QUICK, None, 0.0,
            "QueueCallerJoin AgentCalled QueueCallerLeave AgentConnect AgentComplete Hangup Hangup",
            id="answered",
        ),
        pytest.param(
            NEVER, hang_up, 1.5,
            "QueueCallerJoin AgentCalled Hangup QueueCallerAbandon QueueCallerLeave Hangup",
            id="abandoned while ringing: the phone stops, then he is told as lost",
        ),
        pytest.param(
            NEVER, move(AGENTS, "103"), 1.5,
            "QueueCallerJoin AgentCalled Hangup QueueCallerLeave Hangup Hangup",
            id="redirected while ringing",
        ),
        pytest.param(
            NEVER, move(QUEUES, "sales"), 4.7,
            "QueueCallerJoin AgentCalled AgentRingNoAnswer Hangup QueueCallerLeave "
            "QueueCallerJoin AgentCalled",
            id="redirected between two attempts, back into the queue",
        ),
        pytest.param(
            NEVER, hang_up, 4.7,
            "QueueCallerJoin AgentCalled AgentRingNoAnswer Hangup QueueCallerAbandon QueueCallerLeave Hangup",
            id="abandoned between two attempts",
        ),
    ],
)  # fmt: skip
def test_a_visit(
    manner: Manner, do: Callable[[Exchange, Channel], object] | None, at: float, heard: str
) -> None:
    world = exchange()
    manners(world, x103=QUICK)
    channel = waiting(world, manner)
    if do is not None:
        world.after(at - 1.0, do, world, channel)
    world.run(NOW + (7 if do is None or at < 4 else 5.2))
    assert " ".join(kinds(world, *TOLD)) == heard


def test_an_abandon_tells_places_and_whole_seconds() -> None:
    world = exchange(queues=(queue(members=()),))
    first, second = call_in(world, to="5551"), call_in(world, to="5551")
    world.run(NOW + 2)
    hang_up(world, first)
    world.run(NOW + 4)
    hang_up(world, second)
    world.run(NOW + 5)
    told = [(e["Position"], e["OriginalPosition"], e["HoldTime"]) for e in said(world, "QueueCallerAbandon")]
    # Joined at …73.75 + 0.5, left at …75.25 and …77.25; Asterisk's clock has whole seconds.
    assert told == [("1", "1", "2"), ("1", "2", "4")]
    assert world.lines["sales"].abandoned == 2


def test_a_timeout_is_told_as_an_abandon_without_a_hangup_request() -> None:
    world = exchange(queues=(queue(max_wait=6.0),))
    waiting(world)
    world.run(NOW + 20)
    told = kinds(world, *TOLD[5:], "HangupRequest", "UserEvent")
    # Two phones rang out before; nobody asked to hang up.
    assert told == ["Hangup", "Hangup", "QueueCallerAbandon", "QueueCallerLeave", "UserEvent", "Hangup"]


def test_ring_times_are_milliseconds_and_the_next_attempt_follows_the_retry() -> None:
    world = exchange(queues=(queue(timeout=4.0, retry=1.0),))
    waiting(world)
    world.run(NOW + 6)
    events = said(world, "AgentCalled", "AgentRingNoAnswer")
    assert [(e["Event"], e["Interface"][-3:]) for e in events] == [
        ("AgentCalled", "101"),
        ("AgentRingNoAnswer", "101"),
        ("AgentCalled", "102"),
    ]
    assert events[1]["RingTime"] == "4000"
    assert float(events[2]["Timestamp"]) - float(events[1]["Timestamp"]) == pytest.approx(1.0, abs=0.01)


def test_who_refuses_is_followed_by_the_next_at_once() -> None:
    world = exchange()
    manners(world, x101=Manner(takes="rejects", after=exactly(1.0)), x102=NEVER)
    call_in(world, to="5551")
    world.run(NOW + 3)
    events = said(world, "AgentCalled", "AgentRingNoAnswer", "DialEnd", "Hangup")
    assert [e["Event"] for e in events][:3] == ["AgentCalled", "DialEnd", "AgentRingNoAnswer"]
    assert events[1]["DialStatus"] == "NOANSWER"  # app_queue says so, even of a busy phone
    assert events[2]["RingTime"] == "1000"
    assert float(events[-1]["Timestamp"]) - float(events[2]["Timestamp"]) < 0.01


def test_ringall_goes_on_with_those_who_have_not_refused() -> None:
    world = exchange(queues=(queue(strategy="ringall"),))
    manners(world, x101=Manner(takes="busy", after=exactly(0.0)), x102=QUICK)
    call_in(world, to="5551")
    world.run(NOW + 2)
    assert [e["Interface"][-3:] for e in said(world, "AgentConnect")] == ["102"]


def test_the_losers_of_a_ringall_are_told_answered_elsewhere() -> None:
    world = exchange(queues=(queue(strategy="ringall"),))
    manners(world, x101=NEVER, x102=STAYS)
    call_in(world, to="5551")
    world.run(NOW + 2)
    events = said(world, "DialEnd", "Hangup")
    cancelled = [e for e in events if e.get("DialStatus") == "CANCEL"]
    assert len(cancelled) == 2  # AMI-wise Asterisk says it twice for each loser
    assert [e["Cause"] for e in events if e["Event"] == "Hangup"] == ["26"]


def test_nobody_is_tried_twice_in_one_round() -> None:
    world = exchange(queues=(queue(members=("101",), timeout=8.0),))
    manners(world, x101=Manner(takes="busy", after=exactly(0.0)))
    call_in(world, to="5551")
    world.run(NOW + 1)
    assert kinds(world, "AgentCalled") == ["AgentCalled"]


@pytest.mark.parametrize(
    ("who", "reason"), [(0, "caller"), (1, "agent")], ids=["the caller ends it", "the agent ends it"]
)
def test_completion_tells_by_whom_and_whole_seconds(who: int, reason: str) -> None:
    world = exchange()
    legs = talking(world)
    world.run(NOW + 4)
    hang_up(world, legs[who])
    world.run(NOW + 5)
    (told,) = said(world, "AgentComplete")
    # Answered at …74.75 (0.5 s of Answer, 1 s of ringing behind …73.25), ended at …77.25.
    assert (told["Reason"], told["TalkTime"], told["HoldTime"]) == (reason, "3", "1")
    member = world.lines["sales"].members[0]
    assert (member.calls, member.in_call, member.last_call) == (1, False, int(world.now - 1))


def test_now_and_then_completion_comes_behind_everything_without_its_legs() -> None:
    """It is a thread of its own in Asterisk: it may find no snapshot of a leg that is gone."""
    with_legs: set[bool] = set()
    for seed in range(60):
        world = exchange(seed=seed)
        legs = talking(world)
        hang_up(world, legs[0])
        world.run(NOW + 5)
        (told,) = said(world, "AgentComplete")
        assert told["Interface"] == "PJSIP/agent101"
        with_legs.add("Channel" in told and "DestChannel" in told)
    assert with_legs == {True, False}


def test_a_redirected_callers_agent_completes_only_when_the_caller_ends() -> None:
    world = exchange()
    channel, leg = talking(world)
    world.post(channel.thread, Moved(channel, AGENTS, "103"))
    world.run(NOW + 6)
    assert leg.gone
    assert kinds(world, "AgentComplete", "BlindTransfer") == []
    hang_up(world, channel)
    world.run(NOW + 7)
    (told,) = said(world, "AgentComplete")
    assert (told["Reason"], "DestChannel" in told) == ("caller", False)


def test_a_blind_transfer_completes_the_agent_and_may_lead_into_a_queue_again() -> None:
    world = exchange()
    channel, leg = talking(world)
    assert phone.transfer(world, leg, QUEUES, "sales")
    world.run(NOW + 2.5)
    told = said(world, "AgentComplete", "QueueCallerJoin")
    assert [e["Event"] for e in told] == ["AgentComplete", "QueueCallerJoin"]
    assert (told[0]["Reason"], told[1]["Uniqueid"]) == ("transfer", channel.uniqueid)


def test_an_agent_who_is_sent_on_leaves_the_caller_behind() -> None:
    world = exchange()
    channel, leg = talking(world)
    world.post(channel.thread, Moved(leg, AGENTS, "103"))
    world.run(NOW + 5)
    assert channel.gone
    assert leg.bridge is not None
    assert [e["Reason"] for e in said(world, "AgentComplete")] == ["transfer"]
