"""What is shown to whom: set by keyboard, taken back; who is not shown a number dials it all the same."""

from __future__ import annotations

from browser.kit import Place, Visitors, faults, faults_at_widths, faults_for_everybody, picture
from playwright.async_api import expect

from crm_core.domain.masking import MaskRule
from crm_core.services import masking

PAGE = "/admin/masking"


async def rule(place: Place) -> MaskRule:
    found: MaskRule = (await place.db.read(masking.rules))[0]
    return found


async def test_a_rule_is_saved_and_taken_back(visitors: Visitors, place: Place) -> None:
    page = await visitors.visit("bea", PAGE)
    numbers = page.locator("#agent-numbers")
    await numbers.focus()
    await page.keyboard.press("End")
    await page.locator("#agent-emails").select_option("masked")
    await page.locator("#agent-personal").focus()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator("#done")).to_be_visible()
    kept = await rule(place)
    assert (kept.numbers, kept.emails, kept.documents, kept.version) == ("masked", "masked", "shown", 1)
    await picture(page, "masking")
    assert await faults(page) == []

    await page.locator("h1").click()
    await page.keyboard.press("u")
    await expect(numbers).to_have_value("shown")
    assert (await rule(place)).hides_nothing


async def test_who_was_slower_hears_of_it(visitors: Visitors, place: Place) -> None:
    visitors.expect("412")
    page = await visitors.visit("bea", PAGE)
    quicker = {"by": "u-other", "address": None, "now": place.context.now(), "version": 0}
    await place.db.run(masking.set_rule, rule=MaskRule(role="agent", numbers="masked"), **quicker)
    await page.locator('[data-role="agent"] [type="submit"]').click()
    await expect(page.locator('[data-role="agent"] .err')).to_be_visible()
    assert (await rule(place)).numbers == "masked"


async def test_it_is_for_everybody(visitors: Visitors) -> None:
    page = await visitors.visit("bea", PAGE)
    assert await faults_for_everybody(page) == []
    assert await faults_at_widths(page, "masking") == []
