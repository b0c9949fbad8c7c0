"""After a (re)connect: what is gone is closed, what is live is adopted, what is otherwise is corrected."""

import pytest
from scenes import ANA, LUIS, START, TRUNK, Scene

from ami_bridge.domain import ami, events
from crm_core.domain.calls import Call

QUEUE = ami.QueueParams(queue="sales")


def row(scene: Scene, name: str, *, state: int = 6, **how: object) -> ami.ChannelRow:
    """A leg of the scene as CoreShowChannels lists it."""
    return ami.ChannelRow(**scene.leg(name), state=state, **how)


def entry(scene: Scene, name: str, wait: int) -> ami.QueueEntry:
    return ami.QueueEntry(uniqueid=scene.leg(name)["uniqueid"], queue="sales", position=1, wait=wait)


def waiting() -> Scene:
    """A customer in "sales" since 1.0."""
    scene = Scene(seats={ANA: "101"})
    scene.calls(0.0, "customer", TRUNK, num="957212000", exten="5551001")
    scene.up(0.1, "customer")
    scene.joins(1.0, "customer", "sales")
    return scene


def talking() -> Scene:
    """…who talks to Ana since 3.0, in bridge b1."""
    scene = waiting()
    scene.rings(2.0, "ana", ANA, by="customer", queue="sales")
    scene.picks_up(3.0, "ana", by="customer")
    scene.connected(3.0, "customer", "ana", "sales")
    return scene


def counts(told: events.PbxResynced) -> tuple[int, int, int]:
    return told.adopted, told.closed, told.corrected


# --- what is gone


@pytest.mark.parametrize(
    ("scene", "outcome", "took"),
    [
        pytest.param(waiting, "cut", "ivr 1.0, wait 59.0", id="a waiting customer"),
        pytest.param(talking, "answered", "ivr 1.0, wait 1.0, ring 1.0, talk 57.0", id="a talking one"),
    ],
)
def test_a_call_that_is_gone_ended_when_the_exchange_was_last_heard(
    scene: object, outcome: str, took: str
) -> None:
    """The link was lost at 60; nothing was said of the call for a long time before."""
    scene = scene()
    scene.lose_link(60.0)
    assert counts(scene.resync(90.0, queues=(QUEUE,))) == (0, 1, 0)
    (call,) = scene.ended
    assert (call.outcome, call.hung_up_by, scene.took()) == (outcome, "system", took)
    assert call.precision_s == 30.0  # it ended somewhere in the gap
    assert scene.floor.calls() == []
    assert scene.floor.legs_held == 0
    assert scene.states("101").endswith("ready") or not scene.states("101")


def test_a_visit_that_was_cut_is_no_abandon() -> None:
    scene = waiting()
    scene.rings(2.0, "ana", ANA, by="customer", queue="sales")
    scene.lose_link(5.0)
    scene.resync(9.0)
    (visit,) = scene.call().visits
    assert (visit.outcome, visit.attempts[0].result) == ("cut", "cancelled")
    assert "offer_ended:101:cut" in scene.heard


def test_only_the_agents_leg_is_gone() -> None:
    """The customer's channel lives on: he waits for what the dialplan does next."""
    scene = talking()
    told = scene.resync(20.0, channels=(row(scene, "customer"),))
    assert counts(told) == (0, 1, 1)
    assert scene.states("101") == "reserved talking ready"
    scene.tick(21.0)
    scene.hangs_up(25.0, "customer")
    scene.gone(25.0, "customer")
    assert scene.call().outcome == "answered"


def test_a_leg_left_over_from_an_ended_call_is_dropped() -> None:
    scene = talking()
    scene.gone(7.5, "customer")
    scene.unmixed(7.5, "ana")
    scene.tick(10.0)  # the call is closed, the agent's phone is off the hook
    scene.resync(20.0)
    assert scene.floor.legs_held == 0
    assert scene.states("101") == "reserved talking ready"


