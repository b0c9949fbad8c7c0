"""Each row of the older dialects: the block as it stands on the wire, and the fact it is read as.

Names and headers by the ``manager_event`` calls of the branches 1.4, 1.6, 1.8 and 11 of Asterisk.
"""

from __future__ import annotations

import pytest

from ami_bridge.domain import ami, ami_elder
from ami_bridge.wire.dialect import calls_named, output_of
from ami_bridge.wire.parse import headers_of, read_event, read_item

BEFORE_1_6 = [
    pytest.param(
        "Newchannel|Channel: SIP/trunk-08a|State: Ring|CallerIDNum: 957212000"
        "|CallerIDName: Zoe|Uniqueid: 1.1",
        ami.Newchannel(uniqueid="1.1", channel="SIP/trunk-08a", state=4, num="957212000", name="Zoe"),
        id="a state in words",
    ),
    pytest.param(
        "Newstate|Channel: SIP/101-08b|State: Ringing|CallerID: 101|Uniqueid: 1.2",
        ami.Newstate(uniqueid="1.2", channel="SIP/101-08b", state=5, num="101"),
        id="ringing",
    ),
    pytest.param(
        "Newstate|Channel: SIP/101-08b|State: Dreaming|CallerID: <unknown>|Uniqueid: 1.2",
        ami.Newstate(uniqueid="1.2", channel="SIP/101-08b", state=0),
        id="a state that nobody knows",
    ),
    pytest.param(
        "Newcallerid|Channel: SIP/101-08b|CallerID: 101|CallerIDName: Ana|Uniqueid: 1.2",
        ami.NewCallerid(uniqueid="1.2", channel="SIP/101-08b", num="101", name="Ana"),
        id="caller id with a small c",
    ),
    pytest.param(
        "Dial|Source: SIP/trunk-08a|Destination: SIP/101-08b|CallerID: 957212000"
        "|SrcUniqueID: 1.1|DestUniqueID: 1.2",
        ami.DialBegin(
            uniqueid="1.1", channel="SIP/trunk-08a", dest_uniqueid="1.2", dest_channel="SIP/101-08b"
        ),
        id="dialling without an end",
    ),
    pytest.param(
        "Link|Channel1: SIP/trunk-08a|Channel2: SIP/101-08b|Uniqueid1: 1.1|Uniqueid2: 1.2",
        ami_elder.Linked(one="1.1", two="1.2"),
        id="link",
    ),
    pytest.param(
        "Unlink|Channel1: SIP/trunk-08a|Channel2: SIP/101-08b|Uniqueid1: 1.1|Uniqueid2: 1.2",
        ami_elder.Unlinked(one="1.1", two="1.2"),
        id="unlink",
    ),
    pytest.param(
        "Rename|Oldname: SIP/a-1|Newname: SIP/a-1<MASQ>|Uniqueid: 1.1",
        ami_elder.Renamed(uniqueid="1.1", channel="SIP/a-1", newname="SIP/a-1<MASQ>"),
        id="rename by the old name",
    ),
    pytest.param(
        "AgentCalled|AgentCalled: SIP/101|ChannelCalling: SIP/trunk-08a|CallerID: 957212000",
        ami.AgentCalled(uniqueid="", channel="SIP/trunk-08a", queue="", interface="SIP/101"),
        id="an agent called, of which queue is not said",
    ),
    pytest.param(
        "ParkedCall|Exten: 701|Channel: SIP/trunk-08a|From: SIP/101-08b|Timeout: 45",
        ami.ParkedCall(uniqueid="", channel="SIP/trunk-08a", space="701", parker="SIP/101-08b"),
        id="parked, by its name only",
    ),
]
FROM_1_6_TO_11 = [
    pytest.param(
        "Dial|SubEvent: Begin|Channel: SIP/a-1|Destination: SIP/b-2|UniqueID: 1.1"
        "|DestUniqueID: 1.2|Dialstring: b",
        ami.DialBegin(
            uniqueid="1.1", channel="SIP/a-1", dest_uniqueid="1.2", dest_channel="SIP/b-2", dial_string="b"
        ),
        id="dial begins",
    ),
    pytest.param(
        "Dial|SubEvent: End|Channel: SIP/a-1|UniqueID: 1.1|DialStatus: BUSY",
        ami_elder.DialOver(uniqueid="1.1", channel="SIP/a-1", status="BUSY"),
        id="dial ends",
    ),
    pytest.param(
        "Bridge|Bridgestate: Link|Bridgetype: core|Channel1: SIP/a-1|Channel2: SIP/b-2"
        "|Uniqueid1: 1.1|Uniqueid2: 1.2",
        ami_elder.Linked(one="1.1", two="1.2"),
        id="bridge link",
    ),
    pytest.param(
        "Bridge|Bridgestate: Unlink|Bridgetype: core|Channel1: SIP/a-1|Channel2: SIP/b-2"
        "|Uniqueid1: 1.1|Uniqueid2: 1.2",
        ami_elder.Unlinked(one="1.1", two="1.2"),
        id="bridge unlink",
    ),
    pytest.param(
        "LocalBridge|Channel1: Local/1@x-1;1|Channel2: Local/1@x-1;2|Uniqueid1: 1.1"
        "|Uniqueid2: 1.2|LocalOptimization: Yes",
        ami.LocalBridge(one="1.1", one_channel="Local/1@x-1;1", two="1.2", two_channel="Local/1@x-1;2"),
        id="halves",
    ),
    pytest.param(
        "Transfer|TransferMethod: SIP|TransferType: Attended|Channel: SIP/b-2|Uniqueid: 1.2"
        "|TargetUniqueid: 1.3",
        ami_elder.Transferred(uniqueid="1.2", channel="SIP/b-2", kind="attended", target="1.3"),
        id="attended transfer",
    ),
    pytest.param(
        "Transfer|TransferMethod: SIP|TransferType: Blind|Channel: SIP/b-2|Uniqueid: 1.2|TransferExten: 103",
        ami_elder.Transferred(uniqueid="1.2", channel="SIP/b-2", kind="blind", exten="103"),
        id="blind transfer",
    ),
    pytest.param(
        "MusicOnHold|Channel: SIP/a-1|UniqueID: 1.1|Class: default|State: Start",
        ami.MusicOnHoldStart(uniqueid="1.1", channel="SIP/a-1"),
        id="music begins",
    ),
    pytest.param(
        "MusicOnHold|Channel: SIP/a-1|UniqueID: 1.1|State: Stop",
        ami.MusicOnHoldStop(uniqueid="1.1", channel="SIP/a-1"),
        id="music ends",
    ),
    pytest.param(
        "Hold|Status: On|Channel: SIP/b-2|Uniqueid: 1.2",
        ami.Hold(uniqueid="1.2", channel="SIP/b-2"),
        id="hold",
    ),
    pytest.param(
        "Hold|Status: Off|Channel: SIP/b-2|Uniqueid: 1.2",
        ami.Unhold(uniqueid="1.2", channel="SIP/b-2"),
        id="a hold that is off",
    ),
    pytest.param(
        "Join|Channel: SIP/a-1|CallerIDNum: 957212000|Queue: 500|Position: 2|Count: 2|Uniqueid: 1.1",
        ami.QueueCallerJoin(uniqueid="1.1", channel="SIP/a-1", queue="500", position=2, num="957212000"),
        id="join",
    ),
    pytest.param(
        "Leave|Channel: SIP/a-1|Queue: 500|Count: 0|Position: 1|Uniqueid: 1.1",
        ami.QueueCallerLeave(uniqueid="1.1", channel="SIP/a-1", queue="500"),
        id="leave",
    ),
    pytest.param(
        "AgentCalled|Queue: 500|AgentCalled: SIP/101|AgentName: Ana|ChannelCalling: SIP/a-1"
        "|DestinationChannel: SIP/b-2"
        "|Uniqueid: 1.1",
        ami.AgentCalled(
            uniqueid="1.1",
            channel="SIP/a-1",
            queue="500",
            interface="SIP/101",
            member="Ana",
            dest_channel="SIP/b-2",
        ),
        id="agent called",
    ),
    pytest.param(
        "AgentConnect|Queue: 500|Uniqueid: 1.1|Channel: SIP/b-2|Member: SIP/101"
        "|MemberName: Ana|BridgedChannel: 1.2",
        ami.AgentConnect(
            uniqueid="1.1",
            queue="500",
            interface="SIP/101",
            member="Ana",
            dest_uniqueid="1.2",
            dest_channel="SIP/b-2",
        ),
        id="agent connected: the channel is his, the bridged one too",
    ),
    pytest.param(
        "AgentRingNoAnswer|Queue: 500|Uniqueid: 1.1|Channel: SIP/a-1|Member: SIP/101"
        "|MemberName: Ana|RingTime: 15",
        ami.AgentRingNoAnswer(
            uniqueid="1.1", channel="SIP/a-1", queue="500", interface="SIP/101", member="Ana"
        ),
        id="rung in vain: the channel is the caller's",
    ),
    pytest.param(
        "QueueMemberStatus|Queue: 500|Location: SIP/101|MemberName: Ana|Membership: static"
        "|Status: 2|Paused: 0",
        ami.QueueMember(queue="500", interface="SIP/101", member="Ana", status=2),
        id="a member",
    ),
    pytest.param(
        "QueueMemberPaused|Queue: 500|Location: SIP/101|MemberName: Ana|Paused: 1|Reason: lunch",
        ami_elder.MemberPaused(queue="500", interface="SIP/101", member="Ana", paused=True, reason="lunch"),
        id="a member's pause",
    ),
    pytest.param(
        "UnParkedCall|Exten: 701|Channel: SIP/a-1|From: SIP/b-2|Uniqueid: 1.1",
        ami.UnParkedCall(uniqueid="1.1", channel="SIP/a-1", retriever="SIP/b-2"),
        id="picked up",
    ),
    pytest.param(
        "ParkedCallTimeOut|Exten: 701|Channel: SIP/a-1|UniqueID: 1.1",
        ami.ParkedCallTimeOut(uniqueid="1.1", channel="SIP/a-1"),
        id="parked for too long",
    ),
    pytest.param(
        "ParkedCallGiveUp|Exten: 701|Channel: SIP/a-1|UniqueID: 1.1",
        ami.ParkedCallGiveUp(uniqueid="1.1", channel="SIP/a-1"),
        id="hung up while parked",
    ),
]


