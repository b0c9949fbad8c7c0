"""Settings: the places, users, teams, roles and queues by keyboard; what was done is taken back."""

from __future__ import annotations

import pytest
from browser.floor_scene import fill
from browser.kit import (
    PASSWORD,
    Place,
    Visitors,
    faults,
    faults_at_widths,
    faults_for_everybody,
    fill_in,
    picture,
)
from playwright.async_api import expect

from crm_core.services import lines, staff, teams

TAGS = "<img src=x onerror=alert(1)>"


@pytest.mark.parametrize("where", ["", "/users?edit=u-ana", "/roles", "/teams", "/queues"])
async def test_a_place_is_for_everybody(visitors: Visitors, place: Place, where: str) -> None:
    fill(place.stage)
    page = await visitors.visit("bea", f"/admin{where}")
    await expect(page.locator("h1")).to_be_visible()
    name = f"settings-{where.strip('/').partition('?')[0] or 'all'}"
    assert await faults_for_everybody(page) == []
    await picture(page, f"{name}-es-dark")
    assert await faults_at_widths(page, name) == []
    await page.emulate_media(color_scheme="light")
    await page.evaluate("document.documentElement.lang = 'en'")
    assert await faults(page) == []


async def test_one_entry_leads_to_every_place(visitors: Visitors) -> None:
    page = await visitors.visit("bea", "/floor")
    await page.locator(".rail .push").click()
    await page.locator(".all-places a", has_text="Usuarios").click()
    await expect(page.locator(".side [aria-current]")).to_have_text("Usuarios")
    await expect(page.locator(".rail [aria-current]")).to_have_text("Ajustes")
    await page.locator(".side a", has_text="Auditoría").click()
    await expect(page.locator("h1")).to_have_text("Auditoría")
    agent = await visitors.visit("ana", "/admin")
    await expect(agent.locator(".empty")).to_be_visible()
    assert await agent.locator(".rail .push").count() == 0


async def test_somebody_new_from_an_empty_form_to_his_sign_in(visitors: Visitors, place: Place) -> None:
    visitors.expect("status of 422")
    visitors.expect("status of 409")
    page = await visitors.visit("bea", "/admin/users")
    await page.locator("#s-full_name").fill(TAGS)
    await page.locator("#s-name").fill("ro sa")
    await page.locator("#s-password").fill("short")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#s-name ~ .err")).to_be_visible()
    await expect(page.locator("#s-password ~ .err")).to_be_visible()
    await page.locator("#s-name").fill("ana")
    await page.locator("#s-password").fill(PASSWORD)
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#record [data-faults]")).to_have_text("Ya existe.")
    await page.locator("#s-name").fill("rosa")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#record-h")).to_have_text(TAGS)
    await expect(page.locator("#done-text")).to_have_text("Guardado.")
    await page.locator("#only").fill("RÓSA")
    await expect(page.locator("#listed tbody tr:visible")).to_have_count(1)
    rosa = await visitors.visit(None, "/sign-in", locale="es-ES")
    await fill_in(rosa, "rosa")
    await rosa.wait_for_url(lambda url: not url.endswith("/sign-in"))
    await page.locator("[data-field=is_active]").uncheck()
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("tr.sel")).to_contain_text("Desactivado")
    await rosa.reload()
    await expect(rosa.locator("[name=password]")).to_be_visible()
    await expect(page.locator("#done-text")).to_have_text("Guardado.")
    await page.keyboard.press("u")
    await expect(page.locator("tr.sel")).not_to_contain_text("Desactivado")
    shown = await place.db.read(staff.every)
    assert [(one.full_name, one.is_active) for one in shown if one.name == "rosa"] == [(TAGS, True)]


async def test_another_password(visitors: Visitors) -> None:
    page = await visitors.visit("bea", "/admin/users?edit=u-tom")
    await page.locator("#another input").fill("another one, long")
    await page.keyboard.press("Enter")
    await expect(page.locator("#done-text")).to_have_text("La contraseña está puesta.")
    tom = await visitors.visit(None, "/sign-in", locale="es-ES")
    await fill_in(tom, "tom", "another one, long")
    await tom.wait_for_url(lambda url: not url.endswith("/sign-in"))


async def test_a_team_and_its_queue(visitors: Visitors, place: Place) -> None:
    fill(place.stage)
    page = await visitors.visit("bea", "/admin/teams")
    await expect(page.locator(".empty")).to_be_visible()
    await page.locator("#s-name_es").fill(TAGS)
    await page.locator("#s-name_en").fill("Workshop")
    await page.get_by_label("Ana Ruiz").check()
    await page.locator("#s-lead").select_option(label="Ana Ruiz")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("tr.sel")).to_contain_text("Ana Ruiz")
    (team,) = await place.db.read(teams.every)
    assert (team.members, team.lead) == (("u-ana",), "u-ana")
    await page.locator(".side a", has_text="Colas").click()
    await page.locator("tbody a").first.click()
    await page.locator("#s-name").fill(TAGS)
    await page.locator("#s-within_s").fill("30")
    await page.locator("#s-team_id").select_option(team.id)
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("tr.sel")).to_contain_text("30 s")
    (line,) = await place.db.read(lines.every)
    assert (line.name, line.within_s, line.team_id) == (TAGS, 30, team.id)
    await expect(page.locator("#done-text")).to_have_text("Guardado.")
    await page.keyboard.press("u")
    await expect(page.locator("tr.sel")).not_to_contain_text("30 s")
