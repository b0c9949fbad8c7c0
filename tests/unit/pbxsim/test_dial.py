"""Calls outside the queues: to a phone, between agents, out by a trunk, and the ways in which they part."""

from __future__ import annotations

from dataclasses import replace

import pytest
from unit.pbxsim.exchange_kit import CONFIG, NEVER, NOW, QUICK, STAYS, exchange, manners, said

from pbxsim.config import Manner, exactly
from pbxsim.world import phone
from pbxsim.world.callers import call_from, call_in, hang_up
from pbxsim.world.channel import Channel
from pbxsim.world.exchange import AGENTS, TRUNK, Exchange, Gone, Moved

BUSY = Manner(takes="busy", after=exactly(0.0))
REJECTS = Manner(takes="rejects", after=exactly(1.0))
FAILS = Manner(takes="fails", after=exactly(0.0))


def told(world: Exchange, *kinds: str) -> list[str]:
    """Return what was said in short: the event, the device, and how it ended."""
    return [
        " ".join(
            [
                event["Event"],
                event.get("DestChannel", event.get("Channel", "")).rpartition("-")[0].rpartition("/")[2],
                *(event[name] for name in ("DialStatus", "Cause", "TechCause") if name in event),
            ]
        )
        for event in said(world, *kinds)
    ]


@pytest.mark.parametrize(
    ("manner", "ends"),
    [
        # Statuses, causes, SIP codes: recordings direct_answered, _busy, _rejected, _no_answer of Asterisk.
        pytest.param(
            QUICK,
            ["DialEnd agent101 ANSWER", "Hangup agent101 16", "Hangup provider 16"],
            id="answered, the agent hangs up",
        ),
        pytest.param(
            BUSY, ["DialEnd agent101 BUSY", "Hangup agent101 17 486", "Hangup provider 17 486"], id="busy"
        ),
        pytest.param(
            REJECTS,
            ["DialEnd agent101 NOANSWER", "Hangup agent101 21 603", "Hangup provider 21 403"],
            id="rejected",
        ),
        pytest.param(
            FAILS,
            ["DialEnd agent101 CONGESTION", "Hangup agent101 34 503", "Hangup provider 34 503"],
            id="failed",
        ),
        pytest.param(
            NEVER, ["DialEnd agent101 NOANSWER", "Hangup agent101 0", "Hangup provider 16"], id="rings out"
        ),
    ],
)
def test_how_a_call_to_a_phone_ends(manner: Manner, ends: list[str]) -> None:
    world = exchange()
    manners(world, x101=manner)
    call_in(world, to="5552", number="957212000")
    world.run(NOW + 10)
    assert sorted(told(world, "DialEnd", "Hangup")) == sorted(ends)
    assert not world.channels
    assert not world.bridges


def test_a_phone_that_is_away_is_not_rung() -> None:
    world = exchange()
    world.register(world.phones["101"], present=False)
    call_in(world, to="5552")
    world.run(NOW + 1)
    assert told(world, "DialBegin", "Hangup") == ["Hangup provider 3 404"]


def test_a_caller_who_gives_up_while_a_phone_rings() -> None:
    world = exchange()
    manners(world, x101=NEVER)
    call_in(world, to="5552", hang_up_after=2.0)
    world.run(NOW + 5)
    assert sorted(told(world, "DialEnd", "Hangup")) == [
        "DialEnd agent101 CANCEL",
        "Hangup agent101 127 500",
        "Hangup provider 127 487",
    ]


def test_an_agent_who_gives_up_after_the_trunk_answered_nothing() -> None:
    """A leg that is up already says BYE: no SIP code on its Hangup."""
    world = exchange(routes=(replace(CONFIG.routes[0], manners=((1.0, NEVER),)),))
    channel = call_from(world, world.phones["101"], "600123456")
    world.run(NOW + 1)
    world.post_gone(channel)
    world.run(NOW + 2)
    assert sorted(told(world, "DialEnd", "Hangup")) == [
        "DialEnd line CANCEL",
        "Hangup agent101 16",
        "Hangup line 0",
    ]


def ringing(world: Exchange) -> tuple[Channel, Channel]:
    """Return the legs of a call to 101 that rings."""
    manners(world, x101=NEVER)
    channel = call_in(world, to="5552", number="957212000")
    world.run(NOW + 0.5)
    (leg,) = world.phones["101"].channels
    return channel, leg


def test_the_phone_that_is_hung_up_by_a_command_while_it_rings_has_rejected() -> None:
    world = exchange()
    _, leg = ringing(world)
    world.post_gone(leg)
    world.run(NOW + 1)
    assert "Hangup agent101 21 603" in told(world, "Hangup")


def test_a_caller_who_is_sent_elsewhere_while_a_phone_rings() -> None:
    world = exchange()
    channel, _ = ringing(world)
    world.take_events()
    world.post(channel.thread, Moved(channel, AGENTS, "102"))
    world.run(NOW + 2.5)
    assert told(world, "DialEnd", "DialBegin", "Hangup")[:3] == [
        "DialEnd agent101 CANCEL",
        "Hangup agent101 0",
        "DialBegin agent102",
    ]
    assert channel.bridge is not None


