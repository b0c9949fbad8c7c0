"""What is kept from somebody is in no message to his desk, card and floor; nobody else misses it."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial

import msgspec
import pytest
from unit.screenpop.fakes import ANA, EVA, START, Stage, Tab, about, agent_is

from ami_bridge.domain import events
from crm_core.domain.calls import Attempt, Call, Segment, Visit
from crm_core.domain.cards import Card, CardContact, CardNote
from crm_core.domain.confines import Confines
from crm_core.domain.masking import MaskRule
from screenpop.frames import SharedFrame
from screenpop.identity import Identity
from screenpop.lines import LineBook
from screenpop.masks import Masks, masks_of
from screenpop.pages.card import render
from screenpop.scope import EVERYTHING, Scope

NUMBER = "+34611234678"
SPELLINGS = (NUMBER, "611234678", "611 23 46 78", "0034611234678", "luz@reservado.example")
MASKED = Masks(numbers="masked", has_emails=True)
SALES = Scope(Confines(user="u-ana", queues=frozenset((("main", "sales"),))))
NOWHERE = Scope(Confines(user="u-ana"))
BY_CALL = MaskRule(role="agent", numbers="own_queues")


class Told(msgspec.Struct):
    number: str = ""
    queue: str = ""


def masked(who: Identity, masks: Masks = MASKED) -> Identity:
    return replace(who, masks=masks)


@pytest.fixture
def stage() -> Stage:
    return Stage(render=partial(render, book=LineBook()))


def happens_to(stage: Stage, *, queue: str | None = "sales") -> Call:
    """A stranger with a number calls, is known, rings at Ana's, is answered and gone."""
    visit = Visit(queue=queue, entered_at=START, attempts=[]) if queue else None
    call = stage.call(
        customer=NUMBER, ani_raw="611234678", ani_name="611234678", visits=[visit] if visit else []
    )
    call.ani = NUMBER
    started = {
        "direction": "inbound",
        "origin": call.origin,
        "ani": NUMBER,
        "ani_raw": "611234678",
        "customer": NUMBER,
    }
    stage.happens(about(events.CallStarted, call, **started))
    stage.cards.cards[call.id] = Card(
        number=NUMBER,
        contact=CardContact(id="c-1", name="Luz", number=NUMBER),
        notes=(CardNote(text="escribe a luz@reservado.example o al 611 23 46 78", agent=None, at=START),),
    )
    stage.offers(call, queue=queue)
    stage.happens(about(events.CallMatched, call, match=call.match, customer=NUMBER))
    stage.happens(about(events.CallUpdated, call, ani=NUMBER, ani_name="611 234 678"))
    call.segments.append(
        Segment(kind="talk", party="customer", agent="101", with_=("PJSIP/agent101",), at=START)
    )
    stage.happens(agent_is("talking", call=call))
    stage.happens(about(events.CallEnded, call, outcome="answered", hung_up_by="customer", record=call))
    return call


def told(tab: Tab) -> str:
    return json.dumps(tab.heard, ensure_ascii=False)


def test_nothing_of_it_is_told(stage: Stage) -> None:
    ana, eva = stage.tab(masked(ANA)), stage.tab(masked(EVA), "floor")
    late = replace(ANA, agent=None, seat=None)
    happens_to(stage)
    tabs = [ana, eva, stage.tab(masked(EVA), "floor"), stage.tab(masked(late), "desk", resume="e1-1")]
    for tab in tabs:
        assert [one for one in SPELLINGS if one in told(tab)] == []
    assert ana.ops.count("screen_pop") > 1
    assert "••• ••• 678" in told(ana)
    assert "l•••@reservado.example" in told(ana)
    assert "Luz" in told(ana)


def test_a_desk_that_is_opened_while_it_rings_shows_nothing_of_it(stage: Stage) -> None:
    call = happens_to(stage)
    stage.offers(call)
    (snapshot,) = stage.tab(masked(ANA)).heard
    assert snapshot["desk"]["calls"][0]["call"]["ani"] == "••• ••• 678"
    assert [one for one in SPELLINGS if one in json.dumps(snapshot, ensure_ascii=False)] == []


def test_who_sees_everything_is_told_everything_beside_him(stage: Stage) -> None:
    stage.tab(masked(ANA))
    eva = stage.tab(EVA, "floor", "desk")
    happens_to(stage)
    assert NUMBER in told(eva)
    assert "•" not in told(eva)


@pytest.mark.parametrize(
    ("scope", "agent", "queue", "is_shown"),
    [
        pytest.param(SALES, "101", "sales", True, id="a call of his queue"),
        pytest.param(NOWHERE, "102", "sales", False, id="a call of another's queue"),
        pytest.param(NOWHERE, "101", None, True, id="a call that he talks in"),
        pytest.param(NOWHERE, None, None, False, id="a call of nobody's queue"),
    ],
)
def test_numbers_in_calls_of_own_queues(
    stage: Stage, scope: Scope, agent: str | None, queue: str | None, *, is_shown: bool
) -> None:
    eva = stage.tab(masked(EVA, Masks(numbers="own_queues", scope=scope, agent=agent)), "floor")
    call = happens_to(stage, queue=queue)
    ended = next(one["event"] for one in eva.heard if one.get("event", {}).get("type") == "call.ended")
    assert ended["record"]["ani"] == (NUMBER if is_shown else "••• ••• 678")
    again = stage.tab(eva.identity, "floor").heard[0]["floor"]["calls"]
    assert [one["call"]["customer"] for one in again] == [NUMBER if is_shown else "••• ••• 678"]
    assert call.customer == NUMBER


def test_the_card_of_a_call_that_rings_at_his_phone_shows_its_number(stage: Stage) -> None:
    ana = stage.tab(masked(ANA, Masks(numbers="own_queues", scope=NOWHERE, agent="101")))
    call = stage.call(
        customer=NUMBER, attempts=[Attempt(interface="PJSIP/agent101", agent="101", started_at=START)]
    )
    call.ani = NUMBER
    stage.cards.cards[call.id] = Card(number=NUMBER, contact=CardContact(id="c-1", name="Luz", number=NUMBER))
    stage.offers(call, queue=None)
    pop = ana.heard[-1]
    assert (pop["op"], pop["call"]["ani"], pop["card"]["contact"]["number"]) == ("screen_pop", NUMBER, NUMBER)
    assert "611 23 46 78" in pop["html"]


def test_who_is_shown_something_else_comes_again(stage: Stage) -> None:
    ana, eva = stage.tab(), stage.tab(EVA, "floor")
    stage.hub.show_anew("agent")
    assert (ana.closed, eva.closed) == (4010, None)


def test_what_is_the_same_for_many_is_drawn_once_and_what_is_one_s_own_is_not_kept() -> None:
    wide, other = (masks_of(BY_CALL, fields=frozenset(), scope=EVERYTHING, agent=one) for one in "ab")
    narrow = masks_of(BY_CALL, fields=frozenset(), scope=NOWHERE, agent="a")
    frame = SharedFrame(frozenset(), Told(number=NUMBER))
    texts = [frame.drawn_for(("es", "agent", masks)) for masks in (None, wide, other, narrow, narrow)]
    assert (wide == other, texts[1] is texts[2], texts[3] is texts[4]) == (True, True, False)
    assert (NUMBER.encode() in texts[0], texts[3]) == (True, texts[4])
    plain = SharedFrame(frozenset(), Told(queue="sales"))
    assert plain.drawn_for(("es", "agent", narrow)) is plain.drawn_for(("es", "agent", None))
