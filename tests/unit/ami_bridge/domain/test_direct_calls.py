"""Calls without a queue: to an agent's phone, between agents, out to a customer, and click-to-call."""

import pytest
from scenes import ANA, BORN, EVA, LUIS, TRUNK, Scene

from ami_bridge.domain import ami
from crm_core.domain.calls import Call, CampaignRef
from crm_core.domain.campaigns import result_of


def attempts(call: Call) -> str:
    return ", ".join(
        f"{attempt.to or attempt.interface.removeprefix('PJSIP/agent')} {attempt.result} {attempt.ring_s}"
        for attempt in call.attempts
    )


# --- a customer calls an agent's phone


def direct(**how: object) -> Scene:
    """A customer who dialled Ana's own number at 0; her phone rings since 0.2."""
    scene = Scene(**how)
    scene.calls(0.0, "customer", TRUNK, num="957212000", exten="5551101")
    scene.rings(0.2, "ana", ANA, by="customer")
    return scene


def test_a_direct_call_answered() -> None:
    scene = direct(seats={ANA: "101"})
    scene.picks_up(2.2, "ana", by="customer")
    scene.up(2.2, "customer")
    scene.mixed(2.2, "ana", "customer")
    scene.hangs_up(6.2, "ana")
    scene.gone(6.2, "ana", "customer")
    call = scene.call()
    assert scene.heard == "started offered:101 offer_ended:101:answered answered:101 ended:answered:agent"
    assert scene.took() == "ivr 0.2, ring 2.0, talk 4.0"
    assert (call.wait_s, call.ring_s, call.talk_s, call.visits) == (None, 2.0, 4.0, [])
    assert attempts(call) == "101 answered 2.0"
    assert call.attempts[0].agent == "101"


def test_a_direct_call_abandoned() -> None:
    scene = direct()
    scene.hangs_up(3.2, "customer")
    scene.dial_end(3.2, "ana", "CANCEL", by="customer")
    scene.gone(3.2, "ana", "customer")
    call = scene.call()
    assert scene.heard == "started offered:101 offer_ended:101:caller_left ended:abandoned:customer"
    assert (attempts(call), call.hung_up_by) == ("101 cancelled 3.0", "customer")


@pytest.mark.parametrize(
    ("status", "cause", "result", "outcome"),
    [
        ("BUSY", 17, "busy", "busy"),
        ("BUSY", 21, "rejected", "no_answer"),
        ("NOANSWER", 0, "no_answer", "no_answer"),
        ("CHANUNAVAIL", 20, "unreachable", "failed"),
        ("CONGESTION", 34, "unreachable", "failed"),
    ],
)
def test_a_direct_call_not_taken(status: str, cause: int, result: str, outcome: str) -> None:
    scene = direct()
    if cause:
        scene.hangs_up(3.2, "ana", cause=cause)
    scene.dial_end(3.2, "ana", status, by="customer")
    scene.gone(3.2, "ana", "customer", cause=cause)
    call = scene.call()
    assert scene.heard == f"started offered:101 offer_ended:101:{result} ended:{outcome}:system"
    assert attempts(call) == f"101 {result} 3.0"


def test_a_phone_that_forwards_its_call() -> None:
    scene = direct()
    scene.dial_end(1.2, "ana", "NOANSWER", by="customer", forward="Local/102@agents")
    scene.gone(1.2, "ana")
    assert scene.heard == "started offered:101 offer_ended:101:redirected"
    assert attempts(scene.call()) == "101 forwarded 1.0"
    assert scene.call().attempts[0].forwarded_to == "Local/102@agents"


def test_a_phone_with_two_registrations_rings_once() -> None:
    scene = direct()
    scene.rings(0.2, "ana too", ANA, by="customer")
    scene.gone(1.0, "ana", cause=17)
    assert scene.heard == "started offered:101"
    scene.picks_up(2.2, "ana too", by="customer")
    scene.mixed(2.2, "ana too", "customer")
    scene.gone(4.2, "ana too", "customer")
    assert attempts(scene.call()) == "101 answered 2.0"


