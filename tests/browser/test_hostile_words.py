"""HTML in every text field that REST takes is text on every page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from browser.calls_scene import MARIA, fill_day
from browser.floor_scene import fill
from browser.hostile_words import HOSTILE, PAGES, SENT
from browser.kit import Place, Visitors
from playwright.async_api import Page, expect

SEND = """async ([method, path, version, body]) => {
  const token = document.querySelector("meta[name=centralita-csrf]").content;
  const headers = {"Content-Type": "application/json", "X-CSRF-Token": token};
  if (version) headers["If-Match"] = version;
  const answer = await fetch("/api/v1" + path, {method, headers, body: JSON.stringify(body)});
  const text = await answer.text();
  return [answer.status, text ? JSON.parse(text) : {}];
}"""
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
        await _send(agent if path.startswith("/calls/") else page, method, path, body, ids)
    showing = set()
    for path in PAGES:
        await page.goto(place.origin + _filled(path, ids))
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


async def _send(page: Page, method: str, path: str, body: dict[str, Any], ids: dict[str, str]) -> None:
    version = '"1"' if method == "PATCH" else None
    status, made = await page.evaluate(SEND, [method, _filled(path, ids), version, _filled(body, ids)])
    assert status in (200, 201, 204), (path, status, made)
    if method == "POST" and path.count("/") == 1:
        one = made.get("key", made)
        ids[path.strip("/")] = (one if isinstance(one, dict) else made).get("id", "")


def _filled(value: Any, ids: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: _filled(one, ids) for name, one in value.items()}
    if isinstance(value, str):
        return re.sub(r"{([\w-]+)}", lambda found: ids[found[1]], value)
    return value
