"""The floor as it changes: it is drawn, nothing moves under the pointer, a lost link is told and mends."""

from __future__ import annotations

import asyncio
import json
import re
from datetime import timedelta

import msgspec
import pytest
from browser.floor_scene import fill
from browser.kit import Place, Visitors, until
from playwright.async_api import Page, WebSocketRoute, expect
from unit.screenpop.fakes import START, about, agent_is, card_of

from ami_bridge.domain import events
from crm_core.domain.calls import Call, Match, Origin


def waiting(call: Call, *, ringing: bool = False) -> events.WaitingView:
    return events.WaitingView(call=call.id, position=1, since=START, ringing=ringing)


def queue_is(*there: events.WaitingView) -> events.QueueChanged:
    member = events.MemberView(
        interface="PJSIP/agent101", agent="101", name="Ana Ruiz", paused=False, paused_reason=None, status=1
    )
    return events.QueueChanged(pbx="main", at=START, queue="sales", waiting=there, members=(member,))


def started(call: Call) -> events.CallEvent:
    return about(events.CallStarted, call, direction="inbound", origin=Origin(kind="caller"), ani=call.ani)


def at(seconds: float, event: events.FloorEvent) -> events.FloorEvent:
    """Return *event* as it happened *seconds* after the start."""
    return msgspec.structs.replace(event, at=START + timedelta(seconds=seconds))


async def rows(page: Page, panel: str) -> list[str]:
    """Return the rows of a panel, each as its words."""
    texts = await page.locator(f"#{panel} tbody tr").all_inner_texts()
    return [" ".join(text.split()) for text in texts]


async def bar(page: Page) -> list[str]:
    """Return the kinds of the pieces of the one call that is shown."""
    return await page.locator("#calls .seg i").evaluate_all("all => all.map(one => one.className)")


async def test_a_call_is_followed_from_its_start_to_its_end(visitors: Visitors, place: Place) -> None:
    stage, call = place.stage, place.stage.call()
    stage.floor.live.clear()
    page = await visitors.visit("eva", "/floor")
    await expect(page.locator("#calls .none")).to_be_visible()

    stage.happens(agent_is("ready"), started(call))
    stage.happens(at(1, about(events.CallQueued, call, queue="sales")), queue_is(waiting(call)))
    await expect(page.locator("#waiting")).to_have_text("1")
    await expect(page.locator("#ready")).to_have_text("1de 1")
    assert [row.split(" 00:")[0] for row in await rows(page, "queues")] == ["sales 1", "1 957 21 20 00"]
    assert await bar(page) == ["g-ivr", "g-wait"]

    stage.cards.cards[call.id] = card_of("María")
    stage.happens(about(events.CallMatched, call, match=Match(kind="exact"), contact_id="c-María"))
    await expect(page.locator("#calls tbody")).to_contain_text("María")

    stage.happens(at(2, about(events.CallOffered, call, interface="PJSIP/agent101", queue="sales")))
    stage.happens(agent_is("reserved", call=call), queue_is(waiting(call, ringing=True)))
    await expect(page.locator("#queues .chip")).to_have_text("Sonando")
    await expect(page.locator("#waiting-more")).to_have_text("1 de ellas sonando")
    assert await bar(page) == ["g-ivr", "g-wait", "g-ring"]

    offer = {"interface": "PJSIP/agent101", "queue": "sales"}
    stage.happens(at(5, about(events.OfferEnded, call, **offer, reason="no_answer")))
    stage.happens(at(5, about(events.CallOffered, call, **offer)))  # the next phone rings in the same moment
    stage.happens(at(5.5, about(events.CallOffered, call, interface="SIP/201", queue="sales")))
    stage.happens(
        at(5.9, about(events.OfferEnded, call, **offer, reason="answered")),
        at(
            5.95,
            about(events.OfferEnded, call, interface="SIP/201", queue="sales", reason="answered_elsewhere"),
        ),
        at(6, about(events.CallAnswered, call, **offer, wait_s=5.0)),
        at(6, about(events.CallLeftQueue, call, queue="sales", outcome="answered", wait_s=5.0)),
        agent_is("talking", call=call),
        queue_is(),
    )
    await expect(page.locator("#talking")).to_have_text("1")
    assert (await rows(page, "calls"))[0].startswith("María Ana Ruiz")
    assert (await rows(page, "agents"))[0].startswith("Ana Ruiz Hablando")
    assert await bar(page) == ["g-ivr", "g-wait", "g-ring", "g-talk"]

    stage.happens(
        at(9, about(events.CallHeld, call, interface="PJSIP/agent101")), agent_is("holding", call=call)
    )
    await expect(page.locator("#agents .chip")).to_have_text("Retenida")
    assert (await bar(page))[-1] == "g-hold"

    ended = about(events.CallEnded, call, outcome="answered", hung_up_by="customer", record=call)
    stage.happens(ended, agent_is("ready"))
    await expect(page.locator("#calls tbody tr")).to_have_count(0)
    await expect(page.locator("#agents .chip")).to_have_text("Disponible")