# --- agents call each other


def test_an_internal_call() -> None:
    scene = Scene(seats={ANA: "101", LUIS: "102"})
    scene.calls(0.0, "ana", ANA, num="101", exten="102")
    scene.rings(0.1, "luis", LUIS, by="ana")
    scene.picks_up(2.1, "luis", by="ana")
    scene.mixed(2.1, "luis", "ana")
    scene.hangs_up(5.1, "luis")
    scene.gone(5.1, "luis", "ana")
    call = scene.call()
    assert (call.direction, call.outcome, call.hung_up_by, call.did) == (
        "internal",
        "answered",
        "agent",
        "102",
    )
    assert (call.customer, call.ani, call.ani_raw) == (None, None, "101")
    assert scene.took() == "ivr 0.1, ring 2.0, talk 3.0"
    assert scene.took(LUIS) == "ring 2.0, talk 3.0"
    assert scene.states("101") == "dialling talking ready"
    assert scene.states("102") == "reserved talking ready"


def test_an_internal_call_nobody_takes() -> None:
    scene = Scene()
    scene.calls(0.0, "ana", ANA, num="101", exten="102")
    scene.rings(0.1, "luis", LUIS, by="ana")
    scene.hangs_up(2.1, "ana")
    scene.gone(2.1, "luis", "ana")
    assert scene.heard == "started offered:102 offer_ended:102:caller_left ended:no_answer:customer"


# --- an agent dials out


def test_an_agent_dials_out() -> None:
    scene = Scene(seats={ANA: "101"})
    scene.calls(0.0, "ana", ANA, num="101", exten="600123456")
    scene.rings(0.2, "customer", TRUNK, by="ana", num="600123456")
    scene.picks_up(3.2, "customer", by="ana")
    scene.mixed(3.2, "customer", "ana")
    scene.hangs_up(8.2, "customer")
    scene.gone(8.2, "customer", "ana")
    call = scene.call()
    assert scene.heard == "started answered:101 ended:answered:customer"
    assert (call.direction, call.did, call.customer) == ("outbound", "600123456", "+34600123456")
    assert scene.took() == "setup 0.2, ring 3.0, talk 5.0"
    assert attempts(call) == "600123456 answered 3.0"
    assert scene.states("101") == "dialling talking ready"


def test_after_the_talk_nobody_is_rung() -> None:
    """The bridge is left before the channel is gone: that moment is the talk's, not another ring's."""
    scene = answered_by_agent()
    scene.picks_up(4.2, "customer", by="ana")
    scene.mixed(4.2, "customer", "ana")
    scene.unmixed(9.2, "customer")
    scene.gone(9.25, "customer", "ana")
    assert scene.took() == "setup 1.1, ring 3.0, talk 5.05"


def test_an_outside_party_that_was_rung_and_talked_to_is_rung_no_more() -> None:
    """A customer who is forwarded to a mobile: in and out by the same trunk."""
    scene = Scene()
    scene.calls(0.0, "customer", TRUNK, num="957212000", exten="5551101")
    scene.rings(1.0, "mobile", TRUNK, by="customer", num="600123456")
    scene.picks_up(3.0, "mobile", by="customer")
    scene.mixed(3.0, "mobile", "customer")
    scene.gone(6.0, "mobile")
    scene.unmixed(6.0, "customer")
    scene.tick(7.0)
    scene.gone(8.0, "customer")
    assert scene.took() == "ivr 1.0, ring 2.0, talk 3.0, ivr 2.0"
    assert attempts(scene.call()) == "600123456 answered 2.0"


