"""The page of another CRM: opened once with the call's values; in a frame where the settings allow it."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from browser.desk_scene import AtDesk, maria
from browser.kit import CRM, Place, Visitors, faults_for_everybody, picture
from playwright.async_api import BrowserContext, Page, Route, expect

from crm_core.domain.lines import CrmMode, Line

PAGE = "/find?phone={number}&contact={contact_id}&call={call_id}&did={did}&queue={queue}"


def lead_to(place: Place, address: str, mode: CrmMode) -> None:
    """Let calls to María's number lead to *address*."""
    place.context.lines.learn(
        [Line(pbx="main", kind="did", code="5551001", name="Hoteles", crm_url=address, crm_mode=mode)]
    )


async def with_crm(context: BrowserContext) -> list[str]:
    """Serve the other CRM to *context*; return the addresses that it is asked for."""
    asked: list[str] = []

    async def answer(route: Route) -> None:
        asked.append(route.request.url)
        await route.fulfill(
            body='<!doctype html><html lang="es"><title>CRM</title><h1>María en el CRM</h1>',
            content_type="text/html; charset=utf-8",
        )

    await context.route(f"{CRM}/**", answer)
    return asked


async def ready(visitors: Visitors) -> tuple[Page, list[str]]:
    page = await visitors.visit("ana")
    asked = await with_crm(page.context)
    await expect(page.locator("#line")).to_have_attribute("data-line", "free")
    return page, asked


async def test_a_tab_opens_with_what_is_known_of_the_call(visitors: Visitors, place: Place) -> None:
    lead_to(place, CRM + PAGE, "tab")
    page, _ = await ready(visitors)
    async with page.context.expect_page() as opened:
        call = AtDesk(place).comes(card=maria())
    crm = await opened.value

    await crm.wait_for_url(f"{CRM}/**")
    assert parse_qs(urlsplit(crm.url).query) == {
        "phone": ["+34957212000"],
        "contact": ["c-maria"],
        "call": [call.id],
        "did": ["5551001"],
        "queue": ["Frío industrial"],
    }
    assert "phone=%2B34957212000&" in crm.url
    link = page.get_by_role("link", name="Abrir en el CRM")
    assert await link.get_attribute("href") == crm.url
    assert await crm.evaluate("window.opener") is None


async def test_of_many_tabs_of_the_desk_one_opens_it_once(visitors: Visitors, place: Place) -> None:
    lead_to(place, CRM, "tab")
    visitors.expect("404")  # nobody is on record here
    page, asked = await ready(visitors)
    other = await visitors.tab(page.context)
    await expect(other.locator("#line")).to_have_attribute("data-line", "free")
    desk = AtDesk(place)
    async with page.context.expect_page():
        call = desk.comes(card=maria())
    for tab in (page, other):
        await expect(tab.locator(".callcard")).to_be_visible()
    desk.answers(call)
    for tab in (page, other):
        await expect(tab.locator("#line")).to_have_attribute("data-line", "talking")
    await page.reload()
    await expect(page.locator("#line")).to_have_attribute("data-line", "talking")
    assert len(page.context.pages) == 3
    assert asked == [f"{CRM}/"]


async def test_a_frame_stays_as_it_is_from_the_ring_to_the_talk(visitors: Visitors, place: Place) -> None:
    lead_to(place, f"{CRM}/find?phone={{number}}", "frame")
    visitors.expect("404")  # nobody is on record here
    page, asked = await ready(visitors)
    desk = AtDesk(place)
    call = desk.comes(card=maria())
    inside = page.frame_locator("#crm-frame").get_by_role("heading", name="María en el CRM")
    await expect(inside).to_be_visible()
    await picture(page, "desk-crm-ringing")

    desk.answers(call)
    await expect(page.locator("#line")).to_have_attribute("data-line", "talking")
    await expect(inside).to_be_visible()
    assert asked == [f"{CRM}/find?phone=%2B34957212000"]
    assert await faults_for_everybody(page) == []
    await picture(page, "desk-crm-talking")


@pytest.mark.parametrize("address", ["https://other.example.com/x", "https://crm.example.com:444/x"])
async def test_a_page_that_the_settings_do_not_name_gets_no_frame(
    visitors: Visitors, place: Place, address: str
) -> None:
    lead_to(place, address, "frame")
    page, _ = await ready(visitors)
    await page.evaluate("localStorage.setItem('centralita-crm', 'x'); window.open = () => null")
    AtDesk(place).comes(card=maria())
    link = page.get_by_role("link", name="Abrir en el CRM")
    await expect(link).to_have_attribute("href", address)
    await expect(page.locator("#crm")).to_be_hidden()