def test_what_was_heard_of_meanwhile_need_not_be_listed() -> None:
    scene = waiting()
    told = scene.resync(5.0, heard=(ami.NewCallerid(**scene.leg("customer")),), queues=(QUEUE,))
    assert counts(told) == (0, 0, 0)
    assert scene.call().visits[0].outcome is None


# --- what is live


def adopted(scene: Scene, at: float, **lists: tuple) -> tuple[Call, ...]:
    told = scene.resync(at, **lists)
    calls = tuple(scene.floor.calls())
    assert told.adopted == len(calls)
    assert {call.source for call in calls} <= {"adopted"}
    return calls


BORN = 1_795_536_000  # scenes.BORN, as a uniqueid says it


def channel(place: int, interface: str, *, of: int = 0, **how: object) -> ami.ChannelRow:
    number = f"{BORN}.{place}"
    return ami.ChannelRow(
        uniqueid=number, linkedid=f"{BORN}.{of}", channel=f"{interface}-{place:08x}", **{"state": 6, **how}
    )


def caller(**how: object) -> ami.ChannelRow:
    return channel(0, TRUNK, num="957212000", exten="5551001", **how)


def test_a_talking_call_is_adopted() -> None:
    """The customer's channel is 40 s old, the agent's 12: he talks for 12 s at the most."""
    scene = Scene(seats={ANA: "101"})
    rows = (channel(1, ANA, duration=12, bridge="b"), caller(duration=40, bridge="b"))
    (call,) = adopted(scene, 100.0, channels=rows)
    assert (call.direction, call.ani, call.did) == ("inbound", "+34957212000", "5551001")
    assert call.precision_s == 12.0
    assert scene.states("101") == "talking"
    scene.say(110.0, ami.Hangup(uniqueid=f"{BORN}.0", cause=16), ami.Hangup(uniqueid=f"{BORN}.1"))
    assert scene.took() == "ivr 28.0, talk 22.0"
    assert scene.call().outcome == "answered"


def test_a_call_that_has_talked_for_long_is_not_known_more_exactly_than_phones_ring() -> None:
    scene = Scene()
    rows = (caller(duration=4000, bridge="b"), channel(1, ANA, duration=3900, bridge="b"))
    (call,) = adopted(scene, 5000.0, channels=rows)
    assert call.precision_s == 60.0


def test_a_waiting_call_is_adopted_into_its_queue() -> None:
    scene = Scene()
    place = ami.QueueEntry(uniqueid=f"{BORN}.0", queue="sales", position=1, wait=25)
    (call,) = adopted(scene, 100.0, channels=(caller(duration=30),), entries=(place,), queues=(QUEUE,))
    assert call.precision_s == 1.0
    scene.say(110.0, ami.HangupRequest(uniqueid=f"{BORN}.0"), ami.Hangup(uniqueid=f"{BORN}.0"))
    assert scene.took() == "ivr 5.0, wait 35.0"
    assert scene.call().outcome == "abandoned"


def test_who_was_connected_after_his_queue_was_listed_waits_no_more() -> None:
    """By the queue's list he has waited for 2 s, by the channels' he talks since the agent's leg was born."""
    scene = Scene(seats={ANA: "101"})
    place = ami.QueueEntry(uniqueid=f"{BORN}.0", queue="sales", position=1, wait=2)
    rows = (caller(duration=9, bridge="b"), channel(1, ANA, duration=3, bridge="b"))
    lists = {"channels": rows, "entries": (place,), "queues": (QUEUE,)}
    (call,) = adopted(scene, 100.0, **lists)
    assert [(visit.queue, visit.outcome) for visit in call.visits] == [("sales", "answered")]
    assert scene.floor.differences(ami.Snapshot(**lists), scene.floor.meanwhile()) == set()


