"""The talk at a desk: notes that are never lost, incidents by keyboard, new contacts, the end of the call."""

from __future__ import annotations

from browser.desk_scene import NUMBER, AtDesk, furnish, maria
from browser.kit import Place, Visitors
from playwright.async_api import Page, Route, expect
from unit.screenpop.fakes import START

from ami_bridge.domain import events
from crm_core.domain.calls import Call, Work
from crm_core.domain.cards import Card
from crm_core.domain.incident_lists import Wanted
from crm_core.services import calls, contacts, incident_lists

NAME = "María del Carmen Fernández-Villaverde Ruiz"


async def talking(visitors: Visitors, place: Place, card: Card | None = None) -> tuple[Page, AtDesk, Call]:
    """Return Ana's page in a talk (with María, unless there is another *card*), her desk and the call."""
    card = card or maria(await furnish(place))
    page, desk = await visitors.visit("ana"), AtDesk(place)
    await expect(page.locator("#line")).to_have_attribute("data-line", "free")
    call = desk.comes(card=card)
    desk.answers(call)
    await expect(page.locator("#line")).to_have_attribute("data-line", "talking")
    return page, desk, call


async def written(place: Place, call: Call) -> Work:
    """Return what is on record of what Ana wrote."""
    known = await place.db.read(calls.written, call=call)
    return next((one for one in known.work if one.agent == "101"), Work(agent="101", saved_at=START))


async def notes_of(place: Place, call: Call) -> str | None:
    """Return the notes of Ana that are on record."""
    return (await written(place, call)).notes


async def opened_from(place: Place, call: Call) -> list[str]:
    """Return the subjects of the incidents that were opened from *call* for its contact."""
    found = await place.db.read(incident_lists.find, wanted=Wanted(only_open=True), limit=9)
    opened = (one.incident for one in found)
    return [one.subject for one in opened if one.call_id == call.id and one.contact_id]


async def test_the_talk_shows_the_customer_the_incidents_and_what_was(
    visitors: Visitors, place: Place
) -> None:
    page, _, _ = await talking(visitors, place)
    await expect(page.locator("#state-chip")).to_have_text("Hablando")
    await expect(page.locator(".callcard .name")).to_have_text(NAME)
    await expect(page.locator(".callcard .top")).to_be_hidden()
    await expect(page.locator("#incidents > li")).to_have_count(2)
    await expect(page.locator("#history")).to_contain_text("Llamada con Luis Gil")
    await expect(page.locator("#history .day").first).to_have_text("Ayer")
    await expect(page.locator("#this-call .seg i")).to_have_count(4)


async def test_this_call_grows_on_the_page_as_it_goes_on(visitors: Visitors, place: Place) -> None:
    page, desk, call = await talking(visitors, place)
    await expect(page.locator("#this-call .g-talk[data-grows]")).to_have_count(1)
    desk.stage.clock.passes(5)
    desk.holds(call)
    await expect(page.locator("#state-chip")).to_have_text("Retenida")
    await expect(page.locator("#this-call .g-hold[data-grows]")).to_have_count(1)
    await expect(page.locator("#this-call .g-talk")).to_have_attribute("title", "Hablando 00:05")


async def test_notes_are_saved_while_one_types(visitors: Visitors, place: Place) -> None:
    page, _, call = await talking(visitors, place)
    await page.get_by_label("Notas").fill("Sube desde anoche.")
    await page.get_by_label("Resultado").fill("Cita técnica")
    await expect(page.locator("#saved")).to_contain_text("guardado 1")
    work = await written(place, call)
    assert (work.notes, work.disposition) == ("Sube desde anoche.", "Cita técnica")


async def test_notes_survive_a_cut_link_and_a_reload(visitors: Visitors, place: Place) -> None:
    visitors.expect("WebSocket|ERR_FAILED|ERR_CONNECTION_REFUSED|ERR_INTERNET")
    page, _, call = await talking(visitors, place)

    async def refuse(route: Route) -> None:
        await route.abort()

    await page.route("**/work", refuse)
    await place.unplug()
    await page.get_by_label("Notas").fill("Sube desde anoche.")
    await expect(page.locator("#saved")).to_have_text("guardado en este equipo")
    assert await notes_of(place, call) is None
    await page.unroute("**/work", refuse)
    await place.plug()
    await page.reload()
    await expect(page.get_by_label("Notas")).to_have_value("Sube desde anoche.")
    await expect(page.locator("#saved")).to_contain_text("guardado 1")
    assert await notes_of(place, call) == "Sube desde anoche."


