"""Hold by us: two who talk are parted and joined again; it is one talk of one agent, and one visit."""

import pytest
from scenes import ANA, TRUNK, Scene

from ami_bridge.domain import ami, events
from ami_bridge.domain.keeping import HELD, HOLDING, Pair

MEMBER = ami.QueueMember(queue="sales", interface=ANA, state_interface=ANA, member="Ana")
MUSIC, SILENCE = "centralita-held-music", "centralita-holding-silence"


def talking() -> Scene:
    """A customer in "sales" who talks to Ana since 2.0."""
    scene = Scene(seats={ANA: "101"})
    scene.calls(0.0, "customer", TRUNK, num="957212000", exten="5551001")
    scene.up(0.0, "customer")
    scene.joins(0.0, "customer", "sales")
    scene.rings(1.0, "ana", ANA, by="customer", queue="sales")
    scene.picks_up(2.0, "ana", by="customer")
    joined(scene, 2.0, "b1", of_customer="sales", of_ana="s")
    return scene


def joined(scene: Scene, at: float, bridge: str, *, of_customer: str = MUSIC, of_ana: str = SILENCE) -> None:
    for name, exten in (("customer", of_customer), ("ana", of_ana)):
        scene.say(at, ami.BridgeEnter(**scene.leg(name), bridge=bridge, bridge_type="basic", exten=exten))


def parted(scene: Scene, at: float, bridge: str, *, first: str = "ana") -> None:
    """The two leave each for his place; Asterisk 22 lets the agent go first, 16 the customer."""
    places = [("ana", HOLDING), ("customer", HELD)]
    for name, exten in places if first == "ana" else places[::-1]:
        scene.say(at, ami.BridgeLeave(**scene.leg(name), bridge=bridge, exten=exten))
    scene.say(at, ami.MusicOnHoldStart(**scene.leg("customer")))


def pair(scene: Scene) -> Pair | None:
    (call,) = scene.floor.calls()
    return scene.floor.pair(call.id, ANA)


@pytest.mark.parametrize("first", ["ana", "customer"])
def test_held_and_resumed_twice_is_one_talk(first: str) -> None:
    scene = talking()
    parted(scene, 5.0, "b1", first=first)
    scene.tick(6.0)
    joined(scene, 8.0, "b2")
    parted(scene, 9.0, "b2", first=first)
    joined(scene, 9.5, "b3")
    scene.hangs_up(12.0, "ana")
    scene.gone(12.0, "ana", "customer")
    call = scene.call()
    assert scene.took() == "wait 1.0, ring 1.0, talk 3.0, hold 3.0, talk 1.0, hold 0.5, talk 2.5"
    assert scene.took(ANA) == "ring 1.0, talk 3.0, hold 3.0, talk 1.0, hold 0.5, talk 2.5"
    assert scene.states("101") == "reserved talking holding talking holding talking ready"
    assert (call.transfers, [visit.outcome for visit in call.visits]) == ([], ["answered"])
    assert (call.outcome, call.hung_up_by, call.hold_s, call.talk_s) == ("answered", "agent", 3.5, 6.5)
    assert call.anomalies == []


def test_who_hangs_up_in_mid_hold_ended_the_call() -> None:
    """The dialplan lets the other go a moment later."""
    scene = talking()
    parted(scene, 5.0, "b1")
    scene.hangs_up(9.0, "customer")
    scene.gone(9.0, "customer")
    scene.gone(9.1, "ana")
    call = scene.call()
    assert (scene.took(), call.hung_up_by) == ("wait 1.0, ring 1.0, talk 3.0, hold 4.0", "customer")
    assert scene.states("101") == "reserved talking holding ready"


def test_an_agent_who_hangs_up_leaves_nobody_in_music() -> None:
    scene = talking()
    parted(scene, 5.0, "b1")
    scene.hangs_up(9.0, "ana")
    scene.gone(9.0, "ana")
    scene.gone(9.1, "customer")
    call = scene.call()
    assert (scene.took(), call.hung_up_by) == ("wait 1.0, ring 1.0, talk 3.0, hold 4.1", "agent")
    assert scene.took(ANA) == "ring 1.0, talk 3.0, hold 4.0"


def test_who_is_taken_out_of_hold_by_somebody_else_is_there_no_more() -> None:
    """A supervisor sends him into a queue."""
    scene = talking()
    parted(scene, 5.0, "b1")
    scene.joins(7.0, "customer", "billing")
    scene.hangs_up(9.0, "customer")
    scene.gone(9.0, "customer", "ana")
    assert scene.took() == "wait 1.0, ring 1.0, talk 3.0, hold 2.0, wait 2.0"