def test_a_ringing_call_is_adopted_and_its_card_pops() -> None:
    scene = Scene(seats={ANA: "101"})
    place = ami.QueueEntry(uniqueid=f"{BORN}.0", queue="sales", position=1, wait=25)
    rows = (caller(duration=30), channel(1, ANA, duration=4, state=5))
    (call,) = adopted(scene, 100.0, channels=rows, entries=(place,))
    assert [one.id for one in scene.floor.ringing_at(ANA)] == [call.id]
    assert "offered:101" in scene.heard
    assert scene.states("101") == "reserved"


def test_an_agents_call_out_is_adopted() -> None:
    scene = Scene()
    rows = (channel(0, ANA, state=6, duration=9), channel(1, TRUNK, state=5, duration=3, num="600123456"))
    (call,) = adopted(scene, 100.0, channels=rows)
    assert (call.direction, call.customer) == ("outbound", "+34600123456")
    assert scene.floor.ringing_at(ANA) == []


def test_a_customer_whose_agent_consults_is_adopted_on_hold() -> None:
    scene = Scene(seats={ANA: "101"})
    rows = (
        channel(0, TRUNK, num="957212000", exten="sales", dnid="5551001", duration=40, bridge="b1"),
        channel(1, ANA, duration=30, bridge="b2"),
        channel(2, LUIS, duration=9, bridge="b2"),
    )
    both = tuple(ami.BridgeRow(bridge=name, bridge_type="basic") for name in ("b1", "b2"))
    (call,) = adopted(scene, 100.0, channels=rows, bridges=both)
    assert [segment.kind for segment in call.segments if segment.until is None] == [
        "consult",
        "consult",
        "hold",
    ]
    assert (call.did, scene.states("101")) == ("5551001", "consulting")


def test_a_parked_call_is_adopted() -> None:
    scene = Scene()
    (call,) = adopted(
        scene,
        100.0,
        channels=(caller(duration=40, bridge="p1"),),
        bridges=(ami.BridgeRow(bridge="p1", bridge_type="parking"),),
        parked=(ami.ParkedCall(uniqueid=f"{BORN}.0", space="701"),),
    )
    assert [segment.kind for segment in call.segments if segment.until is None] == ["park"]
    assert [event.space for event in scene.told(events.CallParked)] == ["701"]


def test_a_customer_is_heard_through_a_local_channel_that_is_adopted() -> None:
    """He is in one bridge with its first half, the agent in another with the second."""
    scene = Scene(seats={ANA: "101"})
    halves = [f"Local/101@agents-00000001;{half}" for half in (1, 2)]
    local = [
        ami.ChannelRow(
            uniqueid=f"{BORN}.{place}", linkedid=f"{BORN}.0", channel=name, state=6, bridge=bridge, duration=9
        )
        for place, name, bridge in ((1, halves[0], "b1"), (2, halves[1], "b2"))
    ]
    rows = (caller(duration=40, bridge="b1"), *local, channel(3, ANA, duration=9, bridge="b2"))
    (call,) = adopted(scene, 100.0, channels=rows)
    assert [one.party for one in call.segments if one.kind == "talk" and one.with_ == (ANA,)] == ["customer"]
    assert scene.states("101") == "talking"


def test_who_is_inside_is_learnt_from_the_lists() -> None:
    scene = Scene()
    rows = (caller(), channel(1, "SIP/300", state=5))
    scene.resync(50.0, channels=rows, phones=("SIP/300",))
    assert "offered:SIP/300" in scene.heard
    behind = ami.QueueMember(queue="sales", interface="Local/301@x", state_interface="SIP/301")
    scene.resync(51.0, channels=(*rows, channel(2, "SIP/301", state=5)), members=(behind,))
    assert "offered:SIP/301" in scene.heard


# --- what is otherwise


