"""A call rings at a desk: the card, who it may be, what becomes of it; in one tab and in two."""

from __future__ import annotations

import re
from typing import Any

import pytest
from browser.desk_scene import NUMBER, AtDesk, furnish, maria, several
from browser.kit import Place, Visitors, until
from msgspec.structs import replace
from playwright.async_api import Page, expect
from unit.screenpop.fakes import about

from ami_bridge.domain import events
from crm_core.domain.cards import Card


async def at_desk(visitors: Visitors, name: str = "ana", **options: Any) -> Page:
    """Return the desk, connected."""
    page = await visitors.visit(name, **options)
    await expect(page.locator("#line")).to_have_attribute("data-line", "free")
    return page


async def test_a_ringing_call_shows_its_card_before_it_is_answered(visitors: Visitors, place: Place) -> None:
    page = await at_desk(visitors)
    AtDesk(place).comes(card=maria())
    card = page.locator(".callcard")
    await expect(card).to_contain_text("María del Carmen Fernández-Villaverde Ruiz")
    await expect(card).to_contain_text("Hostelería Guadalquivir, S.L.")
    await expect(card.locator("[data-wait]")).to_have_text(re.compile("02:(1[89]|2[0-9])"))  # it ticks
    await expect(page.locator("[data-incident]").first).to_contain_text("INC-20418")
    await expect(page.locator(".past .seg").first).to_have_attribute("role", "img")
    await expect(page.locator("#line")).to_have_class("line ringing")
    await expect(page).to_have_title(
        "Llama Hostelería Guadalquivir, S.L. · María del Carmen Fernández-Villaverde Ruiz"
    )
    assert await page.evaluate("document.activeElement === document.body")  # ringing takes no focus


async def test_the_pieces_of_a_bar_are_as_wide_as_they_were_long(visitors: Visitors, place: Place) -> None:
    page = await at_desk(visitors)
    AtDesk(place).comes(card=maria())
    pieces = page.locator(".past tbody tr").nth(2).locator(".seg i[data-s]")
    widths = await pieces.evaluate_all("all => all.map(one => one.getBoundingClientRect().width)")
    assert widths[1] / widths[0] == pytest.approx(196 / 31, rel=0.02)


async def test_a_card_that_comes_later_takes_the_place(visitors: Visitors, place: Place) -> None:
    page, desk = await at_desk(visitors), AtDesk(place)
    call = desk.comes(ani_name="Zoë <b>")
    await expect(page.locator(".callcard")).to_contain_text("Buscando la ficha")
    await expect(page.locator(".callcard")).to_contain_text("Zoë <b>")
    desk.stage.cards.cards[call.id] = maria()
    desk.stage.happens(about(events.CallMatched, call, match=maria().match))
    await expect(page.locator(".callcard .name")).to_have_text("María del Carmen Fernández-Villaverde Ruiz")
    await expect(page.locator(".callcard")).to_have_count(1)


async def test_the_call_is_said_aloud_once(visitors: Visitors, place: Place) -> None:
    page, desk = await at_desk(visitors), AtDesk(place)
    await page.evaluate(
        "const place = document.getElementById('told-loud'); window.said = [];"
        "new MutationObserver(() => said.push(place.textContent)).observe(place, {childList: true})"
    )
    call = desk.comes(card=maria())
    desk.stage.happens(about(events.CallUpdated, call))
    desk.stage.happens(about(events.CallUpdated, call))
    await expect(page.locator("#told-loud")).to_have_text(
        "Llama María del Carmen Fernández-Villaverde Ruiz, Hostelería Guadalquivir, S.L."
    )
    desk.stage.offer_ends(call, "caller_left")
    await expect(page.locator("#call")).to_be_hidden()
    assert [text for text in await page.evaluate("said") if text] == [
        "Llama María del Carmen Fernández-Villaverde Ruiz, Hostelería Guadalquivir, S.L."
    ]


@pytest.mark.parametrize("reason", ["caller_left", "no_answer", "unreachable"])
async def test_a_call_that_stops_ringing_goes(
    visitors: Visitors, place: Place, reason: events.OfferEnd
) -> None:
    page, desk = await at_desk(visitors), AtDesk(place)
    call = desk.comes(card=maria())
    await expect(page.locator(".callcard")).to_be_visible()
    desk.stage.offer_ends(call, reason)
    await expect(page.locator("#call")).to_be_hidden()
    await expect(page.locator("#idle")).to_be_visible()
    await expect(page.locator("#told")).to_have_text("Ya no suena.")


async def test_a_call_that_a_colleague_took_stays_a_moment_and_says_where(
    visitors: Visitors, place: Place
) -> None:
    page, desk = await at_desk(visitors, is_clock_mine=True), AtDesk(place)
    call = desk.comes(card=maria())
    await expect(page.locator(".callcard")).to_be_visible()
    ended = about(
        events.OfferEnded,
        call,
        interface="PJSIP/agent101",
        reason="answered_elsewhere",
        answered_by="PJSIP/agent102",
    )
    desk.stage.happens(ended)
    await expect(page.locator(".callcard .top")).to_have_text("Contestada en agent102")
    await expect(page.locator("#line-who")).to_have_text("Contestada en agent102")
    await page.clock.fast_forward(3_000)
    await expect(page.locator("#call")).to_be_hidden()


