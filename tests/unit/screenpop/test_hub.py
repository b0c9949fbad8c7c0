"""Who is told what, once, and in order."""

from __future__ import annotations

import asyncio

import pytest
from unit.screenpop.fakes import (
    ANA,
    ANA_SEAT,
    EVA,
    LUIS,
    LUIS_SEAT,
    START,
    Stage,
    Tab,
    about,
    agent_is,
    card_of,
    numbers,
    who,
)

from ami_bridge.domain import events
from crm_core.domain.calls import Match, Segment, Visit
from crm_core.domain.events import ContactCreated, IncidentBreached, IncidentOpened
from screenpop.hub import NotAllowedError
from screenpop.identity import Seat
from screenpop.schema import Hello


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_a_pop_reaches_every_tab_of_the_agent_who_is_rung_and_nobody_else(stage: Stage) -> None:
    one, two, luis = stage.tab(ANA), stage.tab(ANA), stage.tab(LUIS)
    call = stage.call()
    stage.cards.cards[call.id] = card_of("María")
    stage.offers(call)
    for tab in (one, two):
        pop = tab.heard[-1]
        assert (pop["op"], pop["interface"], pop["call"]["id"]) == ("screen_pop", "PJSIP/agent101", call.id)
        assert pop["card"]["contact"]["name"] == "María"
        assert pop["html"] == "<b>es agent María</b>"
        assert pop["event"]["type"] == "call.offered"
        assert pop["seq"] == f"e1-{stage.n}"
    assert luis.ops == ["snapshot"]
    assert stage.floor.popped == [(call.id, "PJSIP/agent101")]


def test_ringall_pops_at_each_phone_and_ends_where_another_answered(stage: Stage) -> None:
    ana, luis = stage.tab(ANA), stage.tab(LUIS)
    call = stage.call()
    stage.offers(call, ANA_SEAT)
    stage.offers(call, LUIS_SEAT)
    stage.offer_ends(call, "answered", ANA_SEAT)
    stage.offer_ends(call, "answered_elsewhere", LUIS_SEAT)
    assert ana.ops == ["snapshot", "screen_pop", "screen_pop_end"]  # nothing of the other phones
    assert luis.ops == ["snapshot", "screen_pop", "screen_pop_end"]
    assert ana.urgent == ["screen_pop"]
    assert ana.heard[-1]["reason"] == "answered"
    assert luis.heard[-1]["reason"] == "answered_elsewhere"


def test_a_late_card_replaces_the_pop_while_ringing_and_while_talking(stage: Stage) -> None:
    ana = stage.tab(ANA)
    call = stage.call()
    stage.offers(call)
    assert ana.heard[-1]["card"] is None
    stage.cards.cards[call.id] = card_of("María")
    stage.happens(about(events.CallMatched, call, match=Match(kind="exact")))
    assert (ana.heard[-1]["op"], ana.heard[-1]["card"]["contact"]["name"]) == ("screen_pop", "María")
    stage.offer_ends(call, "answered")
    stage.happens(agent_is("talking", call=call))
    stage.cards.cards[call.id] = card_of("Marta")
    stage.happens(about(events.CallMatched, call, match=Match(kind="chosen")))
    assert (ana.heard[-1]["op"], ana.heard[-1]["card"]["contact"]["name"]) == ("screen_pop", "Marta")


def test_a_card_is_not_brought_back_to_who_gave_the_call_away(stage: Stage) -> None:
    ana = stage.tab(ANA)
    call = stage.call()
    stage.offers(call)
    stage.offer_ends(call, "answered")
    stage.happens(agent_is("talking", call=call), agent_is("ready"))
    stage.happens(about(events.CallMatched, call, match=Match(kind="exact")))
    assert ana.heard[-1]["op"] == "event"


def test_a_second_call_that_rings_keeps_its_card_when_the_first_is_talked_to(stage: Stage) -> None:
    ana = stage.tab(ANA)
    first, second = stage.call("1795311086.0"), stage.call("1795311090.0")
    stage.offers(first)
    stage.offers(second)
    stage.offer_ends(first, "answered")
    stage.happens(agent_is("talking", call=first))
    stage.happens(about(events.CallMatched, second, match=Match(kind="exact")))
    assert (ana.heard[-1]["op"], ana.heard[-1]["call"]["id"]) == ("screen_pop", second.id)


