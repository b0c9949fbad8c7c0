"""The site's own fields of incidents: in the form of a new one, on its page, in its history, taken back."""

from __future__ import annotations

from typing import Any

from browser.incident_scene import HOSTILE, furnish
from browser.kit import Place, Visitors, faults_at_widths, faults_for_everybody, picture
from playwright.async_api import expect

from crm_core.domain.custom_fields import FieldDef
from crm_core.services import fields, incidents

FIELDS: tuple[dict[str, Any], ...] = (
    {"key": "error", "label_es": "Código de error", "label_en": "Error code", "regex": r"E-\d\d"},
    {"key": "visits", "type": "number", "label_es": "Visitas", "label_en": "Visits"},
    {"key": "urgent", "type": "boolean", "label_es": f"¿Urge? {HOSTILE}", "label_en": f"Urgent? {HOSTILE}"},
    {"key": "part", "type": "choice", "options": (HOSTILE, "Motor"), "label_es": "Pieza", "label_en": "Part"},
    {"key": "since", "type": "date", "label_es": "Desde", "label_en": "Since"},
)


async def define(place: Place) -> None:
    for n, facts in enumerate(FIELDS):
        told = {"type": "text", "id": f"f{n}", "entity": "incident", "position": n} | facts
        await place.db.run(fields.define, field=FieldDef(**told), by="u-bea", now=place.context.now())


async def test_they_are_written_and_taken_back(visitors: Visitors, place: Place) -> None:
    visitors.expect("status of 422")
    scene = await furnish(place)
    await define(place)
    one = scene.incidents["Cámara"]
    page = await visitors.visit("ana", f"/incidents/{one.id}")
    await page.locator("#f-own-error").fill("E-7")
    await page.locator("#f-own-visits").fill("2")
    await page.locator("#facts [type=submit]").click()
    await expect(page.locator("#f-own-error-err")).to_be_visible()
    await page.locator("#f-own-error").fill("E-07")
    await page.locator("#f-own-urgent").select_option("false")
    await page.locator("#f-own-part").select_option(HOSTILE)
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#done-text")).to_contain_text(one.number)
    await expect(page.locator("#activity")).to_contain_text("Código de error: — → E-07")
    await expect(page.locator("#activity")).to_contain_text(f"Pieza: — → {HOSTILE}")
    kept = (await place.db.read(incidents.get, incident_id=one.id)).fields
    assert kept == {"error": "E-07", "visits": 2, "urgent": False, "part": HOSTILE}
    await page.locator("#undo").click()
    await expect(page.locator("#f-own-error")).to_have_value("")
    assert (await place.db.read(incidents.get, incident_id=one.id)).fields == {}
    assert await faults_for_everybody(page) == []
    await picture(page, "incident-fields-es-dark")
    await page.emulate_media(color_scheme="light")
    await picture(page, "incident-fields-es-light")
    assert await faults_at_widths(page, "incident-fields") == []


async def test_somebody_else_s_are_shown_beside_mine(visitors: Visitors, place: Place) -> None:
    visitors.expect("status of 412")
    scene = await furnish(place)
    await define(place)
    page = await visitors.visit("tom", f"/incidents/{scene.incidents['Cámara'].id}")
    await page.locator("#f-own-visits").fill("3")
    await scene.change("Cámara", fields={"visits": 5, "error": "E-01"})
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#f-own-visits-err")).to_contain_text("5")
    await expect(page.locator("#f-own-error")).to_have_value("E-01")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#activity")).to_contain_text("Visits: 5 → 3")


async def test_a_new_one_has_them(visitors: Visitors, place: Place) -> None:
    await furnish(place)
    await define(place)
    page = await visitors.visit("tom", "/incidents")
    await page.keyboard.press("n")
    await page.keyboard.press("i")
    await page.locator("#subject").fill("Red light")
    await page.locator("#new-own-part").select_option("Motor")
    await picture(page, "incident-fields-en-new")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#done-text")).to_contain_text("INC-10008")
    one = await place.db.read(lambda uow: uow.incidents.by_number("INC-10008"))
    assert one.fields == {"part": "Motor"}


async def test_a_field_of_a_category_is_asked_where_it_is(visitors: Visitors, place: Place) -> None:
    visitors.expect("status of 422")
    scene = await furnish(place)
    cold, rooms = scene.choices["Frío"], scene.choices["Cámaras"]
    page = await visitors.visit("bea", "/fields")
    await page.locator("#edit").click()
    await page.locator("#f-entity").select_option("incident")
    await page.locator("#f-key").fill("degrees")
    await page.locator("#f-type").select_option("number")
    await page.locator("#f-label_es").fill("Grados")
    await page.locator("#f-label_en").fill("Degrees")
    await page.locator(f"[data-field=category_ids][value='{cold.id}']").check()
    await page.locator("[data-field=is_required]").check()
    assert await faults_at_widths(page, "field-of-a-category") == []
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("tbody tr")).to_have_count(1)
    (kept,) = await place.db.read(fields.every)
    assert kept.category_ids == (cold.id,)

    one = await place.db.run(
        incidents.open_incident,
        call_id=None,
        contact_id=None,
        subject="No enfría",
        description=None,
        key="k",
        by="u-bea",
        now=place.context.now(),
    )
    await page.goto(f"{place.origin}/incidents/{one.id}")
    field = page.locator("#f-own-degrees")
    await expect(field).to_be_hidden()
    await page.locator("#f-category").select_option(rooms.id)
    await expect(field).to_be_visible()
    await page.locator("#facts [type=submit]").click()
    await expect(page.locator("#f-own-degrees-err")).to_be_visible()
    await field.fill("-18")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#activity")).to_contain_text("Grados: — → -18")
    assert await faults_for_everybody(page) == []
    await page.goto(f"{place.origin}/incidents")
    await page.locator("[aria-controls=incident]").first.click()
    await expect(page.locator("#new-own-degrees")).to_be_hidden()
    await page.locator("#new-category").select_option(rooms.id)
    await expect(page.locator("#new-own-degrees")).to_be_visible()
