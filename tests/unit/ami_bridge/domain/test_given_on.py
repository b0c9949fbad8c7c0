"""Between two phones the one who called may hand the other on; and calls that somebody else's click began."""

from __future__ import annotations

from scenes import ANA, EVA, LUIS, Scene

from ami_bridge.domain import ami, events


def between_phones() -> Scene:
    """Ana called Luis, and talks to him since 1.0."""
    scene = Scene()
    scene.calls(0.0, "ana", ANA, num="101", exten="102")
    scene.rings(0.5, "luis", LUIS, by="ana")
    scene.picks_up(1.0, "luis", by="ana")
    scene.mixed(1.0, "luis", "ana")
    return scene


def test_who_called_joins_whom_she_called_with_whom_she_asked() -> None:
    scene = between_phones()
    scene.calls(2.0, "second", ANA, num="101", exten="103")
    scene.rings(2.1, "eva", EVA, by="second", num="103")
    scene.picks_up(3.0, "eva", by="second")
    scene.mixed(3.0, "eva", "second", bridge="b2")
    scene.unmixed(4.0, "luis", "second")
    scene.mixed(4.0, "luis", bridge="b2")
    second = scene.leg("second")["uniqueid"]
    scene.say(4.0, ami.AttendedTransfer(**scene.leg("ana"), second=second, result="Success"))
    scene.gone(4.1, "second", "ana")
    scene.gone(6.0, "luis", "eva")
    call = scene.call()
    (transfer,) = call.transfers
    assert call.merged_ids == [second]
    assert (transfer.by, transfer.to, transfer.answered_by) == (ANA, "103", EVA)
    assert (transfer.kind, transfer.result) == ("attended", "completed")
    assert "consult 2.0" in scene.took(LUIS)


def test_who_called_sends_whom_she_called_on_and_the_call_waits_for_who_takes_it() -> None:
    scene = between_phones()
    scene.say(2.0, ami.BlindTransfer(**scene.leg("ana"), exten="103", result="Success"))
    scene.unmixed(2.0, "ana", "luis")
    scene.gone(2.0, "ana")
    scene.rings(2.1, "eva", EVA, by="luis")
    scene.tick(9.0)  # long after who called is gone
    scene.picks_up(10.0, "eva", by="luis")
    scene.mixed(10.0, "eva", "luis", bridge="b2")
    scene.gone(12.0, "eva", "luis")
    (transfer,) = scene.call().transfers
    assert (transfer.answered_by, transfer.result) == (EVA, "completed")
    assert scene.told(events.CallTransferred)


def test_nobody_takes_who_was_sent_on() -> None:
    scene = between_phones()
    scene.say(2.0, ami.BlindTransfer(**scene.leg("ana"), exten="103", result="Success"))
    scene.gone(2.0, "ana")
    scene.gone(3.0, "luis")
    assert [one.result for one in scene.call().transfers] == ["failed"]


def test_an_originate_by_a_local_channel_is_called_by_the_first_phone_it_reaches() -> None:
    scene = Scene()
    scene.born(0.0, "one", "Local/101@click-00000001;1")
    scene.born(0.0, "two", "Local/101@click-00000001;2", of="one", state=4)
    scene.born(0.1, "ana", ANA, of="one")
    scene.say(0.1, ami.NewCallerid(**scene.leg("ana"), num="101"))
    scene.up(1.0, "ana")
    scene.mixed(1.0, "two", "ana")
    scene.say(1.0, ami.LocalBridge(**halves(scene, "one", "two")))
    scene.born(1.1, "luis", LUIS, of="one", num="102")
    scene.say(
        1.1, ami.DialBegin(**scene.leg("one"), dest_uniqueid=scene.leg("luis")["uniqueid"], dest_num="102")
    )
    scene.up(2.0, "luis")
    scene.mixed(2.0, "luis", "one", bridge="b2")
    scene.gone(4.0, "luis", "one", "ana", "two")
    call = scene.call()
    assert (call.ani_raw, call.did, call.direction, call.outcome) == ("101", "102", "internal", "answered")
    assert [event.interface for event in scene.told(events.CallOffered)] == [LUIS]


def halves(scene: Scene, one: str, two: str) -> dict[str, str]:
    first, second = scene.leg(one), scene.leg(two)
    return {
        "one": first["uniqueid"],
        "one_channel": first["channel"],
        "two": second["uniqueid"],
        "two_channel": second["channel"],
    }


def test_of_an_entry_that_was_not_heard_the_first_word_is_whom_it_rings() -> None:
    scene = Scene()
    scene.calls(0.0, "customer", "PJSIP/trunk", num="957212000", exten="5551001")
    scene.up(0.1, "customer")
    scene.rings(1.0, "ana", ANA, by="customer", queue="sales")
    scene.picks_up(2.0, "ana", by="customer")
    scene.mixed(2.0, "ana", "customer")
    scene.gone(3.0, "ana", "customer")
    (visit,) = scene.call().visits
    assert (visit.queue, visit.interface, visit.outcome, visit.wait_s) == ("sales", ANA, "answered", 1.0)


def test_who_hung_up_is_unknown_where_nobody_says_who_asks() -> None:
    scene = between_phones()
    for name in ("luis", "ana"):
        scene.say(2.0, ami.Hangup(**scene.leg(name), cause=16, tells_requests=False))
    assert scene.call().hung_up_by is None