def block(text: str) -> bytes:
    name, *lines = text.split("|")
    return "\r\n".join((f"Event: {name}", "Privilege: call,all", *lines)).encode()


@pytest.mark.parametrize(("text", "fact"), BEFORE_1_6 + FROM_1_6_TO_11)
def test_an_older_event(text: str, fact: ami.AmiEvent) -> None:
    assert read_event(block(text)) == fact
    assert read_event(block(text)) == fact, "by the order of its headers"


LATER = [
    pytest.param(
        "AgentCalled|Uniqueid: 1.1|Queue: q|Interface: PJSIP/a|DestUniqueid: 1.2", "interface", "PJSIP/a"
    ),
    pytest.param("AgentConnect|Uniqueid: 1.1|Channel: PJSIP/t-1|Interface: PJSIP/a", "channel", "PJSIP/t-1"),
    pytest.param(
        "ParkedCall|ParkeeChannel: PJSIP/t-1|ParkeeUniqueid: 1.1|ParkingSpace: 701", "uniqueid", "1.1"
    ),
    pytest.param("LocalBridge|LocalOneUniqueid: 1.1|LocalTwoUniqueid: 1.2", "one", "1.1"),
    pytest.param("Hold|Channel: PJSIP/a-1|Uniqueid: 1.1", "uniqueid", "1.1"),
]


