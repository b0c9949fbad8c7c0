"""Ready, paused, in which queues: by mouse and by keyboard, believed when the exchange confirmed it."""

from __future__ import annotations

import asyncio

from browser.desk_scene import AtDesk, furnish, maria
from browser.kit import Place, Visitors, faults_for_everybody, picture, sideways, until
from playwright.async_api import Page, Route, expect
from unit.screenpop.fakes import ANA_SEAT

PHONE = ANA_SEAT.interface
NOT_CONFIRMED = "La centralita no lo ha confirmado. Sigues como estabas."


async def at_desk(visitors: Visitors, place: Place, name: str = "ana", **options: object) -> Page:
    place.stage.floor.members = {"soporte": (PHONE,), "ventas": (), "<b>averías</b>": ()}
    page = await visitors.visit(name, **options)
    await expect(page.locator("#line")).to_have_attribute("data-line", "free")
    return page


async def hold(page: Page, path: str) -> asyncio.Event:
    """Keep what is asked at *path* waiting until the event that is returned is set."""
    held = asyncio.Event()

    async def wait(route: Route) -> None:
        await held.wait()
        await route.continue_()

    await page.route(path, wait)
    return held


def state(page: Page) -> object:
    return page.locator("#state-chip")


async def test_pause_and_ready_by_keyboard(visitors: Visitors, place: Place) -> None:
    page = await at_desk(visitors, place)
    await page.keyboard.press("F2")
    await page.keyboard.press("p")
    first = page.get_by_role("button", name="Descanso")
    await expect(first).to_be_focused()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(state(page)).to_have_text("Pausa · Comida")
    await expect(page.locator("#presence")).to_be_hidden()
    await page.keyboard.press("F2")
    await page.keyboard.press("l")
    await expect(state(page)).to_have_text("Disponible")
    assert place.queues.asked == [f"pause {PHONE} True lunch", f"pause {PHONE} False "]
    await expect(page.locator("#dial-number")).to_have_value("")


async def test_letters_stay_letters_where_something_is_written(visitors: Visitors, place: Place) -> None:
    page = await at_desk(visitors, place)
    await page.keyboard.press("F2")
    await page.keyboard.type("6pl")
    await expect(page.locator("#dial-number")).to_have_value("6pl")
    assert place.queues.asked == []


async def test_queues_are_joined_and_left(visitors: Visitors, place: Place) -> None:
    page = await at_desk(visitors, place)
    await page.locator("#state").click()
    sales = page.get_by_role("checkbox", name="ventas")
    await expect(page.get_by_role("checkbox", name="soporte")).to_be_disabled()
    await expect(page.get_by_role("checkbox", name="<b>averías</b>")).not_to_be_checked()
    await sales.focus()
    await page.keyboard.press("Space")
    await expect(sales).to_be_checked()
    await expect(sales).to_be_focused()
    await until(lambda: place.stage.floor.members["ventas"] == (PHONE,))  # the box shows what is wished
    await page.keyboard.press("Space")
    await expect(sales).not_to_be_checked()
    await until(lambda: place.stage.floor.members["ventas"] == ())


async def test_what_is_wished_last_counts_when_the_exchange_takes_its_time(
    visitors: Visitors, place: Place
) -> None:
    page = await at_desk(visitors, place)
    held = await hold(page, "**/api/v1/presence/queues/*")
    await page.locator("#state").click()
    sales = page.get_by_role("checkbox", name="ventas")
    await sales.focus()
    for _ in range(4):
        await page.keyboard.press("Space")
    await expect(sales).not_to_be_checked()
    held.set()
    await until(lambda: len(place.queues.asked) == 2)
    assert [asked.split()[:2] for asked in place.queues.asked] == [["join", "ventas"], ["leave", "ventas"]]
    await expect(sales).not_to_be_checked()
    await expect(sales).to_be_focused()


async def test_what_was_so_before_a_change_is_not_shown_after_it(visitors: Visitors, place: Place) -> None:
    page = await at_desk(visitors, place)
    asked, changed = asyncio.Event(), asyncio.Event()

    async def answer_late(route: Route) -> None:
        of_before = await route.fetch()
        asked.set()
        await changed.wait()
        await route.fulfill(response=of_before)

    async with page.expect_response("**/api/v1/presence"):
        await page.locator("#state").click()
    sales = page.get_by_role("checkbox", name="ventas")
    await expect(sales).to_be_visible()
    await page.keyboard.press("Escape")
    await page.route("**/api/v1/presence", answer_late, times=1)
    await page.locator("#state").click()
    await asked.wait()
    of_now, confirmed = "**/api/v1/presence", "**/api/v1/presence/queues/*"
    async with page.expect_response(confirmed), page.expect_response(of_now):  # the exchange tells of it too
        await sales.click()
    async with page.expect_response(of_now):
        changed.set()
    await page.evaluate("fetch('/static/icon.svg').then((answer) => answer.text())")  # read after it
    assert await sales.is_checked()


