"""The spine in a browser: a real call at a real Asterisk, its card on the screen, then its history."""

from __future__ import annotations

import time
from dataclasses import dataclass

import pytest
from browser.kit import Visitors, fill_in
from lab.floor import Floor
from lab.pbx import Asterisk
from lab.phones import Answers, caller, phone
from lab.service import PASSWORD, on_exchange
from playwright.async_api import Browser, Page, expect

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(90)]
NUMBER, NAME = "957212000", "María del Carmen Fernández"


@dataclass(frozen=True)
class Address:
    """Where pages are."""

    origin: str


async def signed_in(visitors: Visitors, name: str) -> Page:
    """Sign in as a person does and return the desk, connected."""
    page = await visitors.visit(None, "/", locale="es-ES")
    await fill_in(page, name, PASSWORD)
    await page.wait_for_url("**/seat?**")
    await expect(page.get_by_role("radio", checked=True)).to_be_focused()  # the phone of last time
    await page.keyboard.press("Enter")
    await expect(page.locator("#line")).to_have_attribute("data-line", "free")
    return page


async def test_the_card_is_on_the_screen_before_the_answer_and_the_call_in_the_history_after_it(
    browser: Browser, asterisk: Asterisk, lab_floor: Floor
) -> None:
    with lab_floor.desk() as place:
        seat = place.phones[0]
        async with on_exchange(asterisk) as house:
            await house.add_contact(NAME, NUMBER)
            await house.add_agent("ana", seat)
            visitors = Visitors(browser, Address(f"http://127.0.0.1:{house.http_port}"))
            page = await signed_in(visitors, "ana")
            async with (
                phone(asterisk, seat, Answers(after=2.5)) as ringing,
                caller(asterisk, place.did, number=NUMBER, hang_up_after=6) as line,
            ):
                await expect(page.locator(".callcard")).to_contain_text(NAME)
                seen_at = time.time()
                rung = await ringing.until(lambda call: call.answered_at)
                assert rung.ringing_at < seen_at < rung.answered_at
                await expect(page.locator("#line")).to_have_attribute("data-line", "talking")
                await line.ended()
                await expect(page.locator("#this-call")).to_contain_text("Esta llamada")
                await page.get_by_label("Notas").fill("Pide el informe")
                await page.keyboard.press("Control+Enter")
                await expect(page.locator(".mine")).to_contain_text(NAME)
                await page.reload()
                await expect(page.locator(".mine tbody tr")).to_have_count(1)
            await visitors.leave()
    assert visitors.complaints == []