def test_an_answer_that_was_missed_is_told() -> None:
    scene = waiting()
    scene.rings(2.0, "ana", ANA, by="customer", queue="sales")
    rows = (row(scene, "customer", bridge="b7"), row(scene, "ana", bridge="b7"))
    assert counts(scene.resync(10.0, channels=rows, queues=(QUEUE,))) == (0, 0, 1)
    scene.gone(15.0, "customer", "ana")
    assert scene.took() == "ivr 1.0, wait 1.0, ring 8.0, talk 5.0"
    assert scene.call().visits[0].outcome == "answered"


def test_a_correction_is_as_unsure_as_the_gap_was_long_whatever_is_heard_since() -> None:
    scene = waiting()
    scene.rings(2.0, "ana", ANA, by="customer", queue="sales")
    scene.lose_link(2.5)
    rows = (row(scene, "customer", bridge="b7"), row(scene, "ana", bridge="b7"))
    heard = (ami.NewCallerid(**scene.leg("customer")),)
    assert counts(scene.resync(3.5, heard=heard, channels=rows, queues=(QUEUE,))) == (0, 0, 1)
    assert scene.call().precision_s == 1.0


def test_a_phone_that_was_dialled_unheard_is_as_unsure_as_the_gap_was_long() -> None:
    scene = waiting()
    scene.lose_link(2.5)
    rows = (row(scene, "customer"), channel(7, ANA, of=0, num="101", state=5, duration=1))
    listed = {"channels": rows, "entries": (entry(scene, "customer", 2),), "queues": (QUEUE,)}
    assert counts(scene.resync(3.0, **listed)) == (0, 0, 1)
    assert [one.kind for one in scene.call().anomalies] == ["corrected"]
    assert scene.call().precision_s == 0.5


def test_what_is_heard_first_after_a_gap_may_have_begun_in_it() -> None:
    """Ana hung up in the gap: by what is heard now she talked until the customer was let go."""
    scene = talking()
    scene.lose_link(20.0)
    scene.gone(20.4, "customer", "ana")
    (call,) = scene.ended
    assert (call.source, call.precision_s) == ("live", 0.4)


def test_a_join_that_was_missed_is_told() -> None:
    scene = Scene()
    scene.calls(0.0, "customer", TRUNK, num="957212000", exten="5551001")
    told = scene.resync(
        10.0, channels=(row(scene, "customer"),), entries=(entry(scene, "customer", 4),), queues=(QUEUE,)
    )
    assert counts(told) == (0, 0, 1)
    assert scene.call().visits[0].queue == "sales"


def test_a_bridge_that_was_left_unheard() -> None:
    scene = talking()
    rows = (row(scene, "customer"), row(scene, "ana"))
    assert counts(scene.resync(10.0, channels=rows)) == (0, 0, 1)
    scene.tick(11.0)
    scene.hangs_up(12.0, "customer")
    scene.gone(12.0, "customer", "ana")
    assert scene.took() == "ivr 1.0, wait 1.0, ring 1.0, talk 7.0, ivr 2.0"


def test_a_caller_whom_the_queue_no_longer_lists_was_sent_elsewhere() -> None:
    scene = waiting()
    assert counts(scene.resync(10.0, channels=(row(scene, "customer"),))) == (0, 0, 1)
    (visit,) = scene.call().visits
    assert (visit.outcome, visit.wait_s) == ("redirected", 9.0)


def test_what_is_as_it_was_is_left_alone() -> None:
    scene = talking()
    before = scene.heard
    rows = (row(scene, "customer", bridge="b1"), row(scene, "ana", bridge="b1"))
    assert counts(scene.resync(10.0, channels=rows)) == (0, 0, 0)
    assert scene.heard == before


