"""How long records are kept: looked at before, saved by keyboard, taken back, for everybody."""

from __future__ import annotations

from datetime import timedelta

from browser.kit import Place, Visitors, faults, faults_at_widths, faults_for_everybody, picture
from contract.crm_core.kit import a_call, a_contact
from playwright.async_api import expect

from crm_core.services import calls, contacts, erasure, retention

PAGE = "/admin/retention"
KEY = "00000000-0000-7000-8000-0000000000a1"


async def with_old_calls(place: Place) -> None:
    """Three old calls, one of somebody who must be kept."""
    now = place.context.now()
    who = a_contact(KEY, "Zoraida <b>", "Quintanilla", numbers=["957212345"])
    await place.db.run(contacts.create, contact=who, region="ES", by=None, now=now)
    told = [a_call(n, customer="+34957212345" if n == 0 else f"+3495721200{n}") for n in range(3)]
    for one in told:
        one.started_at = now - timedelta(days=500)
    await place.db.run(calls.record, calls=told, events=())
    reason = "Court <i>case</i> 7"
    await place.db.run(erasure.hold, contact_id=KEY, reason=reason, by="eva", address=None, now=now)


async def days(place: Place) -> int | None:
    rules = await place.db.read(retention.rules)
    found: int | None = rules[0].days
    return found


async def test_it_is_looked_at_saved_and_taken_back(visitors: Visitors, place: Place) -> None:
    await with_old_calls(place)
    page = await visitors.visit("bea", PAGE)
    panel = page.locator('[data-kind="calls"]')
    field = page.locator("#calls-days")
    await field.focus()
    await page.keyboard.type("30")
    await page.keyboard.press("Enter")
    await expect(page.locator("#calls-err")).to_be_visible()
    assert await days(place) is None

    await field.fill("365")
    await panel.locator("[data-outlook]").click()
    told = panel.locator("[data-told]")
    await expect(told).to_contain_text("2")
    await expect(told).to_contain_text("Zoraida <b> Quintanilla")
    await expect(told).to_contain_text("Court <i>case</i> 7")
    await picture(page, "retention")
    assert await faults(page) == []

    await field.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#done")).to_be_visible()
    assert await days(place) == 365
    await page.locator("h1").click()
    await page.locator("#undo").click()
    await expect(field).to_have_value("")
    assert await days(place) is None


async def test_it_is_for_everybody(visitors: Visitors, place: Place) -> None:
    await with_old_calls(place)
    page = await visitors.visit("bea", PAGE)
    await page.locator("#calls-days").fill("365")
    await page.locator('[data-kind="calls"] [data-outlook]').click()
    await expect(page.locator('[data-kind="calls"] [data-told]')).to_be_visible()
    assert await faults_for_everybody(page) == []
    assert await faults_at_widths(page, "retention") == []
