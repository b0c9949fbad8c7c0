"""Queue calls, as a real Asterisk tells them: answered, abandoned, refused, timed out, and every phone rung.

All expected figures are differences of the script's own times.
"""

from datetime import timedelta

import pytest
from scenes import ANA, EVA, LUIS, START, TRUNK, Scene

from ami_bridge.domain import ami, events
from crm_core.domain.calls import Call


def waiting(**how: object) -> Scene:
    """A customer who called at 0, was answered by the dialplan, and waits in "sales" since 1.0."""
    scene = Scene(**how)
    scene.calls(0.0, "customer", TRUNK, num="957212000", exten="5551001")
    scene.up(0.1, "customer")
    scene.joins(1.0, "customer", "sales")
    return scene


def talking(**how: object) -> Scene:
    """…whom Ana answers at 3.5, after ringing for 2 s."""
    scene = waiting(**how)
    scene.rings(1.5, "ana", ANA, by="customer", queue="sales")
    scene.picks_up(3.5, "ana", by="customer")
    scene.connected(3.5, "customer", "ana", "sales")
    return scene


def attempts(call: Call) -> str:
    """Return ``101 answered 2.0`` of each phone rung in the call's visits."""
    return ", ".join(
        f"{attempt.interface.removeprefix('PJSIP/agent')} {attempt.result} {attempt.ring_s}"
        for visit in call.visits
        for attempt in visit.attempts
    )


def test_a_call_answered_from_a_queue() -> None:
    scene = talking(seats={ANA: "101"})
    scene.hangs_up(7.5, "customer")
    scene.gone(7.5, "customer", "ana")
    call = scene.call()
    assert scene.heard == (
        "started queued offered:101 offer_ended:101:answered left_queue:answered answered:101"
        " ended:answered:customer"
    )
    assert scene.took() == "ivr 1.0, wait 0.5, ring 2.0, talk 4.0"
    assert scene.took(ANA) == "ring 2.0, talk 4.0"
    assert attempts(call) == "101 answered 2.0"
    assert (call.wait_s, call.ring_s, call.talk_s, call.hold_s, call.ivr_s) == (2.5, 2.0, 4.0, 0, 1.0)
    (visit,) = call.visits
    assert (visit.queue, visit.outcome, visit.agent, visit.interface, visit.wait_s) == (
        "sales",
        "answered",
        "101",
        ANA,
        2.5,
    )
    assert (call.direction, call.origin.kind, call.ani, call.did) == (
        "inbound",
        "caller",
        "+34957212000",
        "5551001",
    )
    assert (call.customer, call.hangup_cause, call.source) == ("+34957212000", 16, "live")
    assert scene.states("101") == "reserved talking ready"
    assert call.version == 7  # one for each event


@pytest.mark.parametrize(
    ("who", "by"),
    [
        pytest.param("customer", "customer", id="the customer hangs up"),
        pytest.param("ana", "agent", id="the agent hangs up"),
        pytest.param(None, "system", id="nobody asked: the exchange ended it"),
    ],
)
def test_who_hung_up(who: str | None, by: str) -> None:
    scene = talking()
    if who:
        scene.hangs_up(7.5, who)
    scene.gone(7.5, "ana", "customer")
    assert scene.call().hung_up_by == by


ABANDON = ami.QueueCallerAbandon, ami.QueueCallerLeave


def leaves(scene: Scene, at: float, *facts: type) -> None:
    scene.say(at, *(fact(**scene.leg("customer"), queue="sales") for fact in facts))


def test_a_customer_who_hangs_up_while_he_waits_abandons() -> None:
    scene = waiting()
    scene.hangs_up(5.0, "customer")
    leaves(scene, 5.0, *ABANDON)
    scene.gone(5.0, "customer", cause=0)
    call = scene.call()
    assert scene.heard == "started queued left_queue:abandoned ended:abandoned:customer"
    assert scene.took() == "ivr 1.0, wait 4.0"
    assert (call.wait_s, call.visits[0].outcome, call.talk_s) == (4.0, "abandoned", 0)


def test_a_customer_who_hangs_up_while_a_phone_rings_ends_the_card() -> None:
    scene = waiting()
    scene.rings(1.5, "ana", ANA, by="customer", queue="sales")
    scene.hangs_up(5.0, "customer")
    scene.dial_end(5.0, "ana", "CANCEL", by="customer")
    leaves(scene, 5.0, *ABANDON)
    scene.gone(5.0, "ana", "customer", cause=0)
    assert scene.heard == (
        "started queued offered:101 left_queue:abandoned offer_ended:101:caller_left ended:abandoned:customer"
    )
    assert attempts(scene.call()) == "101 cancelled 3.5"