@pytest.mark.parametrize(
    ("heard", "listed"),
    [
        pytest.param("b1", "b2", id="the row is older than the move"),
        pytest.param("b2", "b1", id="…or newer than the last of several"),
    ],
)
def test_a_leg_that_moved_while_the_lists_were_taken_is_where_the_stream_says(
    heard: str, listed: str
) -> None:
    scene = talking()
    leg = scene.leg("customer")
    moved = (ami.BridgeLeave(**leg, bridge="b1"), ami.BridgeEnter(**leg, bridge=heard))
    rows = (row(scene, "customer", bridge=listed), row(scene, "ana", bridge="b1"))
    assert scene.resync(10.0, heard=moved, channels=rows).by == {}
    assert (
        scene.floor.differences(
            ami.Snapshot(channels=(row(scene, "customer", bridge=heard), rows[1])), scene.floor.meanwhile()
        )
        == set()
    )


def test_a_caller_who_left_while_the_lists_were_taken_stays_out_and_who_came_stays_in() -> None:
    scene = waiting()
    scene.calls(2.0, "next", TRUNK, num="600123456", exten="5551001")
    old = entry(scene, "customer", 4)
    heard = (
        ami.QueueCallerAbandon(**scene.leg("customer"), queue="sales"),
        ami.QueueCallerLeave(**scene.leg("customer"), queue="sales"),
        ami.QueueCallerJoin(**scene.leg("next"), queue="sales", position=1),
    )
    rows = (row(scene, "customer"), row(scene, "next", state=4))
    assert scene.resync(10.0, heard=heard, channels=rows, entries=(old,), queues=(QUEUE,)).by == {}
    (queue,) = scene.floor.queues()
    assert [scene.floor.call(one.call).ani for one in queue.waiting] == ["+34600123456"]


def test_a_hold_while_the_lists_were_taken_goes_on() -> None:
    scene = talking()
    rows = (row(scene, "customer", bridge="b1"), row(scene, "ana", bridge="b1"))
    scene.resync(10.0, heard=(ami.Hold(**scene.leg("ana")),), channels=rows)
    assert scene.states("101").endswith("holding")


def test_a_leg_of_a_call_that_the_lists_bring_waits_for_them() -> None:
    """We come while a phone begins to ring for a caller whom only the lists tell of; it is not listed."""
    scene = Scene(seats={ANA: "101"})
    seen = scene.floor.meanwhile(is_new=True)
    ana = {"uniqueid": f"{BORN}.1", "linkedid": f"{BORN}.0", "channel": f"{ANA}-00000001"}
    rung = (
        ami.Newchannel(**ana),
        ami.DialBegin(uniqueid=f"{BORN}.0", linkedid=f"{BORN}.0", dest_uniqueid=f"{BORN}.1"),
        ami.Newstate(**ana, state=5),
    )
    assert all(seen.note(fact, START) for fact in rung)
    place = ami.QueueEntry(uniqueid=f"{BORN}.0", queue="sales", position=1, wait=25)
    lists = ami.Snapshot(channels=(caller(duration=30),), entries=(place,), queues=(QUEUE,))
    scene.hear(scene.floor.resync(lists, START, meanwhile=seen))
    assert scene.heard == "started queued offered:101"
    assert scene.call().ani == "+34957212000"


def test_what_ended_while_the_lists_were_taken_is_told_when_nobody_knew_it() -> None:
    scene = Scene()
    seen = scene.floor.meanwhile(is_new=True)
    leg = {"uniqueid": f"{BORN}.0", "linkedid": f"{BORN}.0"}
    for fact in (ami.HangupRequest(**leg), ami.Hangup(**leg, cause=16)):
        assert not seen.note(fact, START)
        scene.hear(scene.floor.step(fact, START))
    scene.hear(scene.floor.resync(ami.Snapshot(channels=(caller(duration=30),)), START, meanwhile=seen))
    assert (scene.call().source, scene.call().hung_up_by, scene.floor.calls()) == ("adopted", "customer", [])