def test_a_second_trunk_is_tried_when_the_first_fails() -> None:
    scene = Scene()
    scene.calls(0.0, "ana", ANA, num="101", exten="600123456")
    scene.rings(0.2, "first", TRUNK, by="ana", num="600123456", ringing=False)
    scene.dial_end(0.5, "first", "CONGESTION", by="ana")
    scene.gone(0.5, "first", cause=34)
    scene.rings(0.6, "second", "PJSIP/spare", by="ana", num="600123456")
    scene.picks_up(2.6, "second", by="ana")
    scene.mixed(2.6, "second", "ana")
    scene.gone(4.6, "second", "ana")
    assert attempts(scene.call()) == "600123456 unreachable 0.3, 600123456 answered 2.0"
    assert scene.took() == "setup 0.2, ring 0.3, setup 0.1, ring 2.0, talk 2.0"
    assert scene.call().outcome == "answered"


def test_the_call_ends_with_the_customer_not_with_the_busy_tone() -> None:
    scene = Scene()
    scene.calls(0.0, "ana", ANA, num="101", exten="600123456")
    scene.rings(0.2, "customer", TRUNK, by="ana", num="600123456")
    scene.hangs_up(1.2, "customer", cause=17)
    scene.dial_end(1.2, "customer", "BUSY", by="ana")
    scene.gone(1.2, "customer", cause=17)
    scene.hangs_up(4.2, "ana")
    scene.gone(4.2, "ana")
    call = scene.call()
    assert (call.outcome, scene.took()) == ("busy", "setup 0.2, ring 1.0")


def test_a_number_unknown_to_the_reading_turns_out_to_be_outside() -> None:
    """With an access digit in front the dialled text is no number: the trunk's leg tells."""
    scene = Scene()
    scene.calls(0.0, "ana", ANA, num="101", exten="0600123456")
    assert scene.call().direction == "internal"
    scene.rings(0.2, "customer", TRUNK, by="ana", num="600123456")
    scene.picks_up(1.2, "customer", by="ana")
    scene.mixed(1.2, "customer", "ana")
    scene.gone(3.2, "customer", "ana")
    assert scene.call().direction == "outbound"
    assert scene.took() == "setup 0.2, ring 1.0, talk 2.0"


def test_a_call_of_which_only_the_second_leg_was_heard_is_not_sure() -> None:
    """We came too late for who called: the exchange's records know it better."""
    scene = Scene()
    scene._legs["customer"] = ami.Newchannel(uniqueid=f"{BORN}.7", linkedid=f"{BORN}.7", channel=TRUNK)
    scene.born(0.0, "ana", ANA, of="customer", num="101", exten="s")
    scene.gone(1.2, "ana")
    call = scene.call()
    assert (call.linkedid, call.source, call.precision_s) == (f"{BORN}.7", "adopted", 1.0)


# --- click-to-call


def clicked(number: str = "600123456", **how: object) -> Scene:
    """Ana clicked at 0; her phone is rung since 0.1."""
    scene = Scene(**how)
    scene.say(
        0.0, ami.OriginateAsked(action_id="a1", interface=ANA, number=number, agent="101", ref="lead-7")
    )
    scene.born(0.1, "ana", ANA, num="101", exten="s")
    scene.say(0.1, ami.DialBegin(uniqueid="", dest_uniqueid=scene.leg("ana")["uniqueid"], dest_num=number))
    scene.say(0.1, ami.Newstate(**scene.leg("ana"), state=5))
    return scene


def answered_by_agent(**how: object) -> Scene:
    """…and picked up at 1.1; the customer's phone rings since 1.2."""
    scene = clicked(**how)
    scene.up(1.1, "ana")
    scene.rings(1.2, "customer", TRUNK, by="ana", num="600123456")
    return scene


