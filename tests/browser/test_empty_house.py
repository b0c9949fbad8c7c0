"""A house in which nothing has happened yet: each list says what will stand there, and what to do next."""

from __future__ import annotations

import pytest
from browser.kit import Visitors, faults, picture
from playwright.async_api import expect

LISTS = (
    "/calls",
    "/lost",
    "/contacts",
    "/accounts",
    "/duplicates",
    "/import",
    "/incidents",
    "/problems",
    "/tasks?view=all",
    "/knowledge",
    "/equipment",
    "/repairs",
    "/products",
    "/campaigns",
    "/do-not-call",
    "/settings/incidents?section=policies",
    "/settings/incidents?section=calendars",
    "/settings/incidents?section=category",
    "/fields",
    "/webhooks",
    "/admin/teams",
    "/admin/queues",
    "/admin/keys",
)
NEXT = ".empty a, .empty button, .head .btn.primary, form .btn.primary"
SHORTEST = 20


@pytest.mark.parametrize("who", ["bea", "sue"])
async def test_an_empty_list_says_what_to_do_next(visitors: Visitors, who: str) -> None:
    """The administrator reads Spanish, the supervisor English; who may not do it is not offered it."""
    visitors.expect("status of 403")
    page = await visitors.visit(who, "/me")
    lacking = []
    for path in LISTS:
        answer = await page.goto(visitors.place.origin + path)
        assert answer is not None
        if answer.status == 403:
            assert who != "bea", path
            continue
        empty = page.locator("main .empty").first
        await expect(empty.locator("strong")).to_be_visible()
        if len(await empty.locator("p").inner_text()) < SHORTEST:
            lacking.append(f"{path}: no sentence")
        if not await page.locator("main").locator(NEXT).filter(visible=True).count():
            lacking.append(f"{path}: nothing to do next")
    assert lacking == []


async def test_what_an_empty_list_offers_leads_on(visitors: Visitors) -> None:
    page = await visitors.visit("bea", "/contacts")
    assert await faults(page) == []
    await picture(page, "contacts-empty-es-light")
    await page.locator(".empty").get_by_role("link", name="Importar").focus()
    async with page.expect_navigation():
        await page.keyboard.press("Enter")
    await expect(page).to_have_url(f"{visitors.place.origin}/import")

    agent = await visitors.visit("ana", "/contacts")
    await expect(agent.locator(".empty p")).to_be_visible()
    await expect(agent.locator(".empty a")).to_have_count(0)
