"""What of the floor those are told who are confined to their teams."""

from __future__ import annotations

import dataclasses

import pytest
from msgspec.structs import replace
from unit.screenpop.fakes import EVA, LUIS_SEAT, START, FakeCards, FakeFloor, Stage, about, agent_is

from ami_bridge.domain import events
from ami_bridge.domain.events import AgentView
from crm_core.domain.calls import Attempt, Call, Visit
from crm_core.domain.confines import Confines
from screenpop.hub import NotAllowedError
from screenpop.identity import Identity
from screenpop.scope import Scope
from screenpop.snapshots import Snapshots

SALES = Confines(
    user="u-eva",
    teams=frozenset(("t1",)),
    people=frozenset(("u-eva", "u-ana")),
    agents=frozenset(("101",)),
    queues=frozenset((("main", "sales"),)),
)


def confined(within: Confines = SALES) -> Identity:
    return Identity(
        user="u-eva",
        name="eva",
        full_name="Eva",
        role="supervisor",
        language="es",
        session="s-eva",
        scope=Scope(within),
    )


SARA = confined()
ALONE = confined(Confines(user="u-eva", people=frozenset(("u-eva",))))


@pytest.fixture
def stage() -> Stage:
    made = Stage()
    made.floor.members = {"sales": ("PJSIP/agent101",), "support": ("PJSIP/agent102",)}
    made.floor.agents_now = [
        AgentView(agent="101", interface="PJSIP/agent101", state="ready", since=START),
        AgentView(agent="102", interface="PJSIP/agent102", state="ready", since=START),
    ]
    return made


def queued(stage: Stage, linkedid: str, queue: str) -> Call:
    call = stage.call(linkedid, visits=[Visit(queue=queue, entered_at=START)])
    stage.happens(about(events.CallQueued, call, queue=queue, position=1))
    return call


def test_a_snapshot_holds_what_is_theirs(stage: Stage) -> None:
    theirs, _ = queued(stage, "1.1", "sales"), queued(stage, "1.2", "support")
    rung = stage.call("1.3", attempts=[Attempt(interface="PJSIP/agent101", agent="101", started_at=START)])
    for who, queues, agents, calls in (
        (SARA, {"sales"}, {"101"}, {theirs.id, rung.id}),
        (ALONE, set(), set(), set()),
        (EVA, {"sales", "support"}, {"101", "102"}, {one.id for one in stage.floor.calls()}),
    ):
        shown = stage.tab(who, "floor").heard[0]["floor"]
        assert {one["queue"] for one in shown["queues"]} == queues
        assert {one["agent"] for one in shown["agents"]} == agents
        assert {one["call"]["id"] for one in shown["calls"]} == calls


def told(stage: Stage, who: Identity, *happened: events.FloorEvent) -> list[str]:
    tab = stage.tab(who, "floor")
    stage.happens(*happened)
    return [one["event"]["type"] for one in tab.heard[1:]]


def test_what_happens_elsewhere_is_not_told(stage: Stage) -> None:
    call = stage.call("1.2", visits=[Visit(queue="support", entered_at=START)])
    elsewhere = (
        about(events.CallQueued, call, queue="support", position=1),
        agent_is("talking", call=call, seat=LUIS_SEAT, agent="102"),
        events.AgentLoggedOut(pbx="main", at=START, agent="102", interface="PJSIP/agent102"),
        events.QueueChanged(pbx="main", at=START, queue="support"),
        events.QueueChanged(pbx="spare", at=START, queue="sales"),
        about(
            events.CallEnded,
            call,
            outcome="answered",
            hung_up_by="customer",
            record=replace(call, ended_at=START),
        ),
    )
    assert told(stage, SARA, *elsewhere) == []
    assert told(stage, ALONE, *elsewhere) == []
    assert len(told(stage, EVA, *elsewhere)) == len(elsewhere)


def test_what_happens_here_is_told_and_what_is_everybodys(stage: Stage) -> None:
    happened = (
        agent_is("paused"),
        events.QueueChanged(pbx="main", at=START, queue="sales"),
        events.AgentIntervened(pbx="main", at=START, agent="101", interface="x", by="Eva", act="paused"),
        events.PbxDisconnected(pbx="main", at=START, why="gone"),
    )
    assert told(stage, SARA, *happened) == [
        "agent.state_changed",
        "queue.changed",
        "agent.intervened",
        "pbx.disconnected",
    ]
    assert told(stage, ALONE, *happened) == ["pbx.disconnected"]


def test_a_call_is_told_from_when_it_comes_to_them_to_its_end(stage: Stage) -> None:
    call, tab = queued(stage, "1.2", "support"), stage.tab(SARA, "floor")
    call.visits.append(Visit(queue="sales", entered_at=START))
    stage.happens(about(events.CallQueued, call, queue="sales", position=1))
    stage.happens(about(events.CallHeld, call, interface="PJSIP/agent102"))
    stage.floor.live.clear()
    stage.happens(
        about(
            events.CallEnded,
            call,
            outcome="answered",
            hung_up_by="customer",
            record=replace(call, ended_at=START),
        )
    )
    stage.happens(about(events.CallHeld, call, interface="PJSIP/agent102"))
    assert [one["event"]["type"] for one in tab.heard[1:]] == ["call.queued", "call.held", "call.ended"]