def test_a_click_answered() -> None:
    scene = answered_by_agent(seats={ANA: "101"})
    scene.picks_up(4.2, "customer", by="ana")
    scene.mixed(4.2, "customer", "ana")
    scene.hangs_up(9.2, "customer")
    scene.gone(9.2, "customer", "ana")
    call = scene.call()
    assert scene.heard == "started answered:101 ended:answered:customer"  # no card: she knows whom she calls
    assert (call.direction, call.origin.kind, call.origin.ref) == ("outbound", "click", "lead-7")
    assert (call.did, call.customer) == ("600123456", "+34600123456")
    assert scene.took() == "setup 1.1, ring 3.0, talk 5.0"
    assert scene.states("101") == "dialling talking ready"
    assert attempts(call) == "600123456 answered 1.0, 600123456 answered 3.0"


@pytest.mark.parametrize(
    ("cause", "result"), [(19, "no_answer"), (17, "busy"), (21, "rejected"), (20, "unreachable")]
)
def test_a_click_whose_agent_does_not_pick_up_called_nobody(cause: int, result: str) -> None:
    scene = clicked(seats={ANA: "101"})
    scene.hangs_up(3.1, "ana", cause=cause)
    scene.gone(3.1, "ana", cause=cause)
    call = scene.call()
    assert scene.heard == "started ended:failed:system"
    assert (call.attempts[0].result, scene.took()) == (result, "setup 3.0")
    assert scene.states("101") == "dialling ready"


@pytest.mark.parametrize(
    ("status", "cause", "outcome"),
    [
        ("BUSY", 17, "busy"),
        ("NOANSWER", 0, "no_answer"),
        ("CONGESTION", 34, "failed"),
        ("BUSY", 21, "no_answer"),
    ],
)
def test_a_click_whose_customer_does_not_pick_up(status: str, cause: int, outcome: str) -> None:
    scene = answered_by_agent()
    if cause:
        scene.hangs_up(3.2, "customer", cause=cause)
    scene.dial_end(3.2, "customer", status, by="ana")
    scene.gone(3.2, "customer", "ana", cause=cause)
    call = scene.call()
    assert (call.outcome, call.hung_up_by) == (outcome, "system")
    assert scene.took() == "setup 1.1, ring 2.0"


def test_a_click_given_up_by_the_agent() -> None:
    scene = answered_by_agent()
    scene.hangs_up(2.2, "ana")
    scene.gone(2.2, "customer", "ana")
    call = scene.call()
    assert (call.outcome, call.hung_up_by) == ("no_answer", "agent")


LEAD = CampaignRef(campaign_id="c", lead_id="l", attempt_id="t")


def test_a_lead_s_call_knows_for_whom_it_was_dialled() -> None:
    scene = Scene(seats={ANA: "101"})
    scene.say(0.0, ami.OriginateAsked(action_id="a1", interface=ANA, number="600123456", campaign=LEAD))
    scene.born(0.1, "ana", ANA, num="101", exten="s")
    call = scene.call()
    assert (call.origin.kind, call.direction, call.customer) == ("campaign", "outbound", "+34600123456")
    assert (call.campaign_id, call.lead_id, call.attempt_id) == ("c", "l", "t")


@pytest.mark.parametrize(
    ("status", "cause", "result"),
    [
        pytest.param("BUSY", 17, "busy", id="486"),
        pytest.param("NOANSWER", 0, "no_answer", id="rung in vain"),
        pytest.param("BUSY", 21, "rejected", id="603"),
        pytest.param("CHANUNAVAIL", 1, "unreachable", id="404"),
        pytest.param("CONGESTION", 34, "unreachable", id="503"),
    ],
)
def test_what_became_of_the_line_of_a_lead(status: str, cause: int, result: str) -> None:
    scene = answered_by_agent()
    if cause:
        scene.hangs_up(3.2, "customer", cause=cause)
    scene.dial_end(3.2, "customer", status, by="ana")
    scene.gone(3.2, "customer", "ana", cause=cause)
    assert result_of(scene.call()) == result