def test_abandon_without_a_hangup_is_the_queues_time_limit() -> None:
    """QueueCallerAbandon comes on time-out, too: only the missing HangupRequest tells."""
    scene = waiting()
    leaves(scene, 31.0, *ABANDON)
    scene.gone(31.2, "customer")
    call = scene.call()
    assert (call.outcome, call.hung_up_by) == ("timeout", "system")
    assert scene.took() == "ivr 1.0, wait 30.0, ivr 0.2"


@pytest.mark.parametrize(
    ("status", "outcome", "call_outcome"),
    [
        ("TIMEOUT", "timeout", "timeout"),
        ("FULL", "refused", "refused"),
        ("JOINEMPTY", "refused", "refused"),
        ("LEAVEEMPTY", "left_empty", "refused"),
        ("WITHDRAW", "withdrawn", "abandoned"),
    ],
)
def test_our_dialplan_tells_why_a_visit_ended(status: str, outcome: str, call_outcome: str) -> None:
    scene = waiting()
    leaves(scene, 4.0, ami.QueueCallerLeave)
    headers = {"kind": "queue_left", "queue": "sales", "status": status}
    scene.say(4.0, ami.UserEvent(**scene.leg("customer"), name="Centralita", headers=headers))
    scene.gone(4.1, "customer")
    call = scene.call()
    assert [visit.outcome for visit in call.visits] == [outcome]
    assert call.outcome == call_outcome


@pytest.mark.parametrize(("status", "outcome"), [("SUCCESS", "voicemail"), ("FAILED", "timeout")])
def test_a_message_that_is_left_is_how_the_call_ended(status: str, outcome: str) -> None:
    scene = waiting()
    leaves(scene, 4.0, ami.QueueCallerLeave)
    told = (
        {"kind": "queue_left", "queue": "sales", "status": "TIMEOUT"},
        {"kind": "voicemail_entered", "box": "600"},
        {"kind": "voicemail_left", "status": status},
    )
    for at, headers in zip((4.0, 4.0, 9.0), told, strict=True):
        scene.say(at, ami.UserEvent(**scene.leg("customer"), name="Centralita", headers=headers))
    scene.gone(9.0, "customer")
    assert scene.call().outcome == outcome
    assert scene.took().endswith("voicemail 5.0")


def test_a_queue_that_is_full_refuses_without_a_word_of_its_own() -> None:
    scene = Scene()
    scene.calls(0.0, "customer", TRUNK, num="957212000", exten="5551001")
    scene.up(0.1, "customer")
    headers = {"kind": "queue_left", "queue": "sales", "status": "FULL"}
    scene.say(0.5, ami.UserEvent(**scene.leg("customer"), name="Centralita", headers=headers))
    scene.gone(0.5, "customer")
    call = scene.call()
    assert scene.heard == "started left_queue:refused ended:refused:system"
    assert [(visit.queue, visit.outcome, visit.wait_s) for visit in call.visits] == [
        ("sales", "refused", 0.0)
    ]
    assert scene.took() == "ivr 0.5"


def test_a_customer_who_leaves_by_a_key_is_served_elsewhere() -> None:
    scene = waiting()
    leaves(scene, 4.0, ami.QueueCallerLeave)
    scene.tick(4.6)
    assert scene.heard == "started queued left_queue:exit_key"
    scene.gone(6.0, "customer")
    assert scene.took() == "ivr 1.0, wait 3.0, ivr 2.0"


def test_two_queues_are_two_visits() -> None:
    scene = waiting()
    leaves(scene, 4.0, *ABANDON)
    scene.joins(4.0, "customer", "care")
    scene.rings(5.0, "ana", ANA, by="customer", queue="care")
    scene.picks_up(6.0, "ana", by="customer")
    scene.connected(6.0, "customer", "ana", "care")
    scene.hangs_up(9.0, "ana")
    scene.gone(9.0, "ana", "customer")
    call = scene.call()
    assert [(v.queue, v.outcome, v.wait_s) for v in call.visits] == [
        ("sales", "timeout", 3.0),
        ("care", "answered", 2.0),
    ]
    assert (call.wait_s, call.outcome) == (5.0, "answered")


