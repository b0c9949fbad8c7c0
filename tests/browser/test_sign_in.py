"""Signing in and out: by keyboard, in both languages, and what is told when it does not work."""

from __future__ import annotations

import asyncio

import pytest
from browser.kit import PASSWORD, Place, Visitors, fill_in, until
from playwright.async_api import Route, expect

from crm_core.domain.errors import DatabaseAwayError
from crm_core.services import users

WRONG = "the server responded with a status of 40[13]"


@pytest.mark.parametrize(
    ("locale", "language", "title"),
    [
        pytest.param("es-ES", "es", "Entrar · Centralita", id="Spanish"),
        pytest.param("en-GB", "en", "Sign in · Centralita", id="English"),
        pytest.param("fr-FR", "es", "Entrar · Centralita", id="another language gets the site's"),
    ],
)
async def test_the_page_speaks_the_browsers_language(
    visitors: Visitors, locale: str, language: str, title: str
) -> None:
    page = await visitors.visit(None, "/sign-in", locale=locale)
    await expect(page).to_have_title(title)
    assert await page.get_attribute("html", "lang") == language


async def test_the_other_language_is_one_click_away_and_the_way_back_is_kept(visitors: Visitors) -> None:
    page = await visitors.visit(None, "/floor", locale="es-ES")
    await page.get_by_role("link", name="English").click()
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    await fill_in(page, "eva")
    await page.wait_for_url("**/floor")


async def test_a_supervisor_signs_in_by_keyboard_and_comes_to_the_floor(visitors: Visitors) -> None:
    page = await visitors.visit(None, "/", locale="en-GB")
    await fill_in(page, "sue")
    await page.wait_for_url("**/floor")
    await expect(page.get_by_role("navigation", name="Main")).to_contain_text("Floor")
    await expect(page.locator("#waiting")).to_have_text("0")


async def test_a_wrong_password_is_told_at_its_field(visitors: Visitors) -> None:
    visitors.expect(WRONG)
    page = await visitors.visit(None, "/sign-in", locale="es-ES")
    await fill_in(page, "eva", "wrong")
    field = page.get_by_label("Contraseña", exact=True)
    await expect(field).to_have_attribute("aria-invalid", "true")
    await expect(field).to_have_accessible_description("Usuario o contraseña incorrectos.")
    await expect(field).to_be_focused()
    await page.keyboard.type(PASSWORD)
    await expect(field).not_to_have_attribute("aria-invalid", "true")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/floor")


async def test_all_empty_fields_are_told_at_once(visitors: Visitors) -> None:
    page = await visitors.visit(None, "/sign-in", locale="en-GB")
    await expect(page.get_by_label("User", exact=True)).to_be_focused()
    await page.keyboard.press("Enter")
    for label in ("User", "Password"):
        await expect(page.get_by_label(label, exact=True)).to_have_accessible_description("Fill this in.")
    await expect(page.get_by_label("User", exact=True)).to_be_focused()


@pytest.mark.parametrize(
    ("name", "path", "script"),
    [(None, "/sign-in", "sign_in.js"), ("ana", "/seat", "seat.js"), ("bea", "/connect", "connect_names.js")],
)
async def test_a_form_is_seen_when_its_script_listens(
    visitors: Visitors, name: str | None, path: str, script: str
) -> None:
    """Who is quicker than a slow network would send the form to nobody."""

    async def slow(route: Route) -> None:
        await asyncio.sleep(0.3)
        await route.continue_()

    page = await visitors.visit(name, path)
    await page.route(f"**/{script}", slow)
    await page.reload()
    painted = "performance.getEntriesByName('first-paint').map((one) => one.startTime)"

    async def is_painted() -> bool:
        return len(await page.evaluate(painted)) > 0

    await until(is_painted)
    (first_paint,) = await page.evaluate(painted)
    loaded = (
        "(end) => performance.getEntriesByType('resource').find((one) => one.name.endsWith(end)).responseEnd"
    )
    assert await page.evaluate(loaded, script) <= first_paint


