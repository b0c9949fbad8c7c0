"""How the desk looks: nothing for axe to find in light and dark, nothing lost on small screens, pictures."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from browser.desk_scene import NUMBER, AtDesk, furnish, maria, several
from browser.kit import Place, Visitors, faults_for_everybody, picture, sideways
from playwright.async_api import Page, expect

from crm_core.domain.cards import Card

SCENES = ("idle", "ringing", "several", "stranger", "talking", "over")
SCREENS = ((1440, 900), (720, 450), (320, 640))  # usual, twice as large, a phone


async def shown(visitors: Visitors, place: Place, scene: str) -> Page:
    """Return Ana's desk in one of the scenes."""
    contact_id = await furnish(place)
    cards: dict[str, Callable[[], Card]] = {
        "several": several,
        "stranger": lambda: Card(number=NUMBER),
    }
    desk = AtDesk(place)
    page = await visitors.visit("ana")
    await expect(page.locator("#line")).to_have_attribute("data-line", "free")
    if scene == "idle":
        return page
    call = desk.comes(card=cards.get(scene, lambda: maria(contact_id))())
    await expect(page.locator(".callcard")).to_be_visible()
    if scene in ("talking", "over", "stranger"):
        desk.answers(call)
        await expect(page.locator("#line")).to_have_attribute("data-line", "talking")
        await expect(page.locator("#this-call .seg")).to_be_visible()
        await page.get_by_role("button", name="Nueva").click()
    if scene == "over":
        desk.stage.clock.passes(300)
        await desk.hangs_up(call)
        await expect(page.locator("#line")).to_have_attribute("data-line", "over")
    return page


@pytest.mark.parametrize("scene", SCENES)
async def test_the_desk_is_for_everybody(visitors: Visitors, place: Place, scene: str) -> None:
    page = await shown(visitors, place, scene)
    assert await faults_for_everybody(page) == []
    await picture(page, f"desk-{scene}-dark")
    assert await page.locator("[style]:not(.seg i)").count() == 0


@pytest.mark.parametrize("scene", ["idle", "ringing", "talking"])
async def test_nothing_is_lost_on_a_small_screen(visitors: Visitors, place: Place, scene: str) -> None:
    page = await shown(visitors, place, scene)
    for width, height in SCREENS:
        await page.set_viewport_size({"width": width, "height": height})
        await picture(page, f"desk-{scene}-{width}")
        assert await sideways(page) == 0, width
        names = ".callcard .name, #line-who, #notes, #incidents, #missed-title"
        for place_of in await page.locator(names).all():
            box = await place_of.bounding_box()
            if box is not None:
                assert box["x"] >= 0, width
                assert box["x"] + box["width"] <= width


async def test_a_large_letter_loses_nothing(visitors: Visitors, place: Place) -> None:
    page = await shown(visitors, place, "ringing")
    await page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert await sideways(page) == 0
    await expect(page.locator(".callcard .name")).to_be_in_viewport()
