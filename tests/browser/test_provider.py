"""Signing in by a provider, and out of it; linking an account with it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest_asyncio
from browser.kit import Place, Visitors, faults_at_widths, faults_for_everybody, open_place
from openid import OpenId, provider
from playwright.async_api import expect


@pytest_asyncio.fixture(loop_scope="session")
async def issuer() -> AsyncIterator[OpenId]:
    async with provider(lambda: datetime.now(UTC)) as one:
        yield one


@pytest_asyncio.fixture(loop_scope="session")
async def place(tmp_path: Path, database: Path, issuer: OpenId) -> AsyncIterator[Place]:
    async with open_place(tmp_path, database, provider=issuer.settings()) as opened:
        issuer.now = opened.context.now
        yield opened


async def test_one_signs_in_by_the_provider_and_out_again(visitors: Visitors, issuer: OpenId) -> None:
    page = await visitors.visit(None, "/calls", locale="en-GB")
    assert await faults_at_widths(page, "sign-in-provider") == []
    assert await faults_for_everybody(page) == []
    await page.get_by_role("link", name="Sign in with Example Login").focus()
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/calls")
    await page.get_by_role("button", name="Ana López").click()
    await page.get_by_role("button", name="Salir").click()
    await page.wait_for_url("**/sign-in")
    assert len(issuer.left) == 1


async def test_who_may_not_come_in_is_told_why(visitors: Visitors, issuer: OpenId) -> None:
    issuer.says["groups"] = ["staff"]
    page = await visitors.visit(None, "/sign-in", locale="en-GB")
    await page.get_by_role("link", name="Sign in with Example Login").click()
    told = "You are in no group that may come in here. Ask an administrator."
    await expect(page.get_by_role("alert")).to_have_text(told)
    assert await faults_for_everybody(page) == []


async def test_an_account_is_linked_and_unlinked(visitors: Visitors) -> None:
    page = await visitors.visit("sue", "/me")
    await page.get_by_role("button", name="Link my account").click()
    await expect(page.get_by_text("Linked", exact=True)).to_be_visible()
    assert await faults_for_everybody(page) == []
    await page.get_by_role("button", name="Unlink my account").click()
    await expect(page.get_by_role("button", name="Link my account", exact=True)).to_be_visible()
