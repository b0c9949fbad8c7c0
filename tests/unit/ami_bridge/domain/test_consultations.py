"""What the exchange does not tell and the ledger sees: consultations, redirects, who left a queue and why."""

import pytest
from scenes import ANA, EVA, LUIS, TRUNK, Scene

from ami_bridge.domain import ami

LOCAL = "Local/102@from-agents-00000001"
Handed = tuple[str, str, str | None, str | None, str | None]


def handed(scene: Scene) -> list[Handed]:
    """Return each hand-over: kind, by, to, answered by, result."""
    return [(each.kind, each.by, each.to, each.answered_by, each.result) for each in scene.call().transfers]


def talking() -> Scene:
    """A customer who called Ana's phone at 0 and talks to her since 2.0."""
    scene = Scene(seats={ANA: "101"})
    scene.calls(0.0, "customer", TRUNK, num="957212000", exten="5551101")
    scene.rings(1.0, "ana", ANA, by="customer")
    scene.picks_up(2.0, "ana", by="customer")
    scene.say(2.0, ami.BridgeEnter(**scene.leg("ana"), bridge="b1", bridge_type="basic"))
    enters_from(scene, 2.0, "5551101")
    return scene


def enters_from(scene: Scene, at: float, exten: str) -> None:
    fact = ami.BridgeEnter(**scene.leg("customer"), bridge="b1", bridge_type="basic", exten=exten)
    scene.say(at, fact)


def leaves_for(scene: Scene, at: float, exten: str) -> None:
    scene.say(at, ami.BridgeLeave(**scene.leg("customer"), bridge="b1", exten=exten))


def asks(scene: Scene, at: float, *, rung_at: float | None = None) -> None:
    """Ana leaves the waiting customer for a Local channel that dials Luis."""
    scene.say(at - 1, ami.Hold(**scene.leg("ana")), ami.MusicOnHoldStart(**scene.leg("customer")))
    for half in ("1", "2"):
        scene.born(rung_at or at, f"half{half}", f"{LOCAL};{half}", of="customer", exten="102")
    if rung_at is not None:
        scene.rings(rung_at, "luis", LUIS, by="half2")
    one, two = scene.leg("half1"), scene.leg("half2")
    scene.say(
        at,
        ami.LocalBridge(
            one=one["uniqueid"],
            one_channel=one["channel"],
            two=two["uniqueid"],
            two_channel=two["channel"],
        ),
        ami.BridgeEnter(**one, bridge="b2", bridge_type="basic"),
        ami.BridgeLeave(**scene.leg("ana"), bridge="b1"),
        ami.BridgeEnter(**scene.leg("ana"), bridge="b2", bridge_type="basic"),
    )
    if rung_at is None:
        scene.rings(at, "luis", LUIS, by="half2")


def comes_back(scene: Scene, at: float) -> None:
    scene.say(
        at,
        ami.BridgeLeave(**scene.leg("ana"), bridge="b2"),
        ami.BridgeEnter(**scene.leg("ana"), bridge="b1", bridge_type="basic"),
        ami.Unhold(**scene.leg("ana")),
        ami.MusicOnHoldStop(**scene.leg("customer")),
    )


def is_answered(scene: Scene, at: float) -> None:
    scene.picks_up(at, "luis", by="half2")
    scene.mixed(at, "luis", "half2", bridge="b3")


def test_a_consultation_is_told_from_its_begin() -> None:
    scene = talking()
    asks(scene, 5.0)
    assert handed(scene) == [("attended", ANA, "102", None, None)]
    is_answered(scene, 6.0)
    scene.tick(8.0)
    scene.gone(8.0, "customer", "ana", "luis", "half1", "half2")
    assert scene.took(ANA) == "ring 1.0, talk 2.0, hold 1.0, consult 1.0, consult 2.0"
    assert scene.took(LUIS) == "ring 1.0, consult 2.0"


def test_who_comes_back_has_cancelled_it() -> None:
    scene = talking()
    asks(scene, 5.0)
    is_answered(scene, 6.0)
    comes_back(scene, 7.0)
    scene.gone(9.0, "ana", "customer", "luis", "half1", "half2")
    assert handed(scene) == [("attended", ANA, "102", None, "cancelled")]
    assert scene.took() == "ivr 1.0, ring 1.0, talk 2.0, hold 3.0, talk 2.0"