def test_who_takes_a_call_that_never_rang_there_gets_its_card(stage: Stage) -> None:
    luis = stage.tab(LUIS)
    call = stage.call()
    stage.happens(agent_is("talking", call=call, seat=LUIS_SEAT, agent="102"))
    assert (luis.heard[-1]["op"], luis.heard[-1]["event"]["type"]) == ("screen_pop", "agent.state_changed")
    stage.happens(agent_is("holding", call=call, seat=LUIS_SEAT, agent="102"))
    assert luis.heard[-1]["op"] == "event"


def test_a_card_that_reached_one_phone_is_not_noted_at_another(stage: Stage) -> None:
    stage.tab(ANA)
    kept, gone = stage.call("1795311086.0"), stage.call("1795311090.0")
    stage.offers(gone, ANA_SEAT)
    stage.offers(gone, LUIS_SEAT)
    stage.happens(about(events.CallMerged, kept, gone=gone.id))
    assert stage.floor.popped == [(gone.id, ANA_SEAT.interface), (kept.id, ANA_SEAT.interface)]


def test_an_agent_who_is_still_with_a_call_that_ended_leaves_nothing_behind(stage: Stage) -> None:
    luis = stage.tab(LUIS)
    call = stage.call()
    del stage.floor.live[call.id]
    stage.happens(about(events.CallEnded, call, outcome="answered", hung_up_by="customer", record=call))
    stage.happens(agent_is("wrap_up", call=call, seat=LUIS_SEAT, agent="102"))
    assert luis.ops == ["snapshot", "event"]
    assert len(stage.hub._teller._concerns) == 0


def test_two_calls_that_turn_out_to_be_one_become_one_card(stage: Stage) -> None:
    ana = stage.tab(ANA)
    older, gone = stage.call("1795311086.0"), stage.call("1795311090.0")
    stage.offers(gone)
    del stage.floor.live[gone.id]
    stage.happens(about(events.CallMerged, older, gone=gone.id))
    pop = ana.heard[-1]
    assert (pop["op"], pop["call"]["id"], pop["replaces"]) == ("screen_pop", older.id, gone.id)
    stage.offer_ends(older, "no_answer")
    assert (ana.heard[-1]["op"], ana.heard[-1]["call"]) == ("screen_pop_end", older.id)


def test_a_call_that_is_gone_already_pops_nowhere(stage: Stage) -> None:
    ana = stage.tab(ANA)
    call = stage.call()
    del stage.floor.live[call.id]
    stage.offers(call)
    assert ana.ops == ["snapshot"]
    assert stage.floor.popped == []


def test_one_message_for_an_event_even_to_who_hears_it_in_two_ways(stage: Stage) -> None:
    chief = stage.tab(who("eva", role="supervisor", agent="101"), "desk", "floor", "queue:sales")
    call = stage.call()
    stage.happens(about(events.CallQueued, call, queue="sales", position=1))
    stage.offers(call)
    stage.offer_ends(call, "answered")
    assert chief.ops == ["snapshot", "event", "screen_pop", "screen_pop_end"]
    assert numbers(chief.heard) == [0, 1, 2, 3]


def test_the_floor_hears_everything_and_a_queue_what_is_its_own(stage: Stage) -> None:
    stage.floor.members = {"sales": (ANA_SEAT.interface,), "support": (LUIS_SEAT.interface,)}
    floor, sales = stage.tab(EVA, "floor"), stage.tab(EVA, "queue:sales")
    mine, other = stage.call("1795311086.0"), stage.call("1795311090.0")
    stage.happens(
        about(events.CallQueued, mine, queue="sales"), about(events.CallQueued, other, queue="support")
    )
    stage.happens(agent_is("ready"), agent_is("ready", seat=LUIS_SEAT, agent="102"))
    stage.happens(events.QueueChanged(pbx="main", at=START, queue="support"))
    stage.happens(events.PbxDisconnected(pbx="main", at=START, why="gone"))
    assert len(floor.heard) == 1 + 6
    assert [one["event"]["type"] for one in sales.heard[1:]] == [
        "call.queued",
        "agent.state_changed",
        "pbx.disconnected",
    ]


def test_a_queue_is_heard_by_who_listens_to_it_or_to_the_floor(stage: Stage) -> None:
    stage.floor.members = {"sales": (ANA_SEAT.interface,)}
    stage.tab(ANA, "desk")
    assert not stage.hub.hears_queue("sales")
    board = stage.tab(EVA, "queue:sales")
    assert stage.hub.hears_queue("sales")
    assert not stage.hub.hears_queue("support")
    stage.hub.leave(board)
    assert not stage.hub.hears_queue("sales")
    stage.tab(EVA, "floor")
    assert stage.hub.hears_queue("support")


