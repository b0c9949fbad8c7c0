"""Commands on the wire, and the snapshot: what is asked of the scripted exchange, and what is read of it."""

from __future__ import annotations

import pytest

from ami_bridge.domain import ami
from ami_bridge.domain.errors import ActionRejectedError, ObserveOnlyError

from .running import Told, control, running
from .scripted import exchange, lists, refusal


async def test_a_click_is_told_before_it_is_sent_under_the_id_of_its_action() -> None:
    told = Told()
    async with exchange() as pbx, running(pbx) as (client, _):
        ref = await control(client, told).originate(
            interface="PJSIP/agent101", number="600123456", caller_id="957000000", agent="101"
        )
        asked = await pbx.until_asked("Originate")
    assert (asked["Channel"], asked["Context"], asked["Exten"], asked["CallerID"], asked["Async"]) == (
        "PJSIP/agent101",
        "from-agents",
        "600123456",
        "957000000",
        "true",
    )
    (fact,) = told
    assert (fact.action_id, fact.ref, fact.agent) == (asked["ActionID"], ref, "101")


async def test_a_click_that_is_refused_is_told_too() -> None:
    told = Told()
    async with exchange() as pbx, running(pbx) as (client, _):
        pbx.answers["Originate"] = lambda asked: refusal(asked, "Extension does not exist.")
        with pytest.raises(ActionRejectedError):
            await control(client, told).originate(interface="PJSIP/1", number="1", caller_id=None, agent=None)
    asked, refused = told
    assert isinstance(refused, ami.OriginateResponse)
    assert (refused.action_id, refused.success) == (asked.action_id, False)


async def test_an_observed_exchange_is_sent_no_command() -> None:
    told = Told()
    async with exchange() as pbx, running(pbx) as (client, _):
        observing = control(client, told, is_observed=True)
        with pytest.raises(ObserveOnlyError):
            await observing.originate(interface="PJSIP/1", number="1", caller_id=None, agent=None)
        with pytest.raises(ObserveOnlyError):
            await observing.hang_up("1.1")
        await observing.snapshot()
    assert told == []
    assert {"Originate", "Hangup"}.isdisjoint(pbx.names())


async def test_a_snapshot_is_what_the_exchange_lists() -> None:
    endpoints = [
        ("EndpointList", "ObjectName: agent101", "Aor: agent101", "Auths: agent101"),
        ("EndpointList", "ObjectName: trunk", "Aor: trunk", "Auths: "),
    ]
    peers = [
        ("PeerEntry", "Channeltype: SIP", "ObjectName: 102", "Dynamic: yes"),
        ("PeerEntry", "Channeltype: SIP", "ObjectName: carrier", "Dynamic: no"),
    ]
    hints = [
        ("ExtensionStatus", "Exten: 101", "Hint: PJSIP/agent101", "Status: 0"),
        ("ExtensionStatus", "Exten: 102", "Hint: SIP/102&PJSIP/103&Custom:DND102,CustomPresence:102"),
        ("ExtensionStatus", "Exten: 700", "Hint: park:700@parkedcalls"),
        ("ExtensionStatus", "Exten: 101", "Hint: PJSIP/agent101"),
    ]
    queues = [
        ("QueueParams", "Queue: sales", "Strategy: ringall"),
        ("QueueMember", "Queue: sales", "Name: Ana", "Location: PJSIP/agent101", "Paused: 1", "Status: 2"),
        ("QueueEntry", "Queue: sales", "Position: 1", "Uniqueid: 1.1", "Wait: 12"),
    ]
    channels = [
        ("CoreShowChannel", "Uniqueid: 1.1", "Linkedid: 1.1", "ChannelState: 6", "Duration: 01:00:12")
    ]
    async with exchange() as pbx, running(pbx) as (client, _):
        pbx.answers |= {
            "PJSIPShowEndpoints": lists("EndpointListComplete", *endpoints),
            "SIPpeers": lists("PeerlistComplete", *peers),
            "QueueStatus": lists("QueueStatusComplete", *queues),
            "CoreShowChannels": lists("CoreShowChannelsComplete", *channels),
        }
        seen = await control(client, Told()).snapshot()
        pbx.answers["SIPpeers"] = lambda asked: refusal(asked, "Invalid/unknown command")
        assert (await control(client, Told()).snapshot()).phones == ("PJSIP/agent101",)
        pbx.answers |= {
            "PJSIPShowEndpoints": lambda asked: refusal(asked, "Permission denied"),
            "ExtensionStateList": lists("ExtensionStateListComplete", *hints),
        }
        hinted = await control(client, Told()).snapshot()
    assert seen.phones == ("PJSIP/agent101", "SIP/102")
    assert hinted.phones == ("PJSIP/agent101", "SIP/102", "PJSIP/103")
    (queue,), (member,), (entry,), (row,) = seen.queues, seen.members, seen.entries, seen.channels
    assert (queue.queue, queue.strategy) == ("sales", "ringall")
    assert (member.interface, member.member, member.paused, member.status) == (
        "PJSIP/agent101",
        "Ana",
        True,
        2,
    )
    assert (entry.uniqueid, entry.queue, entry.wait) == ("1.1", "sales", 12)
    assert (row.linkedid, row.state, row.duration) == ("1.1", 6, 3612)


async def test_hanging_up_names_the_leg() -> None:
    async with exchange() as pbx, running(pbx) as (client, _):
        await control(client, Told()).hang_up("1795536000.1")
        assert (await pbx.until_asked("Hangup"))["Channel"] == "1795536000.1"
