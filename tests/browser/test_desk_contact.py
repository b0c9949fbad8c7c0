"""Who is calling is found, and what is on record of him put right, without leaving the call."""

from __future__ import annotations

import asyncio
import re

from browser.desk_scene import NUMBER, AtDesk, furnish, known, maria
from browser.kit import Place, Visitors, faults_for_everybody, picture
from msgspec.structs import replace
from playwright.async_api import Page, Route, expect

from crm_core.domain.calls import Call
from crm_core.domain.cards import Card, CardContact
from crm_core.services import contacts

STRANGER = "+34633000418"


async def rings(visitors: Visitors, place: Place, card: Card) -> tuple[Page, AtDesk, Call]:
    page, desk = await visitors.visit("ana"), AtDesk(place)
    await expect(page.locator("#line")).to_have_attribute("data-line", "free")
    call = desk.comes(card=card, customer=STRANGER, ani=STRANGER)
    await expect(page.locator(".callcard")).to_be_visible()
    return page, desk, call


async def test_an_unknown_caller_is_found_by_keys_alone(visitors: Visitors, place: Place) -> None:
    maria_id = await furnish(place)
    page, _, call = await rings(visitors, place, Card(number=STRANGER))

    await page.keyboard.press("f")
    await page.keyboard.type("guadalq")
    await expect(page.locator("#found li")).to_have_count(1)
    await expect(page.locator("#found li")).to_contain_text("María del Carmen Fernández-Villaverde Ruiz")
    assert await faults_for_everybody(page) == []
    await picture(page, "desk-find")
    await page.keyboard.press("Escape")
    await page.keyboard.press("1")

    await expect(page.locator("#found li")).to_have_count(0)
    assert place.stage.cards.chosen == [(call.id, maria_id)]


async def test_who_is_not_there_is_not_found(visitors: Visitors, place: Place) -> None:
    page, _, _ = await rings(visitors, place, Card(number=STRANGER))
    await page.locator("#find-q").fill("nadie así")
    await expect(page.locator("#find-told")).to_have_text("No se encuentra a nadie.")


async def test_who_is_found_late_is_not_offered_for_the_next_call(visitors: Visitors, place: Place) -> None:
    await furnish(place)
    page, desk, call = await rings(visitors, place, Card(number=STRANGER))
    is_next = asyncio.Event()

    async def answer_late(route: Route) -> None:
        found = await route.fetch()
        await is_next.wait()
        await route.fulfill(response=found)

    await page.route("**/api/v1/contacts?*", answer_late)
    async with page.expect_request("**/api/v1/contacts?*"):
        await page.locator("#find-q").fill("guadalq")
    desk.stage.offer_ends(call, "caller_left")
    desk.comes("1795311099.0", card=Card(number=NUMBER))
    await expect(page.locator(".callcard .name")).to_have_text("957 21 20 00")
    async with page.expect_response("**/api/v1/contacts?*"):
        is_next.set()
    await page.evaluate("fetch('/static/icon.svg').then((answer) => answer.text())")  # read after it
    await expect(page.locator("#found li")).to_have_count(0)


async def test_a_known_caller_may_be_somebody_else(visitors: Visitors, place: Place) -> None:
    await furnish(place)
    page, _, call = await rings(visitors, place, maria())
    await expect(page.locator("#find-contact")).to_be_hidden()

    await page.get_by_role("button", name="Es otra persona").click()
    await page.keyboard.type("bermúdez")
    await page.locator("#found button").click()

    await expect(page.locator("#find-contact")).to_be_hidden()
    ((chosen_for, contact_id),) = place.stage.cards.chosen
    assert chosen_for == call.id
    assert (await place.db.read(contacts.get, contact_id=contact_id)).name == "Javier Bermúdez"


async def talking_with(visitors: Visitors, place: Place) -> tuple[Page, str]:
    """Return Ana's page in a talk with somebody on record, and his id."""
    contact_id = await known(place, "Javier", "Bermúdez", "Talleres Sur", NUMBER)
    card = replace(maria(), contact=CardContact(id=contact_id, name="Javier Bermúdez"))
    page, desk, call = await rings(visitors, place, card)
    desk.answers(call)
    await expect(page.locator("#line")).to_have_attribute("data-line", "talking")
    await page.get_by_role("button", name="Editar").click()
    await expect(page.locator("#edit")).to_be_visible()
    return page, contact_id