REFUSALS = [
    pytest.param(17, "busy", "busy", id="busy: app_queue says NOANSWER, only the cause tells"),
    pytest.param(21, "rejected", "rejected", id="rejected on the phone"),
    pytest.param(0, "no_answer", "no_answer", id="rung in vain"),
    pytest.param(20, "unreachable", "unreachable", id="the phone is not registered"),
]


@pytest.mark.parametrize(("cause", "result", "reason"), REFUSALS)
def test_a_phone_that_does_not_take_the_call(cause: int, result: str, reason: str) -> None:
    scene = waiting(seats={ANA: "101"})
    scene.rings(1.5, "ana", ANA, by="customer", queue="sales")
    scene.hangs_up(3.5, "ana", cause=cause or 16) if cause else None
    called = {"queue": "sales", "interface": ANA, "dest_uniqueid": scene.leg("ana")["uniqueid"]}
    scene.say(3.5, ami.AgentRingNoAnswer(**scene.leg("customer"), **called))
    scene.dial_end(3.5, "ana", "NOANSWER", by="customer")
    scene.gone(3.5, "ana", cause=cause)
    scene.hangs_up(5.0, "customer")
    leaves(scene, 5.0, *ABANDON)
    scene.gone(5.0, "customer")
    assert f"offered:101 offer_ended:101:{reason}" in scene.heard
    assert attempts(scene.call()) == f"101 {result} 2.0"
    assert scene.took() == "ivr 1.0, wait 0.5, ring 2.0, wait 1.5"
    assert scene.call().hung_up_by == "customer"
    assert scene.states("101") == "reserved ready"


def test_ringing_all_tells_each_phone_and_each_loser() -> None:
    scene = waiting()
    for name, interface in (("ana", ANA), ("luis", LUIS), ("eva", EVA)):
        scene.rings(1.5, name, interface, by="customer", queue="sales")
    scene.picks_up(3.0, "luis", by="customer")
    for name in ("ana", "eva"):
        scene.dial_end(3.0, name, "CANCEL", by="customer")
        scene.dial_end(3.0, name, "CANCEL", by="customer")  # it comes twice
    scene.connected(3.0, "customer", "luis", "sales")
    scene.gone(3.02, "ana", "eva", cause=26)
    scene.hangs_up(8.0, "luis")
    scene.gone(8.0, "luis", "customer")
    assert attempts(scene.call()) == "101 cancelled 1.52, 102 answered 1.5, 103 cancelled 1.52"
    assert "offer_ended:101:answered_elsewhere offer_ended:103:answered_elsewhere" in scene.heard
    assert scene.took() == "ivr 1.0, wait 0.5, ring 1.5, talk 5.0"
    assert scene.took(ANA) == "ring 1.52"


def test_of_two_who_pick_up_at_once_one_talks() -> None:
    scene = waiting()
    for name, interface in (("ana", ANA), ("luis", LUIS)):
        scene.rings(1.5, name, interface, by="customer", queue="sales")
    scene.picks_up(3.0, "ana", by="customer")
    scene.up(3.0, "luis")
    scene.connected(3.0, "customer", "ana", "sales")
    scene.gone(3.1, "luis", cause=26)
    scene.gone(5.0, "customer", "ana")
    assert attempts(scene.call()) == "101 answered 1.5, 102 cancelled 1.5"


@pytest.mark.parametrize(
    "order", [("called", "dial", "ringing"), ("ringing", "called", "dial"), ("dial", "ringing", "called")]
)
def test_a_card_pops_once_whatever_comes_first(order: tuple[str, ...]) -> None:
    scene = waiting()
    scene.born(1.5, "ana", ANA, of="customer")
    dest = scene.leg("ana")["uniqueid"]
    facts = {
        "called": ami.AgentCalled(**scene.leg("customer"), queue="sales", interface=ANA, dest_uniqueid=dest),
        "dial": ami.DialBegin(**scene.leg("customer"), dest_uniqueid=dest),
        "ringing": ami.Newstate(**scene.leg("ana"), state=5),
    }
    scene.say(1.5, *(facts[name] for name in order))
    scene.say(1.5, ami.DialState(**scene.leg("customer"), dest_uniqueid=dest, status="RINGING"))
    assert scene.heard == "started queued offered:101"
    assert [call.id for call in scene.floor.ringing_at(ANA)] == [scene.call().id]
    assert scene.floor.ringing_at(LUIS) == []


def test_a_phone_that_never_rings_is_unreachable_after_a_second() -> None:
    scene = waiting()
    scene.rings(1.5, "ana", ANA, by="customer", queue="sales", ringing=False)
    scene.tick(2.4)
    assert "offer_ended" not in scene.heard
    scene.tick(2.5)
    assert scene.heard == "started queued offered:101 offer_ended:101:unreachable"


