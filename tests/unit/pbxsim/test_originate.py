"""Calls made for somebody: how they are told, and each way to fail."""

from __future__ import annotations

from dataclasses import replace

import pytest
from unit.pbxsim.exchange_kit import CONFIG, NEVER, NOW, QUICK, STAYS, exchange, kinds, manners, said

from pbxsim.config import Config, Manner, exactly
from pbxsim.world.exchange import AGENTS, Exchange
from pbxsim.world.originate import Order, caller_id, originate

BUSY = Manner(takes="busy", after=exactly(0.0))
CLICK = Order(
    dial="PJSIP/agent101", context=AGENTS, exten="600123456", caller_id='"Ana" <600123456>', timeout=4.0,
    action_id="a-1", variables=(("X", "1"),),
)  # fmt: skip


def clicked(order: Order, agent: Manner, *, config: Config = CONFIG) -> Exchange:
    world = exchange(config)
    manners(world, x101=agent)
    originate(world, order)
    return world


@pytest.mark.parametrize(
    ("agent", "response", "reason", "cause"),
    [
        # Reasons and causes: recordings click_answered, click_agent_no_answer and click_agent_busy.
        pytest.param(QUICK, "Success", "4", "16", id="he picks up"),
        pytest.param(NEVER, "Failure", "3", "19", id="he does not"),
        pytest.param(BUSY, "Failure", "0", "17", id="he is busy"),
    ],
)
def test_the_agents_phone_first(agent: Manner, response: str, reason: str, cause: str) -> None:
    world = clicked(CLICK, agent)
    world.run(NOW + 10)
    events = said(world, "OriginateResponse", "Hangup")
    (told,) = (e for e in events if e["Event"] == "OriginateResponse")
    assert (told["Response"], told["Reason"], told["ActionID"]) == (response, reason, "a-1")
    answered = response == "Success"
    assert told["Channel"].startswith("PJSIP/agent101-") if answered else told["Channel"] == "PJSIP/agent101"
    assert (told["Uniqueid"] != "<unknown>") is answered
    assert (told["CallerIDNum"], told["CallerIDName"]) == ("600123456", "Ana")
    (ended,) = (
        e for e in events if e.get("Channel", "").startswith("PJSIP/agent101-") and e["Event"] == "Hangup"
    )
    assert ended["Cause"] == cause


def test_the_leg_shows_the_customer_and_dials_him_when_picked_up() -> None:
    world = clicked(CLICK, STAYS)
    world.run(NOW + 0.5)
    (leg,) = world.channels.values()
    assert (leg.num, leg.title, leg.variables["X"]) == ("600123456", "Ana", "1")
    world.run(NOW + 1.1)
    (begin,) = (e for e in said(world, "DialBegin") if "Channel" in e)
    assert (begin["DialString"], begin["Linkedid"]) == ("600123456@line", leg.linkedid)


def test_the_agent_who_hangs_up_while_it_rings_has_failed_it() -> None:
    world = clicked(CLICK, NEVER)
    world.run(NOW + 1)
    (leg,) = world.channels.values()
    world.post_gone(leg)
    world.run(NOW + 2)
    (told,) = said(world, "OriginateResponse")
    assert (told["Response"], told["Reason"]) == ("Failure", "0")
    assert not world.channels


def test_letters_of_others_do_not_end_the_ringing() -> None:
    world = clicked(CLICK, NEVER)
    world.run(NOW + 1)
    (leg,) = world.channels.values()
    world.post(leg.thread, "something else")
    world.run(NOW + 2)
    assert not leg.gone


@pytest.mark.parametrize("dial", ["PJSIP/nobody", "PJSIP/600123456@nowhere"])
def test_what_cannot_be_called(dial: str) -> None:
    world = exchange()
    assert originate(world, replace(CLICK, dial=dial, action_id="", caller_id="")) is None
    world.run(NOW + 1)
    (told,) = said(world)
    assert (told["Event"], told["Response"], told["Reason"]) == ("OriginateResponse", "Failure", "0")
    assert (told["Channel"], told["Uniqueid"], told["CallerIDNum"]) == (dial, "<unknown>", "<unknown>")
    assert "ActionID" not in told


def test_a_phone_that_is_away_cannot_be_called() -> None:
    world = exchange()
    world.register(world.phones["101"], present=False)
    heard: list[bool] = []
    assert originate(world, CLICK, heard.append) is None
    world.run(NOW + 1)
    assert heard == [False]
    assert "OriginateResponse" not in kinds(world)


@pytest.mark.parametrize(("agent", "answered"), [(QUICK, True), (NEVER, False)])
def test_who_waits_for_it_is_told_once_instead(agent: Manner, *, answered: bool) -> None:
    world = exchange()
    manners(world, x101=agent)
    heard: list[bool] = []
    originate(world, CLICK, heard.append)
    world.run(NOW + 10)
    assert heard == [answered]
    assert "OriginateResponse" not in kinds(world)


def test_a_number_by_a_trunk_and_an_application_that_runs_until_hung_up() -> None:
    order = Order(dial="PJSIP/600123456@line", application="Wait", arguments="60", timeout=9.0)
    world = exchange(routes=(replace(CONFIG.routes[0], manners=((1.0, STAYS),)),))
    leg = originate(world, order)
    assert leg is not None
    world.run(NOW + 5)
    assert leg.application == ("Wait", "60")
    world.post(leg.thread, "something else")
    world.run(NOW + 6)
    assert not leg.gone
    world.post_gone(leg)
    world.run(NOW + 7)
    events = said(world, "DialBegin", "OriginateResponse", "Hangup")
    assert [e["Event"] for e in events] == ["DialBegin", "OriginateResponse", "Hangup"]
    assert events[0]["DialString"] == "600123456@line"
    assert (events[1]["Application"], events[1]["Data"]) == ("Wait", "60")


@pytest.mark.parametrize(
    ("text", "number", "name"),
    [
        ('"Ana Soto" <957212000>', "957212000", "Ana Soto"),
        ("Ana <957212000>", "957212000", "Ana "),
        ("<957212000>", "957212000", ""),
        ("957212000", "957212000", ""),
        ("", "", ""),
        ('"a" <b> c', "", ""),
    ],
)
def test_caller_ids(text: str, number: str, name: str) -> None:
    assert caller_id(text) == (number, name.rstrip())
