"""Who must not be called: asked about in any writing, added, lifted with a reason, for everybody."""

from __future__ import annotations

from browser.kit import Place, Visitors, faults_at_widths, faults_for_everybody, picture
from playwright.async_api import expect

from crm_core.services import do_not_call

NUMBER, WHY = "+34957212001", "<b>asked</b> by telephone"


async def on_the_list(place: Place, *numbers: str) -> None:
    who = {"by": "u-eva", "address": None, "now": place.context.now()}
    await place.db.run(do_not_call.add_all, numbers=numbers, why=WHY, **who)


async def test_it_is_added_found_and_lifted_by_keyboard(visitors: Visitors, place: Place) -> None:
    page = await visitors.visit("bea", "/do-not-call")
    await page.locator("#add-numbers").fill("957 21 20 01\n112\n+33 1 42 68 53 00")
    await page.locator("#add-why").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#add-why-err")).to_be_visible()
    await page.keyboard.type(WHY)
    await page.keyboard.press("Enter")
    await expect(page.locator("#report li")).to_have_text("112")

    async with page.expect_navigation():
        await page.locator("#q").fill("0034957212001")
        await page.keyboard.press("Enter")
    await expect(page.locator("#about")).to_contain_text(WHY)
    await expect(page.locator("#listed tbody tr")).to_have_count(1)
    await page.locator("[data-lift]").focus()
    await page.keyboard.press("Enter")
    await page.keyboard.type("asked again")
    await page.keyboard.press("Enter")
    await expect(page.locator("#listed tbody tr")).to_be_hidden()
    assert not await place.db.read(do_not_call.forbids, number=NUMBER)
    await page.locator("#undo").click()
    await expect(page.locator("#listed tbody tr")).to_be_visible()
    assert (await place.db.read(do_not_call.get, number=NUMBER)).why == WHY


async def test_it_is_for_everybody(visitors: Visitors, place: Place) -> None:
    await on_the_list(place, *(f"+3495721{n:04}" for n in range(2000, 2060)))
    page = await visitors.visit("bea", "/do-not-call?q=957212001")
    await page.locator("[data-lift]").click()
    assert await faults_for_everybody(page) == []
    await picture(page, "do-not-call-dark")
    await page.emulate_media(color_scheme="light")
    assert await faults_at_widths(page, "do-not-call") == []

    sue = await visitors.visit("sue", "/do-not-call")
    await expect(sue.locator("#listed tbody tr")).to_have_count(50)
    await picture(sue, "do-not-call-en")