async def test_one_of_several_people_is_chosen_by_key(visitors: Visitors, place: Place) -> None:
    contact_id = await furnish(place)
    page, desk = await at_desk(visitors), AtDesk(place)
    shared = several()
    second = replace(shared.people[1], contact_id=contact_id)
    call = desk.comes(card=replace(shared, people=(shared.people[0], second, shared.people[2])))
    await expect(page.locator(".person")).to_have_count(3)
    async with page.expect_response("**/contact") as answered:
        await page.keyboard.press("2")
    assert (await (await answered.value).json())["candidates"][0]["contact_id"] == contact_id
    assert place.stage.cards.chosen == [(call.id, contact_id)]


@pytest.mark.parametrize("key", ["4", "9"])
async def test_a_digit_that_stands_for_nobody_chooses_nobody(
    visitors: Visitors, place: Place, key: str
) -> None:
    page = await at_desk(visitors)
    AtDesk(place).comes(card=several())
    await expect(page.locator(".person")).to_have_count(3)
    await page.keyboard.press(key)
    await page.keyboard.press("?")
    await expect(page.locator("#keys")).to_be_visible()
    assert place.stage.cards.chosen == []


async def test_keys_of_one_sign_can_be_switched_off(visitors: Visitors, place: Place) -> None:
    page = await at_desk(visitors)
    await page.keyboard.press("?")
    await page.get_by_label("Teclas de una letra o cifra").uncheck()
    await page.keyboard.press("Escape")
    await expect(page.locator("#keys")).to_be_hidden()
    await page.keyboard.press("?")
    await page.keyboard.press("F2")
    await expect(page.locator("#dial-number")).to_be_focused()
    await expect(page.locator("#keys")).to_be_hidden()


async def test_a_stranger_and_a_withheld_number(visitors: Visitors, place: Place) -> None:
    page, desk = await at_desk(visitors), AtDesk(place)
    first = desk.comes(card=Card(number=NUMBER))
    await expect(page.locator(".callcard .name")).to_have_text("957 21 20 00")
    await expect(page.locator(".callcard")).to_contain_text("Sin ficha")
    desk.stage.offer_ends(first, "caller_left")
    desk.comes("1795311099.0", card=Card(), ani=None, ani_raw="anonymous", customer=None)
    await expect(page.locator(".callcard .name")).to_have_text("Número oculto")


async def test_a_page_that_is_opened_while_it_rings_shows_the_card(visitors: Visitors, place: Place) -> None:
    AtDesk(place).comes(card=maria())
    page = await visitors.visit("ana")
    await expect(page.locator(".callcard .name")).to_have_text("María del Carmen Fernández-Villaverde Ruiz")
    await expect(page.locator("#line")).to_have_attribute("data-line", "ringing")


async def test_a_call_that_came_while_the_link_was_cut_is_shown_after_it(
    visitors: Visitors, place: Place
) -> None:
    visitors.expect("WebSocket")
    page = await at_desk(visitors)
    await place.unplug()
    AtDesk(place).comes(card=maria())
    await place.plug()
    await expect(page.locator(".callcard .name")).to_have_text("María del Carmen Fernández-Villaverde Ruiz")


async def test_every_tab_shows_the_call_and_one_sounds(visitors: Visitors, place: Place) -> None:
    one = await at_desk(visitors)
    other = await visitors.tab(one.context)
    await expect(other.locator("#line")).to_have_attribute("data-line", "free")
    await one.locator("#sound").click()
    await expect(other.locator("#sound")).to_have_attribute("aria-pressed", "true")
    desk = AtDesk(place)
    call = desk.comes(card=maria())
    for tab in (one, other):
        await expect(tab.locator(".callcard")).to_be_visible()
    sounding = [tab.locator("#sound[data-sounds]") for tab in (one, other)]

    async def one_sounds() -> bool:
        return sum([await tab.count() for tab in sounding]) == 1

    await until(one_sounds)
    desk.stage.offer_ends(call, "caller_left")
    for tab in (one, other):
        await expect(tab.locator("#call")).to_be_hidden()
        await expect(tab.locator("#sound[data-sounds]")).to_have_count(0)


async def test_nothing_sounds_until_somebody_switches_it_on(visitors: Visitors, place: Place) -> None:
    page = await at_desk(visitors)
    AtDesk(place).comes(card=maria())
    await expect(page.locator(".callcard")).to_be_visible()
    await expect(page.locator("#sound")).to_have_attribute("aria-pressed", "false")
    await expect(page.locator("#sound[data-sounds]")).to_have_count(0)


async def test_the_desk_speaks_english_too(visitors: Visitors, place: Place) -> None:
    page = await visitors.visit("tom")
    await expect(page.locator("#line-who")).to_have_text("Line free · agent103")
    await expect(page.locator("#missed-title")).to_have_text("Missed here")


async def test_a_call_that_comes_back_from_a_colleague_at_once_stays(
    visitors: Visitors, place: Place
) -> None:
    page, desk = await at_desk(visitors, is_clock_mine=True), AtDesk(place)
    call = desk.comes(card=maria())
    await expect(page.locator(".callcard")).to_be_visible()
    taken = {"interface": "PJSIP/agent101", "answered_by": "PJSIP/agent102"}
    desk.stage.happens(about(events.OfferEnded, call, reason="answered_elsewhere", **taken))
    await expect(page.locator("#call")).to_have_attribute("data-phase", "elsewhere")
    desk.stage.offers(call, queue=None)
    await expect(page.locator("#call")).to_have_attribute("data-phase", "ringing")
    await page.clock.fast_forward(3_200)  # longer than a card of a colleague's call stays
    await expect(page.locator(".callcard")).to_be_visible()
