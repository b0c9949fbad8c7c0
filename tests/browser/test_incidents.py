"""Incidents by keyboard: found, opened, moved, changed, undone; live, in both languages, at all widths."""

from __future__ import annotations

import re

import pytest
from browser.desk_scene import AtDesk, maria
from browser.desk_scene import furnish as at_the_desk
from browser.incident_scene import HOSTILE, furnish
from browser.kit import Place, Visitors, faults, faults_at_widths, faults_for_everybody, picture
from playwright.async_api import expect

from crm_core.domain.events import IncidentUpdated


def path_of(name: str, key: str) -> str:
    return {
        "list": "/incidents",
        "board": "/incidents?view=board",
        "one": f"/incidents/{key}",
        "problems": "/problems",
    }[name]


@pytest.mark.parametrize("name", ["list", "board", "one", "problems"])
async def test_a_page_is_for_everybody(visitors: Visitors, place: Place, name: str) -> None:
    scene = await furnish(place)
    path = path_of(name, scene.incidents["Cámara"].id)
    page = await visitors.visit("ana", path)
    await expect(page.locator("h1")).to_be_visible()
    assert await faults_for_everybody(page) == []
    await picture(page, f"incidents-{name}-es-dark")
    await page.emulate_media(color_scheme="light")
    await picture(page, f"incidents-{name}-es-light")
    assert await faults_at_widths(page, f"incidents-{name}") == []
    page = await visitors.visit("tom", path)
    assert await faults(page) == []
    await picture(page, f"incidents-{name}-en-light")


async def test_a_new_one_by_two_keys(visitors: Visitors, place: Place) -> None:
    await furnish(place)
    page = await visitors.visit("ana", "/incidents")
    await expect(page.locator("#found tbody tr")).to_have_count(6)
    await page.keyboard.press("n")
    await page.keyboard.press("i")
    await expect(page.locator("#subject")).to_be_focused()
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#subject-err")).to_be_visible()
    await page.keyboard.type("Luz roja <b>fija</b>")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#done-text")).to_contain_text("INC-10008")
    await expect(page.locator("#found tbody")).to_contain_text("Luz roja <b>fija</b>")
    await expect(page.locator("#incident")).to_be_hidden()


async def test_two_keys_at_the_desk_open_one_in_mid_call(visitors: Visitors, place: Place) -> None:
    known = await at_the_desk(place)
    desk = AtDesk(place)
    page = await visitors.visit("ana", "/")
    desk.answers(desk.comes(card=maria(known)))
    await expect(page.locator("#call")).to_have_attribute("data-view", "talking")
    await page.keyboard.press("n")
    await page.keyboard.press("i")
    await expect(page.locator("#subject")).to_be_focused()


async def test_the_list_is_walked_and_filtered_by_keyboard(visitors: Visitors, place: Place) -> None:
    scene = await furnish(place)
    page = await visitors.visit("ana", "/incidents")
    await page.keyboard.press("j")
    await page.keyboard.press("j")
    await page.keyboard.press("k")
    await expect(page.locator("#found tbody a").first).to_be_focused()
    await page.locator("#f-priority").select_option("1")
    await expect(page).to_have_url(re.compile("priority=1"))
    await expect(page.locator("#found tbody tr")).to_have_count(2)
    await page.locator("#found tbody a").last.focus()
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile(scene.incidents["Cámara"].id))


async def test_ten_thousand_rows_come_page_by_page(visitors: Visitors, place: Place) -> None:
    await furnish(place, more=60)
    page = await visitors.visit("ana", "/incidents")
    await expect(page.locator("#found tbody tr")).to_have_count(50)
    await page.locator("#more").click()
    await expect(page.locator("#found tbody tr")).to_have_count(16)
    await expect(page.locator("#more")).to_have_count(0)


async def test_a_card_is_moved_by_keys_and_taken_back(visitors: Visitors, place: Place) -> None:
    scene = await furnish(place)
    page = await visitors.visit("ana", "/incidents?view=board")
    card = page.locator(f'[data-id="{scene.incidents["Alarma"].id}"]')
    column = page.locator('[data-state="assigned"]')
    await card.locator("a").focus()
    await page.keyboard.press("Shift+ArrowRight")
    await expect(column.locator(f'[data-id="{scene.incidents["Alarma"].id}"]')).to_be_visible()
    await expect(card.locator("a")).to_be_focused()
    await page.keyboard.press("u")
    await expect(
        page.locator('[data-state="new"]').locator(f'[data-id="{scene.incidents["Alarma"].id}"]')
    ).to_be_visible()
    assert (await scene.now_is("Alarma")).state == "new"
    await card.locator("select").select_option("pending")
    await expect(page.locator('[data-state="pending"] .tile-card')).to_have_count(2)
    assert (await scene.now_is("Alarma")).waiting_for == "customer"


async def test_what_happens_elsewhere_is_shown(visitors: Visitors, place: Place) -> None:
    scene = await furnish(place)
    board = await visitors.visit("ana", "/incidents?view=board")
    one = await visitors.visit("luis", f"/incidents/{scene.incidents['Alarma'].id}")
    await expect(one.locator("#facts-h")).to_have_text("Nueva")
    after = await scene.change("Alarma", state="in_progress")
    place.stage.happens(IncidentUpdated(at=scene.now, incident_id=after.id, version=after.version))
    await expect(one.locator("#facts-h")).to_have_text("En curso")
    await expect(board.locator(f'[data-state="in_progress"] [data-id="{after.id}"]')).to_be_visible()


