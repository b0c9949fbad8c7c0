"""Every page in light and dark, both languages and all widths: usable by everybody, nothing sticks out.

The pictures are kept in build/pictures, to be looked at.
"""

from __future__ import annotations

import pytest
from browser.floor_scene import fill
from browser.kit import Place, Visitors, faults, faults_at_widths, faults_for_everybody, picture
from playwright.async_api import Page, expect


async def opened(visitors: Visitors, page: str, language: str) -> Page:
    options = {"locale": f"{language}-ES"}
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


@pytest.mark.parametrize("page", ["sign-in", "floor", "menu", "lost", "nothing"])
async def test_a_page_is_for_everybody(visitors: Visitors, place: Place, page: str) -> None:
    fill(place.stage)
    shown = await opened(visitors, page, "es")
    assert await faults_for_everybody(shown) == []
    await picture(shown, f"{page}-es-dark")
    await shown.emulate_media(color_scheme="light")
    await picture(shown, f"{page}-es-light")
    if page != "menu":  # the page around it is the floor
        assert await faults_at_widths(shown, page) == []


@pytest.mark.parametrize("page", ["sign-in", "floor", "menu", "lost", "nothing"])
async def test_a_page_in_english_is_for_everybody(visitors: Visitors, place: Place, page: str) -> None:
    fill(place.stage)
    shown = await opened(visitors, page, "en")
    assert await faults(shown) == []
    await picture(shown, f"{page}-en-light")