def test_who_served_a_call_hears_its_end(stage: Stage) -> None:
    ana, luis = stage.tab(ANA), stage.tab(LUIS)
    call = stage.call()
    stage.offers(call)
    stage.offer_ends(call, "answered")
    stage.happens(about(events.CallEnded, call, outcome="answered", hung_up_by="customer", record=call))
    assert ana.heard[-1]["event"]["type"] == "call.ended"
    assert ana.heard[-1]["event"]["record"]["id"] == call.id
    assert luis.ops == ["snapshot"]


@pytest.mark.parametrize(
    ("identity", "topic"),
    [
        pytest.param(ANA, "floor", id="an agent may not see the floor"),
        pytest.param(ANA, "queue:support", id="nor a queue that is not hers"),
        pytest.param(who("x", role="nobody", seat=None), "incidents", id="nor who may not read them"),
        pytest.param(EVA, "everybody", id="nobody a topic that does not exist"),
        pytest.param(who("ada", role="auditor", seat=None), "desk", id="an auditor has no desk"),
        pytest.param(who("tom", agent=None, seat=None), "queue:sales", id="no seat, no queue"),
    ],
)
def test_topics_are_heard_by_right(stage: Stage, identity: object, topic: str) -> None:
    stage.floor.members = {"sales": (ANA_SEAT.interface,), "support": ()}
    tab = Tab(identity)
    with pytest.raises(NotAllowedError, match=topic):
        stage.hub.join(tab, Hello(topics=(topic,)))
    assert tab.heard == []


def test_an_agent_may_watch_her_own_queue(stage: Stage) -> None:
    stage.floor.members = {"sales": (ANA_SEAT.interface,)}
    ana = stage.tab(ANA, "desk", "queue:sales")
    view = ana.heard[0]["queues"]["sales"]
    assert view["queues"][0]["members"][0]["agent"] == "101"
    assert [one["agent"] for one in view["agents"]] == ["101"]


def test_a_snapshot_draws_the_desk_as_it_is(stage: Stage) -> None:
    ringing = stage.call("1795311086.0")
    stage.cards.cards[ringing.id] = card_of("María")
    stage.offers(ringing)
    ana = stage.tab(ANA)
    (shown,) = ana.heard[0]["desk"]["calls"]
    assert (shown["call"]["id"], shown["is_ringing"], shown["html"]) == (
        ringing.id,
        True,
        "<b>es agent María</b>",
    )
    assert ana.heard[0]["desk"]["state"]["state"] == "ready"
    assert stage.floor.popped == [(ringing.id, ANA_SEAT.interface)]


def test_a_snapshot_shows_the_call_that_is_talked_to_behind_the_one_that_rings(stage: Stage) -> None:
    with_ana = Segment(kind="talk", party="customer", with_=(ANA_SEAT.interface,), at=START)
    over = Segment(kind="talk", party="customer", with_=(ANA_SEAT.interface,), at=START, until=START)
    talking = stage.call("1795311086.0", segments=[with_ana])
    stage.call("1795311088.0", segments=[over])
    ringing = stage.call("1795311090.0")
    stage.offers(ringing)
    shown = stage.tab(ANA).heard[0]["desk"]["calls"]
    assert [(one["call"]["id"], one["is_ringing"]) for one in shown] == [
        (ringing.id, True),
        (talking.id, False),
    ]


def test_the_floor_is_told_whole(stage: Stage) -> None:
    stage.floor.members = {"sales": (ANA_SEAT.interface,), "support": (LUIS_SEAT.interface,)}
    known = stage.call("1795311086.0", visits=[Visit(queue="sales", entered_at=START)])
    stage.cards.cards[known.id] = card_of("María")
    stranger = stage.call("1795311090.0")
    stage.tab(ANA)
    stage.tab(LUIS)
    view = stage.tab(EVA, "floor", "queue:sales").heard[0]
    assert view["pbx"] == {"main": True}
    assert [(one["call"]["id"], one["name"]) for one in view["floor"]["calls"]] == [
        (known.id, "María"),
        (stranger.id, None),
    ]
    assert [(one["pbx"], one["agent"]) for one in view["floor"]["agents"]] == [
        ("main", "101"),
        ("main", "102"),
    ]
    assert [one["call"]["id"] for one in view["queues"]["sales"]["calls"]] == [known.id]
    assert [one["agent"] for one in view["queues"]["sales"]["agents"]] == ["101"]
    assert stage.hub.floor_now().floor.calls[0].name == "María"