ON_A_CALL = 2
MEMBERS = (  # as the exchange sees him, whether he is paused, his row
    (1, False, "Leo Disponible — —"),
    (1, True, "Leo Pausa — Comida"),
    # from here on he has a call
    (2, True, "Leo Hablando 00:00 957 21 20 00"),
    (5, False, "Leo Sin teléfono 00:00 957 21 20 00"),
    (6, False, "Leo Sonando 00:00 957 21 20 00"),
    (8, False, "Leo Retenida 00:00 957 21 20 00"),
    (0, False, "Leo Sin teléfono 00:00 957 21 20 00"),
)


async def test_members_who_did_not_sign_in_here_are_seen_as_the_exchange_sees_them(
    visitors: Visitors, place: Place
) -> None:
    page, call = await visitors.visit("eva", "/floor"), place.stage.call()
    await expect(page.locator("#waiting")).to_have_text("0")
    leo = events.MemberView(
        interface="SIP/201", agent=None, name="Leo", paused=False, paused_reason="Comida", status=1
    )
    for status, is_paused, row in MEMBERS:
        member = msgspec.structs.replace(leo, status=status, paused=is_paused)
        if status == ON_A_CALL:
            place.stage.happens(started(call), about(events.CallAnswered, call, interface="SIP/201"))
        place.stage.happens(events.QueueChanged(pbx="main", at=START, queue="sales", members=(member,)))
        wanted = re.compile(r"\s+".join(row.split()).replace("00:00", r"00:\d\d"))
        await expect(page.locator("#agents tbody tr")).to_have_text([wanted], use_inner_text=True)


async def test_timers_run_by_the_servers_clock(visitors: Visitors, place: Place) -> None:
    """The service lives in another month than the browser; there somebody waits since 192 s."""
    fill(place.stage)
    page = await visitors.visit("eva", "/floor")
    longest = page.locator("#longest")
    await expect(longest).to_have_text(re.compile(r"03:[12345]\d"))
    seen = await longest.inner_text()
    await expect(longest).not_to_have_text(seen)
    assert await longest.inner_text() > seen


async def test_hostile_names_are_text(visitors: Visitors, place: Place) -> None:
    call = place.stage.call()
    place.stage.cards.cards[call.id] = card_of("<img src=x onerror=alert(1)>")
    page = await visitors.visit("eva", "/floor")
    await expect(page.locator("#calls tbody")).to_contain_text("<img src=x onerror=alert(1)>")
    assert await page.locator("#calls img").count() == 0


async def test_rows_keep_their_places_under_the_pointer(visitors: Visitors, place: Place) -> None:
    fill(place.stage)
    page = await visitors.visit("eva", "/floor")
    first = page.locator("#agents tbody tr").first
    await expect(first).to_contain_text("Olatz Zabalbeascoa")
    await first.hover()
    ready = {"pbx": "main", "at": START, "agent": "113", "interface": "PJSIP/agent113"}
    place.stage.happens(events.AgentStateChanged(**ready, state="ready", before="unreachable", before_s=1.0))
    await expect(first).to_contain_text("Disponible")
    await expect(first).to_contain_text("Olatz Zabalbeascoa")
    await page.mouse.move(5, 5)
    place.stage.happens(queue_is())
    await expect(first).to_contain_text("Iván Quesada")


