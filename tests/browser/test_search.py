"""Search everywhere: by keys alone, on every page; what comes late, what was opened before, how it looks."""

from __future__ import annotations

import asyncio

import pytest
from browser.kit import Place, Visitors, faults, faults_at_widths, faults_for_everybody, picture
from playwright.async_api import Page, Route, expect
from unit.screenpop.fakes import START

from crm_core.domain.contacts import Contact, Phone
from crm_core.services import contacts, incidents

CARMEN, LUPE = "01a200e5-0000-7000-8000-00000000c001", "01a200e5-0000-7000-8000-00000000c002"
FIRM = "Hostelería Guadalquivir, S.L."


async def fill(place: Place) -> None:
    for key, given, family, company, raw, vip in (
        (LUPE, "Guadalupe", "Hinojosa Santamaría", None, "957 00 14 02", False),
        (CARMEN, "M.ª del Carmen", "Fernández-Villaverde", FIRM, "957 21 20 00", True),
    ):
        someone = Contact(
            id=key,
            given=given,
            family=family,
            company=company,
            vip=vip,
            phones=(Phone(id=f"{key}p"[1:], raw=raw, is_primary=True),),
            created_at=START,
            updated_at=START,
        )
        await place.db.run(contacts.create, contact=someone, region="ES", by=None, now=START)
    for n, subject in enumerate(("Cámara frigorífica no enfría", "Factura duplicada de octubre")):
        await place.db.run(
            incidents.open_incident,
            call_id=None,
            contact_id=CARMEN,
            subject=subject,
            description=None,
            priority=2,
            key=f"k{n}",
            by=None,
            now=START,
        )


async def looked_for(visitors: Visitors, q: str, *, name: str = "eva", **options: str) -> Page:
    page = await visitors.visit(name, "/floor", **options)
    for path in ("contacts", "incidents"):
        await page.route(f"**/{path}/*", lambda route: route.fulfill(body="opened"))
    await page.keyboard.press("/")
    await expect(page.locator("#search-field")).to_be_focused()
    await page.keyboard.type(q)
    return page


async def test_a_customer_is_found_and_opened_by_keys_alone(visitors: Visitors, place: Place) -> None:
    await fill(place)
    page = await looked_for(visitors, "guadal 957")
    options = page.locator("#search [role=option]")
    await expect(options).to_have_count(2)
    await expect(page.locator("[role=option][aria-selected=true]")).to_contain_text("Carmen")
    await expect(page.locator("#search mark").first).to_have_text("Guadal")

    for key, chosen in (("ArrowDown", "Guadalupe"), ("ArrowDown", "Carmen"), ("ArrowUp", "Guadalupe")):
        await page.keyboard.press(key)
        selected = page.locator("[role=option][aria-selected=true]")
        await expect(selected).to_contain_text(chosen)
        await expect(page.locator("#search-field")).to_have_attribute(
            "aria-activedescendant", await selected.get_attribute("id") or ""
        )
    async with page.expect_navigation(url=f"**/contacts/{LUPE}"):
        await page.keyboard.press("Enter")


async def test_escape_closes_and_the_focus_is_where_it_was(visitors: Visitors, place: Place) -> None:
    await fill(place)
    page = await visitors.visit("eva", "/floor")
    await page.locator("#search-open").focus()
    await page.keyboard.press("Enter")
    await page.keyboard.type("guadal")
    await expect(page.locator("#search [role=option]").first).to_be_visible()

    await page.keyboard.press("Escape")

    await expect(page.locator("#search")).to_be_hidden()
    await expect(page.locator("#search-open")).to_be_focused()


