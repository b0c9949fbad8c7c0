"""Customers who asked to be rung, on the desk between two calls."""

from __future__ import annotations

from datetime import timedelta

from browser.desk_scene import NUMBER, furnish
from browser.kit import Place, Visitors, faults_for_everybody, picture, sideways
from playwright.async_api import Page, expect
from unit.screenpop.fakes import START

from crm_core.domain.events import CallbackAsked
from crm_core.services import callbacks

STRANGER = "+34633000418"


async def desk(visitors: Visitors, place: Place, **options: object) -> Page:
    await furnish(place)
    for number, minutes in ((STRANGER, 40), (NUMBER, 10)):
        await place.db.run(
            callbacks.ask,
            number=number,
            call_id=None,
            did="5551001",
            due_at=START + timedelta(minutes=minutes),
            now=START - timedelta(minutes=5),
        )
    page = await visitors.visit("ana", timezone_id="UTC", **options)
    await expect(page.locator("#line")).to_have_attribute("data-line", "free")
    return page


async def test_who_waits_stands_there_first_due_first(visitors: Visitors, place: Place) -> None:
    page = await desk(visitors, place)
    rows = page.locator(".callbacks tbody tr")
    await expect(rows).to_have_count(2)
    await expect(rows.nth(0)).to_contain_text("María del Carmen Fernández-Villaverde Ruiz")
    await expect(rows.nth(0)).to_contain_text("957 21 20 00")
    await expect(rows.nth(0).locator("td").nth(0)).to_have_text("16:10")
    await expect(rows.nth(0).locator("[data-dial]")).to_have_attribute("data-dial", NUMBER)
    await expect(rows.nth(1)).to_contain_text("633 00 04 18")


async def test_who_asks_now_is_there_without_asking(visitors: Visitors, place: Place) -> None:
    page = await visitors.visit("ana")
    await expect(page.locator("#line")).to_have_attribute("data-line", "free")
    await expect(page.locator(".callbacks")).to_have_count(0)
    wish = await place.db.run(
        callbacks.ask, number=STRANGER, call_id=None, did="5551001", due_at=START, now=START
    )
    place.stage.happens(CallbackAsked(at=START, callback_id=wish.id, due_at=START))
    await expect(page.locator(".callbacks tbody tr")).to_have_count(1)


async def test_who_need_not_be_rung_is_taken_off(visitors: Visitors, place: Place) -> None:
    page = await desk(visitors, place)
    await page.locator(".callbacks tbody tr").nth(0).get_by_role("button", name="Hecha").click()
    await expect(page.locator(".callbacks tbody tr")).to_have_count(1)
    await page.get_by_role("button", name="Hecha").click()
    await expect(page.locator(".callbacks")).to_have_count(0)


async def test_the_list_is_for_everybody(visitors: Visitors, place: Place) -> None:
    page = await desk(visitors, place)
    await expect(page.locator(".callbacks")).to_be_visible()
    await picture(page, "desk-callbacks-light")
    assert await faults_for_everybody(page) == []
    await picture(page, "desk-callbacks-dark")


async def test_nothing_is_lost_on_a_small_screen(visitors: Visitors, place: Place) -> None:
    page = await desk(visitors, place, viewport={"width": 320, "height": 640})
    await expect(page.locator(".callbacks")).to_be_visible()
    await picture(page, "desk-callbacks-320")
    assert await sideways(page) == 0