async def test_an_exchange_that_does_not_answer_is_an_alarm_in_its_kept_place(
    visitors: Visitors, place: Place
) -> None:
    page = await visitors.visit("eva", "/floor")
    await expect(page.locator("#waiting")).to_have_text("0")
    before = await page.locator(".tiles").bounding_box()
    place.stage.happens(events.PbxDisconnected(pbx="main", at=START, why="timeout"))
    await expect(page.locator("#alarm")).to_contain_text("La centralita main no responde.")
    await expect(page.locator("#exchanges")).to_contain_text("sin conexión")
    assert await page.locator(".tiles").bounding_box() == before
    place.stage.happens(events.PbxConnected(pbx="main", at=START), events.PbxResynced(pbx="main", at=START))
    await expect(page.locator("#alarm")).to_be_empty()


async def test_a_lost_connection_is_told_and_mends_without_moving_anything(
    visitors: Visitors, place: Place
) -> None:
    visitors.expect("WebSocket connection to")
    fill(place.stage)
    page = await visitors.visit("eva", "/floor", is_clock_mine=True)
    await expect(page.locator("#calls tbody tr")).to_have_count(8)
    before = await page.locator("#agents").bounding_box()
    told = page.get_by_role("status").filter(has_text="Sin conexión con Centralita.")

    await place.unplug()
    await expect(told).to_be_visible()
    await page.clock.fast_forward(5_000)  # nobody answered
    await expect(page.locator("#link-next")).to_contain_text("otro intento en")
    assert await page.locator("#agents").bounding_box() == before

    place.stage.happens(agent_is("ready", agent="101"))
    await place.plug()
    await page.evaluate("document.getElementById('link-retry').click()")  # it may be back by itself already
    await expect(page.locator("#link")).to_be_hidden(timeout=2_000)
    await expect(page.locator("#agents tbody tr")).to_have_count(12)
    assert place.stage.hub.counted.resumed == 1


async def test_it_comes_back_by_itself(visitors: Visitors, place: Place) -> None:
    visitors.expect("WebSocket connection to")
    page = await visitors.visit("eva", "/floor")
    await expect(page.locator("#waiting")).to_have_text("0")
    await place.unplug()
    await expect(page.locator("#link")).to_be_visible()
    await place.plug()
    await expect(page.locator("#link")).to_be_hidden(timeout=20_000)


@pytest.mark.parametrize(
    ("code", "reason", "words"),
    [
        pytest.param(4009, "taken: Ana", "Ana está ahora en tu teléfono.", id="somebody took the seat"),
        pytest.param(4009, "left: Eva", "Eva te ha sacado de tu teléfono.", id="signed out by somebody"),
        pytest.param(4009, "in use: Ana: B", "Ana: B está en una llamada en tu teléfono.", id="in use"),
        pytest.param(4003, "told so", "No puedes ver lo que muestra esta página.", id="not allowed"),
    ],
)
async def test_a_page_that_may_not_go_on_says_why_and_stops(
    visitors: Visitors, place: Place, code: int, reason: str, words: str
) -> None:
    page = await visitors.visit("eva", "/floor")
    await expect(page.locator("#waiting")).to_have_text("0")
    place.stage.hub.listeners()[0].cut(code, reason)
    await expect(page.locator("#link-told")).to_have_text(words)
    await page.evaluate("dispatchEvent(new Event('online'))")
    await asyncio.sleep(0.2)  # nothing is to happen
    assert place.stage.hub.listeners() == []


@pytest.mark.parametrize("code", [4008, 4010, 1011])
async def test_who_was_cut_for_another_reason_comes_back(visitors: Visitors, place: Place, code: int) -> None:
    page = await visitors.visit("eva", "/floor")
    await expect(page.locator("#waiting")).to_have_text("0")
    place.stage.hub.listeners()[0].cut(code, "told so")
    place.stage.happens(agent_is("ready"))
    await expect(page.locator("#ready")).to_have_text("1de 1")
    assert place.stage.hub.counted.resumed == 1


