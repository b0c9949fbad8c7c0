"""An erasure to its end: asked for on the page, waited for, done; afterwards nobody finds who was erased."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from browser.calls_scene import MARIA, MARIAS, fill_day
from browser.kit import Place, Visitors, faults_for_everybody, picture
from playwright.async_api import Page, expect

from ami_bridge.services.recorder import Recorder
from centralita.erasing import Erasing
from crm_core.domain.erasure import GRACE
from crm_core.services import calls

NAME, NUMBER = "Fernández", "957 21 20 00"


def erasing_in(place: Place, folder: Path) -> Erasing:
    """Return what erases in the house; it shares the house's clock."""
    floors: Any = place.context.floors
    return Erasing(
        place.db,
        url=f"sqlite:///{folder / 'centralita.db'}",
        floors=floors,
        recorder=Recorder(write=partial(place.db.run, calls.record)),
        files=[],
        now=place.context.now,
    )


async def found(page: Page, place: Place, q: str) -> str:
    """Return what the search finds for *q*, as text."""
    await page.goto(f"{place.origin}/search?q={q}")
    return await page.locator("main").inner_text()


async def test_who_is_erased_is_found_no_more_and_his_calls_stay(
    visitors: Visitors, place: Place, tmp_path: Path
) -> None:
    told = await fill_day(place)
    erasing = erasing_in(place, tmp_path)
    page = await visitors.visit("bea", f"/contacts/{MARIA}")
    assert NAME in await found(page, place, NAME)
    await page.goto(f"{place.origin}/calls")
    before = await page.locator("main tbody tr").count()
    assert NAME in await page.locator("main tbody").inner_text()

    await page.goto(f"{place.origin}/contacts/{MARIA}")
    async with page.expect_navigation():
        await page.get_by_role("link", name="Privacidad").click()
    await page.locator("#erase").focus()
    async with page.expect_navigation():
        await page.keyboard.press("Enter")
    await expect(page.locator("#keep")).to_be_visible()
    await picture(page, "erasure-asked-es-light")
    assert await erasing.work() == 0  # it can be undone yet

    place.stage.clock.passes(GRACE.total_seconds() + 1)
    assert await erasing.work() == 1
    visitors.expect("status of 410")
    for path in (f"/contacts/{MARIA}/privacy", f"/contacts/{MARIA}"):
        answer = await page.goto(place.origin + path)
        assert answer is not None
        assert answer.status == 410
        heading = page.get_by_role("heading", level=1)
        await expect(heading).to_have_text("Los datos de este cliente se suprimieron")
    assert await faults_for_everybody(page) == []
    await page.emulate_media(color_scheme="light")
    await picture(page, "erased-es-light")

    for q in (NAME, NUMBER, MARIAS):
        assert NAME not in (await found(page, place, q)).replace(f"«{q}»", "").replace(f"“{q}”", "")
    await page.goto(f"{place.origin}/contacts")
    assert NAME not in await page.locator("main").inner_text()
    await page.goto(f"{place.origin}/calls")
    await expect(page.locator("main tbody tr")).to_have_count(before)
    shown = await page.locator("main tbody").inner_text()
    assert NAME not in shown
    assert NUMBER not in shown
    await page.goto(f"{place.origin}/calls/{told[0].id}")
    of_call = await page.locator("main").inner_text()
    assert NAME not in of_call
    assert NUMBER not in of_call
    assert "05:01" in of_call  # how long one talked stays
    await picture(page, "erased-call-es-light")