def test_a_card_is_drawn_once_for_each_language_and_role(stage: Stage) -> None:
    drawn = []

    def render(call: object, card: object, *, language: str, role: str) -> str:
        drawn.append((language, role))
        return ""

    stage.hub._render = render
    for language in ("es", "es", "en", "en"):
        stage.tab(who(language=language))
    stage.offers(stage.call())
    assert sorted(drawn) == [("en", "agent"), ("es", "agent")]


def test_a_card_that_cannot_be_drawn_pops_without_its_picture(stage: Stage) -> None:
    def render(call: object, card: object, *, language: str, role: str) -> str:
        raise RuntimeError("template")

    stage.hub._render = render
    ana = stage.tab(ANA)
    stage.offers(stage.call())
    assert (ana.heard[-1]["op"], ana.heard[-1]["html"]) == ("screen_pop", "")


# --- coming, going, coming back


def test_what_was_missed_is_the_same_as_what_was_sent(stage: Stage) -> None:
    whole = stage.tab(ANA)
    call = stage.call()
    stage.offers(call)
    stage.cards.cards[call.id] = card_of("María")
    stage.happens(about(events.CallMatched, call, match=Match(kind="exact")))
    stage.offer_ends(call, "answered")
    stage.happens(agent_is("talking", call=call))
    for cut in range(1, len(whole.heard)):
        again = stage.tab(ANA, resume=whole.heard[cut]["seq"])
        assert again.heard[0] == {"op": "resumed", "seq": whole.heard[cut]["seq"]}
        assert again.heard[1:] == whole.heard[cut + 1 :]


def test_what_nobody_heard_is_drawn_for_who_comes_back(stage: Stage) -> None:
    call = stage.call()
    stage.offers(call)
    call.ani = "+34600000000"  # the call goes on; the pop is told as it was
    again = stage.tab(who(language="en"), resume="e1-0")
    assert stage.floor.popped == [(call.id, ANA_SEAT.interface)]
    assert again.heard[1]["html"] == "<b>en agent +34957212000</b>"


def test_who_missed_too_much_gets_a_snapshot(stage: Stage) -> None:
    call = stage.call()
    for _ in range(129):
        stage.happens(about(events.CallHeld, call))
    assert stage.tab(EVA, "floor", resume="e1-1").ops[0] == "resumed"
    assert stage.tab(EVA, "floor", resume="e1-0").ops == ["snapshot"]


def test_who_comes_from_another_epoch_gets_a_snapshot(stage: Stage) -> None:
    assert stage.tab(ANA, resume="e0-0").ops == ["snapshot"]


def test_a_ring_that_went_round_gives_a_snapshot() -> None:
    stage = Stage(ring=3)
    call = stage.call()
    for _ in range(5):
        stage.happens(about(events.CallHeld, call))
    assert stage.tab(EVA, "floor", resume="e1-1").ops == ["snapshot"]
    assert stage.tab(EVA, "floor", resume="e1-2").ops == ["resumed", "event", "event", "event"]


def test_saying_hello_takes_the_seat_and_leaving_gives_it_up_later(stage: Stage) -> None:
    one, two = stage.tab(ANA), stage.tab(ANA)
    assert stage.floor.seats == {ANA_SEAT.interface: "101"}
    stage.hub.leave(one)
    stage.hub.leave(two)
    stage.hub.leave(two)
    stage.clock.passes(29)
    stage.hub.pass_time()
    assert stage.floor.seats == {ANA_SEAT.interface: "101"}
    stage.clock.passes(1)
    stage.hub.pass_time()
    assert stage.floor.seats == {}
    assert stage.hub.listeners() == []


def test_the_floor_alone_takes_no_seat(stage: Stage) -> None:
    stage.tab(who("eva", role="supervisor"), "floor")
    assert stage.floor.seats == {}


def test_an_ended_session_loses_its_tabs_only(stage: Stage) -> None:
    here, there = stage.tab(who(session="s1")), stage.tab(who(session="s2"))
    stage.hub.end_sessions(["s1"])
    assert (here.closed, there.closed) == (4001, None)
    assert stage.floor.seats == {ANA_SEAT.interface: "101"}
    stage.hub.end_sessions(["s2"])
    assert stage.floor.seats == {}