async def test_notes_that_were_saved_come_back_in_another_browser(visitors: Visitors, place: Place) -> None:
    page, _, call = await talking(visitors, place)
    await page.get_by_label("Notas").fill("Sube desde anoche.")
    await expect(page.locator("#saved")).to_contain_text("guardado 1")
    await page.context.close()
    other = await visitors.visit("ana")
    await expect(other.get_by_label("Notas")).to_have_value("Sube desde anoche.")
    await other.get_by_label("Notas").fill("Sube desde anoche. Viene hoy.")
    await expect(other.locator("#saved")).to_contain_text("guardado 1")
    assert await notes_of(place, call) == "Sube desde anoche. Viene hoy."


async def test_two_tabs_show_the_same_notes(visitors: Visitors, place: Place) -> None:
    page, _, _ = await talking(visitors, place)
    other = await visitors.tab(page.context)
    await expect(other.locator("#line")).to_have_attribute("data-line", "talking")
    await page.get_by_label("Notas").fill("Sube desde anoche.")
    await expect(other.get_by_label("Notas")).to_have_value("Sube desde anoche.")


async def test_notes_of_the_call_before_are_saved_when_the_next_one_rings(
    visitors: Visitors, place: Place
) -> None:
    page, desk, call = await talking(visitors, place)
    await page.get_by_label("Notas").fill("Sube desde anoche.")
    async with page.expect_response(f"**/calls/{call.id}/work"):
        await desk.hangs_up(call)
        desk.comes("1795311099.0", card=Card(number=NUMBER))
    await expect(page.locator(".callcard .name")).to_have_text("957 21 20 00")
    assert await notes_of(place, call) == "Sube desde anoche."


async def test_an_incident_by_keyboard(visitors: Visitors, place: Place) -> None:
    page, _, call = await talking(visitors, place)
    await page.keyboard.press("n")
    await page.keyboard.press("i")
    await page.keyboard.type("Puerta de la cámara no cierra")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#told")).to_contain_text("Puerta de la cámara no cierra")
    await expect(page.locator("#incidents")).to_contain_text("Puerta de la cámara no cierra")
    await expect(page.locator("#incidents-count")).to_have_text("3")
    await expect(page.locator("#incident")).to_be_hidden()
    assert await opened_from(place, call) == ["Puerta de la cámara no cierra"]


async def test_an_incident_that_was_sent_twice_is_opened_once(visitors: Visitors, place: Place) -> None:
    visitors.expect("ERR_FAILED")
    page, _, call = await talking(visitors, place)

    async def lose_the_answer(route: Route) -> None:
        await route.fetch()
        await route.abort()

    await page.route("**/incidents", lose_the_answer)
    await page.get_by_role("button", name="Nueva").click()
    await page.get_by_label("Qué falla").fill("Puerta de la cámara no cierra")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#incident-err")).to_contain_text("No se ha perdido nada")
    await page.unroute("**/incidents", lose_the_answer)
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#incident")).to_be_hidden()
    assert await opened_from(place, call) == ["Puerta de la cámara no cierra"]


async def test_an_incident_needs_words_and_closing_its_form_keeps_them(
    visitors: Visitors, place: Place
) -> None:
    page, _, _ = await talking(visitors, place)
    await page.get_by_role("button", name="Nueva").click()
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#subject")).to_have_attribute("aria-invalid", "true")
    await page.keyboard.type("Puerta")
    await page.keyboard.press("Escape")
    await expect(page.locator("#incident")).to_be_hidden()
    await page.keyboard.press("n")
    await page.keyboard.press("i")
    await expect(page.locator("#subject")).to_have_value("Puerta")


