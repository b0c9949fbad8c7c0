"""From blocks to facts: values as Asterisk writes them, and nothing that breaks the reading."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ami_bridge.domain import ami
from ami_bridge.wire.parse import (
    EVENTS,
    LIST_ITEMS,
    event_name,
    header_lines,
    headers_of,
    read_event,
    read_item,
)
from ami_bridge.wire.shape import ORDERS_KEPT, Shape, headers_in


def block(*lines: str) -> bytes:
    return "\r\n".join(lines).encode()


NEWCHANNEL = (
    "Event: Newchannel",
    "Privilege: call,all",
    "Timestamp: 1795536393.512345",
    "Channel: PJSIP/trunk-00000001",
    "ChannelState: 4",
    "ChannelStateDesc: Ring",
    "CallerIDNum: 957212000",
    "CallerIDName: Zoë: García",
    "ConnectedLineNum: <unknown>",
    "AccountCode: ",
    "Context: from-provider",
    "Exten: 5551001",
    "Priority: 1",
    "Uniqueid: 1795536393.0",
    "Linkedid: 1795536393.0",
)


def test_an_event_of_a_real_asterisk() -> None:
    assert read_event(block(*NEWCHANNEL)) == ami.Newchannel(
        stamp=1795536393.512345,
        uniqueid="1795536393.0",
        linkedid="1795536393.0",
        channel="PJSIP/trunk-00000001",
        state=4,
        num="957212000",
        name="Zoë: García",
        context="from-provider",
        exten="5551001",
    )


READINGS = [
    pytest.param("Exten: <unknown>", "exten", "", id="unknown"),
    pytest.param("Exten: <null>", "exten", "", id="null of a list"),
    pytest.param("Exten: (null)", "exten", "", id="null of a C library"),
    pytest.param("Exten: <unknown>1", "exten", "<unknown>1", id="begins like unknown"),
    pytest.param("Exten: ", "exten", "", id="empty"),
    pytest.param("Exten:", "exten", "", id="empty without a space"),
    pytest.param("Exten:12", "exten", "12", id="without a space"),
    pytest.param("Exten:  12", "exten", " 12", id="a space of its own"),
    pytest.param("EXTEN: 12", "exten", "12", id="another spelling"),
    pytest.param("Exten: a: b", "exten", "a: b", id="a colon inside"),
    pytest.param("Exten: a\rb", "exten", "a\rb", id="a lone CR"),
    pytest.param("Exten: a\nb", "exten", "a\nb", id="a lone LF"),
    pytest.param("ChannelState: 5", "state", 5, id="a number"),
    pytest.param("ChannelState: -1", "state", -1, id="a negative one"),
    pytest.param("ChannelState: --1", "state", 0, id="no number"),
    pytest.param("ChannelState: \u0664", "state", 0, id="a digit of another script"),
    pytest.param(f"ChannelState: {'9' * 5000}", "state", 0, id="a number too long"),
    pytest.param("Timestamp: nan", "stamp", None, id="not a number"),
    pytest.param("Timestamp: inf", "stamp", None, id="for ever"),
    pytest.param("Timestamp: soon", "stamp", None, id="a word"),
    pytest.param("Timestamp: 12.5", "stamp", 12.5, id="a time"),
]


@pytest.mark.parametrize(("line", "field", "value"), READINGS)
@pytest.mark.parametrize("is_known", [True, False], ids=["its order seen before", "first of its order"])
def test_how_values_are_read(line: str, field: str, value: Any, *, is_known: bool) -> None:
    if is_known:
        read_event(
            block("Event: Newchannel", line.replace(line.partition(": ")[2] or "-", "7"), "Uniqueid: 1.1")
        )
    said = block("Event: Newchannel", line, "Uniqueid: 1.1")
    fact = read_event(said)
    assert getattr(fact, field) == value
    assert fact == EVENTS[b"Newchannel"].of_headers(headers_of(said))


def test_of_a_repeated_header_the_last_counts() -> None:
    twice = block("Event: Newchannel", "Exten: 1", "Exten: 2", "Uniqueid: 1.1")
    assert [read_event(twice).exten for _ in range(2)] == ["2", "2"]
    assert header_lines(block("A: x", "Output: 1", "output: ", "Output: 3"), "Output") == ["1", "", "3"]


def test_a_header_that_is_missing_now_and_then_is_missing_only_then() -> None:
    with_forward = block("Event: DialEnd", "DestUniqueid: 1.2", "DialStatus: BUSY", "Forward: Local/1@x")
    without = block("Event: DialEnd", "DestUniqueid: 1.2", "DialStatus: BUSY")
    told = [read_event(said).forward for said in (without, with_forward, without, with_forward)]
    assert told == ["", "Local/1@x", "", "Local/1@x"]


def test_a_stream_of_ever_new_orders_is_read_and_keeps_only_a_few() -> None:
    shape = Shape(ami.Newstate, uniqueid="uniqueid", state=("channelstate", int))
    for turn in range(50):
        said = block("Event: Newstate", f"X{turn}: y", "Uniqueid: 1.1", "ChannelState: 6")
        assert shape.of_block(said) == ami.Newstate(uniqueid="1.1", state=6)
    assert len(shape._orders) == ORDERS_KEPT


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(
            block("Event: Newstate", "no header", "Uniqueid: 1.1", "ChannelState: 6"), id="no header"
        ),
        pytest.param(
            block("Event: Newstate", *["A: b"] * 300, "Uniqueid: 1.1", "ChannelState: 6"), id="long"
        ),
    ],
)
def test_an_order_that_is_none_is_not_kept(said: bytes) -> None:
    shape = Shape(ami.Newstate, uniqueid="uniqueid", state=("channelstate", int))
    assert shape.of_block(said) == ami.Newstate(uniqueid="1.1", state=6)
    assert shape._orders == []


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("AgentComplete", id="AgentComplete: late, and wrong after a redirect"),
        pytest.param("Cdr", id="Cdr: one for each phone, not one for each call"),
        pytest.param("CEL", id="CEL: a leg's first and last word may stand here before and after its own"),
        pytest.param("SoftHangupRequest", id="SoftHangupRequest: the core follows whoever hung up"),
        pytest.param("DeviceStateChange", id="DeviceStateChange: queues have devices, too"),
    ],
)
def test_what_would_mislead_is_not_read(name: str) -> None:
    assert read_event(block(f"Event: {name}", "Uniqueid: 1.1", "Linkedid: 1.1")) is None


def test_what_nobody_reads_is_nothing() -> None:
    assert read_event(block("Event: VarSet", "Variable: x")) is None
    assert read_event(block("Response: Success")) is None
    assert read_event(b"") is None
    assert read_item({"event": "BridgeInfoChannel"}) is None
    assert event_name(b"Event: ") == b""
    assert event_name(b"Event: Hold") == b"Hold"


@pytest.mark.parametrize(
    ("lines", "fact"),
    [
        (
            ("Event: Hangup", "Uniqueid: 1.1", "Cause: 17", "Cause-txt: User busy"),
            ami.Hangup(uniqueid="1.1", cause=17),
        ),
        (("Event: Hangup", "Uniqueid: 1.1", "Cause: x"), ami.Hangup(uniqueid="1.1", cause=None)),
        (("Event: HangupRequest", "Uniqueid: 1.1", "Cause: 16"), ami.HangupRequest(uniqueid="1.1", cause=16)),
        (
            ("Event: ParkedCall", "ParkeeUniqueid: 1.1", "ParkingSpace: 701", "ParkerDialString: PJSIP/101"),
            ami.ParkedCall(uniqueid="1.1", space="701", parker="PJSIP/101"),
        ),
        (
            ("Event: QueueMemberStatus", "Queue: q", "Interface: PJSIP/1", "MemberName: Ana", "Paused: 1"),
            ami.QueueMember(queue="q", interface="PJSIP/1", member="Ana", paused=True),
        ),
        (
            ("Event: QueueMemberAdded", "Queue: q", "Location: SIP/1", "Membership: dynamic", "InCall: 1"),
            ami.QueueMember(queue="q", interface="SIP/1", dynamic=True, in_call=True),
        ),
        (
            ("Event: PeerStatus", "Peer: PJSIP/101", "PeerStatus: Reachable"),
            ami.PhoneRegistered(interface="PJSIP/101", registered=False),
        ),
        (
            ("Event: PeerStatus", "Peer: SIP/101", "PeerStatus: Registered"),
            ami.PhoneRegistered(interface="SIP/101", registered=True),
        ),
        (
            ("Event: ContactStatus", "ContactStatus: NonQualified", "EndpointName: 101"),
            ami.PhoneRegistered(interface="PJSIP/101", registered=True),
        ),
        (
            ("Event: ContactStatus", "ContactStatus: Removed"),
            ami.PhoneRegistered(interface="", registered=False),
        ),
        (
            (
                "Event: OriginateResponse",
                "ActionID: c-1",
                "Response: Failure",
                "Reason: 3",
                "Uniqueid: <unknown>",
            ),
            ami.OriginateResponse(action_id="c-1", success=False, reason=3),
        ),
        (("Event: FullyBooted", "Uptime: 12"), ami.FullyBooted(uptime=12)),
        (("Event: FullyBooted",), ami.FullyBooted(uptime=None)),
        (("Event: Shutdown", "Restart: True"), ami.Shutdown(restart=True)),
        (
            ("Event: UserEvent", "Timestamp: 5", "Uniqueid: 1.1", "UserEvent: Centralita", "Kind: route"),
            ami.UserEvent(
                stamp=5.0,
                uniqueid="1.1",
                name="Centralita",
                headers={
                    "event": "UserEvent",
                    "timestamp": "5",
                    "uniqueid": "1.1",
                    "userevent": "Centralita",
                    "kind": "route",
                },
            ),
        ),
    ],
    ids=lambda value: value[0].removeprefix("Event: ") if isinstance(value, tuple) else "",
)
def test_events(lines: tuple[str, ...], fact: ami.AmiEvent) -> None:
    assert [read_event(block(*lines)) for _ in range(2)] == [fact, fact]  # new, and by its order


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("12", 12), ("00:00:12", 12), ("01:02:03", 3723), ("02:03", 123), ("", 0), ("1:2:3:4", 0), ("x", 0)],
)
def test_how_long_a_channel_has_been_up(text: str, seconds: int) -> None:
    assert read_item({"event": "CoreShowChannel", "duration": text}).duration == seconds


NAMES = sorted({name.decode() for name in EVENTS} | set(LIST_ITEMS) | {"VarSet"})
WORDS = [
    "Uniqueid",
    "Linkedid",
    "Channel",
    "Timestamp",
    "Cause",
    "ChannelState",
    "Queue",
    "Paused",
    "Duration",
]
values = st.one_of(st.text(max_size=8), st.sampled_from(["<unknown>", "", "1.5", "-3", "NaN", "1e400"]))
headers = st.lists(
    st.tuples(st.sampled_from(WORDS), values).map(": ".join) | st.text(max_size=12), max_size=8
)


@given(st.sampled_from(NAMES), headers)
def test_any_block_is_read_alike_by_its_order_and_header_by_header(name: str, lines: list[str]) -> None:
    said = block(f"Event: {name}", *lines)
    fact = read_event(said)
    assert fact == read_event(said)
    if fact is not None:
        assert fact == EVENTS[event_name(said)].of_headers(headers_in(said.decode("utf-8", "replace")))
        read_item(headers_of(said))


@given(st.binary(max_size=200))
def test_any_bytes_are_read(said: bytes) -> None:
    for name in (b"Newchannel", b"UserEvent", b"QueueMemberStatus"):
        assert read_event(b"Event: " + name + b"\r\n" + said) is not None or b"\r\n" not in said
    header_lines(said, "Output")