async def test_a_link_that_fell_silent_is_noticed(visitors: Visitors, place: Place) -> None:
    """The network forgot the connection and neither side was told: after 25 s of silence the page asks."""
    page = await visitors.visit("eva", "/floor")
    await page.clock.install()
    sockets: list[WebSocketRoute] = []

    def answer(socket: WebSocketRoute) -> None:
        sockets.append(socket)
        is_silent = len(sockets) == 1
        asked = 0

        def hear(_message: str) -> None:
            nonlocal asked
            asked += 1
            if asked == 1 or not is_silent:
                socket.send(SNAPSHOT)

        socket.on_message(hear)

    await page.route_web_socket("ws://**", answer)
    await page.reload()
    await expect(page.locator("#waiting")).to_have_text("0")
    await page.clock.run_for(26_000)
    await page.clock.run_for(6_000)

    async def is_made_anew() -> bool:  # that a socket is closed is told when the page's clock stands, too
        await page.clock.run_for(500)
        return len(sockets) == 2

    await until(is_made_anew)
    await expect(page.locator("#link")).to_be_hidden()


async def test_what_was_on_its_way_when_the_page_asked_is_not_heard_twice(visitors: Visitors) -> None:
    page = await visitors.visit("eva", "/floor")

    def answer(socket: WebSocketRoute) -> None:
        def hear(_message: str) -> None:
            socket.send(SNAPSHOT.replace("e1-0", "e1-9"))
            for seq in ("e1-8", "e1-9", "e1-10", "e1-10"):
                queue = {"type": "queue.changed", "pbx": "main", "at": "2026-11-24T16:00:00Z", "queue": seq}
                event = queue | {"waiting": [], "members": []}
                socket.send(json.dumps({"op": "event", "seq": seq, "event": event}))

        socket.on_message(hear)

    await page.route_web_socket("ws://**", answer)
    await page.reload()
    await expect(page.locator("#queues tbody tr")).to_have_count(1)
    assert (await rows(page, "queues"))[0].startswith("e1-10")


SNAPSHOT = '{"op":"snapshot","seq":"e1-0","pbx":{"main":true},"floor":{"queues":[],"agents":[],"calls":[]}}'


NUMBERS = {  # number, the country at home, how it is read
    "Spain at home": ("+34957212000", "34", "957 21 20 00"),
    "Spain from elsewhere": ("+34957212000", "", "+34 957 21 20 00"),
    "North America": ("+12125550123", "34", "+1 212 555 0123"),
    "two digits": ("+442079460321", "34", "+44 207 946 0321"),
    "three digits": ("+351211234567", "34", "+351 211 234 567"),
    "long": ("+5215512345678", "34", "+52 155 123 456 78"),
    "no number of the world": ("101", "34", "101"),
    "hostile": ("<b>", "34", "<b>"),
}
MOMENTS = {
    "today": ("2026-11-24T08:05:00Z", "es", "09:05"),
    "yesterday": ("2026-11-23T22:59:00Z", "es", "ayer 23:59"),
    "today in the reader's zone": ("2026-11-23T23:00:00Z", "es", "00:00"),
    "this year": ("2026-11-14T08:00:00Z", "es", "14 nov"),
    "another year": ("2025-11-14T08:00:00Z", "es", "14 nov 2025"),
    "in English": ("2026-11-23T10:00:00Z", "en", "yesterday 11:00"),
}


async def test_numbers_in_a_script(visitors: Visitors) -> None:
    page = await visitors.visit(None, "/sign-in")
    asked = "async ([number, home]) => (await import('/static/js/numbers.js')).numberText(number, home)"
    read = {name: await page.evaluate(asked, [number, home]) for name, (number, home, _) in NUMBERS.items()}
    assert read == {name: text for name, (_, _, text) in NUMBERS.items()}


async def test_moments_in_the_readers_zone(visitors: Visitors) -> None:
    """The service says that it is 2026-11-24 16:00 UTC."""
    pages = {
        language: await visitors.visit(None, f"/sign-in?language={language}", timezone_id="Europe/Madrid")
        for language in ("es", "en")
    }
    asked = "async (at) => (await import('/static/js/clock.js')).momentText(Date.parse(at))"
    read = {name: await pages[language].evaluate(asked, at) for name, (at, language, _) in MOMENTS.items()}
    assert read == {name: text for name, (_, _, text) in MOMENTS.items()}