async def test_a_stranger_becomes_a_contact_during_the_talk(visitors: Visitors, place: Place) -> None:
    page, _, call = await talking(visitors, place, Card(number=NUMBER))
    await page.locator("#contact").get_by_label("Nombre").fill("Zoë")
    await page.locator("#contact").get_by_label("Apellidos").fill("García")
    async with page.expect_response(f"**/calls/{call.id}/contact") as answered:
        await page.keyboard.press("Control+Enter")
    found = await place.db.read(contacts.find, q="957212000", region="ES", limit=9)
    assert [one.name for one in found] == ["Zoë García"]
    assert (await answered.value).status == 200
    assert place.stage.cards.chosen == [(call.id, found[0].id)]


async def test_a_stranger_becomes_a_contact_after_the_talk_too(visitors: Visitors, place: Place) -> None:
    page, desk, call = await talking(visitors, place, Card(number=NUMBER))
    await desk.hangs_up(call)
    await expect(page.locator("#line")).to_have_attribute("data-line", "over")
    await page.locator("#contact").get_by_label("Empresa").fill("Talleres Bermúdez")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator(".callcard .name")).to_have_text("Talleres Bermúdez")
    await expect(page.locator("#new-contact")).to_be_hidden()
    kept = await place.db.read(calls.get_call, call_id=call.id)
    assert kept.match.kind == "chosen"


async def test_a_contact_without_a_name_is_asked_for_one(visitors: Visitors, place: Place) -> None:
    page, _, _ = await talking(visitors, place, Card(number=NUMBER))
    await page.get_by_role("button", name="Crear ficha").click()
    await expect(page.locator("#contact-given")).to_have_attribute("aria-invalid", "true")
    await expect(page.locator("#contact-given-err")).to_have_text("Hace falta un nombre o una empresa.")


async def test_after_the_call_its_card_stays_until_the_notes_are_saved(
    visitors: Visitors, place: Place
) -> None:
    page, desk, call = await talking(visitors, place)
    await desk.hangs_up(call)
    await expect(page.locator("#line")).to_have_attribute("data-line", "over")
    await expect(page.locator("#line-who")).to_have_text(f"Cierre de la llamada con {NAME}")
    await page.get_by_label("Notas").fill("Sube desde anoche.")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#idle")).to_be_visible()
    await expect(page.locator("#line")).to_have_attribute("data-line", "free")
    assert await notes_of(place, call) == "Sube desde anoche."


async def test_after_the_call_all_of_it_is_drawn_whoever_hung_up_first(
    visitors: Visitors, place: Place
) -> None:
    page, desk, call = await talking(visitors, place)
    await page.route("**/api/v1/calls/*", lambda _: None)  # what is drawn comes with the end itself
    await desk.hangs_up(call, is_free_first=True)
    await expect(page.locator("#call")).to_have_attribute("data-phase", "over")
    await expect(page.locator("#this-call time")).not_to_have_text("ahora")


async def test_who_rings_during_a_talk_is_one_key_away(visitors: Visitors, place: Place) -> None:
    page, desk, _ = await talking(visitors, place)
    await page.get_by_label("Notas").fill("Sube")
    desk.comes("1795311099.0", card=Card(number=NUMBER), reserves=False)
    await expect(page.locator("#line")).to_have_attribute("data-line", "ringing")
    await expect(page.locator(".callcard .name")).to_have_text(NAME)
    await page.keyboard.press("F2")
    await expect(page.locator(".callcard .name")).to_have_text("957 21 20 00")
    await page.keyboard.press("F2")
    await expect(page.locator(".callcard .name")).to_have_text(NAME)
    await expect(page.get_by_label("Notas")).to_have_value("Sube")


async def test_a_call_that_ended_while_the_link_was_cut_is_over_after_it(
    visitors: Visitors, place: Place
) -> None:
    visitors.expect("WebSocket")
    page, desk, call = await talking(visitors, place)
    await place.unplug()
    await expect(page.locator("#line")).to_have_class("line talking lost")
    del desk.stage.floor.live[call.id]
    desk.stage.happens(*[events.PbxConnected(pbx="main", at=START)] * 200)  # too much to be told one by one
    await place.plug()
    await expect(page.locator("#line")).to_have_attribute("data-line", "over")
