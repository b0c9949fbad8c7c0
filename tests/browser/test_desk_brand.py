"""Which brand was called: first on the card, in the lists, and what the customer sees who is called back."""

from __future__ import annotations

import json

from browser.desk_scene import AtDesk, furnish, maria
from browser.kit import Place, Visitors, faults_for_everybody, picture
from browser.test_board import queue_is
from msgspec.structs import replace
from playwright.async_api import expect

from crm_core.domain.cards import CardContact
from crm_core.domain.lines import COLOURS, Line

HOTEL = Line(
    pbx="main",
    kind="did",
    code="5551001",
    name="Hostelería Sur",
    colour="blue",
    greeting_es="Hostelería Sur, buenos días, le atiende Ana",
    greeting_en="Hostelería Sur, good morning, Ana speaking",
)
COLD = Line(pbx="main", kind="queue", code="Frío industrial", name="Averías de frío", colour="green")


async def test_the_card_says_first_which_brand_was_called(visitors: Visitors, place: Place) -> None:
    place.context.lines.learn([HOTEL, COLD])
    await furnish(place)
    page = await visitors.visit("ana")
    await expect(page.locator("#missed-title")).to_be_visible()
    await expect(page.locator("#line")).to_have_attribute("data-line", "free")

    AtDesk(place).comes(card=maria())

    brand = page.locator(".callcard > :first-child")
    await expect(brand.locator("bdi")).to_have_text("Hostelería Sur")
    await expect(brand.locator("q")).to_have_text("Hostelería Sur, buenos días, le atiende Ana")
    await expect(page.locator(".callcard dl")).to_contain_text("Averías de frío")
    edge = await page.locator(".callcard").evaluate("card => getComputedStyle(card).borderInlineStartColor")
    assert edge == "rgb(20, 95, 196)"  # --talk of tokens.css, light
    await picture(page, "desk-brand")


async def test_one_greets_a_customer_in_his_language(visitors: Visitors, place: Place) -> None:
    place.context.lines.learn([HOTEL])
    english = CardContact(id="c-tom", name="Tom Reed", language="en-GB")
    page = await visitors.visit("ana")
    AtDesk(place).comes(card=replace(maria(), contact=english))
    await expect(page.locator(".brand q")).to_have_text("Hostelería Sur, good morning, Ana speaking")


async def test_every_colour_can_be_read_by_everybody(visitors: Visitors, place: Place) -> None:
    page, desk = await visitors.visit("ana"), AtDesk(place)
    place.context.lines.learn([HOTEL])
    desk.comes(card=maria())
    await expect(page.locator(".brand")).to_be_visible()
    everyone = "".join(
        f'<section class="callcard branded b-{colour}"><div class="brand"><b class="chip l">{colour}</b>'
        f"<q>{colour}</q></div></section>"
        for colour in (*COLOURS, "house")
    )
    await page.locator("#card-parts").evaluate("(place, html) => { place.innerHTML = html; }", everyone)
    assert await faults_for_everybody(page) == []


async def test_a_missed_call_is_called_back_as_its_brand(visitors: Visitors, place: Place) -> None:
    visitors.expect("409")  # there is no exchange behind this page
    await furnish(place)
    page = await visitors.visit("ana")
    await expect(page.locator("#line")).to_have_attribute("data-line", "free")
    button = page.locator(".missed [data-dial]").first
    async with page.expect_request("**/api/v1/calls") as asked:
        await button.click()
    body = json.loads((await asked.value).post_data or "")
    assert body["number"] == await button.get_attribute("data-dial")
    assert body["call_id"] == await button.get_attribute("data-call")


async def test_the_floor_calls_queues_by_their_names(visitors: Visitors, place: Place) -> None:
    place.context.lines.learn(
        [replace(COLD, code="sales"), replace(COLD, pbx="far", code="sales", name="Lejos")]
    )
    place.stage.floor.queues_now = [queue_is()]
    page = await visitors.visit("eva", "/floor")
    await expect(page.locator("#queues [data-now] tbody td").first).to_have_text("Averías de frío")


async def test_whom_one_talked_with_is_called_back_from_his_card(visitors: Visitors, place: Place) -> None:
    visitors.expect("404|409")  # neither his record nor an exchange is behind this page
    page, desk = await visitors.visit("ana"), AtDesk(place)
    await expect(page.locator("#line")).to_have_attribute("data-line", "free")
    call = desk.comes(card=maria())
    desk.answers(call)
    await expect(page.locator("#line")).to_have_attribute("data-line", "talking")
    await expect(page.locator(".redial")).to_be_hidden()
    await desk.hangs_up(call)
    await expect(page.locator("#line")).to_have_attribute("data-line", "over")
    async with page.expect_request("**/api/v1/calls") as asked:
        await page.locator(".redial").click()
    assert json.loads((await asked.value).post_data or "") == {
        "number": "+34957212000",
        "call_id": call.id,
        "regardless": False,
    }