def test_a_leg_that_is_listed_of_a_call_that_is_over_here_is_adopted_only_if_it_stays() -> None:
    scene = talking()
    scene.gone(7.5, "customer", "ana")
    late = ami.Snapshot(channels=(channel(9, ANA, of=0, num="101"),))
    assert late.channels[0].linkedid == scene.ended[0].linkedid
    meanwhile = scene.floor.meanwhile(is_new=True)
    told = scene.floor.resync(late, START, meanwhile=meanwhile)
    assert (told[-1].adopted, scene.floor.calls()) == (0, [])
    suspects = scene.floor.differences(late, scene.floor.meanwhile())
    scene.floor.resync(late, START, meanwhile=scene.floor.meanwhile(), only=suspects)
    (again,) = scene.floor.calls()
    assert [one.kind for one in again.anomalies] == ["linkedid_again"]


def test_what_is_born_before_the_first_lists_is_not_sure() -> None:
    """A phone in no queue may be taken for somebody outside: nobody has told of it yet."""
    scene = Scene()
    scene.floor.connected()
    scene.calls(0.0, "early", TRUNK, num="957212000", exten="5551001")
    scene.resync(0.5, channels=(row(scene, "early"),))
    scene.calls(1.0, "later", TRUNK, num="957212001", exten="5551001")
    scene.floor.connected()  # the link was lost, the house is known
    scene.calls(2.0, "latest", TRUNK, num="957212002", exten="5551001")
    told = [(call.source, call.precision_s) for call in scene.floor.calls()]
    assert told == [("adopted", 1.0), ("live", 0.0), ("live", 0.0)]


def test_lists_without_bridges_say_nothing_of_who_is_in_none() -> None:
    scene = talking()
    rows = (row(scene, "customer"), row(scene, "ana"))
    lists = ami.Snapshot(channels=rows, queues=(QUEUE,), untold=frozenset({"bridges"}))
    assert scene.floor.differences(lists, scene.floor.meanwhile()) == set()


def test_lists_without_queues_end_no_visit() -> None:
    scene = waiting()
    scene.say(1.0, ami.QueueMember(queue="sales", interface=ANA))
    lists = ami.Snapshot(channels=(row(scene, "customer"),), untold=frozenset({"queues"}))
    assert scene.floor.differences(lists, scene.floor.meanwhile()) == set()


def test_a_visit_is_over_when_who_picked_up_is_gone() -> None:
    """AgentConnect was heard, and neither the bridge nor the end: the queue lists him no more."""
    scene = waiting()
    scene.rings(2.0, "ana", ANA, by="customer", queue="sales")
    scene.picks_up(3.0, "ana", by="customer")
    rows = (row(scene, "customer"), row(scene, "ana"))
    assert scene.resync(4.0, channels=rows, queues=(QUEUE,)).by == {}
    assert scene.resync(9.0, channels=rows[:1], queues=(QUEUE,)).by == {"closed": 1, "queue": 1}
    (visit,) = scene.call().visits
    assert visit.outcome == "redirected"


def test_what_was_corrected_is_told_with_the_call_and_kept_in_it() -> None:
    scene = talking()
    scene.resync(10.0, channels=(row(scene, "customer"), row(scene, "ana")))
    (corrected,) = scene.told(events.CallCorrected)
    assert (corrected.why, corrected.record) == ("bridge", None)
    assert [(one.kind, one.detail) for one in scene.call().anomalies] == [("corrected", "bridge")]
    assert scene.call().precision_s == 7.0  # nothing was said since 3.0


def test_two_calls_that_became_one_unheard_are_one() -> None:
    scene = waiting()
    scene.calls(2.0, "other", TRUNK, num="600123456", exten="5551001")
    joined = ami.ChannelRow(**{**scene.leg("other"), "linkedid": scene.leg("customer")["linkedid"]}, state=4)
    place = entry(scene, "customer", 8)
    told = scene.resync(10.0, channels=(row(scene, "customer"), joined), entries=(place,), queues=(QUEUE,))
    assert told.by == {"name": 1}
    assert len(scene.floor.calls()) == 1
    assert "merged" in scene.heard