def test_letters_about_others_change_nothing() -> None:
    world = exchange()
    channel, leg = ringing(world)
    world.post(
        channel.thread, Gone(Channel(name="x", uniqueid="1.0", linkedid="1.0", device=leg.device, born_at=0))
    )
    world.run(NOW + 1)
    assert not channel.gone
    assert not leg.gone


def talking(world: Exchange) -> tuple[Channel, Channel]:
    """Return the legs of a call to 101 that was answered."""
    manners(world, x101=STAYS)
    channel = call_in(world, to="5552", number="957212000")
    world.run(NOW + 1.5)
    assert channel.bridge is not None
    (leg,) = world.phones["101"].channels
    world.take_events()
    return channel, leg


@pytest.mark.parametrize(("who", "device"), [(0, "provider"), (1, "agent101")], ids=["caller", "agent"])
def test_either_may_hang_up(who: int, device: str) -> None:
    world = exchange()
    legs = talking(world)
    hang_up(world, legs[who])
    world.run(NOW + 2)
    seen = told(world, "HangupRequest", "BridgeLeave", "Hangup", "BridgeDestroy")
    assert seen[:2] == [f"HangupRequest {device} 16", f"BridgeLeave {device}"]
    assert sorted(seen[2:]) == sorted(
        [
            "BridgeDestroy ",
            f"BridgeLeave {'agent101' if who == 0 else 'provider'}",
            "Hangup agent101 16",
            "Hangup provider 16",
        ]
    )


def test_a_redirected_caller_talks_to_somebody_else() -> None:
    world = exchange()
    channel, leg = talking(world)
    world.post(channel.thread, Moved(channel, AGENTS, "102"))
    world.run(NOW + 3)
    assert leg.gone
    assert [event["DestCallerIDNum"] for event in said(world, "DialBegin")] == ["102"]


def test_a_redirected_agent_goes_on_alone() -> None:
    world = exchange()
    channel, leg = talking(world)
    world.post(channel.thread, Moved(leg, AGENTS, "102"))
    world.run(NOW + 3)
    assert channel.gone
    assert leg.bridge is not None
    assert [event["CallerIDNum"] for event in said(world, "DialBegin")] == ["101"]


def test_a_blind_transfer_is_told_and_made() -> None:
    """BlindTransfer names transferer, transferee, bridge and goal; then the target is dialled."""
    world = exchange()
    channel, leg = talking(world)
    bridge = channel.bridge
    assert phone.transfer(world, leg, AGENTS, "102")
    world.run(NOW + 2)
    events = said(world, "BlindTransfer", "BridgeLeave", "Hangup", "DialBegin")
    first = events[0]
    assert first["Event"] == "BlindTransfer"
    assert first["TransfererUniqueid"] == leg.uniqueid
    assert first["TransfereeUniqueid"] == channel.uniqueid
    assert bridge is not None
    assert (first["BridgeUniqueid"], first["Extension"], first["Context"]) == (bridge.uniqueid, "102", AGENTS)
    assert events[-1]["DestCallerIDNum"] == "102"


def test_who_talks_to_nobody_transfers_nobody() -> None:
    world = exchange()
    _, leg = ringing(world)
    assert not phone.transfer(world, leg, AGENTS, "102")
    world.run(NOW + 5)
    assert not phone.transfer(world, leg, AGENTS, "102")


@pytest.mark.parametrize(
    ("context", "exten"),
    [(AGENTS, "999"), (TRUNK, "600123456"), ("nowhere", "5551")],
    ids=["no such extension", "callers never reach a trunk", "no such context"],
)
def test_what_is_no_number_of_ours_ends_the_call(context: str, exten: str) -> None:
    world = exchange()
    channel = call_in(world, to="nothing")
    channel.context, channel.exten = context, exten
    world.run(NOW + 1)
    assert told(world, "SoftHangupRequest", "Hangup") == [
        "SoftHangupRequest provider 16",
        "Hangup provider 16",
    ]


@pytest.mark.parametrize(
    ("caller_id", "shown"), [("957000100", "957000100"), ("", "101")], ids=["our number", "his own"]
)
def test_an_agent_calls_outside(caller_id: str, shown: str) -> None:
    world = exchange(routes=(replace(CONFIG.routes[0], caller_id=caller_id),))
    call_from(world, world.phones["101"], "600123456")
    world.run(NOW + 5)
    events = said(world, "DialBegin", "DialEnd")
    assert [(e["Event"], e.get("DialString"), e.get("DialStatus"), e["CallerIDNum"]) for e in events] == [
        ("DialBegin", "600123456@line", None, shown),
        ("DialEnd", None, "ANSWER", shown),
    ]
    assert not world.channels


def test_agents_call_each_other() -> None:
    world = exchange()
    manners(world, x102=QUICK)
    call_from(world, world.phones["101"], "102", hang_up_after=30.0)
    world.run(NOW + 5)
    assert sorted(told(world, "Hangup")) == ["Hangup agent101 16", "Hangup agent102 16"]
