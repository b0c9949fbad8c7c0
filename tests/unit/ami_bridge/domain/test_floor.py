"""The floor asked and told from outside: matches, clocks, phones; and corners of the ledger."""

import gc
from datetime import timedelta

import pytest
from scenes import ANA, LUIS, START, TRUNK, Scene

from ami_bridge.domain import ami, events
from ami_bridge.domain.inside import Inside
from ami_bridge.domain.story import Story
from crm_core.domain.calls import Match


def ringing(**how: object) -> Scene:
    """A customer who called Ana's phone; it rings since 1.0."""
    scene = Scene(**how)
    scene.calls(0.0, "customer", TRUNK, num="957212000", exten="5551101")
    scene.rings(1.0, "ana", ANA, by="customer")
    return scene


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        pytest.param("+34957212001", "+34957212001", id="a number in full replaces what was read"),
        pytest.param("957212001", "+34957212000", id="another text does not"),
        pytest.param(None, "+34957212000", id="nothing does not"),
    ],
)
def test_who_calls_is_kept_and_told(said: str | None, kept: str) -> None:
    scene = ringing()
    call, match = scene.call(), Match(kind="exact")
    at = START + timedelta(seconds=1)
    (told,) = scene.floor.matched(call.id, match=match, contact_id="c-1", customer=said, now=at)
    assert (call.match, call.contact_id, call.customer) == (match, "c-1", kept)
    assert isinstance(told, events.CallMatched)
    assert (told.contact_id, told.customer, told.version) == ("c-1", kept, call.version)
    assert scene.floor.matched("no such call", match=match, contact_id=None, customer=None, now=at) == []


def test_a_clock_that_was_set_is_noted_with_every_live_call() -> None:
    scene = ringing()
    scene.calls(2.0, "other", TRUNK, num="600123456", exten="5551101")
    told = scene.floor.clock_stepped(START + timedelta(seconds=3))
    assert [(event.kind, event.linkedid) for event in told] == [
        ("clock_step", call.linkedid) for call in scene.floor.calls()
    ]
    scene.gone(4.0, "customer", "ana", "other")
    assert [[one.kind for one in call.anomalies] for call in scene.ended] == [["clock_step"]] * 2


def test_only_so_many_anomalies_are_kept_of_a_call() -> None:
    scene = ringing()
    for _ in range(80):
        scene.say(2.0, ami.Newchannel(**scene.leg("customer")))
    assert len(scene.call().anomalies) == 50


def test_a_phone_that_registers_is_of_the_house() -> None:
    scene = Scene(inside=Inside())
    scene.say(0.0, ami.PhoneRegistered(interface="SIP/300", registered=False))
    scene.calls(0.0, "stranger", "SIP/300", num="300", exten="5551001")
    assert scene.floor.calls()[0].direction == "inbound"
    scene.say(1.0, ami.PhoneRegistered(interface="SIP/300"))
    scene.calls(1.0, "colleague", "SIP/300", num="300", exten="301")
    assert scene.floor.calls()[1].direction == "internal"


def test_a_member_is_of_the_house_when_he_picks_up() -> None:
    """AgentCalled was lost: AgentConnect is the first to name him."""
    scene = Scene(inside=Inside())
    scene.calls(0.0, "customer", TRUNK, num="957212000", exten="5551001")
    scene.joins(1.0, "customer", "sales")
    scene.born(2.0, "ana", ANA, of="customer")
    scene.up(3.0, "ana")
    scene.connected(3.0, "customer", "ana", "sales")
    scene.gone(5.0, "customer", "ana")
    assert scene.call().visits[0].interface == ANA


def test_facts_of_queues_that_he_is_not_in_change_nothing() -> None:
    scene = ringing()
    customer = scene.leg("customer")
    before = scene.heard
    called = {"queue": "sales", "interface": ANA}
    scene.say(
        1.5,
        ami.QueueCallerLeave(**customer, queue="sales"),
        ami.QueueCallerAbandon(**customer, queue="sales"),
        ami.AgentConnect(**customer, **called),
        ami.AgentRingNoAnswer(**customer, queue="sales", interface=LUIS),
        ami.UserEvent(**customer, name="Other", headers={"kind": "queue_left"}),
        ami.UserEvent(**customer, name="Centralita", headers={"kind": "route"}),
        ami.UserEvent(**customer, name="Centralita", headers={"kind": "queue_left", "status": "CONTINUE"}),
        ami.NewCallerid(**customer, num=""),
        ami.DialState(**customer, dest_uniqueid=scene.leg("ana")["uniqueid"], status="PROGRESS"),
    )
    assert scene.heard == before


def test_a_dialplan_that_tells_late_why_a_visit_ended_is_believed() -> None:
    scene = Scene()
    scene.calls(0.0, "customer", TRUNK, num="957212000", exten="5551001")
    scene.joins(1.0, "customer", "sales")
    customer = scene.leg("customer")
    scene.say(3.0, ami.QueueCallerLeave(**customer, queue="sales"))
    scene.tick(4.0)
    assert scene.call().visits[0].outcome == "exit_key"
    told = {"kind": "queue_left", "queue": "sales", "status": "LEAVEEMPTY"}
    scene.say(4.1, ami.UserEvent(**customer, name="Centralita", headers=told))
    assert [visit.outcome for visit in scene.call().visits] == ["left_empty"]


