"""An agent asks in a queue while his customer waits: whose time is whose, and how the visit there ends."""

import pytest
from scenes import ANA, LUIS, TRUNK, Scene

from ami_bridge.domain import ami

LOCAL = "Local/700@from-agents-00000001"


def holding() -> Scene:
    """A customer whom Ana talks to since 2.0, and holds since 4.0."""
    scene = Scene(seats={ANA: "101", LUIS: "102"})
    scene.calls(0.0, "customer", TRUNK, num="957212000", exten="5551101")
    scene.rings(1.0, "ana", ANA, by="customer")
    scene.picks_up(2.0, "ana", by="customer")
    scene.mixed(2.0, "ana", "customer")
    scene.say(4.0, ami.Hold(**scene.leg("ana")), ami.MusicOnHoldStart(**scene.leg("customer")))
    return scene


def answers(scene: Scene, *, by: str) -> None:
    """The queue joins Luis at 7.0 with who waits there, leg *by*, in a bridge of their own."""
    scene.picks_up(7.0, "luis", by=by)
    dest = scene.leg("luis")["uniqueid"]
    scene.say(
        7.0,
        ami.MusicOnHoldStop(**scene.leg(by)),
        ami.QueueCallerLeave(**scene.leg(by), queue="care"),
        ami.AgentConnect(**scene.leg(by), queue="care", interface=LUIS, dest_uniqueid=dest),
    )
    scene.mixed(7.0, "luis", by, bridge="b3")


# --- on the other line of her phone


def asks_by_phone(scene: Scene) -> None:
    """Her other line is answered by a queue at 5.5, and by Luis at 7.0."""
    scene.calls(5.0, "other", ANA, num="101", exten="700")
    scene.up(5.0, "other")
    scene.joins(5.5, "other", "care")
    scene.rings(5.5, "luis", LUIS, by="other", queue="care", num="102")


def hands_on(scene: Scene, at: float, *, until: float) -> None:
    """REFER with Replaces: he is said to be off hold at once, and she is let go only later."""
    scene.say(at, ami.Unhold(**scene.leg("ana")), ami.MusicOnHoldStop(**scene.leg("customer")))
    scene.unmixed(until, "other", "ana")
    moved = {**scene.leg("luis"), "linkedid": scene.leg("customer")["linkedid"]}
    scene.say(until, ami.BridgeEnter(**moved, bridge="b1", bridge_type="basic"))
    second = scene.leg("other")["uniqueid"]
    transfer = ami.AttendedTransfer(
        **scene.leg("ana"), target=moved["uniqueid"], second=second, result="Success"
    )
    scene.say(until, transfer)
    scene.gone(until, "ana", "other")


def handed_on() -> Scene:
    scene = holding()
    asks_by_phone(scene)
    answers(scene, by="other")
    hands_on(scene, 8.0, until=8.5)
    scene.hangs_up(12.0, "customer")
    scene.gone(12.0, "customer", "luis")
    return scene


def test_who_waits_in_a_queue_on_another_line_asks() -> None:
    """From dialling on: the queue's answer, its wait and its ringing are no hold of hers."""
    assert handed_on().took(ANA) == "ring 1.0, talk 2.0, hold 1.0, consult 0.5, consult 1.5, consult 1.5"


def test_nobody_talks_to_a_customer_who_is_taken_off_hold_to_be_handed_on() -> None:
    scene = handed_on()
    assert scene.took() == "ivr 1.0, ring 1.0, talk 2.0, hold 4.5, talk 3.5"
    assert scene.took(LUIS) == "ring 1.5, consult 1.5, talk 3.5"


def test_he_was_handed_on_to_what_was_dialled_and_answered_by_whom_the_queue_rang() -> None:
    scene = handed_on()
    (transfer,) = scene.call().transfers
    assert (transfer.by, transfer.to, transfer.answered_by) == (ANA, "700", LUIS)
    assert [(each.queue, each.outcome, each.wait_s) for each in scene.call().visits] == [
        ("care", "answered", 1.5)
    ]


def test_a_customer_who_is_really_taken_back_talks() -> None:
    """Two seconds later she hands him on after all."""
    scene = holding()
    asks_by_phone(scene)
    answers(scene, by="other")
    hands_on(scene, 8.0, until=10.0)
    scene.gone(12.0, "customer", "luis")
    assert scene.took() == "ivr 1.0, ring 1.0, talk 2.0, hold 4.0, talk 2.0, talk 2.0"