def test_who_became_somebody_else_comes_again(stage: Stage) -> None:
    ana, key = stage.tab(ANA), stage.tab(who("crm", role="supervisor", seat=None, session=""), "floor")
    stage.hub.look_again({ANA.session: ANA})
    assert (ana.closed, key.closed) == (None, None)
    stage.hub.look_again({ANA.session: who(role="supervisor")})
    assert (ana.closed, key.closed) == (4010, None)
    assert stage.floor.seats == {}


def test_signing_out_gives_up_a_seat_that_was_only_kept(stage: Stage) -> None:
    stage.hub.leave(stage.tab(ANA))
    stage.hub.signed_out(ANA.user)
    assert stage.floor.seats == {}


def test_somebody_else_at_the_seat_sends_the_first_away(stage: Stage) -> None:
    ana = stage.tab(ANA)
    pep = stage.tab(who("pep", agent="103"))
    assert (ana.closed, pep.closed) == (4009, None)
    assert stage.floor.seats == {ANA_SEAT.interface: "103"}


def test_a_seat_at_an_exchange_that_is_not_there_is_a_desk_without_a_floor(stage: Stage) -> None:
    far = stage.tab(who(seat=Seat("far", "PJSIP/agent101")), "desk")
    assert far.heard[0]["desk"]["state"] is None
    with pytest.raises(NotAllowedError):
        stage.tab(who(seat=Seat("far", "PJSIP/agent101")), "queue:sales")
    stage.hub.leave(far)


def test_who_works_does_not_idle_out(stage: Stage) -> None:
    stage.tab(ANA)
    assert stage.hub.sessions_at_work() == set()
    stage.floor.members = {"sales": (ANA_SEAT.interface,)}
    assert stage.hub.sessions_at_work() == {ANA.session}
    stage.floor.members = {}
    stage.floor.busy = {ANA_SEAT.interface: stage.call().id}
    assert stage.hub.sessions_at_work() == {ANA.session}


async def test_the_hub_lets_seats_be_left_in_time_and_says_when_it_stops(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("screenpop.hub.TICK_S", 0.001)
    running = asyncio.create_task(stage.hub.run())
    stage.hub.leave(stage.tab(ANA))
    stage.clock.passes(30)
    async with asyncio.timeout(5):
        while stage.floor.seats:  # noqa: ASYNC110 - the hub tells nobody
            await asyncio.sleep(0.001)
    eva = stage.tab(EVA, "floor")
    running.cancel()
    await asyncio.wait([running])
    assert eva.closed == 4010


def test_stopping_tells_everybody(stage: Stage) -> None:
    tabs = [stage.tab(ANA), stage.tab(EVA, "floor")]
    stage.hub.stop()
    assert [tab.closed for tab in tabs] == [4010, 4010]


def test_what_happens_to_records_is_told_to_desks(stage: Stage) -> None:
    ana, floor = stage.tab(ANA), stage.tab(EVA, "floor")
    stage.happens(IncidentOpened(at=START, incident_id="i-1"))
    assert ana.heard[-1]["event"]["type"] == "incident.opened"
    assert floor.ops == ["snapshot"]


def test_what_happens_to_incidents_is_told_to_who_looks_at_them(stage: Stage) -> None:
    auditor = stage.tab(who("ada", role="auditor", seat=None), "incidents")
    stage.happens(IncidentBreached(at=START, incident_id="i-1", what="resolve"))
    stage.happens(ContactCreated(at=START, contact_id="c-1"))
    assert auditor.ops == ["snapshot", "event"]
    assert auditor.heard[-1]["event"]["type"] == "incident.sla_breached"


def test_a_resync_forgets_calls_that_are_gone(stage: Stage) -> None:
    call = stage.call()
    stage.offers(call)
    del stage.floor.live[call.id]
    stage.happens(events.PbxResynced(pbx="main", at=START))
    ana = stage.tab(ANA)
    stage.happens(about(events.CallMatched, call, match=Match()))
    assert ana.ops == ["snapshot"]


def test_a_queue_at_no_exchange_is_not_asked_for_its_members(stage: Stage) -> None:
    sales = stage.tab(EVA, "queue:sales")
    stage.happens(agent_is("ready", seat=Seat("far", "PJSIP/agent101")))
    assert sales.ops == ["snapshot"]


def test_the_hub_counts(stage: Stage) -> None:
    stage.tab(ANA)
    stage.offers(stage.call())
    counted = stage.hub.counted
    assert (counted.events, counted.frames, counted.pops, counted.snapshots) == (1, 1, 1, 1)