def test_a_member_rung_without_a_leg_of_his_own() -> None:
    """A device that cannot be called at all: AgentCalled, AgentRingNoAnswer and nothing else."""
    scene = Scene()
    scene.calls(0.0, "customer", TRUNK, num="957212000", exten="5551001")
    scene.joins(1.0, "customer", "sales")
    called = {"queue": "sales", "interface": ANA, "dest_uniqueid": ""}
    scene.say(2.0, ami.AgentCalled(**scene.leg("customer"), **called))
    scene.say(2.0, ami.AgentCalled(**scene.leg("customer"), **called))
    scene.say(2.5, ami.AgentRingNoAnswer(**scene.leg("customer"), **called))
    (attempt,) = scene.call().visits[0].attempts
    assert (attempt.result, attempt.ring_s) == ("unreachable", 0.5)
    assert scene.heard.count("offered:101") == 1


def test_a_colleague_whose_direct_call_was_picked_up_elsewhere() -> None:
    """Two phones of a direct call are picked up; one is bridged, the other's pick-up came to nothing."""
    scene = ringing()
    scene.rings(1.0, "luis", LUIS, by="customer")
    scene.picks_up(2.0, "ana", by="customer")
    scene.up(2.0, "luis")
    scene.gone(2.1, "luis", cause=26)
    scene.mixed(2.1, "ana", "customer")
    scene.gone(4.0, "ana", "customer")
    assert [attempt.result for attempt in scene.call().attempts] == ["answered", "cancelled"]


def test_an_answer_that_comes_to_nothing_frees_the_phone() -> None:
    """He picked up as the caller hung up: nobody was ever mixed."""
    scene = ringing(seats={ANA: "101"})
    scene.up(2.0, "ana")
    scene.hangs_up(2.0, "customer")
    scene.gone(2.1, "customer")
    scene.gone(2.2, "ana")
    call = scene.call()
    assert (call.outcome, call.answered_at, call.hung_up_by) == ("abandoned", None, "customer")
    assert scene.states("101") == "reserved talking ready"


@pytest.mark.parametrize("is_broken", [False, True], ids=["told", "broken"])
def test_a_call_that_is_over_leaves_nothing_to_the_collector(is_broken: bool) -> None:
    """It looks at old objects every few minutes only; until then a busy floor would grow and grow."""
    gc.collect()
    gc.disable()
    try:
        before = len([one for one in gc.get_objects() if isinstance(one, Story)])
        scene = Scene(seats={ANA: "101"})
        scene.calls(0.0, "customer", TRUNK, num="", exten="5551101")
        scene.rings(1.0, "ana", ANA, by="customer")
        scene.picks_up(2.0, "ana", by="customer")
        scene.mixed(2.0, "ana", "customer")
        if is_broken:
            scene.say(3.0, ami.NewCallerid(**scene.leg("customer"), num="broken"))
        scene.gone(4.0, "customer", "ana")
        assert len(scene.ended) == 1
        assert len([one for one in gc.get_objects() if isinstance(one, Story)]) == before
    finally:
        gc.enable()


def test_the_ledger_forgets_the_oldest_of_the_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ami_bridge.domain.book.ENDED_KEPT", 2)
    scene = Scene()
    for turn in range(4):
        scene.calls(float(turn), f"c{turn}", TRUNK, num="957212000", exten="5551101")
        scene.gone(turn + 0.5, f"c{turn}")
    assert len(scene.floor._book.ended) == 2
    assert scene.floor._book.stories == {}


def test_a_request_of_long_ago_is_not_taken_for_a_leg_of_today() -> None:
    scene = Scene()
    scene.say(0.0, ami.OriginateAsked(action_id="a1", interface=ANA, number="600123456"))
    scene.say(0.0, ami.OriginateAsked(action_id="a2", interface=LUIS, number="600123457"))
    scene.born(29.0, "luis", LUIS, exten="s")
    scene.born(31.0, "ana", ANA, exten="s")
    assert [call.origin.kind for call in scene.floor.calls()] == ["click", "unknown"]


def test_a_click_that_succeeded_is_remembered_until_its_leg_is_born() -> None:
    """OriginateResponse may come before anything else is said of the leg."""
    scene = Scene()
    scene.say(0.0, ami.OriginateAsked(action_id="a1", interface=ANA, number="600123456"))
    scene.say(0.1, ami.OriginateResponse(action_id="a1", success=True, reason=4))
    scene.born(0.2, "ana", ANA, exten="s")
    assert scene.call().origin.kind == "click"


def test_a_phone_that_calls_itself_to_hear_its_mail_talks_to_nobody() -> None:
    scene = Scene(seats={ANA: "101"})
    scene.calls(0.0, "ana", ANA, num="101", exten="*97")
    scene.up(0.1, "ana")
    scene.hangs_up(5.0, "ana")
    scene.gone(5.0, "ana")
    call = scene.call()
    assert (call.direction, call.outcome, call.hung_up_by) == ("internal", "self_service", "customer")
    assert scene.states("101") == "dialling ready"
