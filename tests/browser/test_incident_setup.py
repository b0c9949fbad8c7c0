"""Agreements, calendars and choices set up by keyboard, with every fault at its field."""

from __future__ import annotations

from datetime import date

import pytest
from browser.incident_scene import furnish
from browser.kit import Place, Visitors, faults, faults_at_widths, faults_for_everybody, picture
from playwright.async_api import expect

from crm_core.domain.equipment import Contract
from crm_core.services import equipment, incidents, service_levels

SETUP = "/settings/incidents"


@pytest.mark.parametrize("section", ["policies", "calendars", "category"])
async def test_a_section_is_for_everybody(visitors: Visitors, place: Place, section: str) -> None:
    await furnish(place)
    page = await visitors.visit("bea", f"{SETUP}?section={section}")
    await page.locator("tbody a").first.click()
    await expect(page.locator("#record")).to_have_attribute("data-version", "1")
    assert await faults_for_everybody(page) == []
    await page.emulate_media(color_scheme="light")
    await picture(page, f"incident-setup-{section}-es")
    assert await faults_at_widths(page, f"incident-setup-{section}") == []
    await page.evaluate("document.documentElement.lang = 'en'")
    assert await faults(page) == []


async def test_from_an_empty_page_to_an_agreement(visitors: Visitors, place: Place) -> None:
    visitors.expect("status of 422")
    page = await visitors.visit("bea", f"{SETUP}?section=calendars")
    await expect(page.locator(".empty")).to_be_visible()
    await page.locator("#s-name").fill("Taller")
    await page.locator("#s-zone").fill("Europa/Madrid")
    await page.locator("#s-mon").fill("09:00-14:00, 16:00-19:30")
    await page.locator("#s-country").fill("ES")
    await page.locator("#s-closed").fill("2026-12-24\n2026-12-31")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#s-zone + .err, #s-zone ~ .err")).to_contain_text("Europe/Madrid")
    await page.locator("#s-zone").fill("Europe/Madrid")
    await page.locator("#s-mon").fill("09:00-14:00, 13:00-19:30")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#s-mon ~ .err")).to_have_text("Estas horas se solapan.")
    await page.locator("#s-mon").fill("09:00-14:00, 16:00-19:30")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#record")).to_have_attribute("data-version", "1")
    await page.goto(f"{place.origin}{SETUP}")
    await page.locator("#s-name").fill("Oro")
    await page.locator("#s-priority").select_option("1")
    await page.locator("#s-resolve_s").fill("240")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#record")).to_have_attribute("data-version", "1")
    hours = (await place.db.read(service_levels.calendars))[0]
    policy = (await place.db.read(service_levels.policies))[0]
    assert (hours.hours, len(hours.closed), hours.country) == (
        {"mon": ("09:00-14:00", "16:00-19:30")},
        2,
        "ES",
    )
    assert (policy.resolve_s, policy.priority, policy.respond_s, policy.calendar_id) == (
        14400,
        1,
        None,
        hours.id,
    )


async def test_a_category_is_renamed_and_switched_off(visitors: Visitors, place: Place) -> None:
    scene = await furnish(place)
    key = scene.choices["Cámaras"].id
    page = await visitors.visit("bea", f"{SETUP}?section=category&edit={key}")
    await page.locator("#s-name_en").fill("Cold rooms")
    await page.locator("[data-field=is_active]").uncheck()
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#record")).to_have_attribute("data-version", "2")
    await expect(page.locator("tr.sel")).to_contain_text("Desactivado")


async def test_an_agreement_of_contracts_its_part_and_what_an_incident_tells_of_it(
    visitors: Visitors, place: Place
) -> None:
    scene = await furnish(place)
    page = await visitors.visit("bea", SETUP)
    for name, minutes in (("Contrato Oro", "120"), ("Contrato Oro · crítica", "60")):
        await page.goto(f"{place.origin}{SETUP}")
        await page.locator("#s-name").fill(name)
        await page.locator("#s-resolve_s").fill(minutes)
        if minutes == "60":
            await page.locator("#s-part_of").select_option(label="Contrato Oro")
            await page.locator("#s-priority").select_option("1")
        await page.locator("[data-field=by_contract]").set_checked(minutes == "120")
        await page.keyboard.press("Control+Enter")
        await expect(page.locator("#record")).to_have_attribute("data-version", "1")
    await expect(page.locator("tr.sel")).to_contain_text("Contrato Oro · ")
    assert await faults_for_everybody(page) == []
    assert await faults_at_widths(page, "incident-setup-part") == []
    kept = {one.name: one for one in await place.db.read(service_levels.policies)}
    gold, part = kept["Contrato Oro"], kept["Contrato Oro · crítica"]
    assert (gold.by_contract, gold.part_of, part.part_of) == (True, None, gold.id)

    now, customer = place.context.now(), scene.contact.id
    owed = Contract(
        id="01931f00-0000-7000-8000-0000000000d1",
        name="Mantenimiento de las cámaras de la sede",
        kind="maintenance",
        contact_id=customer,
        begins_on=date(2020, 1, 1),
        policy_id=gold.id,
    )
    await place.db.run(equipment.add_contract, made=owed, by="u-bea", now=now)
    asked = {"call_id": None, "contact_id": customer, "subject": "No enfría", "description": None}
    one = await place.db.run(incidents.open_incident, **asked, key="k", by="u-bea", now=now)
    await page.goto(f"{place.origin}/incidents/{one.id}")
    await expect(page.locator("#by-contract")).to_have_text(f"Por el contrato del cliente: {owed.name}")
    await page.locator("#f-priority").select_option("1")
    await page.locator("#f-reason").fill("Género en riesgo")
    await page.locator("#f-reason").press("Control+Enter")
    await expect(page.locator("#activity")).to_contain_text("Acuerdo: Contrato Oro → Contrato Oro · crítica")
    await expect(page.locator("#by-contract")).to_be_visible()
    assert await faults_for_everybody(page) == []
    await picture(page, "incident-by-contract-es")
    assert await faults_at_widths(page, "incident-by-contract") == []