def test_a_leg_that_got_another_name_unheard_is_of_that_device() -> None:
    scene = talking()
    moved = ami.ChannelRow(**{**scene.leg("ana"), "channel": f"{LUIS}-00000001"}, state=6, bridge="b1")
    assert scene.resync(10.0, channels=(row(scene, "customer", bridge="b1"), moved)).by == {"name": 1}
    assert scene.states("101") == "reserved talking ready"


def test_a_parked_call_that_was_taken_back_unheard_is_parked_no_more() -> None:
    scene = talking()
    scene.say(5.0, ami.ParkedCall(**scene.leg("customer"), space="701"))
    lists = {"channels": (row(scene, "customer", bridge="b1"), row(scene, "ana", bridge="b1"))}
    assert scene.resync(10.0, **lists).by == {"parked": 1}
    assert scene.floor.differences(ami.Snapshot(**lists), scene.floor.meanwhile()) == set()


def test_two_halves_that_belong_together_are_told_so() -> None:
    scene = Scene()
    scene.calls(0.0, "customer", TRUNK, num="957212000", exten="5551001")
    for half in "12":
        scene.born(1.0, half, f"Local/101@agents-00000001;{half}", of="customer")
    rows = (row(scene, "customer"), row(scene, "1"), row(scene, "2"))
    assert scene.resync(5.0, channels=rows).by == {"pair": 1, "state": 3}


def test_what_the_core_makes_for_itself_is_not_adopted() -> None:
    scene = Scene()
    rows = (channel(0, "Announcer/ARI"), channel(1, "CBAnn/room"))
    assert counts(scene.resync(10.0, channels=rows)) == (0, 0, 0)
    assert scene.floor.differences(ami.Snapshot(channels=rows), scene.floor.meanwhile()) == set()


def test_a_call_that_broke_our_own_code_and_is_gone_is_told_with_what_was_known() -> None:
    scene = Scene()
    scene.calls(0.0, "customer", TRUNK, num="", exten="5551001")
    scene.say(1.0, ami.NewCallerid(**scene.leg("customer"), num="broken"))
    assert counts(scene.resync(10.0)) == (0, 1, 0)
    assert (scene.call().outcome, scene.floor.legs_held) == ("cut", 0)


def test_the_queues_lists_replace_what_was_known_of_members() -> None:
    scene = Scene()
    scene.say(0.0, ami.QueueMember(queue="sales", interface=ANA), ami.QueueMember(queue="old", interface=ANA))
    scene.tick(0.1)
    scene.happened.clear()
    scene.resync(1.0, queues=(QUEUE,), members=(ami.QueueMember(queue="sales", interface=LUIS),))
    (queue,) = scene.floor.queues()
    assert (queue.queue, [one.interface for one in queue.members]) == ("sales", [LUIS])
    scene.tick(1.1)
    assert [event.queue for event in scene.told(events.QueueChanged)] == ["sales"]


def test_a_call_that_broke_our_own_code_is_told_anew_under_its_id() -> None:
    scene = Scene(seats={ANA: "101"})
    scene.calls(0.0, "customer", TRUNK, num="", exten="5551001")
    scene.say(1.0, ami.NewCallerid(**scene.leg("customer"), num="broken"))
    (quarantined,) = scene.floor.calls()
    rows = (row(scene, "customer", num="957212000", exten="5551001", duration=10),)
    assert counts(scene.resync(10.0, channels=rows)) == (0, 0, 1)
    (call,) = scene.floor.calls()
    assert (call.id, call.source, call.ani) == (quarantined.id, "adopted", "+34957212000")
    (corrected,) = scene.told(events.CallCorrected)
    assert (corrected.why, corrected.version) == ("ledger_error", call.version)
    assert call.version > quarantined.version
    scene.gone(20.0, "customer")
    assert [anomaly.kind for anomaly in scene.call().anomalies] == ["ledger_error"]
