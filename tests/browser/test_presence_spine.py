"""A shift begins in a browser on a real Asterisk: phone, pause, ready and another queue, by keyboard."""

from __future__ import annotations

import asyncio

import pytest
from browser.kit import Visitors
from browser.test_spine import Address, signed_in
from lab.floor import Floor
from lab.pbx import Asterisk
from lab.phones import NEVER, phone
from lab.service import on_exchange
from playwright.async_api import Browser, expect

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(90)]


async def test_an_agent_pauses_is_ready_and_joins_a_queue_by_keyboard(
    browser: Browser, asterisk: Asterisk, lab_floor: Floor
) -> None:
    with lab_floor.desk() as place, lab_floor.desk() as other:
        seat, queue = place.phones[0], other.queue.name

        async def shown(of: str) -> str:
            return await asyncio.to_thread(asterisk.cli, f"queue show {of}")

        async def serves(of: str, *, wanted: bool) -> None:
            """Wait until the exchange says so: the box is ticked when it is asked, not confirmed."""
            async with asyncio.timeout(5):
                while (seat.interface in await shown(of)) is not wanted:  # noqa: ASYNC110 - nothing tells it
                    await asyncio.sleep(0.05)

        async with on_exchange(asterisk) as house, phone(asterisk, seat, NEVER):
            await house.add_agent("ana", seat)
            visitors = Visitors(browser, Address(f"http://127.0.0.1:{house.http_port}"))
            page = await signed_in(visitors, "ana")
            state = page.locator("#state-chip")
            await expect(state).to_have_text("Disponible")
            await page.keyboard.press("F2")
            await page.keyboard.press("p")
            await page.keyboard.press("Enter")
            await expect(state).to_have_text("Pausa · Descanso")
            assert "paused:break" in await shown(place.queue.name)
            await page.keyboard.press("F2")
            await page.keyboard.press("l")
            await expect(state).to_have_text("Disponible")
            assert "paused:break" not in await shown(place.queue.name)
            await page.locator("#state").press("Enter")
            box = page.get_by_role("checkbox", name=queue)
            await box.press("Space")
            await expect(box).to_be_checked()
            await serves(queue, wanted=True)
            await box.press("Space")
            await expect(box).not_to_be_checked()
            await serves(queue, wanted=False)
            assert visitors.complaints == []
            await visitors.leave()