async def test_an_answer_closes_no_menu_that_was_opened_since(visitors: Visitors, place: Place) -> None:
    page = await at_desk(visitors, place)
    held = await hold(page, "**/api/v1/presence")
    await page.keyboard.press("F2")
    await page.keyboard.press("l")
    await page.locator("#state").click()
    held.set()
    await expect(page.get_by_role("checkbox", name="ventas")).to_be_visible()
    await expect(page.locator("#be-ready")).not_to_have_attribute("aria-busy", "true")
    await expect(page.locator("#presence")).to_be_visible()


async def test_what_is_not_confirmed_is_told_and_nothing_changes(visitors: Visitors, place: Place) -> None:
    visitors.expect("status of 504")
    page = await at_desk(visitors, place)
    place.queues.is_mute = True
    await page.locator("#state").click()
    sales = page.get_by_role("checkbox", name="ventas")
    await sales.click()
    await expect(page.locator("#presence-error")).to_have_text(NOT_CONFIRMED)
    await expect(sales).not_to_be_checked()
    await page.keyboard.press("Escape")
    await page.keyboard.press("F2")
    await page.keyboard.press("l")
    await expect(page.locator("#line-fault")).to_have_text(NOT_CONFIRMED)
    await expect(state(page)).to_have_text("Disponible")


async def test_a_pause_wished_for_during_a_call_stands_in_the_line_bar_and_comes_after_it(
    visitors: Visitors, place: Place
) -> None:
    contact_id = await furnish(place)
    page, desk = await at_desk(visitors, place), AtDesk(place)
    call = desk.comes(card=maria(contact_id))
    desk.answers(call)
    place.stage.floor.busy[PHONE] = call.id
    await expect(page.locator("#line")).to_have_attribute("data-line", "talking")
    await page.locator("#state").click()
    await page.get_by_role("button", name="Comida").click()
    await expect(page.locator("#wish")).to_have_text("Después: Comida")
    await picture(page, "desk-wished")
    assert await faults_for_everybody(page) == []
    del place.stage.floor.busy[PHONE]
    await desk.hangs_up(call)
    await place.queues.pause(PHONE, is_paused=True, reason="lunch")
    await expect(state(page)).to_have_text("Pausa · Comida")
    await expect(page.locator("#wish")).to_be_hidden()


async def test_what_a_supervisor_does_is_told_in_the_line_bar(visitors: Visitors, place: Place) -> None:
    page = await at_desk(visitors, place)
    await place.queues.pause(PHONE, is_paused=True, reason="training")
    presence = place.context.presence["main"]
    presence.tell(agent="101", phone=PHONE, by="Eva Sanz", act="paused", reason="training")
    await expect(page.locator("#line-fault")).to_have_text("Eva Sanz te ha puesto en pausa: Formación")
    await expect(state(page)).to_have_text("Pausa · Formación")
    presence.tell(agent="101", phone=PHONE, by="Eva Sanz", act="unpaused", reason=None)
    await expect(page.locator("#line-fault")).to_have_text("Eva Sanz te ha puesto disponible")


async def test_where_only_observed_nothing_is_drawn_that_would_do_nothing(
    visitors: Visitors, place: Place
) -> None:
    place.queues.is_observed = True
    page = await at_desk(visitors, place)
    await expect(page.locator("#presence")).to_have_count(0)
    await expect(page.locator("button#state")).to_have_count(0)
    await page.keyboard.press("F2")
    await page.keyboard.press("p")
    await expect(state(page)).to_have_text("Disponible")


async def test_the_menu_is_for_everybody(visitors: Visitors, place: Place) -> None:
    place.stage.floor.members = {"averías": (), "soporte": (PHONE,), "ventas": ()}
    page = await visitors.visit("ana")
    await expect(page.locator("#line")).to_have_attribute("data-line", "free")
    await place.queues.pause(PHONE, is_paused=True, reason="back_office")
    await page.locator("#state").click()
    for width in (1440, 320):
        await page.set_viewport_size({"width": width, "height": 800})
        await expect(page.get_by_role("checkbox", name="ventas")).to_be_visible()
        assert await faults_for_everybody(page) == []
        assert await sideways(page) == 0, width
        await picture(page, f"desk-presence-{width}-dark")
        await page.emulate_media(color_scheme="light")
        await picture(page, f"desk-presence-{width}-light")