@pytest.mark.parametrize(("text", "field", "value"), LATER)
def test_an_event_of_today_is_read_as_today_where_both_have_it(text: str, field: str, value: str) -> None:
    assert getattr(read_event(block(text)), field) == value


def test_a_list_of_parked_calls_is_read_in_both() -> None:
    elder = headers_of(block("ParkedCall|Exten: 701|Channel: SIP/a-1|From: SIP/b-2|Timeout: 45"))
    assert read_item(elder) == ami.ParkedCall(uniqueid="", channel="SIP/a-1", space="701", parker="SIP/b-2")
    later = headers_of(block("ParkedCall|ParkeeUniqueid: 1.1|ParkeeChannel: PJSIP/a-1|ParkingSpace: 701"))
    assert read_item(later) == ami.ParkedCall(uniqueid="1.1", channel="PJSIP/a-1", space="701")


def test_the_linkedid_that_channelvars_tells_of_each_channel() -> None:
    told = block(
        "Bridge|Bridgestate: Link|Uniqueid1: 1.1|Uniqueid2: 1.2"
        "|ChanVariable(SIP/a-1): CHANNEL(linkedid)=1.1|ChanVariable(SIP/a-1): LANG=es"
        "|ChanVariable(SIP/b-2): CHANNEL(linkedid)=1.1"
    )
    assert list(calls_named(told)) == [
        ami_elder.CallNamed(channel="SIP/a-1", linkedid="1.1"),
        ami_elder.CallNamed(channel="SIP/b-2", linkedid="1.1"),
    ]


def test_a_commands_output_follows_its_headers() -> None:
    answer = (
        b"Response: Follows\r\nPrivilege: Command\r\nActionID: 7\r\nup: 3 days\nidle: no\n--END COMMAND--"
    )
    assert output_of(answer) == ["up: 3 days", "idle: no"]
    assert output_of(b"Response: Follows\r\nPrivilege: Command\r\n--END COMMAND--") == []
    assert headers_of(answer)["actionid"] == "7"
