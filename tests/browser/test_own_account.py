"""My account: second factor, password, sessions; and what administrators see of sessions."""

from __future__ import annotations

import re

import pyotp
import pytest
from browser.kit import PASSWORD, Place, Visitors, faults_at_widths, faults_for_everybody, fill_in
from playwright.async_api import Page, expect

from screenpop.passwords import SHORTEST

NEW = "another one of mine"
SIGN_IN = re.compile(r"/sign-in\?next=(/|%2F)floor$")


def code_of(place: Place, key: str, *, ahead_s: float = 0) -> str:
    return pyotp.TOTP(key.replace(" ", "")).at(place.context.now().timestamp() + ahead_s)


async def set_up(page: Page, place: Place) -> tuple[str, list[str]]:
    """Set a second factor up by keyboard; return its key and the recovery codes."""
    await page.locator("#factor-password").focus()
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.locator("#code")).to_be_focused()
    key = await page.locator("#key").inner_text()
    await page.keyboard.type(code_of(place, key))
    await page.keyboard.press("Enter")
    await expect(page.locator("#codes-told")).to_be_focused()
    return key, await page.locator("#codes-list li").all_inner_texts()


async def test_a_second_factor_is_set_up_and_asked_for(visitors: Visitors, place: Place) -> None:
    visitors.expect("status of 401")
    page = await visitors.visit("eva", "/me")
    key, codes = await set_up(page, place)
    assert len(codes) == 10
    place.stage.clock.passes(30)

    again = await visitors.visit(None, "/sign-in", locale="en-GB")
    await fill_in(again, "eva")
    code = again.get_by_label("Code of your authenticator app")
    await expect(code).to_be_focused()
    await again.keyboard.type("000000")
    await again.keyboard.press("Enter")
    await expect(code).to_have_accessible_description("This code does not fit, or was used already.")
    await expect(code).to_be_focused()
    assert await faults_for_everybody(again) == []
    await again.keyboard.type(code_of(place, key))
    await again.keyboard.press("Enter")
    await again.wait_for_url("**/floor")


async def test_a_recovery_code_signs_in(visitors: Visitors, place: Place) -> None:
    visitors.expect("status of 401")
    _, codes = await set_up(await visitors.visit("sue", "/me"), place)
    page = await visitors.visit(None, "/sign-in", locale="en-GB")
    await fill_in(page, "sue")
    await expect(page.get_by_label("Code of your authenticator app")).to_be_focused()
    await page.keyboard.type(codes[0])
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/floor")
    await page.goto(f"{place.origin}/me")
    await expect(page.locator("#factor")).to_contain_text("9 recovery codes are left.")


async def test_what_is_wrong_is_told_at_its_field(visitors: Visitors) -> None:
    visitors.expect("status of 422")
    page = await visitors.visit("sue", "/me")
    await page.get_by_role("button", name="Set up an authenticator").click()
    field = page.locator("#factor-password")
    await expect(field).to_have_accessible_description("Fill this in.")
    await field.fill("wrong")
    await page.keyboard.press("Enter")
    await expect(field).to_have_accessible_description("This is not your password.")
    await page.get_by_label("Password until now").fill(PASSWORD)
    await page.get_by_label("New password").fill("short")
    await page.keyboard.press("Enter")
    told = f"Take at least {SHORTEST} characters."
    await expect(page.get_by_label("New password")).to_have_accessible_description(told)


async def test_another_password_and_the_other_sessions_are_gone(visitors: Visitors, place: Place) -> None:
    page, other = await visitors.visit("sue", "/me"), await visitors.visit("sue", "/floor")
    await expect(other.locator("#waiting")).to_have_text("0")
    await page.get_by_label("Password until now").fill(PASSWORD)
    await page.get_by_label("New password").fill(NEW)
    await page.keyboard.press("Enter")
    await expect(page.locator("#done")).to_contain_text("The password is changed.")
    await other.wait_for_url(SIGN_IN)
    await fill_in(other, "sue", NEW)
    await other.wait_for_url("**/floor")


async def test_a_session_is_ended_from_another(visitors: Visitors) -> None:
    page, other = await visitors.visit("sue", "/me"), await visitors.visit("sue", "/floor")
    await expect(other.locator("#waiting")).to_have_text("0")
    await page.reload()
    await expect(page.locator("#sessions tbody tr")).to_have_count(2)
    await page.get_by_role("button", name="End session Sue Poole").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#sessions tbody tr")).to_have_count(1)
    await expect(page.locator("#sessions")).to_contain_text("this one")
    await expect(page.get_by_role("heading", name="Where I am signed in")).to_be_focused()
    await other.wait_for_url(SIGN_IN)


async def test_an_administrator_takes_a_lost_factor_away(visitors: Visitors, place: Place) -> None:
    sue = await visitors.visit("sue", "/me")
    await set_up(sue, place)
    bea = await visitors.visit("bea", "/admin/users?edit=u-sue", locale="en-GB")
    await bea.locator("a[href='/admin/sessions?user=u-sue']").click()
    await expect(bea.get_by_role("heading", name="Sue Poole")).to_be_visible()
    assert await faults_for_everybody(bea) == []
    await bea.locator("#reset").focus()
    await bea.keyboard.press("Enter")
    await expect(bea.locator("#factor")).to_have_count(0)
    again = await visitors.visit(None, "/sign-in", locale="en-GB")
    await fill_in(again, "sue")
    await again.wait_for_url("**/floor")


@pytest.mark.parametrize(("name", "path"), [("eva", "/me"), ("sue", "/me"), ("bea", "/admin/sessions")])
async def test_the_pages_are_for_everybody(visitors: Visitors, place: Place, name: str, path: str) -> None:
    await visitors.visit("tom", "/")
    page = await visitors.visit(name, path)
    if name == "sue":
        await set_up(page, place)
    look = path.strip("/").replace("/", "-")
    assert await faults_at_widths(page, f"{look}-{name}") == []
    assert await faults_for_everybody(page) == []
