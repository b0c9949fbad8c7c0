"""A supervisor steps in on the floor: pause, ready and sign-out, taken back by a key, told to the agent."""

from __future__ import annotations

import pytest
from browser.floor_scene import fill
from browser.kit import Place, Visitors, faults_for_everybody, picture, sideways
from playwright.async_api import Locator, Page, expect
from unit.screenpop.fakes import ANA_SEAT

from crm_core.services import audit

PHONE = ANA_SEAT.interface
WIDTHS = (1440, 320)


async def on_the_floor(visitors: Visitors, place: Place, **options: object) -> tuple[Page, Page]:
    """Return Ana's desk and Eva's floor."""
    place.stage.floor.members = {"soporte": (PHONE,)}
    ana = await visitors.visit("ana")
    await expect(ana.locator("#line")).to_have_attribute("data-line", "free")
    eva = await visitors.visit("eva", "/floor", **options)
    return ana, eva


def row(eva: Page) -> Locator:
    return eva.locator("#agents tbody tr").filter(has_text="101")


async def test_a_pause_is_told_and_taken_back_by_a_key(visitors: Visitors, place: Place) -> None:
    ana, eva = await on_the_floor(visitors, place)
    await row(eva).get_by_role("button").focus()
    await eva.keyboard.press("Enter")
    first = eva.get_by_role("button", name="Pausa · Descanso")
    await expect(first).to_be_focused()
    await eva.keyboard.press("Enter")
    await expect(row(eva)).to_contain_text("Pausa")
    await expect(eva.locator("#done-text")).to_have_text("101 está en pausa: Descanso")
    await expect(ana.locator("#line-fault")).to_have_text("Eva Sanz te ha puesto en pausa: Descanso")
    await eva.keyboard.press("u")
    await expect(eva.locator("#done-text")).to_have_text("101 está disponible")
    await expect(ana.locator("#line-fault")).to_have_text("Eva Sanz te ha puesto disponible")
    await expect(ana.locator("#state-chip")).to_have_text("Disponible")
    deeds = [entry.what for entry in await place.db.read(audit.last, limit=2)]
    assert deeds == ["unpause 101", "pause 101: break"]


async def test_a_sign_out_leaves_the_phone_paused_and_cannot_be_taken_back(
    visitors: Visitors, place: Place
) -> None:
    ana, eva = await on_the_floor(visitors, place)
    await row(eva).get_by_role("button").click()
    await eva.get_by_role("button", name="Sacar del teléfono").click()
    await expect(eva.locator("#done-text")).to_have_text("101 está fuera, el teléfono en pausa")
    await expect(eva.locator("#undo")).to_be_hidden()
    await expect(ana.locator("#link")).to_contain_text("Eva Sanz te ha sacado de tu teléfono.")
    await ana.get_by_role("button", name="Usarlo aquí").click()
    await expect(ana.locator("#state-chip")).to_have_text("Pausa · Fuera por supervisión")


async def test_what_is_not_confirmed_is_told_where_it_was_asked(visitors: Visitors, place: Place) -> None:
    visitors.expect("status of 504")
    _, eva = await on_the_floor(visitors, place)
    place.queues.is_mute = True
    await row(eva).get_by_role("button").click()
    await eva.get_by_role("button", name="Pausa · Comida").click()
    await expect(eva.locator("#step-in-error")).to_have_text(
        "La centralita no lo ha confirmado. Todo sigue como estaba."
    )


async def test_where_only_observed_nobody_steps_in(visitors: Visitors, place: Place) -> None:
    place.queues.is_observed = True
    _, eva = await on_the_floor(visitors, place)
    await expect(row(eva)).to_be_visible()
    await expect(row(eva).get_by_role("button")).to_have_count(0)


@pytest.mark.parametrize("width", WIDTHS)
async def test_the_menu_is_for_everybody(visitors: Visitors, place: Place, width: int) -> None:
    fill(place.stage)
    eva = await visitors.visit("eva", "/floor", viewport={"width": width, "height": 800})
    await eva.get_by_role("button", name="Aitana Vilarrubí").click()
    assert await faults_for_everybody(eva) == []
    await picture(eva, f"floor-step-in-{width}-dark")
    await eva.emulate_media(color_scheme="light")
    await picture(eva, f"floor-step-in-{width}-light")


async def test_what_was_done_is_told_to_everybody(visitors: Visitors, place: Place) -> None:
    _, eva = await on_the_floor(visitors, place)
    await row(eva).get_by_role("button").click()
    await eva.get_by_role("button", name="Pausa · Comida").click()
    for width in WIDTHS:
        await eva.set_viewport_size({"width": width, "height": 800})
        await eva.locator("#done").hover()  # what is looked at stays
        assert await faults_for_everybody(eva) == []
        assert await sideways(eva) == 0, width
        await picture(eva, f"floor-undo-{width}")
