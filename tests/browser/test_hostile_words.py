"""HTML in every text field that REST takes is text on every page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from browser.calls_scene import MARIA, fill_day
from browser.floor_scene import fill
from browser.full_house import filled, send
from browser.hostile_words import HOSTILE, PAGES, SENT
from browser.kit import Place, Visitors
from playwright.async_api import expect

MADE = "document.querySelectorAll('[onerror], img[src=x]').length"
WITHOUT = {  # pages of what has no words of anybody's, or has none in these records
    "/",
    "/admin/masking",
    "/admin/retention",
    "/admin/sessions",
    "/calls/{calls}/why",
    "/duplicates",
    "/floor",
    "/import",
    "/lost",
    "/me",
}


@pytest.mark.timeout(240)
async def test_html_is_text_on_every_page(visitors: Visitors, place: Place) -> None:
    """A picture that is no text would be asked for, and its absence complained of."""
    fill(place.stage)
    ids = {"calls": (await fill_day(place))[0].id, "maria": MARIA}
    page = await visitors.visit("bea", "/me")
    agent = await visitors.visit("ana", "/me")
    for method, path, body in SENT:
        await send(agent if path.startswith("/calls/") else page, method, path, body, ids)
    showing = set()
    for path in PAGES:
        await page.goto(place.origin + filled(path, ids))
        assert await page.evaluate(MADE) == 0, path
        if HOSTILE in await page.evaluate("document.body.textContent"):
            showing.add(path)
    assert set(PAGES) - showing <= WITHOUT


async def test_html_in_a_table_s_name_headings_and_presets_is_text(
    visitors: Visitors, tmp_path: Path
) -> None:
    (tmp_path / "presets").mkdir()
    preset = f'name = "{HOSTILE}"\n\n[columns]\n"Teléfono" = "work"\n'
    (tmp_path / "presets" / "own.toml").write_text(preset, "utf-8")
    page = await visitors.visit("bea", "/import")
    table = f"{HOSTILE};Teléfono\nAna;957212000\n".encode()
    file: Any = {"name": f"{HOSTILE}.csv", "mimeType": "text/csv", "buffer": table}
    await page.locator("#send-file").set_input_files(file)
    async with page.expect_navigation(timeout=30_000):  # another process reads the table
        await page.locator("#send [type=submit]").click()
    await expect(page.locator("h1")).to_contain_text(HOSTILE)
    await expect(page.locator("#how-preset")).to_contain_text(HOSTILE)
    assert (await page.locator("main").text_content() or "").count(HOSTILE) >= len(
        ("name", "heading", "preset")
    )
    assert await page.evaluate(MADE) == 0
