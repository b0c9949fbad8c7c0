"""What is shown to whom: set by keyboard, taken back; who is not shown a number dials it all the same."""

from __future__ import annotations

from browser.kit import Place, Visitors, faults, faults_at_widths, faults_for_everybody, picture
from contract.crm_core.kit import a_contact
from msgspec.structs import replace
from playwright.async_api import expect

from crm_core.domain.contacts import Phone
from crm_core.domain.masking import MaskRule
from crm_core.services import contacts, masking

PAGE = "/admin/masking"
KEY = "00000000-0000-7000-8000-0000000000a1"
PHONE = "00000000-0000-7000-8000-0000000000a2"


async def rule(place: Place) -> MaskRule:
    found: MaskRule = (await place.db.read(masking.rules))[0]
    return found


async def masked_with_zoraida(place: Place) -> None:
    place.context.masks.learn([MaskRule(role="agent", numbers="masked", emails="masked")])
    kept = replace(a_contact(KEY, "Zoraida", "Quintanilla"), phones=(Phone(id=PHONE, raw="611 23 46 78"),))
    await place.db.run(contacts.create, contact=kept, region="ES", by=None, now=place.context.now())


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


async def test_who_is_not_shown_a_number_calls_it_all_the_same(visitors: Visitors, place: Place) -> None:
    await masked_with_zoraida(place)
    visitors.expect("409")  # there is no exchange here
    page = await visitors.visit("ana", f"/contacts/{KEY}")
    button = page.locator("[data-dial]").first
    await expect(button).to_have_text("••• ••• 678")
    drawn = await page.content()
    assert [one for one in ("611234678", "611 23 46 78") if one in drawn] == []
    await picture(page, "masked-contact")
    async with page.expect_request("**/api/v1/calls") as asked:
        await button.press("Enter")
    sent = (await asked.value).post_data_json
    assert sent == {"phone_id": PHONE, "regardless": False}


async def test_what_was_not_seen_stays_when_something_else_is_changed(
    visitors: Visitors, place: Place
) -> None:
    await masked_with_zoraida(place)
    page = await visitors.visit("ana", f"/contacts/{KEY}")
    await page.keyboard.press("e")
    rows = page.locator('[data-rows="phones"] [data-field="raw"]')
    await expect(rows.first).to_have_value("••• ••• 678")
    await page.locator('[data-rows="phones"] [data-more]').click()
    await rows.last.fill("622 34 57 89")
    async with page.expect_navigation():
        await page.keyboard.press("Control+Enter")
    await expect(page.locator("#done")).to_be_visible()
    phones = (await place.db.read(contacts.get, contact_id=KEY)).phones
    assert {one.e164 for one in phones} == {"+34611234678", "+34622345789"}
