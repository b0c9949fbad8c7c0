"""Saved views at the head of lists, by keyboard: kept, opened, changed, begun with, taken away."""

from __future__ import annotations

import zlib
from typing import get_args
from urllib.parse import parse_qs, urlsplit

import pytest
from browser.incident_scene import HOSTILE, furnish
from browser.kit import Place, Visitors, faults, faults_at_widths, faults_for_everybody, picture
from playwright.async_api import Page, expect

from crm_core.domain.masking import MaskRule
from crm_core.domain.saved_views import ListPage, Reader, SavedView
from crm_core.services import saved_views

EVA = Reader(user="u-eva", pages=frozenset(get_args(ListPage)), may_share=True)
LISTS = ("contacts", "accounts", "incidents", "tasks", "calls", "knowledge", "problems")


async def shared(place: Place, name: str, **more: object) -> SavedView:
    now = place.context.now()
    facts = {"page": "incidents", "audience": "everybody", "owner": "u-eva", "name": name}
    view = SavedView(id=place_id(name), created_at=now, updated_at=now, **(facts | more))  # type: ignore[arg-type]
    kept: SavedView = await place.db.run(saved_views.keep, view=view, who=EVA, now=now)
    return kept


def place_id(name: str) -> str:
    return f"{zlib.crc32(name.encode()):08x}-0000-7000-8000-000000000000"


def chip(page: Page, name: str) -> object:
    return page.locator("#saved nav a", has_text=name)


async def keep(page: Page, name: str, *, starts: bool = False) -> None:
    await expect(page.locator("#view-new")).to_be_enabled()
    await page.locator("#view-new").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#view-name")).to_be_focused()
    await page.keyboard.type(name)
    if starts:
        await page.locator("#view-start").check()
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#saved nav a[aria-current]")).to_contain_text(name)


async def test_one_is_kept_and_the_list_begins_with_it(visitors: Visitors, place: Place) -> None:
    await furnish(place)
    page = await visitors.visit("ana", "/incidents")
    await page.locator("#f-priority").select_option("1")
    await expect(page.locator("#found tbody tr")).to_have_count(2)
    await page.locator("#view-new").click()
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#view-name-err")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.locator("#view-form")).to_be_hidden()
    await expect(page.locator("#view-new")).to_be_focused()
    await keep(page, HOSTILE, starts=True)
    await expect(page.locator("#done-text")).to_contain_text(HOSTILE)
    await page.goto(f"{place.origin}/incidents")
    await expect(page.locator("#saved nav a[aria-current]")).to_contain_text(HOSTILE)
    await expect(page.locator("#found tbody tr")).to_have_count(2)
    assert await faults(page) == []


async def test_the_open_one_is_changed_and_changed_back(visitors: Visitors, place: Place) -> None:
    await furnish(place)
    page = await visitors.visit("ana", "/incidents?priority=1")
    await keep(page, "Críticas")
    await expect(page.locator('[data-view="update"]')).to_have_count(0)
    await page.locator("#f-priority").select_option("5")
    await page.locator('[data-view="update"]').click()
    await expect(page.locator('[data-view="update"]')).to_have_count(0)
    await page.locator("#undo").click()
    await expect(page.locator('[data-view="update"]')).to_be_visible()
    await page.locator("#view-edit").click()
    await expect(page.locator("#view-name")).to_have_value("Críticas")
    await page.locator("#view-name").fill("Bajas")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#saved nav a")).to_have_text(["Bajas"])
    await page.locator("#undo").click()
    await expect(page.locator("#saved nav a")).to_have_text(["Críticas"])