def test_a_phone_is_not_called_silent_while_the_exchange_is_not_heard() -> None:
    scene = waiting()
    scene.rings(1.5, "ana", ANA, by="customer", queue="sales", ringing=False)
    scene.lose_link(1.6)
    scene.tick(4.0)
    assert "offer_ended" not in scene.heard


def test_behind_a_local_channel_the_phone_counts() -> None:
    scene = waiting()
    scene.born(1.5, "one", "Local/101@agents-00000001;1", of="customer")
    scene.born(1.5, "two", "Local/101@agents-00000001;2", of="customer", state=4)
    halves = {"one": scene.leg("one")["uniqueid"], "two": scene.leg("two")["uniqueid"]}
    scene.say(1.5, ami.LocalBridge(**halves, one_channel="", two_channel=""))
    called = {"queue": "sales", "interface": "Local/101@agents", "dest_uniqueid": halves["one"]}
    scene.say(1.5, ami.AgentCalled(**scene.leg("customer"), **called))
    scene.rings(1.6, "ana", ANA, by="two")
    scene.picks_up(3.6, "ana", by="two")
    scene.mixed(3.6, "ana", "two", bridge="b2")
    scene.say(3.6, ami.QueueCallerLeave(**scene.leg("customer"), queue="sales"))
    scene.say(3.6, ami.AgentConnect(**scene.leg("customer"), **called))
    scene.mixed(3.6, "one", "customer", bridge="b1")
    scene.hangs_up(6.6, "customer")
    scene.gone(6.6, "customer", "one", "two", "ana")
    (visit,) = scene.call().visits
    assert (visit.interface, attempts(scene.call())) == (ANA, "101 answered 2.0")
    assert scene.took() == "ivr 1.0, wait 0.6, ring 2.0, talk 3.0"
    assert scene.took(ANA) == "ring 2.0, talk 3.0"


def test_a_member_on_an_outside_line_is_inside_and_his_card_pops() -> None:
    mobile = f"{TRUNK}/600123456"
    scene = waiting()
    scene.born(1.5, "luis", TRUNK, of="customer")
    scene.dialled(1.5, "luis", TRUNK, by="customer", num="600123456")  # DialBegin comes first
    dest = scene.leg("luis")["uniqueid"]
    scene.say(
        1.5, ami.AgentCalled(**scene.leg("customer"), queue="sales", interface=mobile, dest_uniqueid=dest)
    )
    assert scene.heard == f"started queued offered:{mobile}"
    assert scene.call().attempts == []
    assert attempts(scene.call()) == f"{mobile} None None"


def test_hold_is_the_customers_time_and_the_agents() -> None:
    scene = talking(seats={ANA: "101"})
    scene.say(5.0, ami.Hold(**scene.leg("ana")), ami.MusicOnHoldStart(**scene.leg("customer")))
    scene.say(6.5, ami.MusicOnHoldStop(**scene.leg("customer")), ami.Unhold(**scene.leg("ana")))
    scene.hangs_up(8.0, "customer")
    scene.gone(8.0, "customer", "ana")
    call = scene.call()
    assert scene.took() == "ivr 1.0, wait 0.5, ring 2.0, talk 1.5, hold 1.5, talk 1.5"
    assert scene.took(ANA) == "ring 2.0, talk 1.5, hold 1.5, talk 1.5"
    assert (call.talk_s, call.hold_s) == (3.0, 1.5)
    assert "answered:101 held resumed ended" in scene.heard
    assert scene.states("101") == "reserved talking holding talking ready"


def test_the_customer_who_puts_us_on_hold_still_talks() -> None:
    scene = talking()
    scene.say(5.0, ami.Hold(**scene.leg("customer")), ami.MusicOnHoldStart(**scene.leg("ana")))
    scene.gone(8.0, "customer", "ana")
    assert scene.took() == "ivr 1.0, wait 0.5, ring 2.0, talk 4.5"


def test_after_the_agent_left_the_customer_is_on_his_own() -> None:
    """A survey after the talk: the agent hangs up, the dialplan goes on, the customer ends the call."""
    scene = talking(seats={ANA: "101"})
    scene.hangs_up(7.5, "ana")
    scene.gone(7.5, "ana")
    assert scene.states("101") == "reserved talking ready"  # freed when his channel is gone
    scene.unmixed(7.51, "customer")
    scene.tick(8.2)
    scene.hangs_up(10.0, "customer")
    scene.gone(10.0, "customer")
    assert scene.took() == "ivr 1.0, wait 0.5, ring 2.0, talk 4.0, ivr 2.5"
    assert scene.call().hung_up_by == "customer"


