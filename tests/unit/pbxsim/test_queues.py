"""Who is rung next, who waits where, and who is let in."""

from __future__ import annotations

import pytest
from unit.pbxsim.exchange_kit import CONFIG, NEVER, NOW, QUICK, exchange, kinds, manners, queue, said

from pbxsim.world.callers import call_in, hang_up
from pbxsim.world.exchange import Exchange
from pbxsim.world.ringing import pause


def ringing_order(world: Exchange, *, calls: int, apart: float = 20.0) -> list[str]:
    for number in range(calls):
        world.after(number * apart, lambda: call_in(world, to="5551", number="1"))
    world.run(world.now + calls * apart)
    return [event["Interface"][-3:] for event in said(world, "AgentCalled")]


@pytest.mark.parametrize(
    ("strategy", "order"),
    [
        ("rrmemory", ["101", "102", "101", "102"]),
        ("linear", ["101", "101", "101", "101"]),
        ("fewestcalls", ["101", "102", "101", "102"]),
        ("leastrecent", ["101", "102", "101", "102"]),
        ("ringall", ["102", "101", "102", "101"]),
    ],
)
def test_strategies(strategy: str, order: list[str]) -> None:
    world = exchange(queues=(queue(strategy=strategy),))
    manners(world, x101=QUICK, x102=QUICK)
    assert ringing_order(world, calls=len(order) // (2 if strategy == "ringall" else 1)) == order


def test_random_rings_everybody_sometimes() -> None:
    world = exchange(queues=(queue(strategy="random"),))
    manners(world, x101=QUICK, x102=QUICK)
    assert set(ringing_order(world, calls=12)) == {"101", "102"}


def test_the_lower_penalty_is_rung_first() -> None:
    world = exchange(queues=(queue(penalties=(5, 0)),))
    manners(world, x101=QUICK, x102=QUICK)
    assert ringing_order(world, calls=3) == ["102", "102", "102"]


def test_a_paused_member_is_not_rung_and_autopause_pauses() -> None:
    world = exchange(queues=(queue(autopause=True),))
    manners(world, x101=NEVER, x102=NEVER)
    call_in(world, to="5551")
    world.run(NOW + 20)
    events = said(world, "AgentCalled", "QueueMemberPause")
    assert [(event["Event"], event["Interface"][-3:]) for event in events] == [
        ("AgentCalled", "101"),
        ("QueueMemberPause", "101"),
        ("AgentCalled", "102"),
        ("QueueMemberPause", "102"),
    ]
    assert {event["PausedReason"] for event in events[1::2]} == {"Auto-Pause"}


def test_wrapping_up_keeps_the_next_call_away() -> None:
    world = exchange(queues=(queue(members=("101",), wrap_up=5.0),))
    manners(world, x101=QUICK)
    call_in(world, to="5551")
    call_in(world, to="5551")
    world.run(NOW + 20)
    first, second = (float(event["Timestamp"]) for event in said(world, "AgentCalled"))
    assert second - first >= 1.0 + 2.0 + 4.0  # answered after 1 s, 2 s of talk, wrap-up by whole-second clock


def test_two_callers_one_agent_positions() -> None:
    world = exchange(queues=(queue(members=("101",)),))
    manners(world, x101=QUICK)
    call_in(world, to="5551", number="1")
    world.after(0.2, lambda: call_in(world, to="5551", number="2"))
    world.run(NOW + 30)
    events = said(world, "QueueCallerJoin", "QueueCallerLeave")
    assert [(e["Event"][11:], e["CallerIDNum"], e["Position"], e["Count"]) for e in events] == [
        ("Join", "1", "1", "1"),
        ("Join", "2", "2", "2"),
        ("Leave", "1", "1", "1"),
        ("Leave", "2", "1", "0"),
    ]


def test_priority_goes_before_those_who_came_earlier() -> None:
    world = exchange(queues=(queue(members=()),))
    line = world.lines["sales"]
    plain, urgent, later = (call_in(world, to="5551") for _ in range(3))
    urgent.variables["QUEUE_PRIO"] = "5"
    later.variables["QUEUE_PRIO"] = "rubbish"
    world.run(NOW + 1)
    assert [entry.channel for entry in line.entries] == [urgent, plain, later]


@pytest.mark.parametrize(
    ("changes", "status"), [({"max_callers": 1}, "FULL"), ({"join_empty": False}, "JOINEMPTY")]
)
def test_refused(changes: dict[str, object], status: str) -> None:
    world = exchange(queues=(queue(members=(), **changes),))
    if status == "FULL":
        call_in(world, to="5551", number="first")
        world.run(NOW + 0.1)
    call_in(world, to="5551", number="refused")
    world.run(NOW + 2)
    events = [event for event in said(world) if event.get("CallerIDNum") == "refused"]
    assert [event["Event"] for event in events] == [
        "Newchannel",
        "Newstate",
        "UserEvent",
        "SoftHangupRequest",
        "Hangup",
    ]
    assert (events[2]["Kind"], events[2]["Queue"], events[2]["Status"]) == ("queue_left", "sales", status)


def test_a_queue_with_somebody_at_work_lets_callers_in() -> None:
    world = exchange(queues=(queue(join_empty=False),))
    call_in(world, to="5551")
    world.run(NOW + 1)
    assert "QueueCallerJoin" in kinds(world)


def test_everybody_paused_counts_as_empty() -> None:
    world = exchange(queues=(queue(join_empty=False),))
    for member in world.lines["sales"].members:
        pause(world, member, paused=True, reason="lunch")
    assert world.lines["sales"].refusal == "JOINEMPTY"


def test_the_agent_who_hangs_up_while_he_rings_has_rejected() -> None:
    world = exchange(queues=(queue(members=("101",)),))
    manners(world, x101=NEVER)
    call_in(world, to="5551")
    world.run(NOW + 1)
    (leg,) = world.phones["101"].channels
    hang_up(world, leg)
    world.run(NOW + 1.1)
    assert [event["Cause"] for event in said(world, "Hangup")] == ["21"]


def test_figures_of_a_queue() -> None:
    world = exchange()
    manners(world, x101=QUICK, x102=QUICK)
    for at in (0.0, 10.0, 20.0):
        world.after(at, lambda: call_in(world, to="5551"))
    world.run(NOW + 40)
    line = world.lines["sales"]
    assert (line.completed, line.abandoned, line.in_time) == (3, 0, 3)
    assert line.talk_time == 2
    assert [member.calls for member in line.members] == [2, 1]
    assert CONFIG.queues[0].name == line.name