@pytest.mark.parametrize("is_told_first", [True, False], ids=["told, then apart", "apart, then told"])
def test_who_is_handed_into_the_queue_waits_there_however_it_is_told(*, is_told_first: bool) -> None:
    """The exchange has two orders for it: the hand-over is said, and both leave their bridge."""
    scene = holding()
    scene.calls(5.0, "other", ANA, num="101", exten="700")
    scene.up(5.0, "other")
    scene.joins(5.5, "other", "care")
    second = scene.leg("other")["uniqueid"]
    transfer = ami.AttendedTransfer(**scene.leg("ana"), second=second, result="Success")
    scene.say(8.0, ami.Unhold(**scene.leg("ana")), ami.MusicOnHoldStop(**scene.leg("customer")))
    if is_told_first:
        scene.say(8.0, transfer)
    scene.unmixed(8.0, "customer", "ana")
    if not is_told_first:
        scene.say(8.0, transfer)
    scene.gone(8.001, "ana")
    scene.say(8.002, ami.MusicOnHoldStart(**scene.leg("customer")))
    scene.gone(8.002, "other")
    scene.hangs_up(12.0, "customer")
    scene.say(
        12.0,
        ami.MusicOnHoldStop(**scene.leg("customer")),
        ami.QueueCallerAbandon(**scene.leg("customer"), queue="care"),
        ami.QueueCallerLeave(**scene.leg("customer"), queue="care"),
    )
    scene.gone(12.0, "customer")
    assert [(each.queue, each.outcome, each.wait_s) for each in scene.call().visits] == [
        ("care", "abandoned", 6.5)
    ]
    assert scene.took() == "ivr 1.0, ring 1.0, talk 2.0, hold 4.0, wait 4.0"


# --- by feature code


def asks_by_code(scene: Scene) -> None:
    """She leaves him at 5.0 for a Local channel that waits in the queue since 5.5, where Luis is rung."""
    for half in ("1", "2"):
        scene.born(5.0, f"half{half}", f"{LOCAL};{half}", of="customer", exten="700")
    one, two = scene.leg("half1"), scene.leg("half2")
    pair = ami.LocalBridge(
        one=one["uniqueid"], one_channel=one["channel"], two=two["uniqueid"], two_channel=two["channel"]
    )
    scene.say(5.0, pair)
    scene.mixed(5.0, "half1", bridge="b2")
    scene.unmixed(5.0, "ana")
    scene.mixed(5.0, "ana", bridge="b2")
    scene.joins(5.5, "half2", "care")
    scene.rings(5.5, "luis", LUIS, by="half2", queue="care")


def test_a_visit_ends_when_the_agent_who_asks_there_is_answered() -> None:
    scene = holding()
    asks_by_code(scene)
    answers(scene, by="half2")
    scene.tick(9.0)
    (visit,) = scene.call().visits
    assert (visit.outcome, visit.wait_s, visit.interface) == ("answered", 1.5, LUIS)
    assert scene.heard.endswith("offer_ended:102:answered left_queue:answered answered:102")


def test_a_visit_of_an_agent_who_goes_back_to_his_customer_was_given_up() -> None:
    scene = holding()
    asks_by_code(scene)
    scene.unmixed(8.0, "ana")
    scene.mixed(8.0, "ana")
    scene.say(8.0, ami.Unhold(**scene.leg("ana")))
    scene.gone(8.0, "half1")
    scene.say(
        8.0,
        ami.MusicOnHoldStop(**scene.leg("customer")),
        ami.QueueCallerAbandon(**scene.leg("half2"), queue="care"),
        ami.QueueCallerLeave(**scene.leg("half2"), queue="care"),
    )
    scene.gone(8.0, "half2", "luis")
    assert [(each.outcome, each.wait_s) for each in scene.call().visits] == [("abandoned", 2.5)]
    scene.gone(9.0, "ana", "customer")
    assert (scene.call().outcome, scene.took(ANA)) == (
        "answered",
        "ring 1.0, talk 2.0, hold 1.0, consult 3.0, talk 1.0",
    )


# --- a phone that is asked whether it takes the call


def test_a_phone_that_is_asked_whether_it_takes_the_call_talks_to_nobody() -> None:
    """FollowMe(): he hears music, in no bridge, while whoever picked up hears who calls."""
    scene = Scene(seats={LUIS: "102"})
    scene.calls(0.0, "customer", TRUNK, num="957212000", exten="5551101")
    scene.up(0.0, "customer")
    scene.say(0.5, ami.MusicOnHoldStart(**scene.leg("customer")))
    for half in ("1", "2"):
        scene.born(0.5, f"half{half}", f"{LOCAL};{half}", of="customer", exten="700")
    one, two = scene.leg("half1"), scene.leg("half2")
    pair = ami.LocalBridge(
        one=one["uniqueid"], one_channel=one["channel"], two=two["uniqueid"], two_channel=two["channel"]
    )
    scene.say(0.5, pair)
    scene.rings(0.5, "luis", LUIS, by="half2")
    scene.picks_up(2.0, "luis", by="half2")
    scene.mixed(2.0, "luis", "half2", bridge="b2")
    scene.tick(5.0)
    assert scene.took(LUIS) == "ring 1.5"
    scene.hangs_up(6.0, "customer")
    scene.gone(6.0, "customer", "half1", "half2", "luis")
    assert (scene.call().outcome, scene.took(LUIS)) == ("abandoned", "ring 1.5")
