"""Webhooks by keyboard: made, its secret shown once, told again, removed; for everybody."""

from __future__ import annotations

from typing import Any

import pytest
from browser.kit import Place, Visitors, faults, faults_at_widths, faults_for_everybody, picture
from msgspec.structs import replace
from playwright.async_api import expect

from crm_core.domain.webhooks import Undelivered, Webhook
from crm_core.ports import UnitOfWork
from crm_core.services import webhooks

TAGS = "<img src=x onerror=alert(1)>"
WEBHOOKS = "/webhooks"
BY: dict[str, Any] = {"by": "u-bea", "address": None}


async def planted(place: Place) -> Webhook:
    """Keep one that takes all, and one that fails and gave up two events."""
    now = place.context.now()
    fields = {"url": "https://crm.example.com/in", "types": ("incident.*", "call.ended")}
    asked = {"sealed": "S", "allowed": (), "now": now, **BY}
    await place.db.run(webhooks.add, fields=fields | {"name": "ERP"}, **asked)
    one: Webhook = await place.db.run(webhooks.add, fields=fields | {"name": TAGS}, **asked)

    def fails(uow: UnitOfWork) -> None:
        progress = replace(one.progress, tries=2, why="http_500", next_at=now, failing_since=now)
        uow.webhooks.put_progress(one.id, progress)
        for pos, why in ((1, "timeout"), (2, "no_secret")):
            letter = Undelivered(
                webhook_id=one.id, pos=pos, type="call.ended", tries=8, why=why, given_up_at=now
            )
            uow.webhooks.give_up(letter)

    await place.db.run(fails)
    return one


@pytest.mark.parametrize("where", ["empty", "one"])
async def test_the_page_is_for_everybody(visitors: Visitors, place: Place, where: str) -> None:
    edit = "" if where == "empty" else f"?edit={(await planted(place)).id}"
    page = await visitors.visit("bea", f"{WEBHOOKS}{edit}")
    await expect(page.locator("h1")).to_have_text("Webhooks")
    name = f"webhooks-{where}"
    assert await faults_for_everybody(page) == []
    await picture(page, f"{name}-es-dark")
    assert await faults_at_widths(page, name) == []
    await page.emulate_media(color_scheme="light")
    await page.evaluate("document.documentElement.lang = 'en'")
    assert await faults(page) == []


async def test_a_webhook_by_keyboard_from_an_empty_form_to_its_end(visitors: Visitors, place: Place) -> None:
    visitors.expect("status of 422")
    page = await visitors.visit("bea", WEBHOOKS)
    await page.locator("#w-name").focus()
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#w-url ~ .err")).to_be_visible()
    await page.locator("#w-name").focus()
    await page.keyboard.type(TAGS)
    await page.keyboard.press("Tab")
    await page.keyboard.type("https://crm.example.com/in")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Home")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#secret")).to_be_focused()
    secret = await page.locator("#secret-text").text_content() or ""
    (one,) = await place.db.read(webhooks.every)
    kept = await place.db.read(lambda uow: uow.webhooks.keys(one.id))
    assert (one.types, place.context.sealer.open(kept.sealed)) == (("*",), secret)
    assert secret not in kept.sealed

    async with page.expect_navigation():  # when it is loaded its script listens
        await page.locator("#secret a").press("Enter")
    await expect(page.locator("#record-h")).to_have_text(TAGS)
    assert secret not in await page.content()
    await page.locator("#renew").press("Enter")
    await expect(page.locator("#secret")).to_be_focused()
    assert await page.locator("#secret-text").text_content() != secret
    await page.locator("#after").focus()
    async with page.expect_navigation():
        await page.keyboard.press("Enter")
    await page.locator("#remove").press("Enter")
    await expect(page.locator(".empty")).to_be_visible()
    assert await place.db.read(webhooks.every) == []


async def test_what_was_given_up_is_sent_again(visitors: Visitors, place: Place) -> None:
    one = await planted(place)
    page = await visitors.visit("bea", f"{WEBHOOKS}?edit={one.id}")
    await page.locator("header [data-again]").press("Enter")
    await expect(page.locator("#done-text")).to_have_text("Se envía otra vez.")
    found = await place.db.read(webhooks.undelivered, webhook_id=one.id, after=0, limit=9)
    assert [letter.is_due for letter in found] == [True, True]
