"""The exchange itself: names and numbers of legs, who reads what, registrations, restarts and the end."""

from __future__ import annotations

from dataclasses import replace

import pytest
from unit.pbxsim.exchange_kit import CONFIG, NEVER, NOW, STAYS, exchange, kinds, manners, queue, said

from pbxsim.config import Phone
from pbxsim.world import phone
from pbxsim.world.callers import call_in
from pbxsim.world.ringing import pause
from pbxsim.world.shutdown import shut_down
from pbxsim.world.wire import BIT


def test_legs_are_numbered_from_nought_since_the_start() -> None:
    world = exchange()
    first, second = call_in(world, to="5551"), call_in(world, to="5551")
    assert (first.uniqueid, second.uniqueid) == (f"{int(NOW)}.0", f"{int(NOW)}.1")
    assert first.name == "PJSIP/provider-00000000"
    world.run(NOW + 100)
    world.boot(NOW + 100.5)
    assert call_in(world, to="5551").uniqueid == f"{int(NOW + 100.5)}.0"
    assert world.started_at == NOW + 100.5


def test_a_restart_forgets_calls_and_dynamic_members() -> None:
    world = exchange()
    world.enlist(world.lines["sales"], world.phones["103"], title="Eva", dynamic=True)
    call_in(world, to="5551")
    world.run(NOW + 2)
    world.boot(NOW + 3)
    assert (world.channels, world.bridges, world.take_events(), world.next_at) == ({}, {}, [], None)
    assert [member.device.extension for member in world.lines["sales"].members] == ["101", "102"]


def test_times_of_events_never_go_back_and_never_repeat() -> None:
    world = exchange()
    for _ in range(20):
        call_in(world, to="5551")
    world.run(NOW + 30)
    stamps = [float(event["Timestamp"]) for event in said(world)]
    assert stamps == sorted(set(stamps))


def test_each_event_is_for_readers_of_its_class() -> None:
    world = exchange(verbosity="all")
    manners(world, x101=STAYS)
    call_in(world, to="5551", hang_up_after=4.0)
    world.run(NOW + 10)
    for event in world.take_events():
        privilege = event.text.split("\r\n")[1]
        assert event.mask == BIT[privilege.removeprefix("Privilege: ").partition(",")[0]]
        assert event.text.endswith("\r\n\r\n")
        assert "\n\n" not in event.text.replace("\r\n\r\n", "", 1)


def test_a_verbose_exchange_says_three_times_as_much() -> None:
    """Asterisk 22 makes 163 events of a queue call for a reader of everything, 49 for the bridge."""
    counts = {}
    for verbosity in ("bridge", "all"):
        world = exchange(verbosity=verbosity)
        call_in(world, to="5551", hang_up_after=4.0)
        world.run(NOW + 10)
        counts[verbosity] = len(world.take_events())
    assert 2.5 < counts["all"] / counts["bridge"] < 4.0


def test_a_phone_registers_and_leaves() -> None:
    world = exchange(phones=(*CONFIG.phones, Phone(extension="104", registered=False)))
    assert world.phones["104"].state == "UNAVAILABLE"
    world.register(world.phones["104"], present=True)
    assert sorted(kinds(world)) == ["ContactStatus", "DeviceStateChange", "ExtensionStatus", "PeerStatus"]
    assert world.phones["104"].state == "NOT_INUSE"
    world.register(world.phones["101"], present=False)
    events = {event["Event"]: event for event in said(world)}
    assert events["PeerStatus"]["PeerStatus"] == "Unreachable"
    assert events["ContactStatus"]["ContactStatus"] == "Removed"
    assert (events["QueueMemberStatus"]["Status"], events["ExtensionStatus"]["Status"]) == ("5", "4")


def test_a_phone_that_is_rung_while_it_talks_shows_both() -> None:
    world = exchange()
    manners(world, x101=STAYS)
    call_in(world, to="5552")
    world.run(NOW + 2)
    manners(world, x101=NEVER)
    call_in(world, to="5552")
    world.run(NOW + 2.5)
    device = world.phones["101"]
    assert device.state == "RINGINUSE"
    (talks, _) = device.channels
    world.run(NOW + 10)
    phone.hold(world, talks)
    assert device.state == "INUSE"  # the customer hears music; his own phone is in use


def test_what_a_queue_tells_of_free_agents() -> None:
    world = exchange(queues=(queue(members=("101",)),))
    (member,) = world.lines["sales"].members
    for paused in (True, True, False):
        pause(world, member, paused=paused, reason="lunch" if paused else "")
    events = said(world, "DeviceStateChange", "QueueMemberPause")
    assert [(e.get("Device", ""), e.get("State", e.get("PausedReason"))) for e in events] == [
        ("Queue:sales_pause_PJSIP/agent101", "INUSE"),
        ("", "lunch"),
        ("Queue:sales_avail", "INUSE"),
        ("Queue:sales_pause_PJSIP/agent101", "INUSE"),
        ("", "lunch"),
        ("Queue:sales_pause_PJSIP/agent101", "NOT_INUSE"),
        ("", ""),
        ("Queue:sales_avail", "NOT_INUSE"),
    ]


def test_a_leg_ends_once() -> None:
    world = exchange()
    channel = call_in(world, to="5551")
    world.together([world.death(channel)], [world.death(channel)])
    assert kinds(world, "Hangup") == ["Hangup"]
    world.post_gone(channel)
    world.run(NOW + 1)
    assert kinds(world, "HangupRequest") == []


def test_who_is_in_no_bridge_leaves_none() -> None:
    world = exchange()
    channel = call_in(world, to="5551")
    world.take_events()
    assert world.leave(channel) == []
    assert kinds(world) == []


def test_the_end_tells_every_call_and_says_farewell() -> None:
    """As ``core stop now``: HangupRequests, AgentComplete by the caller (!), Hangups, Shutdown."""
    world = exchange()
    manners(world, x101=STAYS, x102=NEVER)
    call_in(world, to="5551")
    call_in(world, to="5551")
    world.run(NOW + 2)
    legs = len(world.channels)
    world.take_events()
    shut_down(world)
    events = said(world, "HangupRequest", "AgentComplete", "Hangup", "BridgeDestroy", "Shutdown")
    heard = [event["Event"] for event in events]
    assert heard[:legs] == ["HangupRequest"] * legs
    assert heard.count("Hangup") == legs == 4
    assert heard.count("AgentComplete") == 1
    assert heard.index("AgentComplete") < heard.index("Hangup")
    assert heard[-1] == "Shutdown"
    assert (events[-1]["Shutdown"], events[-1]["Restart"]) == ("Cleanly", "False")
    assert (world.channels, world.bridges, world.next_at) == ({}, {}, None)


@pytest.mark.parametrize("trunk", ["provider", "line"])
def test_trunks_are_devices_without_an_extension(trunk: str) -> None:
    world = exchange()
    device = world.devices[f"PJSIP/{trunk}"]
    assert (device.extension, device.endpoint, device.contact) == ("", trunk, "")


def test_a_way_out_may_be_the_trunk_that_calls_come_by() -> None:
    world = exchange(routes=(replace(CONFIG.routes[0], trunk="provider"),))
    assert [name for name in world.devices if "agent" not in name] == ["PJSIP/provider"]