async def test_who_is_not_shown_numbers_keeps_what_he_asked_himself(visitors: Visitors, place: Place) -> None:
    place.context.masks.learn([MaskRule(role="agent", numbers="masked", emails="masked")])
    page = await visitors.visit("ana", "/contacts?q=611+23+46+78")
    await keep(page, "Marta")
    assert await _kept(place) == ("Marta", {"q": "611 23 46 78"})
    await page.locator("#view-edit").click()
    await page.locator("#view-name").fill("La de siempre")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#saved nav a[aria-current]")).to_have_text("La de siempre")
    assert parse_qs(urlsplit(page.url).query)["q"] == ["611 23 46 78"]
    await page.locator("#undo").click()
    await expect(page.locator("#saved nav a[aria-current]")).to_have_text("Marta")

    saved = parse_qs(urlsplit(page.url).query)["saved"][0]
    await page.goto(f"{place.origin}/contacts?saved={saved}&q=622+34+57+89")
    await page.locator('[data-view="update"]').click()
    await expect(page.locator('[data-view="update"]')).to_have_count(0)
    assert await _kept(place) == ("Marta", {"q": "622 34 57 89"})
    await expect(page.locator("#done")).to_be_visible()
    await expect(page.locator("#undo")).to_be_hidden()


async def _kept(place: Place) -> tuple[str, dict[str, str]]:
    (one,) = await place.db.read(lambda uow: uow.saved_views.every())
    return one.name, dict(one.query)


async def test_one_is_taken_away_and_brought_back(visitors: Visitors, place: Place) -> None:
    page = await visitors.visit("ana", "/contacts?q=ana")
    await keep(page, "Las Anas")
    await page.locator("#view-edit").click()
    await page.locator('[data-view="remove"]').click()
    await expect(page.locator("#saved nav a")).to_have_count(0)
    await expect(page.locator("#view-new")).to_be_focused()
    await page.keyboard.press("u")
    await expect(page.locator("#saved nav a")).to_have_text(["Todas", "Las Anas"])


async def test_a_supervisor_shares_and_an_agent_begins_with_it(visitors: Visitors, place: Place) -> None:
    await furnish(place)
    page = await visitors.visit("eva", "/incidents?kind=complaint")
    await page.locator("#view-new").click()
    await page.locator("#view-name").fill("Quejas")
    await page.locator("#view-audience").select_option(label="El equipo Taller")
    await page.locator("#view-audience").select_option("everybody")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#saved nav a")).to_contain_text(["Quejas"])
    page = await visitors.visit("ana", "/incidents")
    await expect(page.locator("#view-audience")).to_have_count(0)
    await page.locator("#saved nav a").click()
    await expect(page.locator("#found tbody tr")).to_have_count(1)
    await page.locator("#view-edit").click()
    await expect(page.locator("#view-start")).to_be_focused()
    await expect(page.locator("#view-name")).to_be_disabled()
    await page.keyboard.press("Space")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#saved nav a .sr").first).to_contain_text("empieza")


@pytest.mark.parametrize("name", LISTS)
async def test_every_list_has_them_for_everybody(visitors: Visitors, place: Place, name: str) -> None:
    await shared(place, f"Vista {HOSTILE}", page=name)
    page = await visitors.visit("eva", f"/{name}")
    await expect(page.locator("#saved nav a").last).to_contain_text(HOSTILE)
    await page.locator("#view-new").click()
    assert await faults_for_everybody(page) == []
    assert await faults_at_widths(page, f"views-{name}") == []


async def test_many_are_behind_a_button(visitors: Visitors, place: Place) -> None:
    await furnish(place)
    for n in range(12):
        await shared(place, f"Vista compartida {n:02d}", query={"priority": "1"})
    page = await visitors.visit("eva", "/incidents")
    await expect(page.locator("#saved nav > a")).to_have_count(8)
    await page.locator("#saved summary").click()
    await page.locator("#saved details a").last.click()
    await expect(page.locator("#saved nav > a")).to_have_count(9)
    await expect(page.locator("nav.views a[aria-current]")).to_have_count(1)
    await page.locator("#view-edit").click()
    await picture(page, "saved-views-es-light")
    await page.emulate_media(color_scheme="dark")
    await picture(page, "saved-views-es-dark")
    page = await visitors.visit("sue", "/contacts?saved=none")
    await page.locator("#view-new").click()
    await picture(page, "saved-views-en-light")