async def test_a_contact_is_put_right_during_the_talk(visitors: Visitors, place: Place) -> None:
    page, contact_id = await talking_with(visitors, place)
    form = page.locator("#edit")
    await expect(form.get_by_label("Nombre")).to_have_value("Javier")
    await expect(page.locator("#edit-phones li")).to_have_text("957 21 20 00")

    await form.get_by_label("Apellidos").fill("Bermúdez Ortiz")
    await form.get_by_label("Otro número").fill("600 111 222")
    assert await faults_for_everybody(page) == []
    await picture(page, "desk-edit")
    await page.keyboard.press("Control+Enter")

    await expect(form).to_be_hidden()
    contact = await place.db.read(contacts.get, contact_id=contact_id)
    assert contact.name == "Javier Bermúdez Ortiz"
    assert [one.e164 for one in contact.phones] == [NUMBER, "+34600111222"]


async def test_asking_to_edit_again_takes_nothing_back(visitors: Visitors, place: Place) -> None:
    page, _ = await talking_with(visitors, place)
    await page.locator("#edit-family").fill("Bermúdez Ortiz")
    await page.get_by_role("button", name="Editar").click()
    await expect(page.locator("#edit-given")).to_be_focused()
    await expect(page.locator("#edit-family")).to_have_value("Bermúdez Ortiz")


async def test_who_was_slower_sees_both_and_decides(visitors: Visitors, place: Place) -> None:
    visitors.expect("412")
    page, contact_id = await talking_with(visitors, place)
    form = page.locator("#edit")
    await form.get_by_label("Apellidos").fill("Bermúdez Ortiz")
    await place.db.run(
        contacts.change,
        contact_id=contact_id,
        version=1,
        changes={"family": "Bermúdez Ruiz", "company": "Talleres Norte"},
        by=None,
        now=place.stage.clock.now,
    )
    await page.keyboard.press("Control+Enter")

    await expect(form.get_by_role("alert")).to_contain_text("ha cambiado este contacto")
    await expect(page.locator("#edit-family-newer")).to_contain_text("Bermúdez Ruiz")
    await expect(form.get_by_label("Apellidos")).to_have_value("Bermúdez Ortiz")
    await expect(form.get_by_label("Empresa")).to_have_value("Talleres Norte")  # not touched here
    await expect(page.locator("#edit-company-newer")).to_be_hidden()
    await picture(page, "desk-edit-both")
    await page.keyboard.press("Control+Enter")

    await expect(form).to_be_hidden()
    contact = await place.db.read(contacts.get, contact_id=contact_id)
    assert (contact.family, contact.company, contact.version) == ("Bermúdez Ortiz", "Talleres Norte", 3)


async def test_what_the_other_wrote_may_be_taken(visitors: Visitors, place: Place) -> None:
    visitors.expect("412")
    page, contact_id = await talking_with(visitors, place)
    await page.locator("#edit-given").fill("Xavier")
    changes = {"given": "Javi"}
    await place.db.run(
        contacts.change,
        contact_id=contact_id,
        version=1,
        changes=changes,
        by=None,
        now=place.stage.clock.now,
    )
    await page.keyboard.press("Control+Enter")
    await page.get_by_role("button", name="Usar este").click()

    await expect(page.locator("#edit-given")).to_have_value("Javi")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#edit")).to_be_hidden()
    assert (
        await place.db.read(contacts.get, contact_id=contact_id)
    ).version == 2  # nothing is left to change


async def test_what_is_wrong_stands_at_its_field(visitors: Visitors, place: Place) -> None:
    visitors.expect("422")
    page, _ = await talking_with(visitors, place)
    await page.locator("#edit-raw").fill("anonymous")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#edit-raw-err")).to_have_text(re.compile("."))
    for field in ("given", "family", "company"):
        await page.locator(f"#edit-{field}").fill("")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#edit-given-err")).to_be_visible()


async def test_of_two_calls_of_a_stranger_left_open_both_have_the_name_he_gets(
    visitors: Visitors, place: Place
) -> None:
    page, desk, first = await rings(visitors, place, Card(number=STRANGER))
    desk.answers(first)
    await desk.hangs_up(first)
    second = desk.comes("1795311200.0", card=Card(number=STRANGER), customer=STRANGER, ani=STRANGER)
    desk.answers(second)
    await expect(page.locator("#line")).to_have_attribute("data-line", "talking")
    await desk.hangs_up(second)
    await expect(page.locator("#call")).to_have_attribute("data-phase", "over")
    await page.get_by_role("textbox", name="Nombre").fill("Juan")
    await page.get_by_role("button", name="Crear ficha").click()
    await expect(page.locator("[data-name]")).to_have_text("Juan")

    await page.get_by_role("button", name="Guardar y cerrar la ficha").click()

    await expect(page.locator("#told")).to_have_text("Guardado.")
    await expect(page.locator("[data-name]")).to_have_text("Juan")
    await expect(page.get_by_role("button", name="Crear ficha")).to_be_hidden()
    await expect(page.locator("[data-wait]")).to_have_text("02:18")