def test_a_moment_between_two_hangups_is_no_stretch_of_its_own() -> None:
    scene = talking()
    scene.hangs_up(7.5, "ana")
    scene.gone(7.5, "ana")
    scene.gone(7.53, "customer")
    assert scene.took() == "ivr 1.0, wait 0.5, ring 2.0, talk 4.03"
    assert scene.call().hung_up_by == "agent"


def test_an_agent_who_leaves_late_is_told_whole() -> None:
    scene = talking()
    scene.hangs_up(7.5, "customer")
    scene.gone(7.5, "customer")
    assert scene.ended == []
    scene.gone(8.0, "ana")
    assert (scene.call().ended_at, scene.took()) == (
        scene.call().segments[-2].until,
        "ivr 1.0, wait 0.5, ring 2.0, talk 4.0",
    )


def test_a_leg_that_never_goes_does_not_keep_the_call() -> None:
    scene = talking(seats={ANA: "101"})
    scene.gone(7.5, "customer")
    scene.unmixed(7.5, "ana")
    scene.tick(9.4)
    assert scene.ended == []
    scene.tick(9.5)
    assert scene.call().outcome == "answered"
    assert scene.states("101") == "reserved talking"  # his phone is off the hook still
    scene.gone(20.0, "ana")
    assert scene.states("101") == "reserved talking ready"
    assert scene.floor.legs_held == 0


def test_position_since_and_ringing_of_a_queue() -> None:
    scene = waiting(seats={ANA: "101"})
    scene.say(
        1.0, ami.QueueMember(queue="sales", interface=ANA, member="Ana", paused=True, paused_reason="lunch")
    )
    scene.rings(1.5, "ana", ANA, by="customer", queue="sales")
    (queue,) = scene.floor.queues()
    (waiter,) = queue.waiting
    (member,) = queue.members
    assert (waiter.position, waiter.ringing, waiter.call) == (1, True, scene.call().id)
    assert waiter.since == scene.call().visits[0].entered_at
    assert (member.name, member.agent, member.paused, member.paused_reason) == ("Ana", "101", True, "lunch")


def test_a_queue_is_told_once_after_a_flurry() -> None:
    scene = waiting()
    scene.rings(1.5, "ana", ANA, by="customer", queue="sales")
    scene.tick(1.6)
    changed = [event for event in scene.happened if type(event).__name__ == "QueueChanged"]
    assert [event.queue for event in changed] == ["sales"]
    scene.tick(1.8)
    assert len([event for event in scene.happened if type(event).__name__ == "QueueChanged"]) == 1


def test_a_queue_that_nobody_hears_of_is_told_when_somebody_does() -> None:
    scene = waiting()
    scene.rings(1.5, "ana", ANA, by="customer", queue="sales")
    now = START + timedelta(seconds=1.6)
    assert scene.floor.tick(now, is_heard=lambda _queue: False) == []
    assert scene.floor.tick(now, is_heard={"support"}.__contains__) == []
    (changed,) = scene.floor.tick(now, is_heard={"sales"}.__contains__)
    assert isinstance(changed, events.QueueChanged)
    assert [waiter.ringing for waiter in changed.waiting] == [True]
    assert scene.floor.tick(now) == []


def test_doubled_facts_are_anomalies_and_change_nothing() -> None:
    scene = waiting()
    scene.joins(2.0, "customer", "sales")
    scene.say(2.0, ami.Newchannel(**scene.leg("customer"), state=4))
    assert scene.heard == "started queued anomaly:doubled anomaly:doubled"
    scene.gone(3.0, "customer")
    assert [anomaly.kind for anomaly in scene.call().anomalies] == ["doubled", "doubled"]
    assert scene.took() == "ivr 1.0, wait 2.0"


def test_when_the_pop_went_out_is_kept_once() -> None:
    scene = waiting()
    scene.rings(1.5, "ana", ANA, by="customer", queue="sales")
    call = scene.call()
    scene.floor.note_pop(call.id, ANA, call.started_at)
    scene.floor.note_pop(call.id, ANA, call.visits[0].entered_at)
    scene.floor.note_pop(call.id, LUIS, call.started_at)
    assert call.visits[0].attempts[0].pop_at == call.started_at
