"""Hold from the desk: by mouse and by keyboard, believed when the exchange tells it."""

from __future__ import annotations

import json

from browser.kit import Place, Visitors, faults_for_everybody, picture, sideways
from browser.test_desk_talking import talking
from playwright.async_api import Page, Route, expect


async def listen(page: Page, *, refused: str | None = None) -> list[str]:
    """Take what is asked about calls for the exchange; return the list of it, which grows."""
    asked: list[str] = []

    async def answer(route: Route) -> None:
        asked.append("/".join(route.request.url.split("/")[-2:]))
        if refused is None:
            await route.fulfill(status=202, json={"call_id": "x"})
            return
        problem = {"type": "about:blank", "title": "Conflict", "status": 409, "code": refused}
        await route.fulfill(status=409, content_type="application/problem+json", body=json.dumps(problem))

    for act in ("hold", "resume"):
        await page.route(f"**/api/v1/calls/*/{act}", answer)
    return asked


async def test_held_and_taken_back_by_keyboard(visitors: Visitors, place: Place) -> None:
    page, desk, call = await talking(visitors, place)
    asked, button = await listen(page), page.locator("#line-hold")
    await expect(button).to_have_text("RetenerF2 H")
    await page.keyboard.press("F2")
    await page.keyboard.press("h")
    await expect(button).to_have_attribute("aria-busy", "true")
    await page.keyboard.press("F2")
    await page.keyboard.press("h")  # asked once, until it is told
    desk.holds(call)
    await expect(page.locator("#state-chip")).to_have_text("Retenida")
    await expect(button).to_have_text("RecuperarF2 H")
    await expect(button).to_have_attribute("aria-busy", "false")
    await button.click()
    desk.resumes(call)
    await expect(page.locator("#state-chip")).to_have_text("Hablando")
    await expect(button).to_have_text("RetenerF2 H")
    assert asked == [f"{call.id}/hold", f"{call.id}/resume"]
    await desk.hangs_up(call)
    await expect(button).to_be_hidden()


async def test_what_the_phone_holds_is_not_to_be_taken_back_here(visitors: Visitors, place: Place) -> None:
    page, desk, call = await talking(visitors, place)
    await expect(page.locator("#line-hold")).to_be_visible()
    desk.holds(call, by_phone=True)
    await expect(page.locator("#state-chip")).to_have_text("Retenida")
    await expect(page.locator("#line-hold")).to_be_hidden()
    desk.resumes(call)
    await expect(page.locator("#line-hold")).to_have_attribute("data-act", "hold")


async def test_why_it_cannot_be_is_said_at_the_line(visitors: Visitors, place: Place) -> None:
    page, _, _ = await talking(visitors, place)
    await listen(page, refused="hold_not_possible")
    visitors.expect("409")
    await page.locator("#line-hold").click()
    await expect(page.locator("#line-fault")).to_contain_text("retén con tu teléfono")
    await expect(page.locator("#line-hold")).to_have_attribute("aria-busy", "false")


async def test_a_letter_in_the_notes_holds_nobody(visitors: Visitors, place: Place) -> None:
    page, _, _ = await talking(visitors, place)
    asked = await listen(page)
    await page.locator("#notes").focus()
    await page.keyboard.press("F2")
    await page.keyboard.type("hola")
    await expect(page.locator("#notes")).to_have_value("hola")
    assert asked == []


async def test_where_only_observed_there_is_nothing_to_press(visitors: Visitors, place: Place) -> None:
    place.queues.is_observed = True
    page, _, _ = await talking(visitors, place)
    await expect(page.locator("#line-hold")).to_have_count(0)


async def test_the_button_is_for_everybody(visitors: Visitors, place: Place) -> None:
    page, desk, call = await talking(visitors, place)
    desk.holds(call)
    await expect(page.locator("#line-hold")).to_have_attribute("data-act", "resume")
    for width in (1440, 390):
        await page.set_viewport_size({"width": width, "height": 800})
        await expect(page.locator("#line-hold")).to_be_visible()
        assert await faults_for_everybody(page) == []
        assert await sideways(page) == 0, width
        await picture(page, f"desk-hold-{width}")
