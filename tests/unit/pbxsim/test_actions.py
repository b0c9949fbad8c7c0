"""What the manager interface answers and does; words and rights of Asterisk 22.10."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from unit.pbxsim.exchange_kit import NEVER, NOW, STAYS, exchange, kinds, manners, read, said

from pbxsim.agi_client import introduction
from pbxsim.config import Agi
from pbxsim.manager.action import parse
from pbxsim.manager.perform import perform
from pbxsim.manager.session import Session, commands
from pbxsim.world.agi import Question
from pbxsim.world.callers import call_in
from pbxsim.world.channel import Channel
from pbxsim.world.exchange import Exchange
from pbxsim.world.wire import BIT, EVERYTHING, rights

Said = list[dict[str, str]]


def session(read: str = "all", write: str = "all") -> Session:
    return Session(read=rights(read), write=rights(write), user="test")


def ask(world: Exchange, action: str, *, by: Session | None = None, **headers: str) -> Said:
    """Return what is answered at once: a response, or a list with its beginning and end."""
    lines = [f"Action: {action}", *(f"{name}: {text}" for name, text in headers.items())]
    text = perform(world, by or session(), parse("\r\n".join(lines).encode()))
    return [read(block) for block in text.split("\r\n\r\n") if block]


def talking() -> tuple[Exchange, Channel, Channel]:
    world = exchange()
    manners(world, x101=STAYS)
    channel = call_in(world, to="5551", number="957212000", name="Zoë")
    world.run(NOW + 3)
    (leg,) = world.phones["101"].channels
    world.take_events()
    return world, channel, leg


@pytest.mark.parametrize(
    ("action", "headers", "response", "message"),
    [
        ("Ping", {}, "Success", None),
        ("Rubbish", {}, "Error", "Invalid/unknown command: Rubbish."),
        ("DBGet", {}, "Error", "Invalid/unknown command: DBGet."),
        ("Events", {}, "Error", "Invalid event mask"),
        ("Events", {"EventMask": "rubbish"}, "Error", "Invalid event mask"),
        ("Events", {"EventMask": "call,agent"}, "Success", None),
        ("Filter", {"Operation": "Remove", "Filter": "x"}, "Error", "Unknown operation"),
        ("Filter", {"Operation": "Add", "Filter": "("}, "Error", "Filter did not compile."),
        ("Getvar", {}, "Error", "No variable specified"),
        ("Getvar", {"Variable": "X", "Channel": "nobody"}, "Error", "No such channel"),
        ("Setvar", {}, "Error", "No variable specified"),
        ("Setvar", {"Variable": "X", "Channel": "nobody"}, "Error", "No such channel"),
        ("Hangup", {}, "Error", "No channel specified"),
        ("Hangup", {"Channel": "nobody"}, "Error", "No such channel"),
        ("Redirect", {}, "Error", "Channel not specified"),
        ("Redirect", {"Channel": "nobody"}, "Error", "Channel does not exist: nobody"),
        ("BlindTransfer", {}, "Error", "No channel specified"),
        ("BlindTransfer", {"Channel": "nobody"}, "Error", "No extension specified"),
        ("BlindTransfer", {"Channel": "nobody", "Exten": "1"}, "Error", "Channel specified does not exist"),
        ("Originate", {}, "Error", "Channel not specified"),
        ("Originate", {"Channel": "agent101"}, "Error", "Invalid channel"),
        ("Originate", {"Channel": "PJSIP/agent101"}, "Error", "Originate with 'Exten' requires"),
        ("QueueAdd", {}, "Error", "'Queue' not specified."),
        ("QueueAdd", {"Queue": "sales"}, "Error", "'Interface' not specified."),
        ("QueueAdd", {"Queue": "x", "Interface": "y"}, "Error", "Unable to add interface to queue"),
        ("QueueAdd", {"Queue": "sales", "Interface": "PJSIP/agent101"}, "Error", "Unable to add interface:"),
        ("QueueRemove", {}, "Error", "Need 'Queue' and 'Interface' parameters."),
        ("QueueRemove", {"Queue": "x", "Interface": "y"}, "Error", "Unable to remove interface from queue"),
        ("QueueRemove", {"Queue": "sales", "Interface": "y"}, "Error", "Unable to remove interface:"),
        ("QueueRemove", {"Queue": "sales", "Interface": "PJSIP/agent101"}, "Error", "Member not dynamic"),
        ("QueuePause", {}, "Error", "Need 'Interface' and 'Paused' parameters."),
        ("QueuePause", {"Interface": "nobody", "Paused": "true"}, "Error", "Interface not found"),
        ("QueuePenalty", {}, "Error", "Need 'Interface' and 'Penalty' parameters."),
        ("QueuePenalty", {"Interface": "x", "Penalty": "1"}, "Error", "Invalid interface, queuename"),
        ("Status", {"Channel": "nobody"}, "Error", "No such channel"),
        ("BridgeInfo", {}, "Error", "BridgeUniqueid must be provided"),
        ("BridgeInfo", {"BridgeUniqueid": "x"}, "Error", "Specified BridgeUniqueid not found"),
        ("ConfbridgeListRooms", {}, "Error", "No active conferences."),
    ],
)  # fmt: skip
def test_an_answer(action: str, headers: dict[str, str], response: str, message: str | None) -> None:
    (answer,) = ask(exchange(), action, ActionID="7", **headers)
    assert (answer["Response"], answer["ActionID"]) == (response, "7")
    assert answer.get("Message", "").startswith(message or "")


@pytest.mark.parametrize(
    "action", ["Hangup", "Originate", "Command", "QueuePause", "PJSIPShowEndpoints", "Setvar"]
)
def test_who_may_not_is_refused(action: str) -> None:
    (answer,) = ask(exchange(), action, by=session(write="reporting"))
    assert (answer["Response"], answer["Message"]) == ("Error", "Permission denied")


def test_commands_are_listed_by_rights() -> None:
    (all_of_them,) = ask(exchange(), "ListCommands")
    (few,) = ask(exchange(), "ListCommands", by=session(write=""))
    assert len(all_of_them) - 1 == len(commands())
    assert "Ping" in few
    assert "Originate" not in few
    assert "(Priv: originate,all)" in all_of_them["Originate"]


def test_a_session_hears_what_it_asked_for() -> None:
    world, by = exchange(), session(read="call,agent")
    assert by.mask == BIT["call"] | BIT["agent"]
    ask(world, "Events", by=by, EventMask="off")
    assert by.mask == 0
    ask(world, "Events", by=by, EventMask="call,system")
    assert by.mask == BIT["call"]
    ask(world, "Events", by=by, EventMask="on")
    assert by.wanted == EVERYTHING
    ask(world, "Filter", by=by, Operation="Add", Filter="!Event: Hangup")
    assert [by.hears(text) for text in ("Event: Hangup\r\n", "Event: Newchannel\r\n")] == [False, True]
    ask(world, "Filter", by=by, Operation="Add", Filter="Event: New")
    assert [by.hears(text) for text in ("Event: Hold\r\n", "Event: Newchannel\r\n")] == [False, True]


def test_lines_that_are_no_headers_are_left_out() -> None:
    action = parse(b"Action: Originate\r\nrubbish\r\nVariable: A=1\r\nVariable: B=x=y\r\nChannel: a\xff:b")
    assert action.name == "originate"
    assert action.variables == (("A", "1"), ("B", "x=y"))
    assert action.get("channel") == "a\N{REPLACEMENT CHARACTER}:b"


def test_variables_of_legs_and_of_the_exchange() -> None:
    world, channel, _ = talking()
    for where in ({}, {"Channel": channel.name}, {"Channel": channel.uniqueid}):
        value = f"v{len(where)}"
        ask(world, "Setvar", Variable="X", Value=value, **where)
        assert ask(world, "Getvar", Variable="X", **where)[0]["Value"] == value
    assert ask(world, "Getvar", Variable="CALLERID(num)", Channel=channel.name)[0]["Value"] == "957212000"


def test_a_user_event_is_told_as_it_was_sent() -> None:
    world = exchange()
    ask(world, "UserEvent", UserEvent="Centralita", Kind="probe", ActionID="9")
    (event,) = said(world)
    assert (event["UserEvent"], event["Kind"], event["ActionID"]) == ("Centralita", "probe", "9")


@pytest.mark.parametrize(("given", "cause"), [({}, "16"), ({"Cause": "21"}, "21"), ({"Cause": "x"}, "16")])
def test_a_leg_is_hung_up_by_command(given: dict[str, str], cause: str) -> None:
    world, channel, _ = talking()
    assert ask(world, "Hangup", Channel=channel.name, **given)[0]["Message"] == "Channel Hungup"
    world.run(NOW + 3.1)
    assert [event["Cause"] for event in said(world, "HangupRequest")] == [cause]
    assert not world.channels


@pytest.mark.parametrize("priority", ["1", "x"])
def test_a_redirect_takes_the_caller_there(priority: str) -> None:
    world, channel, leg = talking()
    ask(world, "Redirect", Channel=channel.name, Context="from-agents", Exten="103", Priority=priority)
    world.run(NOW + 3.1)
    assert leg.gone
    assert [event["DestCallerIDNum"] for event in said(world, "DialBegin")] == ["103"]


@pytest.mark.parametrize("given", [{}, {"Context": "from-agents"}])
def test_a_blind_transfer(given: dict[str, str]) -> None:
    world, channel, leg = talking()
    (answer,) = ask(world, "BlindTransfer", Channel=leg.name, Exten="103", **given)
    assert answer["Message"] == "Transfer succeeded"
    world.run(NOW + 3.1)
    assert [event["DestCallerIDNum"] for event in said(world, "DialBegin")] == ["103"]
    assert channel.exten == "103"


def test_a_leg_that_talks_to_nobody_cannot_be_transferred() -> None:
    world = exchange()
    channel = call_in(world, to="5551")
    assert ask(world, "BlindTransfer", Channel=channel.name, Exten="103")[0]["Message"] == "Transfer failed"


@pytest.mark.parametrize(("word", "queued"), [("true", True), ("yes", True), ("false", False)])
def test_an_originate_is_queued_or_waited_for(word: str, *, queued: bool) -> None:
    world, by = exchange(), session()
    manners(world, x101=NEVER)
    later: list[str] = []
    by.later = later.append
    answer = ask(
        world, "Originate", by=by, Channel="PJSIP/agent101", Context="from-agents", Exten="600123456",
        Priority="x", Timeout="2000", Async=word, Variable="A=1", ActionID="o",
    )  # fmt: skip
    assert bool(answer) is queued
    (leg,) = world.channels.values()
    assert leg.variables == {"A": "1"}
    world.run(NOW + 3)
    if queued:
        assert [event["Reason"] for event in said(world, "OriginateResponse")] == ["3"]
    else:
        assert read(later[0])["Message"] == "Originate failed"
        assert "OriginateResponse" not in kinds(world)


def test_a_member_comes_is_paused_is_weighed_and_goes() -> None:
    world = exchange()
    who = {"Queue": "sales", "Interface": "PJSIP/agent103"}
    ask(world, "QueueAdd", **who, MemberName="Eva", Penalty="3", Paused="yes")
    assert kinds(world) == ["DeviceStateChange", "QueueMemberAdded"]
    (member,) = (each for each in world.lines["sales"].members if each.dynamic)
    assert (member.title, member.penalty, member.paused, member.membership) == ("Eva", 3, True, "dynamic")
    ask(world, "QueuePause", **who, Paused="false", Reason="none")
    ask(world, "QueuePause", Interface=who["Interface"], Paused="1", Reason="lunch")
    assert [(e["Paused"], e["PausedReason"]) for e in said(world, "QueueMemberPause")] == [
        ("0", ""),
        ("1", "lunch"),
    ]
    ask(world, "QueuePenalty", Interface=who["Interface"], Penalty="7")
    assert [e["Penalty"] for e in said(world, "QueueMemberPenalty")] == ["7"]
    assert ask(world, "QueuePenalty", **who, Penalty="x")[0]["Response"] == "Error"
    assert ask(world, "QueueRemove", **who)[0]["Message"] == "Removed interface from queue"
    assert kinds(world, "QueueMemberRemoved") == ["QueueMemberRemoved"]


def test_the_name_of_a_new_member_is_its_device_where_none_is_given() -> None:
    world = exchange()
    ask(world, "QueueAdd", Queue="sales", Interface="PJSIP/agent103", Penalty="x")
    member = world.lines["sales"].members[-1]
    assert (member.title, member.penalty, member.paused) == ("PJSIP/agent103", 0, False)


@pytest.mark.parametrize(
    ("words", "output"),
    [
        ("core show version", "Asterisk 22.10.1~pbxsim (simulated)"),
        ("core  show   uptime", "Last reload: 3 seconds"),
        ("core show channels count", "1 calls processed"),
        ("core restart now", "No such command 'core restart now'"),
    ],
)
def test_the_command_line(words: str, output: str) -> None:
    world, _, _ = talking()
    (answer,) = ask(world, "Command", Command=words)
    assert answer["Output"].startswith(output)


def test_status_and_settings_of_the_core() -> None:
    world, _, _ = talking()
    (status,) = ask(world, "CoreStatus")
    assert (status["CoreCurrentCalls"], status["CoreProcessedCalls"]) == ("2", "1")
    assert (status["CoreStartupDate"], status["CoreStartupTime"]) == (
        "2026-11-24",
        "16:06:13",
    )  # date -u -d @1795536373
    assert ask(world, "CoreSettings")[0]["AsteriskVersion"].startswith("22.10.1")


Items = Callable[[Said], object]


def column(name: str) -> Items:
    return lambda items: [item[name] for item in items]


@pytest.mark.parametrize(
    ("action", "headers", "shown", "expected"),
    [
        ("CoreShowChannels", {}, column("Application"), ["Queue", "AppQueue"]),
        ("Status", {}, column("ChannelStateDesc"), ["Up", "Up"]),
        ("BridgeList", {}, column("BridgeNumChannels"), ["2"]),
        ("ParkedCalls", {}, column("Event"), []),
        ("QueueStatus", {}, column("Event"), ["QueueParams", "QueueMember", "QueueMember"]),
        ("QueueStatus", {"Queue": "nowhere"}, column("Event"), []),
        ("QueueStatus", {"Member": "PJSIP/agent102"}, column("Event"), ["QueueParams", "QueueMember"]),
        ("QueueSummary", {}, column("Available"), ["1"]),
        ("QueueSummary", {"Queue": "sales"}, column("LoggedIn"), ["2"]),
        (
            "PJSIPShowEndpoints", {}, column("DeviceState"),
            ["In use", "Not in use", "Not in use", "In use", "Not in use"],
        ),
        ("PJSIPShowContacts", {}, column("Endpoint"), ["agent101", "agent102", "agent103"]),
        ("ExtensionStateList", {}, column("StatusText"), ["InUse", "Idle", "Idle"]),
        (
            "DeviceStateList", {}, column("State"),
            ["INUSE", "NOT_INUSE", "NOT_INUSE", "INUSE", "NOT_INUSE", "NOT_INUSE", "NOT_INUSE"],
        ),
    ],
)  # fmt: skip
def test_a_list(action: str, headers: dict[str, str], shown: Items, expected: object) -> None:
    world, _, _ = talking()
    first, *items, last = ask(world, action, ActionID="l-1", **headers)
    assert (first["Response"], first["EventList"]) == ("Success", "start")
    assert (last["EventList"], last["ListItems"]) == ("Complete", str(len(items)))
    assert {block["ActionID"] for block in (first, *items, last)} == {"l-1"}
    assert shown(items) == expected


def test_one_leg_and_one_bridge_alone() -> None:
    world, channel, leg = talking()
    _, status, last = ask(world, "Status", Channel=leg.name)
    assert (status["Channel"], last["Items"]) == (leg.name, "1")
    assert channel.bridge is not None
    _, *legs, last = ask(world, "BridgeInfo", BridgeUniqueid=channel.bridge.uniqueid)
    assert [each["Channel"] for each in legs] == [leg.name, channel.name]
    assert last["BridgeUniqueid"] == channel.bridge.uniqueid


def test_callers_in_line_are_listed_with_place_and_wait() -> None:
    world = exchange()
    manners(world, x101=NEVER, x102=NEVER)
    for _ in range(3):
        call_in(world, to="5551", number="957212000")
    world.run(NOW + 3)
    entries = [item for item in ask(world, "QueueStatus") if item.get("Event") == "QueueEntry"]
    # Joined at …73.75, asked at …76.25: whole seconds.
    assert [(each["Position"], each["Wait"], each["CallerIDNum"]) for each in entries] == [
        ("1", "3", "957212000"), ("2", "3", "957212000"), ("3", "3", "957212000"),
    ]  # fmt: skip
    (summary,) = (item for item in ask(world, "QueueSummary") if item.get("Event") == "QueueSummary")
    assert (summary["Callers"], summary["LongestHoldTime"]) == ("3", "3")


def test_no_phone_there_is_an_error_of_its_own() -> None:
    world = exchange()
    for device in world.phones.values():
        world.register(device, present=False)
    (answer,) = ask(world, "PJSIPShowContacts")
    assert answer["Message"] == "No Contacts found\n"  # Asterisk's own line feed


def test_a_fastagi_server_is_told_who_calls() -> None:
    world = exchange()
    channel = call_in(world, to="5551", number="957212000")
    asked = introduction(Question(channel, "route", ("1.0", "5551"), 0.5), Agi(host="127.0.0.1", port=4573))
    head = dict(line.split(": ", 1) for line in asked.strip().split("\n") if ": " in line)
    assert asked.endswith("\n\n")
    assert (head["agi_callerid"], head["agi_calleridname"], head["agi_dnid"]) == (
        "957212000",
        "unknown",
        "5551",
    )
    assert (head["agi_network_script"], head["agi_arg_1"], head["agi_arg_2"]) == ("route", "1.0", "5551")
