"""Tasks by keyboard: noted, done, taken back, beside the customer and the incident; in both languages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from browser.incident_scene import HOSTILE, Scene, furnish
from browser.kit import Place, Visitors, faults, faults_at_widths, faults_for_everybody, picture
from playwright.async_api import expect

from crm_core.domain.tasks import Task, Wanted
from crm_core.services import callbacks, tasks

LONG = "Enviar la oferta de mantenimiento con la lista de repuestos y los plazos de la fábrica, firmada"


async def with_tasks(place: Place) -> Scene:
    scene = await furnish(place)
    for n, (title, hours, facts) in enumerate(
        (
            (LONG, 30, {"incident_id": scene.incidents["Cámara"].id, "assignee": "u-ana"}),
            (f"Llamar {HOSTILE}", -3, {"contact_id": scene.contact.id, "assignee": "u-ana", "note": HOSTILE}),
            ("Pedir el compresor", 4, {}),
        )
    ):
        due = scene.now + timedelta(hours=hours)
        one = Task(
            id=f"{n:08d}-0000-7000-8000-000000000000", title=title, due_at=due, created_at=scene.now, **facts
        )
        await place.db.run(tasks.add, task=one, by="u-ana", now=scene.now)
    wish = {"number": "+34957212000", "call_id": None, "did": None, "due_at": scene.now, "now": scene.now}
    await place.db.run(callbacks.ask, **wish)
    return scene


async def test_the_page_is_for_everybody(visitors: Visitors, place: Place) -> None:
    await with_tasks(place)
    page = await visitors.visit("ana", "/tasks?view=all")
    await expect(page.locator("#tasks tbody tr")).to_have_count(3)
    await expect(page.locator("#tasks")).to_contain_text(HOSTILE)
    assert await faults_for_everybody(page) == []
    await picture(page, "tasks-es-dark")
    await page.emulate_media(color_scheme="light")
    await picture(page, "tasks-es-light")
    assert await faults_at_widths(page, "tasks") == []
    page = await visitors.visit("tom", "/tasks?view=all")
    assert await faults(page) == []
    await picture(page, "tasks-en-light")


async def test_a_new_one_by_two_keys_then_done_and_taken_back(visitors: Visitors, place: Place) -> None:
    page = await visitors.visit("ana", "/tasks")
    await expect(page.locator("#tasks .empty")).to_be_visible()
    await page.keyboard.press("n")
    await page.keyboard.press("t")
    await expect(page.locator("#task-title")).to_be_focused()
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#task-title-err")).to_be_visible()
    await page.keyboard.type(HOSTILE)
    await page.locator("#task-who").select_option(label="Ana Ruiz")
    await page.keyboard.press("Control+Enter")
    row = page.locator("#tasks tbody tr")
    await expect(row).to_contain_text(HOSTILE)
    await expect(page.locator("#task")).to_be_hidden()
    await page.keyboard.press("j")
    await page.keyboard.press("Enter")
    await expect(row).to_have_count(0)
    assert await place.db.read(tasks.count, wanted=Wanted(is_open=False)) == 1
    await page.keyboard.press("u")
    await expect(row).to_have_count(1)


async def test_one_is_changed_and_the_newer_is_kept(visitors: Visitors, place: Place) -> None:
    visitors.expect("status of 412")
    await with_tasks(place)
    page = await visitors.visit("ana", "/tasks?view=nobody")
    row = page.locator("#tasks tbody tr")
    await row.locator("[data-change]").click()
    await expect(page.locator("#task-title")).to_have_value("Pedir el compresor")
    (one,) = await place.db.read(tasks.find, wanted=Wanted(is_unassigned=True), limit=2)
    later = {"changes": {"note": "En stock"}, "by": "u-luis", "now": place.context.now()}
    await place.db.run(tasks.change, task_id=one.task.id, version=1, **later)
    await page.locator("#task-title").fill("Pedir dos compresores")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#task-err")).to_be_visible()
    await page.keyboard.press("Control+Enter")
    await expect(row).to_contain_text("Pedir dos compresores")
    await page.locator("#undo").click()
    await expect(row).to_contain_text("Pedir el compresor")


@pytest.mark.parametrize("where", ["contact", "incident"])
async def test_beside_what_it_is_for(visitors: Visitors, place: Place, where: str) -> None:
    scene = await with_tasks(place)
    path = (
        f"/contacts/{scene.contact.id}"
        if where == "contact"
        else f"/incidents/{scene.incidents['Cámara'].id}"
    )
    page = await visitors.visit("ana", path)
    there = page.locator("#tasks [data-task]")
    before = 2 if where == "contact" else 1
    await expect(there).to_have_count(before)
    await page.locator("#task-new").click()
    await page.locator("#task-title").fill("Enviar el albarán")
    await page.keyboard.press("Control+Enter")
    await expect(there).to_have_count(before + 1)
    await expect(page.locator("#tasks")).to_contain_text("Enviar el albarán")
    assert await faults(page) == []
    await picture(page, f"tasks-of-{where}")
    await there.first.locator("button").click()
    await expect(there).to_have_count(before)
    await page.keyboard.press("u")
    await expect(there).to_have_count(before + 1)