def test_the_line_of_a_lead_given_up_answered_and_not_dialled() -> None:
    given_up = answered_by_agent()
    given_up.hangs_up(2.2, "ana")
    given_up.gone(2.2, "customer", "ana")
    talked = answered_by_agent()
    talked.picks_up(4.2, "customer", by="ana")
    talked.mixed(4.2, "customer", "ana")
    talked.gone(9.2, "customer", "ana")
    alone = clicked()
    alone.hangs_up(3.1, "ana", cause=19)
    alone.gone(3.1, "ana", cause=19)
    assert [result_of(scene.call()) for scene in (given_up, talked, alone)] == [
        "cancelled",
        "answered",
        "not_dialled",
    ]


def test_a_click_on_a_colleague_is_an_internal_call() -> None:
    scene = clicked("102", seats={ANA: "101", LUIS: "102"})
    scene.up(1.1, "ana")
    scene.rings(1.2, "luis", LUIS, by="ana")
    scene.picks_up(2.2, "luis", by="ana")
    scene.mixed(2.2, "luis", "ana")
    scene.gone(5.2, "luis", "ana")
    call = scene.call()
    assert scene.heard == ("started offered:102 offer_ended:102:answered answered:102 ended:answered:system")
    assert (call.direction, call.origin.kind) == ("internal", "click")
    assert scene.took() == "setup 1.1, ring 1.0, talk 3.0"
    assert scene.states("102") == "reserved talking ready"


def test_a_failed_originate_is_forgotten() -> None:
    scene = Scene()
    scene.say(0.0, ami.OriginateAsked(action_id="a1", interface=ANA, number="600123456", ref="lead-7"))
    scene.say(0.1, ami.OriginateResponse(action_id="a1", success=False, reason=3))
    scene.born(5.0, "ana", ANA, num="101", exten="s")
    assert scene.call().origin.kind == "unknown"


# --- who is who


def test_a_caller_that_says_so_late() -> None:
    """chan_sip: a leg is born in state Down and goes to Ring afterwards."""
    scene = Scene()
    scene.born(0.0, "customer", "SIP/line", num="957212000", exten="s")
    assert scene.call().direction == "outbound"
    scene.say(0.0, ami.Newstate(**scene.leg("customer"), state=4))
    call = scene.call()
    assert (call.direction, call.origin.kind) == ("inbound", "caller")
    scene.rings(0.5, "ana", ANA, by="customer")
    scene.hangs_up(1.5, "customer")
    scene.gone(1.5, "ana", "customer")
    assert (call.outcome, call.hung_up_by) == ("abandoned", "customer")


def test_a_leg_born_down_with_digits_is_a_caller() -> None:
    scene = Scene()
    scene.born(0.0, "customer", "SIP/line", num="957212000", exten="5551101")
    assert (scene.call().direction, scene.call().did) == ("inbound", "5551101")


def test_a_number_learnt_late_is_told() -> None:
    scene = Scene()
    scene.calls(0.0, "customer", TRUNK, num="", exten="5551101")
    scene.say(0.1, ami.NewCallerid(**scene.leg("customer"), num="957212000", name="Ada"))
    call = scene.call()
    assert scene.heard == "started updated"
    assert (call.ani, call.customer, call.ani_name) == ("+34957212000", "+34957212000", "Ada")
    scene.say(0.2, ami.NewCallerid(**scene.leg("customer"), num="600123456"))  # by the dialplan: not his own
    assert (scene.heard, call.ani) == ("started updated", "+34957212000")


def test_nobody_answers_for_the_announcer_of_a_conference() -> None:
    scene = Scene()
    scene.born(0.0, "announcer", "CBAnn/room1")
    assert scene.heard == ""
    assert scene.floor.calls() == []


def test_a_call_that_only_heard_the_dialplan_served_itself() -> None:
    scene = Scene()
    scene.calls(0.0, "customer", TRUNK, num="957212000", exten="5551000")
    scene.up(0.1, "customer")
    scene.hangs_up(20.0, "customer")
    scene.gone(20.0, "customer")
    assert scene.heard == "started ended:self_service:customer"
    assert scene.call().ivr_s == 20.0


