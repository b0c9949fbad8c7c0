"""Every page in light and dark, both languages and all widths: usable by everybody, nothing sticks out.

The pictures are kept in build/pictures, to be looked at.
"""

from __future__ import annotations

import pytest
from browser.floor_scene import fill
from browser.kit import Place, Visitors, faults_for_everybody, picture, sideways
from playwright.async_api import Page, expect

WIDTHS = {"1440": (1440, 900), "1280": (1280, 800), "768": (768, 1024), "390": (390, 844), "320": (320, 640)}


async def opened(visitors: Visitors, page: str, language: str, size: tuple[int, int]) -> Page:
    options = {"viewport": {"width": size[0], "height": size[1]}, "locale": f"{language}-ES"}
    who = {"es": "eva", "en": "sue"}[language]
    match page:
        case "sign-in":
            return await visitors.visit(None, "/sign-in", **options)
        case "nothing":
            visitors.expect("status of 404")
            return await visitors.visit(who, "/nothing", **options)
    if page == "lost":
        visitors.expect("WebSocket connection to")
    shown = await visitors.visit(who, "/floor", **options)
    await expect(shown.locator("#calls tbody tr")).to_have_count(8)
    if page == "menu":
        await shown.locator(".me").click()
    if page == "lost":
        await visitors.place.unplug()
        await expect(shown.locator("#link")).to_be_visible()
    return shown


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("page", ["sign-in", "floor", "menu", "lost", "nothing"])
async def test_a_page_is_for_everybody(visitors: Visitors, place: Place, page: str, language: str) -> None:
    fill(place.stage)
    shown = await opened(visitors, page, language, WIDTHS["1440"])
    assert await faults_for_everybody(shown) == []
    for scheme in ("light", "dark"):
        await shown.emulate_media(color_scheme=scheme)
        await picture(shown, f"{page}-{language}-{scheme}")


@pytest.mark.parametrize("page", ["sign-in", "floor", "lost", "nothing"])
@pytest.mark.parametrize("width", WIDTHS)
async def test_nothing_sticks_out(visitors: Visitors, place: Place, page: str, width: str) -> None:
    fill(place.stage)
    shown = await opened(visitors, page, "es", WIDTHS[width])
    await picture(shown, f"{page}-{width}")
    assert await sideways(shown) == 0
    assert await faults_for_everybody(shown) == []
