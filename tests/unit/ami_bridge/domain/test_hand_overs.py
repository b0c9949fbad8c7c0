"""Calls that change hands or turn out to be one: transfers, redirects, parking, merged linkedids."""

from scenes import ANA, LUIS, TRUNK, Scene

from ami_bridge.domain import ami, events


def talking(**how: object) -> Scene:
    """A customer who called Ana's phone at 0 and talks to her since 2.0."""
    scene = Scene(**how)
    scene.calls(0.0, "customer", TRUNK, num="957212000", exten="5551101")
    scene.rings(1.0, "ana", ANA, by="customer")
    scene.picks_up(2.0, "ana", by="customer")
    scene.mixed(2.0, "ana", "customer")
    return scene


def blind(scene: Scene, at: float, result: str = "Success") -> None:
    transfer = ami.BlindTransfer(**scene.leg("ana"), exten="102", result=result)
    scene.say(at, transfer)


# --- transfers


def test_a_blind_transfer_to_a_colleague() -> None:
    scene = talking(seats={ANA: "101", LUIS: "102"})
    blind(scene, 5.0)
    scene.gone(5.0, "ana")
    scene.unmixed(5.01, "customer")
    scene.rings(5.02, "luis", LUIS, by="customer")
    scene.picks_up(7.0, "luis", by="customer")
    scene.mixed(7.0, "luis", "customer", bridge="b2")
    scene.hangs_up(9.0, "customer")
    scene.gone(9.0, "customer", "luis")
    (transfer,) = scene.call().transfers
    assert (transfer.kind, transfer.by, transfer.agent, transfer.to) == ("blind", ANA, "101", "102")
    assert (transfer.result, transfer.answered_by) == ("completed", LUIS)
    assert (
        "transfer_started offered:102 offer_ended:102:answered transferred:PJSIP/agent102"
        in scene.heard.replace("transferred:102", "transferred:PJSIP/agent102")
    )
    assert scene.states("101") == "reserved talking ready"
    assert scene.took(LUIS) == "ring 1.98, talk 2.0"
    assert scene.call().hung_up_by == "customer"


def test_a_blind_transfer_that_nobody_takes_has_failed() -> None:
    scene = talking()
    blind(scene, 5.0)
    scene.gone(5.0, "ana")
    scene.rings(5.02, "luis", LUIS, by="customer")
    scene.hangs_up(9.0, "customer")
    scene.gone(9.0, "luis", "customer")
    assert [transfer.result for transfer in scene.call().transfers] == ["failed"]
    assert scene.call().outcome == "answered"


def test_a_transfer_that_the_exchange_refuses() -> None:
    scene = talking()
    blind(scene, 5.0, result="Invalid")
    scene.gone(9.0, "ana", "customer")
    (transfer,) = scene.call().transfers
    assert (transfer.result, transfer.completed_at) == ("failed", transfer.started_at)
    assert scene.took() == "ivr 1.0, ring 1.0, talk 7.0"


def test_a_blind_transfer_into_a_queue_is_a_visit() -> None:
    scene = talking()
    blind(scene, 5.0)
    scene.gone(5.0, "ana")
    scene.joins(5.1, "customer", "care")
    scene.hangs_up(9.1, "customer")
    scene.gone(9.1, "customer")
    assert [(visit.queue, visit.outcome, visit.wait_s) for visit in scene.call().visits] == [
        ("care", "abandoned", 4.0)
    ]


def test_an_attended_transfer_from_a_phone_joins_two_calls() -> None:
    """REFER with Replaces: the consultation has a linkedid of its own, and the target moves to ours."""
    scene = talking(seats={ANA: "101", LUIS: "102"})
    scene.say(4.0, ami.Hold(**scene.leg("ana")), ami.MusicOnHoldStart(**scene.leg("customer")))
    scene.calls(5.0, "ana too", ANA, num="101", exten="102")
    scene.rings(5.1, "luis", LUIS, by="ana too", num="102")
    scene.picks_up(6.0, "luis", by="ana too")
    scene.mixed(6.0, "ana too", "luis", bridge="b2")
    assert len(scene.floor.calls()) == 2
    scene.say(8.0, ami.Unhold(**scene.leg("ana")), ami.MusicOnHoldStop(**scene.leg("customer")))
    scene.unmixed(8.0, "luis", "ana")
    moved = {**scene.leg("luis"), "linkedid": scene.leg("customer")["linkedid"]}
    scene.say(8.0, ami.BridgeEnter(**moved, bridge="b1", bridge_type="basic"))
    target, second = moved["uniqueid"], scene.leg("ana too")["uniqueid"]
    scene.say(8.0, ami.AttendedTransfer(**scene.leg("ana"), target=target, second=second, result="Success"))
    scene.gone(8.0, "ana", "ana too")
    (call,) = scene.floor.calls()
    assert call.ani == "+34957212000"
    assert len(call.merged_ids) == 1
    scene.say(12.0, ami.HangupRequest(**moved), ami.Hangup(**moved))
    scene.gone(12.0, "customer")
    assert len(scene.ended) == 1
    assert scene.took() == "ivr 1.0, ring 1.0, talk 2.0, hold 4.0, talk 4.0"
    (transfer,) = call.transfers
    assert (transfer.kind, transfer.by, transfer.to, transfer.answered_by) == ("attended", ANA, "102", LUIS)
    assert (call.outcome, call.hung_up_by) == ("answered", "agent")
    assert scene.states("101").endswith("ready")
    assert scene.states("102").endswith("ready")