async def test_an_incident_from_work_to_its_end_and_back(visitors: Visitors, place: Place) -> None:
    scene = await furnish(place)
    page = await visitors.visit("ana", f"/incidents/{scene.incidents['Alarma'].id}")
    await page.locator('[data-waits="vendor"]').click()
    await expect(page.locator("#facts-h")).to_have_text("Pendiente del proveedor")
    await page.locator('.steps [data-state="in_progress"]').click()
    await expect(page.locator("#facts-h")).to_have_text("En curso")
    await page.locator("#resolve-open").click()
    await expect(page.locator("#resolution")).to_be_focused()
    await page.locator("#resolution").select_option(label="Solucionada")
    await page.locator("#cause").fill("Una junta")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#facts-h")).to_have_text("Resuelta")
    now = await scene.now_is("Alarma")
    assert (now.state, now.cause, now.resolution_id is not None) == ("resolved", "Una junta", True)
    await page.keyboard.press("u")
    await expect(page.locator("#facts-h")).to_have_text("En curso")
    await expect(page.locator("#activity .undone")).to_have_count(1)
    assert (await scene.now_is("Alarma")).cause is None


async def test_notes_are_written_and_what_is_typed_stays(visitors: Visitors, place: Place) -> None:
    scene = await furnish(place)
    page = await visitors.visit("ana", f"/incidents/{scene.incidents['Alarma'].id}")
    await page.locator("#text").fill(f"Cliente avisado {HOSTILE}")
    after = await scene.change("Alarma", subject="Alarma de puerta: sigue")
    place.stage.happens(IncidentUpdated(at=scene.now, incident_id=after.id, version=after.version))
    await expect(page.locator("#activity")).to_contain_text("sigue")
    await expect(page.locator("#text")).to_have_value(f"Cliente avisado {HOSTILE}")
    await page.locator("#is_public").check()
    await page.locator("#text").press("Control+Enter")
    await expect(page.locator("#activity")).to_contain_text(f"Cliente avisado {HOSTILE}")
    assert (await scene.now_is("Alarma")).first_responded_at == scene.now


async def test_facts_are_changed_and_a_newer_record_is_told(visitors: Visitors, place: Place) -> None:
    visitors.expect("status of (412|422)")
    scene = await furnish(place)
    page = await visitors.visit("ana", f"/incidents/{scene.incidents['Alarma'].id}")
    await page.locator("#f-priority").select_option("1")
    await page.locator("#facts [type=submit]").click()
    await expect(page.locator("#f-reason-err")).to_be_visible()
    await page.locator("#f-reason").fill("Lo pide dirección")
    await scene.change("Alarma", subject="Alarma de puerta: otra vez", kind="problem")
    await page.locator("#facts [type=submit]").click()
    await expect(page.locator("#f-kind")).to_have_value("problem")
    await expect(page.locator("#f-subject")).to_have_value("Alarma de puerta: otra vez")
    await page.locator("#facts [type=submit]").click()
    await expect(page.locator("#done-text")).to_be_visible()
    now = await scene.now_is("Alarma")
    assert (now.priority, now.priority_reason, now.kind) == (1, "Lo pide dirección", "problem")


async def test_joined_to_another_and_taken_apart(visitors: Visitors, place: Place) -> None:
    visitors.expect("status of 404")
    scene = await furnish(place)
    page = await visitors.visit("ana", f"/incidents/{scene.incidents['Alarma'].id}")
    await page.locator("#into").fill("INC-99999")
    await page.keyboard.press("Enter")
    await expect(page.locator("#merge-err")).to_be_visible()
    await page.locator("#into").fill(scene.incidents["Cámara"].number)
    await page.keyboard.press("Enter")
    await expect(page.locator(".banner.info")).to_contain_text("INC-10002")
    await page.locator("#part-undo").click()
    await expect(page.locator("#merge")).to_be_visible()
    assert (await scene.now_is("Alarma")).merged_into is None


async def test_a_frequent_problem_leads_to_its_incidents(visitors: Visitors, place: Place) -> None:
    await furnish(place)
    page = await visitors.visit("eva", "/problems")
    await expect(page.locator("tbody tr").first).to_contain_text("Sin categoría")
    await page.locator("tbody a").first.click()
    await expect(page.locator("#found tbody tr")).to_have_count(3)


async def test_a_step_leaves_what_is_typed_and_keeps_the_focus_in_the_page(
    visitors: Visitors, place: Place
) -> None:
    scene = await furnish(place)
    page = await visitors.visit("ana", f"/incidents/{scene.incidents['Alarma'].id}")
    await page.locator("#text").fill("Llama mañana a las")
    await page.locator("#is_public").check()
    await page.locator("#f-subject").fill("Alarma de la puerta 2")
    await page.locator('[data-waits="customer"]').press("Enter")
    await expect(page.locator("#done-text")).to_be_visible()
    await expect(page.locator("#facts-h")).to_have_text("Pendiente del cliente")
    await expect(page.locator("#text")).to_have_value("Llama mañana a las")
    await expect(page.locator("#is_public")).to_be_checked()
    await expect(page.locator("#f-subject")).to_have_value("Alarma de la puerta 2")
    await expect(page.locator("#main")).to_be_focused()
