"""Keys of other systems: made by keyboard and shown once, revoked with a reason; for everybody."""

from __future__ import annotations

from datetime import timedelta

import pytest
from browser.kit import Place, Visitors, faults, faults_at_widths, faults_for_everybody, picture
from playwright.async_api import expect

from crm_core.domain.people import Token
from crm_core.services import keys, users

TAGS = "<img src=x onerror=alert(1)>"
KEYS = "/admin/keys"


async def planted(place: Place) -> Token:
    """Keep three keys: one that holds, one that expired, and one from before there were scopes."""
    now = place.context.now()
    crm = Token(
        id="a" * 64,
        name=TAGS,
        role="integration",
        created_at=now - timedelta(days=40),
        scopes=("contacts:read", "contacts:write", "events:read"),
        prefix="Zx81-_",
        created_by="u-bea",
        expires_at=now + timedelta(days=50),
        last_used_at=now - timedelta(minutes=3),
    )
    gone = Token(
        id="b" * 64,
        name="wallboard",
        role="integration",
        created_at=now - timedelta(days=50),
        scopes=("floor:read",),
        prefix="Qm3d0a",
        created_by="cli:root",
        expires_at=now - timedelta(days=20),
    )
    elder = Token(id="c" * 64, name="dialplan", role="integration", created_at=now - timedelta(days=300))
    for one in (crm, gone, elder):
        await place.db.run(users.add_token, token=one)
    return crm


@pytest.mark.parametrize("where", ["empty", "new", "one", "elder"])
async def test_the_page_is_for_everybody(visitors: Visitors, place: Place, where: str) -> None:
    one = None if where == "empty" else await planted(place)
    edit = {"one": f"?edit={one.id}" if one else "", "elder": f"?edit={'c' * 64}"}.get(where, "")
    page = await visitors.visit("bea", f"{KEYS}{edit}")
    await expect(page.locator("h1")).to_have_text("Claves de API")
    name = f"keys-{where}"
    assert await faults_for_everybody(page) == []
    await picture(page, f"{name}-es-dark")
    assert await faults_at_widths(page, name) == []
    await page.emulate_media(color_scheme="light")
    await page.evaluate("document.documentElement.lang = 'en'")
    assert await faults(page) == []


async def test_a_key_by_keyboard_from_an_empty_form_to_its_end(visitors: Visitors, place: Place) -> None:
    visitors.expect("status of 422")
    visitors.expect("status of 409")
    await planted(place)
    page = await visitors.visit("bea", KEYS)
    await page.locator("#s-name").focus()
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#s-name ~ .err")).to_be_visible()
    await expect(page.locator(".picks .err")).to_be_visible()
    await page.locator("#s-name").focus()
    await page.keyboard.type("dialplan")
    for _ in range(2):
        await page.keyboard.press("Tab")
    for _ in range(2):  # to the third scope
        await page.keyboard.press("Tab")
    await page.keyboard.press("Space")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#record [data-faults]")).to_have_text("Ya existe.")
    await page.locator("#s-name").fill("ERP")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#secret")).to_be_focused()
    secret = await page.locator("#secret-text").text_content() or ""
    await expect(page.locator("#made")).to_have_text("ERP")
    made = next(one for one in await place.db.read(keys.every) if one.name == "ERP")
    assert (made.scopes, made.prefix) == (("contacts:read",), secret[:6])
    assert made.expires_at == made.created_at + timedelta(days=365)

    async with page.expect_navigation():  # when it is loaded its script listens
        await page.locator("#made").press("Enter")
    await expect(page.locator("#record-h")).to_have_text("ERP")
    assert secret not in await page.content()
    await page.locator("#s-why").focus()
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#s-why ~ .err")).to_be_visible()
    await page.keyboard.type(TAGS)
    await page.keyboard.press("Control+Enter")
    await expect(page.locator(".told")).to_contain_text(TAGS)
    await expect(page.locator("tr.sel .chip")).to_have_text("Revocada")
    assert await page.locator("#revoke").count() == 0


async def test_only_who_administers_finds_it(visitors: Visitors) -> None:
    visitors.expect("status of 403")
    page = await visitors.visit("eva", KEYS)
    await expect(page.locator("h1")).not_to_have_text("Claves de API")
