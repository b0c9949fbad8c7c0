"""When our own code breaks on a call: that call is set apart and told to its end, all others go on.

"broken" is a number whose reading raises.
"""

from scenes import ANA, TRUNK, Scene

from ami_bridge.domain import ami, events
from crm_core.domain.calls import untiled


def broken_in_talk() -> Scene:
    """A customer without a number talks to Ana since 2.0; at 3.0 his number breaks the ledger."""
    scene = Scene(seats={ANA: "101"})
    scene.calls(0.0, "customer", TRUNK, num="", exten="5551001")
    scene.joins(0.5, "customer", "sales")
    scene.rings(1.0, "ana", ANA, by="customer", queue="sales")
    scene.picks_up(2.0, "ana", by="customer")
    scene.connected(2.0, "customer", "ana", "sales")
    scene.say(3.0, ami.NewCallerid(**scene.leg("customer"), num="broken"))
    return scene


def test_the_others_go_on() -> None:
    scene = broken_in_talk()
    scene.calls(4.0, "other", TRUNK, num="600123456", exten="5551001")
    scene.joins(5.0, "other", "sales")
    scene.hangs_up(9.0, "other")
    scene.gone(9.0, "other")
    assert [call.ani for call in scene.ended] == ["+34600123456"]


def test_it_is_said_once_and_the_call_followed_to_its_end() -> None:
    scene = broken_in_talk()
    scene.say(4.0, ami.NewCallerid(**scene.leg("customer"), num="broken"))
    scene.rings(4.0, "again", ANA, by="customer", queue="sales")
    scene.tick(60.0)
    assert [event.kind for event in scene.told(events.CallAnomaly)] == ["ledger_error"]
    assert "ZeroDivisionError" in scene.told(events.CallAnomaly)[0].detail
    for at, name in ((70.0, "again"), (71.0, "ana"), (72.0, "customer")):
        assert scene.ended == []
        scene.gone(at, name)
    (call,) = scene.ended
    assert (call.outcome, call.hung_up_by) == ("answered", "system")
    assert untiled(call) == []
    assert scene.states("101") == "reserved talking ready"
    assert scene.floor.legs_held == 0


def test_a_waiting_call_that_broke_was_cut() -> None:
    scene = Scene()
    scene.calls(0.0, "customer", TRUNK, num="", exten="5551001")
    scene.joins(1.0, "customer", "sales")
    scene.rings(2.0, "ana", ANA, by="customer", queue="sales")
    scene.say(3.0, ami.NewCallerid(**scene.leg("customer"), num="broken"))
    scene.gone(5.0, "ana", "customer")
    (call,) = scene.ended
    (visit,) = call.visits
    assert (call.outcome, visit.outcome, visit.attempts[0].result) == ("cut", "cut", "cancelled")
    assert untiled(call) == []


def test_a_call_that_breaks_at_its_birth() -> None:
    scene = Scene()
    scene.calls(0.0, "customer", TRUNK, num="broken", exten="5551001")
    assert [event.kind for event in scene.told(events.CallAnomaly)] == ["ledger_error"]
    scene.gone(4.0, "customer")
    (call,) = scene.ended
    assert (call.outcome, [segment.kind for segment in call.segments]) == ("cut", ["ivr"])
    assert untiled(call) == []


def test_what_breaks_and_is_about_no_call_is_counted() -> None:
    scene = Scene()
    before = scene.floor.strays
    scene.say(0.0, ami.OriginateAsked(action_id="a", interface=["no text"], number="1"))
    assert (scene.happened, scene.floor.strays) == ([], before + 1)