@pytest.mark.parametrize(
    ("told", "outcome"),
    [
        pytest.param(["menu_entered"], "abandoned", id="he hung up before he got anything"),
        pytest.param(["menu_entered", "menu_served"], "self_service", id="he got what he wanted"),
        pytest.param(["route"], "self_service", id="another menu than ours"),
    ],
)
def test_who_hangs_up_in_our_menu_was_served_or_was_not(told: list[str], outcome: str) -> None:
    scene = Scene()
    scene.calls(0.0, "customer", TRUNK, num="957212000", exten="5551000")
    scene.up(0.1, "customer")
    for kind in told:
        scene.say(1.0, ami.UserEvent(**scene.leg("customer"), name="Centralita", headers={"kind": kind}))
    scene.hangs_up(20.0, "customer")
    scene.gone(20.0, "customer")
    assert scene.heard == f"started ended:{outcome}:customer"


def test_a_call_that_ends_before_it_began_is_told_without_a_stretch() -> None:
    scene = Scene()
    scene.calls(0.0, "customer", TRUNK, num="957212000", exten="5551000")
    scene.gone(0.0, "customer")
    assert scene.call().segments == []
    assert scene.call().outcome == "failed"


def test_a_linkedid_that_comes_again_is_another_call() -> None:
    scene = Scene()
    scene.calls(0.0, "customer", TRUNK, num="957212000", exten="5551000")
    again = scene.leg("customer")
    for at in (5.0, 9.0):
        scene.gone(at, "customer")
        scene.say(at + 1, ami.Newchannel(**again, state=4, exten="5551000"))
    assert [call.linkedid.partition("#")[2] for call in scene.ended] == ["", "2"]
    (live,) = scene.floor.calls()
    assert live.linkedid.endswith("#3")
    assert [anomaly.kind for anomaly in live.anomalies] == ["linkedid_again"]
    assert len({live.id, *(call.id for call in scene.ended)}) == 3


def test_facts_about_legs_that_are_gone_make_no_call() -> None:
    scene = direct()
    scene.gone(1.0, "ana", "customer")
    before = scene.heard
    for name in ("ana", "customer"):
        scene.say(
            1.1,
            ami.NewCallerid(**scene.leg(name), num="1"),
            ami.Newstate(**scene.leg(name), state=6),
            ami.BridgeEnter(**scene.leg(name), bridge="b1"),
            ami.QueueCallerJoin(**scene.leg(name), queue="sales"),
            ami.Hangup(**scene.leg(name)),
        )
    scene.dial_end(1.1, "ana", "CANCEL", by="customer")
    assert scene.heard == before
    assert scene.floor.strays == 11
    assert scene.floor.legs_held == 0


def test_time_does_not_run_backwards_in_a_call() -> None:
    scene = direct()
    scene.picks_up(3.0, "ana", by="customer")
    scene.mixed(2.9, "ana", "customer")  # stamped earlier, said later
    scene.gone(5.0, "ana", "customer")
    assert scene.took() == "ivr 0.2, ring 2.8, talk 2.0"
    instants = [event.at for event in scene.happened]
    assert instants == sorted(instants)


def test_without_settings_short_numbers_are_inside_and_the_call_says_so() -> None:
    from ami_bridge.domain.inside import Inside

    scene = Scene(inside=Inside(is_guessing=True))
    scene.calls(0.0, "ana", "SIP/x101", num="101", exten="103")
    scene.rings(0.2, "eva", "SIP/x103", by="ana", num="103")
    scene.gone(2.0, "eva", "ana")
    call = scene.call()
    assert call.direction == "internal"
    assert [anomaly.kind for anomaly in call.anomalies] == ["inferred_inside"]
    assert EVA not in scene.heard
