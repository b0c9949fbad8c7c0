"""After an upgrade a page loads itself anew, but never under somebody's hands."""

from __future__ import annotations

from browser.desk_scene import AtDesk, maria
from browser.kit import Place, Visitors
from playwright.async_api import Page, expect

NEXT = "99.0"


async def upgraded(place: Place) -> None:
    """Let the service come again as another version; its pages stay of the old one, as if kept back."""
    await place.unplug()
    place.stage.hub.snapshots.version = NEXT
    await place.plug()
    place.stage.hub._epoch = "e2"


async def marked(page: Page) -> None:
    """Mark the page: loaded anew it has no mark."""
    await page.evaluate("document.body.dataset.old = ''")


async def test_who_does_nothing_has_the_new_version_at_once(visitors: Visitors, place: Place) -> None:
    visitors.expect("WebSocket connection to")
    page = await visitors.visit("eva", "/floor")
    await marked(page)
    await upgraded(place)
    await expect(page.locator("body[data-old]")).to_have_count(0)
    await expect(page.locator("#newer-told")).to_have_text(
        "Hay una versión nueva."
    )  # once, not again and again


async def test_neither_a_call_nor_what_is_typed_is_lost(visitors: Visitors, place: Place) -> None:
    visitors.expect("WebSocket connection to")
    page = await visitors.visit("ana", "/", is_clock_mine=True)
    await expect(page.locator("#line")).to_have_attribute("data-line", "free")
    AtDesk(place).comes(card=maria())
    await expect(page.locator(".callcard")).to_be_visible()
    await marked(page)
    await upgraded(place)
    await page.clock.run_for(2_000)  # it comes again
    await expect(page.locator("#newer-told")).to_contain_text("cuando termines")
    await page.clock.run_for(10_000)
    assert await page.evaluate("document.body.dataset.old") == ""


async def test_a_form_is_finished_first(visitors: Visitors, place: Place) -> None:
    visitors.expect("WebSocket connection to")
    page = await visitors.visit("ana", "/", is_clock_mine=True)
    await expect(page.locator("#line")).to_have_attribute("data-line", "free")
    await page.locator("#dial-number").fill("600")
    await marked(page)
    await upgraded(place)
    await page.clock.run_for(2_000)
    await expect(page.locator("#newer-told")).to_contain_text("cuando termines")
    await page.clock.run_for(10_000)
    assert await page.evaluate("document.body.dataset.old") == ""
    await page.locator("#dial-number").fill("")
    await page.clock.run_for(5_000)
    await expect(page.locator("body[data-old]")).to_have_count(0)