@pytest.mark.parametrize("says_first", [True, False], ids=["his leg is gone", "his leg goes later"])
def test_who_comes_back_from_a_busy_phone_has_asked_in_vain(*, says_first: bool) -> None:
    scene = talking()
    asks(scene, 5.0)
    scene.dial_end(5.1, "luis", "BUSY", by="half2")
    if says_first:
        scene.gone(5.1, "luis", cause=17)
    comes_back(scene, 5.2)
    assert handed(scene) == [("attended", ANA, "102", None, "failed")]


@pytest.mark.parametrize("rung_at", [5.0, 4.99], ids=["rung then", "rung before who asks is seen to leave"])
def test_that_he_was_busy_may_be_told_after_who_asked_came_back(rung_at: float) -> None:
    scene = talking()
    asks(scene, 5.0, rung_at=rung_at)
    comes_back(scene, 5.1)
    scene.gone(5.2, "luis", cause=17)
    scene.gone(9.0, "half1", "half2", "ana", "customer")
    assert handed(scene) == [("attended", ANA, "102", None, "failed")]


@pytest.mark.parametrize(
    ("answered_at", "back_at", "result"),
    [
        pytest.param(None, 20.0, "failed", id="it rang for 15 s"),
        pytest.param(None, 12.0, "cancelled", id="it rang on"),
        pytest.param(6.0, 30.0, "cancelled", id="they talked"),
    ],
)
def test_who_comes_back_from_a_phone_that_rang_for_long_has_asked_in_vain(
    answered_at: float | None, back_at: float, result: str
) -> None:
    """The exchange says the same when it gives up after 15 s and when the agent takes it back."""
    scene = talking()
    asks(scene, 5.0)
    if answered_at is not None:
        is_answered(scene, answered_at)
    comes_back(scene, back_at)
    scene.dial_end(back_at, "luis", "CANCEL", by="half2")
    assert handed(scene) == [("attended", ANA, "102", None, result)]


def test_who_left_a_queue_by_a_key_and_is_answered_at_once_was_not_served_by_it() -> None:
    scene = Scene()
    scene.calls(0.0, "customer", TRUNK, num="957212000", exten="5551001")
    scene.up(0.0, "customer")
    scene.joins(1.0, "customer", "sales")
    scene.say(5.0, ami.QueueCallerLeave(**scene.leg("customer"), queue="sales"))
    scene.rings(5.0, "eva", EVA, by="customer")
    scene.picks_up(5.2, "eva", by="customer")
    scene.mixed(5.2, "eva", "customer")
    scene.gone(9.0, "customer", "eva")
    call = scene.call()
    assert [(visit.outcome, visit.wait_s, visit.attempts) for visit in call.visits] == [("exit_key", 4.0, [])]
    assert [(attempt.interface, attempt.result) for attempt in call.attempts] == [(EVA, "answered")]
    assert scene.took() == "ivr 1.0, wait 4.0, ring 0.2, talk 3.8"


def test_who_comes_back_with_whom_he_asked_hands_on_when_he_leaves() -> None:
    scene = talking()
    asks(scene, 5.0)
    is_answered(scene, 6.0)
    comes_back(scene, 7.0)
    scene.say(7.0, ami.BridgeEnter(**scene.leg("half1"), bridge="b1", bridge_type="basic"))
    scene.say(7.01, ami.AttendedTransfer(**scene.leg("ana"), second=scene.leg("ana")["uniqueid"]))
    scene.tick(8.0)
    scene.say(8.0, ami.BridgeLeave(**scene.leg("ana"), bridge="b1"))
    scene.gone(8.0, "ana")
    assert handed(scene) == [("attended", ANA, "102", LUIS, "completed")]
    assert scene.took(LUIS) == "ring 1.0, consult 1.0, conference 1.0"


@pytest.mark.parametrize(
    ("exten", "expected"),
    [
        pytest.param("102", [("redirect", "system", "102", LUIS, "completed")], id="elsewhere"),
        pytest.param("5551101", [], id="the dialplan goes on where it was"),
        pytest.param("", [], id="the exchange does not tell where"),
    ],
)
def test_a_customer_who_leaves_for_another_extension_was_redirected(
    exten: str, expected: list[Handed]
) -> None:
    scene = talking()
    leaves_for(scene, 5.0, exten)
    scene.gone(5.0, "ana")
    scene.rings(5.1, "luis", LUIS, by="customer")
    scene.picks_up(6.0, "luis", by="customer")
    scene.mixed(6.0, "luis", "customer", bridge="b2")
    assert handed(scene) == expected