def test_whom_one_could_put_on_hold() -> None:
    scene = talking()
    customer, ana = scene.leg("customer")["channel"], scene.leg("ana")["channel"]
    assert pair(scene) == Pair(ana, customer, is_kept=False)
    parted(scene, 5.0, "b1")
    assert pair(scene) == Pair(ana, customer, is_kept=True)
    joined(scene, 6.0, "b2")
    assert pair(scene) == Pair(ana, customer, is_kept=False)


def test_nobody_is_put_on_hold_who_is_so_by_the_phone_or_talks_to_several() -> None:
    scene = talking()
    scene.say(3.0, ami.Hold(**scene.leg("ana")))
    assert pair(scene) is None
    scene.say(4.0, ami.Unhold(**scene.leg("ana")))
    scene.born(4.5, "luis", "PJSIP/agent102-00000009", of="customer")
    scene.say(4.5, ami.BridgeEnter(**scene.leg("luis"), bridge="b1", bridge_type="basic"))
    assert pair(scene) is None


def test_the_agent_s_state_tells_whose_hold_it_is() -> None:
    """His phone's own hold is not one that the desk can end."""
    scene = talking()
    parted(scene, 5.0, "b1")
    (view,) = scene.floor.agents()
    assert (view.state, view.is_kept) == ("holding", True)
    joined(scene, 6.0, "b2")
    scene.say(7.0, ami.Hold(**scene.leg("ana")))
    (view,) = scene.floor.agents()
    assert (view.state, view.is_kept) == ("holding", False)
    told = [(each.state, each.is_kept) for each in scene.told(events.AgentStateChanged)]
    assert told[-4:] == [("talking", False), ("holding", True), ("talking", False), ("holding", False)]


# --- after a (re)connect


def listed(scene: Scene) -> tuple[ami.ChannelRow, ...]:
    return (
        ami.ChannelRow(**scene.leg("customer"), state=6, exten=MUSIC, application="MusicOnHold", duration=30),
        ami.ChannelRow(**scene.leg("ana"), state=6, exten=SILENCE, application="Wait", duration=28),
    )


def test_a_hold_that_began_while_nobody_listened() -> None:
    scene = talking()
    scene.lose_link(4.0)
    report = scene.resync(10.0, channels=listed(scene), members=(MEMBER,))
    assert (report.adopted, report.closed) == (0, 0)
    assert pair(scene) is not None
    joined(scene, 12.0, "b2")
    scene.hangs_up(14.0, "ana")
    scene.gone(14.0, "ana", "customer")
    call = scene.call()
    assert scene.took() == "wait 1.0, ring 1.0, talk 2.0, hold 8.0, talk 2.0"  # since it was last heard
    assert (call.precision_s, call.transfers, call.outcome) == (6.0, [], "answered")


def test_a_call_on_hold_is_adopted_and_can_be_resumed() -> None:
    """The service was killed in mid-hold: who starts anew finds it in the exchange's lists."""
    before, scene = talking(), Scene(seats={ANA: "101"})
    rows = listed(before)
    scene.resync(100.0, channels=rows, members=(MEMBER,))
    (call,) = scene.floor.calls()
    assert scene.floor.pair(call.id, ANA) == Pair(rows[1].channel, rows[0].channel, is_kept=True)
    assert scene.states("101").endswith("holding")
    for one, exten in ((rows[0], MUSIC), (rows[1], SILENCE)):
        entered = ami.BridgeEnter(
            uniqueid=one.uniqueid,
            linkedid=one.linkedid,
            channel=one.channel,
            bridge="b2",
            bridge_type="basic",
            exten=exten,
        )
        scene.say(103.0, entered)
    asked = ami.HangupRequest(uniqueid=rows[0].uniqueid, linkedid=rows[0].linkedid)
    scene.say(105.0, asked)
    for one in rows:
        scene.say(105.0, ami.Hangup(uniqueid=one.uniqueid, linkedid=one.linkedid))
    (ended,) = scene.ended
    assert (ended.outcome, ended.hung_up_by, ended.source) == ("answered", "customer", "adopted")
    assert (ended.hold_s, [each.agent for each in ended.segments if each.party == ANA][-1]) == (3.0, "101")


def test_held_and_resumed_are_told() -> None:
    scene = talking()
    parted(scene, 5.0, "b1")
    joined(scene, 6.0, "b2")
    assert [word for word in scene.heard.split() if word in {"held", "resumed"}] == ["held", "resumed"]
