"""What comes later than its page has its place kept by a skeleton, and nothing jumps when it comes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from browser.desk_scene import AtDesk, furnish, maria
from browser.floor_scene import MEMBERS, WAITING, fill
from browser.full_house import PAGES
from browser.kit import Place, Visitors, faults, picture
from contract.crm_core.kit import a_contact
from playwright.async_api import Route, expect

from crm_core.services import contacts

OBSERVE = """() => {
  window.shifts = [];
  new PerformanceObserver((list) => {
    for (const {value, hadRecentInput, sources} of list.getEntries()) {
      const moved = sources.map(({node}) => node?.id || node?.className || node?.nodeName);
      if (!hadRecentInput) window.shifts.push([value, ...moved]);
    }
  }).observe({type: "layout-shift", buffered: true});
}"""
SHIFTS = "() => new Promise((tell) => requestAnimationFrame(() => setTimeout(() => tell(window.shifts), 50)))"


def held(gate: asyncio.Event) -> Callable[[Route], Awaitable[None]]:
    """Return what lets a request wait until *gate* is open."""

    async def wait(route: Route) -> None:
        await gate.wait()
        await route.continue_()

    return wait


async def test_the_floor_keeps_the_place_of_what_it_waits_for(visitors: Visitors, place: Place) -> None:
    visitors.expect("WebSocket connection to")
    fill(place.stage)
    await place.unplug()
    page = await visitors.visit("eva", "/floor")
    await page.evaluate(OBSERVE)
    for panel in ("calls", "agents"):
        await expect(page.locator(f"#{panel} .bone")).to_have_count(3)
    waiting = sum(len(waits) for waits in WAITING.values())
    await expect(page.locator("#queues .bone")).to_have_count(len(MEMBERS) + waiting)
    await expect(page.locator("#board")).to_have_attribute("aria-busy", "true")
    assert await faults(page) == []
    await picture(page, "floor-skeleton-es-light")
    await place.plug()
    await page.evaluate("document.getElementById('link-retry').click()")
    await expect(page.locator("#calls tbody tr")).to_have_count(8)
    await expect(page.locator("#board .bone")).to_have_count(0)
    await expect(page.locator("#board")).not_to_have_attribute("aria-busy", "true")
    assert await page.evaluate(SHIFTS) == []


async def test_the_search_keeps_the_place_of_what_it_waits_for(visitors: Visitors, place: Place) -> None:
    who = a_contact("00000000-0000-7000-8000-0000000000a1", "Zoraida", "Quintanilla", numbers=["957212345"])
    await place.db.run(contacts.create, contact=who, region="ES", by=None, now=place.context.now())
    page, gate = await visitors.visit("bea", "/me"), asyncio.Event()
    await page.route("**/search/options*", held(gate))
    await page.keyboard.press("/")
    await page.keyboard.type("Zoraida")
    await expect(page.locator("#search-found .bone")).to_have_count(3)
    await expect(page.locator("#search-found")).to_have_attribute("aria-busy", "true")
    await page.evaluate(OBSERVE)
    await page.wait_for_timeout(600)  # what jumps within half a second of a key is not counted
    await picture(page, "search-skeleton-es-light")
    gate.set()
    await expect(page.locator("#search-found [role=option]").first).to_be_visible()
    await expect(page.locator("#search-found")).not_to_have_attribute("aria-busy", "true")
    assert await page.evaluate(SHIFTS) == []


async def test_the_desk_keeps_the_place_of_what_was_before(visitors: Visitors, place: Place) -> None:
    contact_id = await furnish(place)
    desk, gate = AtDesk(place), asyncio.Event()
    page = await visitors.visit("ana")
    await page.route("**/desk/history/*", held(gate))
    await expect(page.locator("#line")).to_have_attribute("data-line", "free")
    call = desk.comes(card=maria(contact_id))
    await expect(page.locator(".callcard")).to_be_visible()
    desk.answers(call)
    await expect(page.locator("#history .bone")).to_have_count(3)
    await expect(page.locator("#history")).to_have_attribute("aria-busy", "true")
    await page.evaluate(OBSERVE)
    before = await page.evaluate(SHIFTS)
    gate.set()
    await expect(page.locator("#history [data-days]")).to_be_visible()
    await expect(page.locator("#history")).not_to_have_attribute("aria-busy", "true")
    assert await page.evaluate(SHIFTS) == before


async def test_what_comes_with_its_page_has_none(visitors: Visitors, place: Place) -> None:
    page = await visitors.visit("bea", "/me")
    for who, path in PAGES:
        if who == "bea" and path != "/floor" and "{" not in path:
            await page.goto(place.origin + path)
            assert await page.locator(".bone").filter(visible=True).count() == 0, path