async def test_what_was_opened_is_there_again_until_somebody_signs_out(
    visitors: Visitors, place: Place
) -> None:
    await fill(place)
    page = await looked_for(visitors, "frigo")
    await expect(page.locator("#search [role=option]")).to_have_count(1)
    async with page.expect_navigation(url="**/incidents/**"):
        await page.keyboard.press("Enter")

    await page.goto(place.origin + "/floor")
    await page.keyboard.press("/")
    await expect(page.locator("#search [role=option]")).to_have_text(["Cámara frigorífica no enfría"])

    await page.keyboard.press("Escape")
    await page.locator(".me").click()
    async with page.expect_navigation(url="**/sign-in"):
        await page.locator("#sign-out").click()
    assert await page.evaluate("sessionStorage.length") == 0


async def test_an_answer_that_comes_late_is_dropped(visitors: Visitors, place: Place) -> None:
    await fill(place)
    page = await visitors.visit("eva", "/floor")
    let_go, asked = asyncio.Event(), asyncio.Event()

    async def late(route: Route) -> None:
        asked.set()
        await let_go.wait()
        await route.continue_()

    await page.route("**/search/options?q=guadalupe", late)
    await page.keyboard.press("/")
    await page.keyboard.type("guadalupe")
    await asyncio.wait_for(asked.wait(), 5)
    await expect(page.locator("#search .bones")).to_be_visible()

    await page.keyboard.press("Control+a")
    await page.keyboard.type("frigo")
    await expect(page.locator("#search [role=option]")).to_have_count(1)
    async with page.expect_response("**/search/options?q=guadalupe"):
        let_go.set()
    await expect(page.locator("#search [role=option]")).to_contain_text(["frigorífica"])


async def test_a_slash_in_a_field_is_a_slash(visitors: Visitors, place: Place) -> None:
    await fill(place)
    page = await visitors.visit("eva", "/search?q=ana")
    await page.locator("#search-q").focus()
    await page.keyboard.press("End")
    await page.keyboard.type("/b")

    await expect(page.locator("#search-q")).to_have_value("ana/b")
    await expect(page.locator("#search")).to_be_hidden()


async def test_nothing_is_found_and_a_service_that_is_away(visitors: Visitors, place: Place) -> None:
    await fill(place)
    page = await looked_for(visitors, "zzz")
    await expect(page.locator("#search-told")).to_contain_text("No se encuentra nada")

    visitors.expect("Failed to load resource")
    await page.route("**/search/options?q=zzzz", lambda route: route.abort())
    await page.keyboard.type("z")
    await expect(page.locator("#search-told")).to_contain_text("Sin conexión")


async def test_enter_without_results_leads_to_the_page_and_it_goes_on(
    visitors: Visitors, place: Place
) -> None:
    await fill(place)
    page = await looked_for(visitors, "guadal")
    await expect(page.locator("#search [role=option]").first).to_be_visible()
    async with page.expect_navigation(url="**/search?q=guadal"):
        await page.locator("#search-all").click()
    await expect(page.locator("a.hit")).to_have_count(5)  # two people, their company, two incidents
    await expect(page.locator("a.hit mark").first).to_have_text("Guadal")


@pytest.mark.parametrize(("language", "name"), [("es", "eva"), ("en", "sue")])
async def test_the_dialog_and_the_page_are_for_everybody(
    visitors: Visitors, place: Place, language: str, name: str
) -> None:
    await fill(place)
    options = {"locale": f"{language}-ES"}
    page = await looked_for(visitors, "guadal 957", name=name, **options)
    await expect(page.locator("#search [role=option]").first).to_be_visible()
    assert await faults_for_everybody(page) == []
    await picture(page, f"search-{language}-dark")
    await page.emulate_media(color_scheme="light")
    await picture(page, f"search-{language}-light")
    assert await faults_at_widths(page, f"search-{language}") == []

    await page.goto(f"{place.origin}/search?q=guadal")
    assert await faults_for_everybody(page) == []
    await picture(page, f"search-page-{language}-dark")
    assert await faults_at_widths(page, f"search-page-{language}") == []
    await page.goto(f"{place.origin}/search")
    assert await faults(page) == []
    await picture(page, f"search-empty-{language}-light")