def test_a_redirect_is_seen_by_what_follows() -> None:
    """AMI Redirect: no event at all; the agent's channel is gone at once, the customer goes elsewhere."""
    scene = talking(seats={ANA: "101"})
    scene.unmixed(5.0, "customer")
    scene.gone(5.0, "ana")
    scene.rings(5.1, "luis", LUIS, by="customer")
    scene.picks_up(7.0, "luis", by="customer")
    scene.mixed(7.0, "luis", "customer", bridge="b2")
    scene.gone(9.0, "customer", "luis")
    assert scene.took() == "ivr 1.0, ring 1.0, talk 3.0, ivr 0.1, ring 1.9, talk 2.0"
    assert scene.took(ANA) == "ring 1.0, talk 3.0"
    assert scene.states("101") == "reserved talking ready"


# --- parking


def parked(scene: Scene, at: float) -> None:
    """ParkedCall is said before the customer leaves the bridge; the agent stays there a while."""
    customer = scene.leg("customer")
    scene.say(at, ami.ParkedCall(**customer, space="701"))
    scene.unmixed(at, "customer")
    scene.mixed(at, "customer", bridge="parking")


def test_a_parked_call_that_a_colleague_picks_up() -> None:
    scene = talking(seats={ANA: "101"})
    parked(scene, 5.0)
    scene.gone(7.6, "ana")
    scene.calls(8.0, "luis", LUIS, num="102", exten="701")
    scene.say(9.0, ami.UnParkedCall(**scene.leg("customer")))
    scene.unmixed(9.0, "customer")
    joined = {**scene.leg("luis"), "linkedid": scene.leg("customer")["linkedid"]}
    scene.mixed(9.0, "customer", bridge="b2")
    scene.say(9.0, ami.BridgeEnter(**joined, bridge="b2", bridge_type="basic"))
    scene.say(12.0, ami.Hangup(**joined))
    scene.gone(12.0, "customer")
    assert [event.space for event in scene.told(events.CallParked)] == ["701"]
    (call,) = scene.ended
    assert scene.took(call=call) == "ivr 1.0, ring 1.0, talk 3.0, park 4.0, talk 3.0"
    assert call.park_s == 4.0


def test_a_parked_call_that_gives_up() -> None:
    scene = talking()
    parked(scene, 5.0)
    scene.gone(5.5, "ana")
    scene.hangs_up(9.0, "customer")
    scene.say(9.0, ami.ParkedCallGiveUp(**scene.leg("customer")))
    scene.gone(9.0, "customer")
    assert scene.took() == "ivr 1.0, ring 1.0, talk 3.0, park 4.0"
    assert scene.call().hung_up_by == "customer"


# --- two that are one


def test_a_page_that_reloads_takes_its_call_back() -> None:
    """INVITE with Replaces: a new channel enters the bridge, the old one hangs up: no end, no new call."""
    scene = talking(seats={ANA: "101"})
    scene.calls(5.0, "ana anew", ANA, num="101", exten="resume")
    scene.up(5.1, "ana anew")
    scene.say(5.1, ami.Unhold(**scene.leg("ana")))
    scene.unmixed(5.1, "ana")
    anew = {**scene.leg("ana anew"), "linkedid": scene.leg("customer")["linkedid"]}
    scene.say(
        5.11, ami.BridgeEnter(**anew, bridge="b1", bridge_type="basic", swap=scene.leg("ana")["uniqueid"])
    )
    scene.gone(5.12, "ana")
    assert scene.states("101") == "reserved talking"
    scene.hangs_up(9.0, "customer")
    scene.say(9.0, ami.Hangup(**anew))
    scene.gone(9.0, "customer")
    (call,) = scene.ended
    assert scene.took(call=call) == "ivr 1.0, ring 1.0, talk 7.0"
    assert (call.outcome, len(call.merged_ids), call.transfers) == ("answered", 1, [])


