"""Who calls: scripts and random callers."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from unit.pbxsim.exchange_kit import CONFIG, NEVER, NOW, QUICK, exchange, kinds, manners, said

from pbxsim.config import Load, Phone, exactly
from pbxsim.world.callers import RandomCallers, call_in, hang_up, manner, play
from pbxsim.world.exchange import Exchange

CALLERS = [("957212000", "Zoë"), ("600123456", ""), ("", "")]
LOAD = Load(
    per_second=1.0,
    callers=CALLERS,
    dids=((3.0, "5551"), (1.0, "5552")),
    patience=exactly(20.0),
    talk=exactly(3.0),
)


def running(load: Load, **changes: Any) -> tuple[Exchange, RandomCallers]:
    world = exchange(**changes)
    callers = RandomCallers(world, load, load.per_second)
    callers.start()
    return world, callers


def loaded(**changes: Any) -> Load:
    fields = {name: getattr(LOAD, name) for name in LOAD.__dataclass_fields__}
    return Load(**(fields | changes))


def test_random_callers_come_at_their_rate_from_the_list_to_the_numbers_by_weight() -> None:
    world, _ = running(loaded(per_second=5.0, patience=exactly(0.1)))
    world.run(NOW + 400)
    calls = [e for e in said(world, "Newchannel") if e["Channel"].startswith("PJSIP/provider")]
    assert len(calls) / 400 == pytest.approx(5.0, rel=0.1)
    assert {e["CallerIDNum"] for e in calls} == {"957212000", "600123456", "<unknown>"}
    numbers = Counter(e["Exten"] for e in calls)
    assert numbers["5551"] / len(calls) == pytest.approx(0.75, abs=0.05)


def test_one_of_two_ends_the_talk_and_some_lose_patience() -> None:
    world, callers = running(loaded(per_second=2.0, patience=exactly(4.0), dids=((1.0, "5551"),)))
    world.run(NOW + 60)
    callers.rate = 0.0
    world.run(NOW + 100)
    heard = Counter(e["Event"] for e in said(world, "AgentComplete", "QueueCallerAbandon", "QueueCallerJoin"))
    assert heard["AgentComplete"] > 10
    assert heard["QueueCallerAbandon"] > 10
    assert heard["AgentComplete"] + heard["QueueCallerAbandon"] == heard["QueueCallerJoin"]
    assert not world.channels


@pytest.mark.parametrize(("share", "reason"), [(1.0, {"agent"}), (0.0, {"caller"})])
def test_who_ends_the_talk(share: float, reason: set[str]) -> None:
    world, _ = running(loaded(agent_ends=share, dids=((1.0, "5551"),)))
    world.run(NOW + 30)
    assert {e["Reason"] for e in said(world, "AgentComplete")} == reason


def test_a_talk_lasts_as_long_as_it_was_drawn() -> None:
    world, callers = running(loaded(agent_ends=1.0))
    world.run(NOW + 20)
    callers.rate = 0.0
    world.run(NOW + 60)
    events = said(world, "BridgeCreate", "BridgeDestroy")
    times = {e["BridgeUniqueid"]: float(e["Timestamp"]) for e in events if e["Event"] == "BridgeCreate"}
    lasted = [
        float(e["Timestamp"]) - times[e["BridgeUniqueid"]] for e in events if e["Event"] == "BridgeDestroy"
    ]
    assert lasted
    assert all(seconds == pytest.approx(3.0, abs=0.01) for seconds in lasted)


def test_callers_may_be_a_function_of_chance() -> None:
    world, _ = running(loaded(callers=lambda chance: (f"9{int(chance.random() * 1000):08}", "")))
    world.run(NOW + 10)
    numbers = {e["CallerIDNum"] for e in said(world, "QueueCallerJoin")}
    assert len(numbers) > 1


def test_no_more_calls_than_the_bound() -> None:
    world, _ = running(
        loaded(per_second=50.0, most_calls=3, patience=exactly(60.0)), queues=(CONFIG.queues[0],)
    )
    manners(world, x101=NEVER, x102=NEVER)
    world.run(NOW + 3)
    assert len(world.channels) <= 3 + 2  # three callers and the phones that ring for them


@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_they_stop_when_told(rate: float) -> None:
    world, callers = running(loaded(per_second=rate))
    callers.rate = 0.0
    world.run(NOW + 60)
    assert kinds(world, "Newchannel") == []


def test_agents_call_out_and_each_other_too() -> None:
    world, _ = running(loaded(clicks=0.5, internal=0.5, per_second=0.5))
    manners(world, x101=QUICK, x102=QUICK, x103=QUICK)
    world.run(NOW + 120)
    events = said(world, "DialBegin", "Newchannel")
    assert not [e for e in events if e.get("Channel", "").startswith("PJSIP/provider")]
    dialled = {e["DialString"] for e in events if e["Event"] == "DialBegin"}
    assert "600123456@line" in dialled  # the only one of the callers whom a route reaches
    assert not [text for text in dialled if text.startswith("957212000")]
    assert {"agent101", "agent102", "agent103"} <= dialled


@pytest.mark.parametrize("share", ["clicks", "internal"])
def test_where_no_phone_is_free_nobody_calls_out(share: str) -> None:
    away = (Phone(extension="101", registered=False),)
    world, _ = running(loaded(**{share: 1.0}), phones=away, queues=(), dids=())
    world.run(NOW + 20)
    assert kinds(world) == []


def test_a_script_happens_in_its_time() -> None:
    world = exchange()
    play(
        world,
        [
            (0.0, manner("101", NEVER)),
            (0.0, lambda world: call_in(world, to="5552")),
            (1.5, manner("101", QUICK)),
        ],
    )
    world.run(NOW + 1)
    assert world.phones["101"].manners == ((1.0, NEVER),)
    world.run(NOW + 2)
    assert world.phones["101"].manners == ((1.0, QUICK),)
    assert kinds(world, "DialBegin", "DialEnd") == ["DialBegin"]


def test_a_caller_hangs_up_once() -> None:
    world = exchange()
    channel = call_in(world, to="5551", number="1\r\nEvent: Hangup", name="Eve\nAction: Logoff")
    world.run(NOW + 1)
    (joined,) = said(world, "QueueCallerJoin")
    assert (joined["CallerIDNum"], joined["CallerIDName"]) == ("1Event: Hangup", "EveAction: Logoff")
    hang_up(world, channel)
    world.run(NOW + 2)
    hang_up(world, channel)
    world.run(NOW + 3)
    assert [e["Channel"] for e in said(world, "HangupRequest")] == [channel.name]