def test_the_end_is_told_of_a_call_that_he_knows_from_his_snapshot_alone(stage: Stage) -> None:
    call = queued(stage, "1.1", "sales")
    tab = stage.tab(SARA, "floor")
    stage.floor.live.clear()
    ended = about(
        events.CallEnded,
        call,
        outcome="abandoned",
        hung_up_by="customer",
        record=replace(call, ended_at=START),
    )
    stage.happens(ended)
    assert [one["event"]["type"] for one in tab.heard[1:]] == ["call.ended"]


def test_who_is_confined_is_given_a_snapshot_when_he_comes_back(stage: Stage) -> None:
    for who, first in ((SARA, "snapshot"), (EVA, "resumed")):
        tab = stage.tab(who, "floor")
        stage.happens(agent_is("ready", seat=LUIS_SEAT, agent="102"))
        assert stage.tab(who, "floor", resume=tab.last_seq).ops[0] == first


def test_a_queue_is_heard_by_whose_it_is(stage: Stage) -> None:
    assert stage.tab(SARA, "queue:sales").ops == ["snapshot"]
    assert stage.hub.hears_queue("sales")
    for who, queue in ((SARA, "support"), (SARA, "no"), (ALONE, "sales")):
        with pytest.raises(NotAllowedError):
            stage.tab(who, f"queue:{queue}")
    stage.tab(SARA, "floor")
    assert stage.hub.hears_queue("support")  # the exchange is asked for all while somebody looks


def test_of_a_queue_he_hears_what_happens_at_his_own_exchange(stage: Stage) -> None:
    happened = (
        events.QueueChanged(pbx="spare", at=START, queue="sales"),
        events.QueueChanged(pbx="main", at=START, queue="sales"),
        agent_is("paused"),
        agent_is("paused", seat=LUIS_SEAT, agent="102"),
    )
    for who, told in ((SARA, ["main", "main"]), (EVA, ["spare", "main", "main"])):
        tab = stage.tab(who, "queue:sales")
        queued(stage, "1.1", "sales")
        stage.happens(*happened)
        assert [one["event"]["pbx"] for one in tab.heard[2:]] == told
        assert tab.heard[1]["event"]["type"] == "call.queued"


def test_a_snapshot_of_a_queue_holds_his_own_exchanges_alone() -> None:
    floors = {"main": FakeFloor(), "spare": FakeFloor("spare")}
    for pbx, floor in floors.items():
        floor.members = {"sales": (f"PJSIP/{pbx}",)}
        floor.seats = {f"PJSIP/{pbx}": pbx}
        call = Call(
            id=pbx,
            pbx=pbx,
            linkedid="1.1",
            started_at=START,
            visits=[Visit(queue="sales", entered_at=START)],
        )
        floor.live[pbx] = call
    snapshots = Snapshots(floors, FakeCards(), lambda *_: "")
    for who, shown in ((SARA, ["main"]), (EVA, ["main", "spare"])):
        queue = snapshots.take("e1-1", who, ["queue:sales"]).queues["sales"]
        assert [one.pbx for one in queue.queues] == shown
        assert [one.pbx for one in queue.agents] == shown
        assert [one.call.pbx for one in queue.calls] == shown


def test_who_is_confined_and_a_member_hears_his_queue_at_his_exchange(stage: Stage) -> None:
    luis = dataclasses.replace(ALONE, agent="102", seat=LUIS_SEAT, role="agent")
    tab = stage.tab(luis, "queue:support")
    assert stage.hub.hears_queue("support")
    for pbx in ("spare", "main"):
        stage.happens(events.QueueChanged(pbx=pbx, at=START, queue="support"))
    assert [one["event"]["pbx"] for one in tab.heard[1:]] == ["main"]


def test_the_end_of_what_rang_at_theirs_before_the_first_of_them_looked(stage: Stage) -> None:
    attempt = Attempt(interface="PJSIP/agent101", agent="101", started_at=START)
    call = stage.call("1.3", attempts=[attempt])
    stage.offers(call, queue=None)
    tab = stage.tab(SARA, "floor")
    assert [one["call"]["id"] for one in tab.heard[0]["floor"]["calls"]] == [call.id]
    call.attempts[0] = replace(attempt, result="cancelled")
    call.answered_at = START
    ended = {"interface": "PJSIP/agent101", "agent": "101", "reason": "answered_elsewhere"}
    stage.happens(about(events.OfferEnded, call, **ended))
    stage.floor.live.clear()
    over = {"outcome": "answered", "hung_up_by": "customer", "record": replace(call, ended_at=START)}
    stage.happens(about(events.CallEnded, call, **over))
    assert [one["event"]["type"] for one in tab.heard[1:]] == ["call.offer_ended", "call.ended"]


def test_another_scope_lets_him_come_again(stage: Stage) -> None:
    tab = stage.tab(SARA, "floor")
    stage.hub.look_again({"s-eva": SARA})
    assert tab.closed is None
    stage.hub.look_again({"s-eva": ALONE})
    assert tab.closed is not None