def test_two_calls_that_become_one_keep_the_older_and_its_card() -> None:
    """The younger rings at a phone; the card goes on under the older call's id."""
    scene = Scene()
    scene.calls(0.0, "customer", TRUNK, num="957212000", exten="5551101")
    scene.calls(1.0, "other", TRUNK, num="600123456", exten="5551101")
    scene.joins(1.5, "other", "sales")
    scene.rings(2.0, "ana", ANA, by="other", queue="sales")
    joined = {**scene.leg("other"), "linkedid": scene.leg("customer")["linkedid"]}
    scene.say(3.0, ami.NewCallerid(**joined, num="600123456"))
    (call,) = scene.floor.calls()
    assert call.ani == "+34957212000"
    assert scene.heard.endswith("offer_ended:101:merged merged offered:101")
    assert [visit.queue for visit in call.visits] == ["sales"]
    assert [one.id for one in scene.floor.ringing_at(ANA)] == [call.id]
    gone = scene.told(events.CallMerged)[0].gone
    assert scene.floor.call(gone) is None
    scene.say(5.0, ami.Hangup(**joined))
    scene.gone(5.0, "ana", "customer")
    (ended,) = scene.ended
    assert {segment.party for segment in ended.segments} == {"customer", "tel:+34600123456", ANA}


def test_of_two_open_visits_one_is_ended_by_the_merge() -> None:
    scene = Scene()
    for at, name, number in ((0.0, "customer", "957212000"), (1.0, "other", "600123456")):
        scene.calls(at, name, TRUNK, num=number, exten="5551101")
        scene.joins(at + 0.5, name, "sales")
        scene.rings(at + 0.6, f"ana {name}", ANA, by=name, queue="sales")
    joined = {**scene.leg("other"), "linkedid": scene.leg("customer")["linkedid"]}
    scene.say(3.0, ami.Newstate(**joined, state=6))
    (call,) = scene.floor.calls()
    assert [visit.outcome for visit in call.visits] == [None, "redirected"]
    assert [len(visit.attempts) for visit in call.visits] == [1, 1]
    assert call.visits[1].attempts[0].result == "cancelled"  # that phone has the older's card already


def test_an_agents_call_that_is_joined_to_a_customers_is_his() -> None:
    """Pick-up of a call by an agent who had dialled a code: the older leg is the agent's."""
    scene = Scene()
    scene.calls(0.0, "ana", ANA, num="101", exten="*8")
    scene.calls(1.0, "customer", TRUNK, num="957212000", exten="5551102")
    joined = {**scene.leg("customer"), "linkedid": scene.leg("ana")["linkedid"]}
    scene.mixed(2.0, "ana", bridge="b1")
    scene.say(2.0, ami.BridgeEnter(**joined, bridge="b1", bridge_type="basic"))
    (call,) = scene.floor.calls()
    assert (call.direction, call.ani, call.customer, call.did) == (
        "inbound",
        "+34957212000",
        "+34957212000",
        "5551102",
    )
    scene.say(5.0, ami.Hangup(**joined))
    scene.gone(5.0, "ana")
    assert scene.call().outcome == "answered"


def test_a_leg_of_an_ended_call_lives_on_in_another() -> None:
    scene = talking(seats={ANA: "101"})
    scene.calls(3.0, "other", TRUNK, num="600123456", exten="5551101")
    scene.gone(5.0, "customer")
    scene.tick(8.0)
    moved = {**scene.leg("ana"), "linkedid": scene.leg("other")["linkedid"]}
    scene.say(9.0, ami.BridgeEnter(**moved, bridge="b3", bridge_type="basic"))
    scene.mixed(9.0, "other", bridge="b3")
    assert scene.took(call=scene.floor.calls()[0]) == "ivr 6.0"
    scene.say(12.0, ami.Hangup(**moved))
    scene.gone(12.0, "other")
    assert scene.ended[-1].talk_s == 3.0
    assert scene.floor.legs_held == 0


def test_a_linkedid_never_heard_of_is_another_name_of_the_call() -> None:
    scene = talking()
    renamed = {**scene.leg("customer"), "linkedid": "1795535999.7"}
    scene.say(3.0, ami.Hold(**renamed))
    assert scene.floor.call_of_leg("1795535999.7") == scene.call().id
    assert scene.floor.call_of_leg(scene.leg("ana")["uniqueid"]) == scene.call().id
    assert scene.floor.call_of_leg("1.1") is None


def test_a_channel_that_is_renamed_is_another_phone() -> None:
    scene = talking(seats={ANA: "101", LUIS: "102"})
    taken = {**scene.leg("ana"), "channel": f"{LUIS}-00000009"}
    scene.say(4.0, ami.Hold(**taken), ami.Unhold(**taken))
    assert scene.floor.agents()[1].state == "talking"
    scene.gone(6.0, "customer")
    scene.say(6.0, ami.Hangup(**taken))
    assert scene.took(LUIS) == "talk 2.0"