async def test_too_many_tries_have_to_wait(visitors: Visitors) -> None:
    """Five failures of one account from one address, then a pause."""
    visitors.expect("status of 4(01|29)")
    page = await visitors.visit(None, "/sign-in", locale="en-GB")
    user, password = page.get_by_label("User", exact=True), page.get_by_label("Password", exact=True)
    button = page.get_by_role("button", name="Sign in")
    await user.fill("eva")
    for _ in range(5):
        await password.fill("wrong")
        async with page.expect_response("**/api/v1/session"):
            await button.click()
        await expect(password).to_have_attribute("aria-invalid", "true")
    await password.fill(PASSWORD)
    await button.click()
    await expect(page.get_by_role("alert")).to_contain_text("Too many tries. Wait ")
    await expect(button).to_have_attribute("aria-disabled", "true")


async def test_the_password_can_be_looked_at(visitors: Visitors) -> None:
    page = await visitors.visit(None, "/sign-in", locale="en-GB")
    await page.get_by_label("Password", exact=True).fill("secret")
    show = page.get_by_role("button", name="Show password")
    await show.click()
    await expect(page.locator("#password")).to_have_attribute("type", "text")
    await expect(show).to_have_attribute("aria-pressed", "true")
    await show.click()
    await expect(page.locator("#password")).to_have_attribute("type", "password")


async def test_it_does_not_lead_to_another_host(visitors: Visitors, place: Place) -> None:
    page = await visitors.visit(None, "/sign-in?next=//evil.example/", locale="en-GB")
    await fill_in(page, "eva")
    await page.wait_for_url(f"{place.origin}/floor")


async def test_who_has_signed_in_is_led_on(visitors: Visitors, place: Place) -> None:
    page = await visitors.visit("eva", "/sign-in")
    assert page.url == f"{place.origin}/floor"


async def test_signing_out_ends_the_session(visitors: Visitors, place: Place) -> None:
    page = await visitors.visit("eva", "/floor")
    await expect(page.locator("#waiting")).to_have_text("0")
    await page.get_by_role("button", name="Eva Sanz").click()
    await page.get_by_role("button", name="Salir").click()
    await page.wait_for_url("**/sign-in")
    await page.goto(f"{place.origin}/floor")
    assert page.url == f"{place.origin}/sign-in?next=/floor"


async def test_the_language_is_ones_own_and_kept(visitors: Visitors, place: Place) -> None:
    page = await visitors.visit("eva", "/floor")
    await page.get_by_role("button", name="Eva Sanz").click()
    await page.get_by_role("button", name="English").click()
    await expect(page.get_by_role("heading", name="Queues")).to_be_visible()
    assert await page.get_attribute("html", "lang") == "en"
    assert (await place.db.read(users.user_named, name="eva")).language == "en"


async def test_an_ended_session_leads_every_open_page_to_the_sign_in(
    visitors: Visitors, place: Place
) -> None:
    page = await visitors.visit("eva", "/floor")
    await expect(page.locator("#waiting")).to_have_text("0")
    session = str(next(one.identity.session for one in place.stage.hub.listeners()))
    await place.db.run(users.end_session, session_id=session)
    place.stage.hub.end_sessions([session])
    await page.wait_for_url("**/sign-in?next=%2Ffloor")


@pytest.mark.parametrize(
    ("name", "path", "status", "words"),
    [
        pytest.param("ana", "/floor", 403, "No puedes abrir esta página", id="not allowed"),
        pytest.param("tom", "/floor", 403, "You may not open this page", id="not allowed, in English"),
        pytest.param("eva", "/nothing", 404, "No existe esa página", id="no such page"),
    ],
)
async def test_what_went_wrong_is_a_page_with_a_way_out(
    visitors: Visitors, name: str, path: str, status: int, words: str
) -> None:
    visitors.expect(f"status of {status}")
    page = await visitors.visit(name, path)
    await expect(page.get_by_role("heading", name=words)).to_be_visible()
    await expect(page.locator(".rail a")).not_to_have_count(1)


async def test_a_database_that_is_away_is_told_and_the_page_comes_back(
    visitors: Visitors, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object, **__: object) -> None:
        raise DatabaseAwayError("locked")

    visitors.expect("status of 503")
    page = await visitors.visit("eva", "/floor", locale="es-ES")
    with monkeypatch.context() as patched:
        patched.setattr(place.db, "read", away)
        await page.goto(f"{place.origin}/floor")
        await expect(page.get_by_role("heading", name="No disponible por el momento")).to_be_visible()
        await expect(page.locator("main")).to_contain_text("database_away")
    await expect(page.locator("#waiting")).to_have_text("0", timeout=10_000)
