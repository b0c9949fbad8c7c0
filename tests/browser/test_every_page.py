"""Every page there is, in a house with something on each: nothing sticks out, is cut or lies on another."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from aiohttp import web
from browser.full_house import NO_PAGES, PAGES, fill, filled
from browser.kit import Visitors, open_place
from playwright.async_api import Browser, Page

from screenpop.pages.routes import routes

HERE = Path(__file__).parent
LAID_OUT, RINGS = ((HERE / f"{name}.js").read_text("utf-8") for name in ("laid_out", "rings"))
OPENED = """() => {
  const ways = [...document.querySelectorAll("button[aria-controls]:enabled, summary")];
  const shown = ways.filter((one) => one.checkVisibility());
  shown.forEach((one) => one.click());
  return shown.length;
}"""
WIDTHS = (320, 390, 640, 768, 1024, 1279, 1440)
OF_FORMS = (320, 768, 1024)


@pytest.mark.timeout(240)
async def test_every_page_fits_at_every_width(browser: Browser, tmp_path: Path, database: Path) -> None:
    """As it comes, and with all opened that a button or a summary opens; the keyboard is seen everywhere."""
    found = []
    async with open_place(tmp_path, database, public_faq=True) as place:
        visitors = Visitors(browser, place)
        looking = {"bea": await visitors.visit("bea", "/me"), "ana": await visitors.visit("ana", "/me")}
        ids = await fill(place, looking["bea"], looking["ana"])
        looking[None] = await visitors.visit(None, "/sign-in")
        for who, path in PAGES:
            page = looking[who]
            answer = await page.goto(place.origin + filled(path, ids))
            assert answer is not None
            assert answer.status == 200, path
            found += [f"{path} {fault}" for fault in await faults_of(page, WIDTHS)]
            if await page.evaluate(OPENED):
                found += [f"{path}, opened, {fault}" for fault in await faults_of(page, OF_FORMS)]
        await visitors.leave()
    assert found == []
    assert visitors.complaints == []


async def test_every_page_is_among_them() -> None:
    """A page that is added is looked at, too."""
    there = {one.path for one in routes if isinstance(one, web.RouteDef) and one.method == "GET"}
    looked_at = {path.partition("?")[0] for _, path in PAGES}
    patterns = {path: re.sub(r"{\w+}", "[^/]+", path) for path in there - set(NO_PAGES)}
    assert [
        path for path, like in patterns.items() if not any(re.fullmatch(like, one) for one in looked_at)
    ] == []
    assert set(NO_PAGES) <= there


async def faults_of(page: Page, widths: tuple[int, ...]) -> list[str]:
    """Return what does not fit at which width, and what has no ring when the keyboard is there."""
    found = []
    for width in widths:
        await page.set_viewport_size({"width": width, "height": 800})
        found += [f"{width}: {fault}" for fault in await page.evaluate(LAID_OUT)]
    return found + await page.evaluate(RINGS)
