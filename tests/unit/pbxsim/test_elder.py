"""The same calls in the words of Asterisk 11: names and headers as its ``manager_event`` calls have them."""

from __future__ import annotations

import pytest
from unit.pbxsim.exchange_kit import NEVER, NOW, QUICK, STAYS, exchange, manners, read

from pbxsim.config import Manner, exactly
from pbxsim.manager.action import parse
from pbxsim.manager.elder import ElderTongue
from pbxsim.manager.perform import perform
from pbxsim.manager.session import Session
from pbxsim.world.callers import call_from, call_in, hang_up
from pbxsim.world.exchange import Exchange
from pbxsim.world.wire import BIT, EVERYTHING

SILENT = {"PeerStatus", "QueueMemberStatus", "NewCallerid", "SoftHangupRequest", "AgentComplete"}


def told(tongue: ElderTongue, world: Exchange) -> list[dict[str, str]]:
    return [read(event.text) for event in tongue.events(world.take_events())]


def words(events: list[dict[str, str]]) -> str:
    """Return the events of calls in one line, each with what its kind adds."""
    more = ("SubEvent", "Bridgestate", "State", "Status")
    shown = [event for event in events if event["Event"] not in SILENT]
    return " ".join(
        ":".join([event["Event"], *(event[name] for name in more if name in event)]) for event in shown
    )


def ask(tongue: ElderTongue, world: Exchange, action: str) -> list[dict[str, str]]:
    asked = tongue.asked(parse(f"Action: {action}\r\nActionID: 7".encode()))
    who = Session(read=EVERYTHING, write=EVERYTHING, user="test")
    text = tongue.reply(action.lower(), perform(world, who, asked))
    return [read(block) for block in text.split("\r\n\r\n") if block]


def test_a_queue_dials_without_a_word() -> None:
    tongue, world = ElderTongue(), exchange()
    manners(world, x101=QUICK, x102=NEVER)
    call_in(world, to="5551", number="957212000")
    world.run(NOW + 10)
    events = told(tongue, world)
    assert words(events) == (
        "Newchannel Newstate Join MusicOnHold:Start Newchannel AgentCalled Newstate Newstate "
        "MusicOnHold:Stop Leave AgentConnect Bridge:Link HangupRequest Bridge:Unlink Hangup Hangup"
    )
    assert "Dial" not in {event["Event"] for event in events}
    assert not any("Linkedid" in event or "PJSIP" in str(event) for event in events)
    connect = next(event for event in events if event["Event"] == "AgentConnect")
    link = next(event for event in events if event.get("Bridgestate") == "Link")
    assert connect["Member"] == "SIP/agent101"
    assert connect["BridgedChannel"] in {link["Uniqueid1"], link["Uniqueid2"]}


def test_join_and_leave_are_of_the_class_of_calls() -> None:
    tongue, world = ElderTongue(), exchange()
    channel = call_in(world, to="5551", number="957212000")
    world.run(NOW + 1)
    hang_up(world, channel)
    world.run(NOW + 2)
    events = tongue.events(world.take_events())
    assert {event.mask for event in events if event.kind in {"Join", "Leave"}} == {BIT["call"]}
    abandon = next(read(event.text) for event in events if event.kind == "QueueCallerAbandon")
    assert "Channel" not in abandon
    assert abandon["Uniqueid"] == channel.uniqueid


@pytest.mark.parametrize(
    ("manner", "ends"),
    [
        pytest.param(QUICK, ["ANSWER"], id="an answer is told when the talk is over"),
        pytest.param(Manner(takes="busy", after=exactly(0.5)), ["BUSY"], id="a refusal at once"),
    ],
)
def test_a_dial_ends(manner: Manner, ends: list[str]) -> None:
    tongue, world = ElderTongue(), exchange()
    manners(world, x101=manner)
    call_in(world, to="5552", number="957212000")
    world.run(NOW + 20)
    events = told(tongue, world)
    dials = [event for event in events if event["Event"] == "Dial"]
    assert [event["SubEvent"] for event in dials] == ["Begin", "End"]
    assert [event["DialStatus"] for event in dials[1:]] == ends
    if ends == ["ANSWER"]:
        assert "Bridge:Unlink" in words(events[: events.index(dials[1])])


def test_lists_of_then() -> None:
    tongue, world = ElderTongue(), exchange()
    manners(world, x101=STAYS)
    call_from(world, world.phones["102"], "101")
    world.run(NOW + 3)
    told(tongue, world)
    first, *rows, last = ask(tongue, world, "CoreShowChannels")
    assert (first["EventList"], last["EventList"], len(rows)) == ("start", "Complete", 2)
    assert {row["BridgedUniqueID"] for row in rows} == {row["UniqueID"] for row in rows}
    first, *rows, last = ask(tongue, world, "QueueStatus")
    assert ("EventList" in first, first["Message"].endswith("will follow")) == (False, True)
    assert (last["Event"], "EventList" in last) == ("QueueStatusComplete", False)
    assert {row["Location"] for row in rows if row["Event"] == "QueueMember"} == {
        "SIP/agent101",
        "SIP/agent102",
    }
    first, *rows, last = ask(tongue, world, "SIPpeers")
    assert {(row["ObjectName"], row["Dynamic"]) for row in rows} >= {("agent101", "yes"), ("provider", "no")}
    assert last["Event"] == "PeerlistComplete"


@pytest.mark.parametrize("action", ["BridgeList", "PJSIPShowEndpoints"])
def test_actions_that_came_later_are_not_known(action: str) -> None:
    (answer,) = ask(ElderTongue(), exchange(), action)
    assert (answer["Response"], answer["Message"]) == ("Error", "Invalid/unknown command")
    assert answer["ActionID"] == "7"
