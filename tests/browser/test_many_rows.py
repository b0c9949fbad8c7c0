"""A house with ten thousand people, incidents and calls: its lists are as quick and short as in a small one.

What a page weighs, how long the service needed for it and when it was seen stands in build/many-rows.json.
"""

from __future__ import annotations

import importlib.util
import json
import shutil
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from browser.kit import PICTURES, WITHIN_S, Place, Visitors, open_place, picture
from playwright.async_api import Browser, Page, expect

MANY, ON_A_PAGE = 10_000, 50  # of the incidents one in twelve is open
MOST_ELEMENTS, MOST_BYTES = 2_500, 200_000
ALL_CALLS = "/calls?from=2023-01-01"
LISTS = {  # rows of a page
    "/contacts": "table tbody tr",
    "/accounts": "table tbody tr",
    ALL_CALLS: "table tbody tr",
    "/incidents": "#found tbody tr",
    "/incidents?state=any": "#found tbody tr",
    "/incidents?view=board": ".tile-card",
}
TIMES = """() => new Promise((tell) => {
  const [way] = performance.getEntriesByType("navigation");
  new PerformanceObserver((list, observer) => {
    observer.disconnect();
    tell({
      seen_ms: list.getEntriesByName("first-contentful-paint")[0].startTime,
      server_ms: way.responseStart - way.requestStart,
      bytes: way.decodedBodySize,
      elements: document.querySelectorAll("*").length,
    });
  }).observe({type: "paint", buffered: true});
})"""


def _large_site() -> Any:
    """Return the module that fills large sites; its folder has names of other packages in it."""
    file = Path(__file__).parents[2] / "benchmarks" / "large_site.py"
    spec = importlib.util.spec_from_file_location("large_site", file)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def crowd(tmp_path_factory: pytest.TempPathFactory, database: Path) -> AsyncIterator[Place]:
    """The service with as many records; the tests of this file change none."""
    folder, site = tmp_path_factory.mktemp("many"), _large_site()
    file = folder / "many.db"
    shutil.copy(database, file)
    size = site.Size(name="many", people=MANY, calls=MANY, some_incidents=MANY)
    site.fill(file, size, is_forgiving=False)
    async with open_place(folder, file) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def guests(browser: Browser, crowd: Place) -> AsyncIterator[Visitors]:
    here = Visitors(browser, crowd)
    yield here
    await here.leave()
    assert here.complaints == []


async def hrefs(page: Page) -> list[str]:
    """Return where the rows of a list lead to."""
    found: list[str] = await page.locator("main tbody tr").evaluate_all(
        "all => all.map(row => row.querySelector('a')?.getAttribute('href'))"
    )
    return found


async def scrolled(page: Page) -> int:
    top: int = await page.evaluate("document.getElementById('main').scrollTop")
    return top


async def test_every_list_is_short_and_soon_there(guests: Visitors) -> None:
    page = await guests.visit("bea", "/me")
    figures = {}
    for path, rows in LISTS.items():
        await page.goto(guests.place.origin + path)
        told = await page.evaluate(TIMES)
        shown = await page.locator(rows).count()
        figures[path] = {"rows": shown} | {name: round(value) for name, value in told.items()}
        assert 0 < shown <= ON_A_PAGE
        assert told["elements"] <= MOST_ELEMENTS, path
        assert told["bytes"] <= MOST_BYTES, path
        assert told["seen_ms"] <= WITHIN_S * 1000, path
    PICTURES.parent.mkdir(exist_ok=True)
    (PICTURES.parent / "many-rows.json").write_text(json.dumps(figures, indent=1) + "\n", "utf-8")


@pytest.mark.parametrize("path", ["/contacts", ALL_CALLS, "/incidents?state=any"])
async def test_one_walks_pages_on_and_comes_back_by_keyboard(guests: Visitors, path: str) -> None:
    page = await guests.visit("bea", path)
    first = await hrefs(page)
    for _ in range(40):
        await page.keyboard.press("j")
    chosen = page.locator(f"main tbody a[href='{first[39]}']").first
    await expect(chosen).to_be_focused()
    top = await scrolled(page)
    assert top > 0
    async with page.expect_navigation():
        await page.keyboard.press("Enter")
    await page.go_back()
    await expect(chosen).to_be_focused()
    assert await scrolled(page) == top
    await page.keyboard.press("k")
    await expect(page.locator(f"main tbody a[href='{first[38]}']").first).to_be_focused()

    async with page.expect_navigation():
        await page.keyboard.press("m")
    second = await hrefs(page)
    assert len(second) == ON_A_PAGE
    assert not set(first) & set(second)
    await page.go_back()
    await expect(page.locator("main tbody tr").first).to_be_visible()
    assert await hrefs(page) == first


async def test_a_list_is_filtered_by_keyboard_and_a_board_shows_some_of_each_state(guests: Visitors) -> None:
    page = await guests.visit("bea", "/contacts")
    (name,) = await page.locator("main tbody tr a").nth(9).all_inner_texts()
    await page.locator("[role=search] [name=q]").focus()
    await page.keyboard.type(name.split()[-1])
    async with page.expect_navigation():
        await page.keyboard.press("Enter")
    texts = await page.locator("main tbody tr").all_inner_texts()
    assert 0 < len(texts) <= ON_A_PAGE
    assert all(name.split()[-1] in text for text in texts)

    await page.goto(f"{guests.place.origin}/incidents?view=board")
    await expect(page.locator(".column[data-state=new] h2 .num")).to_contain_text("500+")
    assert await page.locator(".tile-card").count() == ON_A_PAGE
    await picture(page, "board-many")
