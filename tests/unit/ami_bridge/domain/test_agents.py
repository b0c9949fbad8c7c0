"""Agents' states: who sits where and why he is in it. Durations are differences of the script's own times."""

import pytest
from scenes import ANA, LUIS, TRUNK, Scene

from ami_bridge.domain import ami, events


def member(queue: str = "sales", interface: str = ANA, **how: object) -> ami.QueueMember:
    return ami.QueueMember(queue=queue, interface=interface, **how)


def changes(scene: Scene, agent: str = "101") -> list[tuple[str, str, float, str | None]]:
    return [
        (event.before, event.state, event.before_s, event.reason)
        for event in scene.told(events.AgentStateChanged)
        if event.agent == agent
    ]


def test_a_seat_is_taken_and_left() -> None:
    scene = Scene()
    scene.say(1.0, ami.SeatTaken(interface=ANA, agent="101"))
    scene.say(2.0, ami.SeatTaken(interface=ANA, agent="101"))  # once more changes nothing
    (view,) = scene.floor.agents()
    assert (view.agent, view.interface, view.state) == ("101", ANA, "ready")
    assert scene.floor.seats == {ANA: "101"}
    scene.say(5.0, ami.SeatLeft(interface=ANA, agent="102"))  # he does not sit there
    scene.say(5.0, ami.SeatLeft(interface=ANA, agent="101"))
    scene.say(6.0, ami.SeatLeft(interface=ANA, agent="101"))
    assert changes(scene) == [("logged_out", "ready", 0.0, None), ("ready", "logged_out", 4.0, None)]
    assert [type(event).__name__ for event in scene.happened if "Logged" in type(event).__name__] == [
        "AgentLoggedIn",
        "AgentLoggedOut",
    ]
    assert scene.floor.agents() == []


def test_who_takes_a_seat_logs_out_who_sat_there() -> None:
    scene = Scene(seats={ANA: "101"})
    scene.say(3.0, ami.SeatTaken(interface=ANA, agent="102"))
    assert changes(scene) == [("ready", "logged_out", 3.0, None)]
    assert changes(scene, "102") == [("logged_out", "ready", 0.0, None)]
    assert scene.floor.seats == {ANA: "102"}


PAUSES = [
    pytest.param([member(paused=True, paused_reason="lunch")], "paused", "lunch", id="with a reason"),
    pytest.param([member(paused=True)], "paused", None, id="without"),
    pytest.param([member(paused=True), member("care")], "ready", None, id="in one queue of two"),
    pytest.param([member(paused=True), member("care", paused=True)], "paused", None, id="in both"),
    pytest.param([member(paused=True, paused_reason="wrap_up")], "wrap_up", None, id="wrap-up is ours"),
    pytest.param([member(status=5)], "unreachable", None, id="phone gone"),
    pytest.param([member(status=4)], "unreachable", None, id="no such phone"),
    pytest.param([member(status=5), member("care", status=1)], "ready", None, id="gone in one queue only"),
    pytest.param([member(status=5, paused=True, paused_reason="tea")], "paused", "tea", id="gone at tea"),
    pytest.param(
        [member(interface="Local/101@agents", state_interface=ANA, paused=True)],
        "paused",
        None,
        id="a member behind a Local channel",
    ),
    pytest.param([member(interface=LUIS, paused=True)], "ready", None, id="somebody else"),
]


@pytest.mark.parametrize(("members", "state", "reason"), PAUSES)
def test_what_the_queues_say_of_an_idle_agent(
    members: list[ami.QueueMember], state: str, reason: str | None
) -> None:
    scene = Scene(seats={ANA: "101"})
    scene.say(2.0, *members)
    (view,) = scene.floor.agents()
    assert (view.state, view.reason) == (state, reason)


def test_a_member_that_is_removed_is_no_longer_paused() -> None:
    scene = Scene(seats={ANA: "101"})
    scene.say(1.0, member(paused=True, paused_reason="lunch"))
    scene.say(4.0, ami.QueueMemberRemoved(queue="sales", interface=ANA))
    scene.say(5.0, ami.QueueMemberRemoved(queue="sales", interface=ANA))
    assert changes(scene) == [("ready", "paused", 1.0, "lunch"), ("paused", "ready", 3.0, None)]


def test_states_tile_the_time_from_log_in_to_log_out() -> None:
    scene = Scene()
    scene.say(0.0, ami.SeatTaken(interface=ANA, agent="101"))
    scene.calls(10.0, "customer", TRUNK, num="957212000", exten="5551101")
    scene.rings(11.0, "ana", ANA, by="customer")
    scene.picks_up(13.0, "ana", by="customer")
    scene.mixed(13.0, "ana", "customer")
    scene.say(15.0, ami.Hold(**scene.leg("ana")))  # without music: no class is configured
    scene.say(18.0, ami.Unhold(**scene.leg("ana")))
    scene.gone(20.0, "customer", "ana")
    scene.say(20.0, member(paused=True, paused_reason="wrap_up"))
    scene.say(24.0, member())
    scene.say(30.0, ami.SeatLeft(interface=ANA, agent="101"))
    assert [(before, seconds) for before, _, seconds, _ in changes(scene)] == [
        ("logged_out", 0.0),
        ("ready", 11.0),
        ("reserved", 2.0),
        ("talking", 2.0),
        ("holding", 3.0),
        ("talking", 2.0),
        ("ready", 0.0),
        ("wrap_up", 4.0),
        ("ready", 6.0),
    ]
    assert scene.took() == "ivr 1.0, ring 2.0, talk 2.0, hold 3.0, talk 2.0"


def test_a_call_of_his_own_while_he_is_rung() -> None:
    """He dials out: what he does the most is shown."""
    scene = Scene(seats={ANA: "101"})
    scene.calls(0.0, "ana out", ANA, num="101", exten="600123456")
    scene.calls(1.0, "customer", TRUNK, num="957212000", exten="5551101")
    scene.rings(1.1, "ana in", ANA, by="customer")
    assert scene.states("101") == "dialling"
    scene.gone(2.0, "ana out")
    assert scene.states("101") == "dialling reserved"


def test_consulting_while_the_customer_hears_music() -> None:
    """Atxfer: the agent is mixed with a colleague in a second bridge of the same call."""
    scene = Scene(seats={ANA: "101", LUIS: "102"})
    scene.calls(0.0, "customer", TRUNK, num="957212000", exten="5551101")
    scene.rings(0.1, "ana", ANA, by="customer")
    scene.picks_up(1.0, "ana", by="customer")
    scene.mixed(1.0, "ana", "customer")
    scene.say(3.0, ami.MusicOnHoldStart(**scene.leg("customer")))
    scene.born(3.1, "luis", LUIS, of="customer")
    scene.up(4.0, "luis")
    scene.unmixed(4.0, "ana")
    scene.mixed(4.0, "ana", "luis", bridge="b2")
    assert scene.states("101") == "reserved talking holding talking consulting"
    assert scene.took(call=scene.call()) == "ivr 0.1, ring 0.9, talk 2.0"  # and hold, still
    assert scene.call().segments[-1].kind == "consult"
    scene.gone(8.0, "luis")
    scene.unmixed(8.0, "ana")
    scene.mixed(8.0, "ana", bridge="b1")
    scene.say(8.0, ami.MusicOnHoldStop(**scene.leg("customer")))
    scene.gone(9.0, "customer", "ana")
    assert scene.took() == "ivr 0.1, ring 0.9, talk 2.0, hold 5.0, talk 1.0"
    assert scene.took(LUIS) == "consult 4.0"