def test_a_transfer_that_is_told_after_the_customer_left_was_no_redirect() -> None:
    scene = talking()
    leaves_for(scene, 5.0, "102")
    scene.say(5.01, ami.BlindTransfer(**scene.leg("ana"), exten="102", result="Success"))
    assert handed(scene) == [("blind", ANA, "102", None, None)]


@pytest.mark.parametrize(
    ("exten", "said", "outcome"),
    [
        pytest.param("sales", ("NOANSWER", "CANCEL"), "timeout", id="each phone rang in vain: too long"),
        pytest.param("102", (), "redirected", id="he is elsewhere"),
        pytest.param("sales", ("CANCEL",), "redirected", id="a phone was made to stop"),
        pytest.param("", (), "redirected", id="a phone still rings"),
    ],
)
def test_who_is_taken_out_of_a_queue_did_not_wait_too_long(
    exten: str, said: tuple[str, ...], outcome: str
) -> None:
    scene = Scene()
    scene.calls(0.0, "customer", TRUNK, num="957212000", exten="5551001")
    scene.say(1.0, ami.QueueCallerJoin(**scene.leg("customer"), queue="sales", position=1, exten="sales"))
    scene.rings(2.0, "eva", EVA, by="customer", queue="sales")
    for status in said:
        scene.dial_end(3.0, "eva", status, by="customer")
    scene.say(
        3.0,
        ami.QueueCallerAbandon(**scene.leg("customer"), queue="sales", exten=exten),
        ami.QueueCallerLeave(**scene.leg("customer"), queue="sales"),
    )
    assert [visit.outcome for visit in scene.call().visits] == [outcome]


@pytest.mark.parametrize(
    ("music", "then", "outcome"),
    [
        pytest.param("start stop", "rings", "redirected", id="it ended before: his next phone rings"),
        pytest.param("start stop", "joins", "redirected", id="it ended before: he is in another queue"),
        pytest.param("start stop", "nothing", "redirected", id="it ended before: nothing more is heard"),
        pytest.param("start stop", "gone", "abandoned", id="it ended before, and his leg is gone"),
        pytest.param("start", "rings", "timeout", id="it still plays"),
        pytest.param("start stop start", "rings", "timeout", id="it plays again"),
        pytest.param("", "rings", "timeout", id="there was none"),
    ],
)
def test_the_queues_music_ends_first_when_somebody_takes_the_caller_out(
    music: str, then: str, outcome: str
) -> None:
    """Of such a caller Asterisk 16 says what it says of who waited too long, but in another order."""
    scene = Scene()
    scene.calls(0.0, "customer", TRUNK, num="957212000", exten="5551001")
    customer = scene.leg("customer")
    scene.say(1.0, ami.QueueCallerJoin(**customer, queue="sales", position=1, exten="sales"))
    facts = {"start": ami.MusicOnHoldStart, "stop": ami.MusicOnHoldStop}
    scene.say(2.0, *(facts[word](**customer) for word in music.split()))
    scene.say(
        3.0,
        ami.QueueCallerAbandon(**customer, queue="sales", exten="sales"),
        ami.QueueCallerLeave(**customer, queue="sales"),
    )
    match then:
        case "rings":
            scene.rings(3.1, "luis", LUIS, by="customer")
        case "joins":
            scene.joins(3.1, "customer", "care")
        case "gone":
            scene.gone(3.1, "customer")
        case _:
            scene.tick(4.0)
    visit = scene.call().visits[0]
    assert (visit.outcome, visit.wait_s) == (outcome, 2.0)


def test_a_picked_up_call_is_one_before_the_exchange_says_so() -> None:
    """The picking phone's leg keeps its own linkedid until its next event."""
    scene = Scene()
    scene.calls(0.0, "customer", TRUNK, num="957212000", exten="5551101")
    scene.rings(1.0, "ana", ANA, by="customer")
    scene.calls(2.0, "luis", LUIS, num="102", exten="*8")
    scene.up(2.0, "luis")
    scene.gone(2.1, "ana")
    scene.mixed(2.1, "luis", "customer")
    assert len(scene.floor.calls()) == 1
    scene.tick(5.0)
    scene.gone(5.1, "luis", "customer")
    assert scene.took(LUIS) == "talk 3.0"


def test_a_customer_whom_a_script_keeps_is_gone_when_he_hung_up() -> None:
    scene = Scene()
    scene.calls(0.0, "customer", TRUNK, num="957212000", exten="5551001")
    scene.up(0.0, "customer")
    scene.hangs_up(3.0, "customer")
    scene.gone(8.0, "customer")
    assert scene.took() == "ivr 3.0"
