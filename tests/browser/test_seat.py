"""Choosing a phone: at the sign-in, later from the menu; taken over when idle, refused on a call."""

from __future__ import annotations

from browser.kit import Place, Visitors, faults_for_everybody, fill_in, picture, sideways
from playwright.async_api import Page, expect
from unit.screenpop.fakes import ANA_SEAT, LUIS_SEAT

from crm_core.services import users

PHONES = [f"PJSIP/agent{n}" for n in (*range(101, 113), 9)]


async def sign_in(visitors: Visitors, name: str = "ana") -> Page:
    page = await visitors.visit(None, "/", locale="es-ES")
    await fill_in(page, name)
    await page.wait_for_url("**/seat?**")
    return page


async def at_the_line(page: Page, phone: str) -> None:
    await expect(page.locator("#line-who")).to_have_text(f"Línea libre · {phone}")


async def test_enter_accepts_the_phone_of_last_time(visitors: Visitors, place: Place) -> None:
    place.stage.floor.seen = PHONES
    page = await sign_in(visitors)
    chosen = page.get_by_role("radio", checked=True)
    await expect(chosen).to_be_focused()
    await expect(chosen).to_have_value("main:PJSIP/agent101")
    await page.keyboard.press("Enter")
    await at_the_line(page, "agent101")
    assert place.stage.floor.seats == {ANA_SEAT.interface: "101"}


async def test_another_phone_is_chosen_with_the_arrows_and_remembered(
    visitors: Visitors, place: Place
) -> None:
    place.stage.floor.seen = PHONES
    page = await sign_in(visitors)
    await expect(page.get_by_role("radio", checked=True)).to_be_focused()
    await page.keyboard.press("ArrowUp")  # agent9 stands before agent101
    await page.keyboard.press("Enter")
    await at_the_line(page, "agent9")
    ana = await place.db.read(users.user_named, name="ana")
    assert ana.seat == "main:PJSIP/agent9"
    again = await visitors.visit("ana", "/seat")
    await expect(again.get_by_role("radio", checked=True)).to_have_value("main:PJSIP/agent9")


async def test_who_sat_there_idle_is_told_who_came(visitors: Visitors, place: Place) -> None:
    luis, ana = await visitors.visit("luis"), await visitors.visit("ana", "/seat?next=/")
    await at_the_line(luis, "agent102")
    await ana.reload()
    await ana.get_by_role("radio", name="agent102").check()
    await expect(ana.locator(".seat", has_text="agent102")).to_contain_text("Luis Gil")
    await ana.get_by_role("button", name="Sentarme aquí").click()
    await at_the_line(ana, "agent102")
    await expect(luis.locator("#link")).to_contain_text("Ana Ruiz está ahora en tu teléfono.")
    await luis.get_by_role("button", name="Usarlo aquí").click()
    await at_the_line(luis, "agent102")
    await expect(ana.locator("#link")).to_contain_text("Luis Gil está ahora en tu teléfono.")


async def test_who_is_on_a_call_keeps_it(visitors: Visitors, place: Place) -> None:
    visitors.expect("status of 409")
    luis = await visitors.visit("luis")
    await at_the_line(luis, "agent102")
    ana = await visitors.visit("ana", "/seat?next=/")
    await ana.get_by_role("radio", name="agent102").check()
    place.stage.floor.busy[LUIS_SEAT.interface] = "c1"
    await ana.keyboard.press("Enter")
    await expect(ana.get_by_role("alert")).to_have_text("Luis Gil está en una llamada en ese teléfono.")
    await ana.reload()
    await expect(ana.get_by_role("radio", name="agent102")).to_be_disabled()
    await expect(ana.locator(".seat", has_text="agent102")).to_contain_text("en una llamada")
    await place.db.run(users.set_seat, user_id="u-ana", seat="main:PJSIP/agent102")
    await ana.goto(place.origin)
    await expect(ana.locator("#link")).to_contain_text("Luis Gil está en una llamada en tu teléfono.")
    await ana.get_by_role("button", name="Cambiar de teléfono").click()
    await expect(ana.get_by_role("radio", checked=True)).to_have_count(0)


async def test_the_phone_is_changed_from_the_menu(visitors: Visitors, place: Place) -> None:
    place.stage.floor.seen = PHONES
    page = await visitors.visit("tom")
    await page.get_by_role("button", name="Tom Reed").click()
    await page.get_by_role("link", name="Change my phone").click()
    await page.get_by_role("radio", name="agent104").check()
    await page.get_by_role("button", name="Sit here").click()
    await expect(page.locator("#line-who")).to_have_text("Line free · agent104")


async def test_who_takes_no_calls_is_asked_for_no_phone(visitors: Visitors, place: Place) -> None:
    page = await visitors.visit("eva", "/seat")
    assert page.url == f"{place.origin}/floor"


async def test_it_is_for_everybody(visitors: Visitors, place: Place) -> None:
    place.stage.floor.seen = PHONES
    luis = await visitors.visit("luis")
    await at_the_line(luis, "agent102")
    page = await visitors.visit("ana", "/seat")
    await expect(page.locator(".seat", has_text="agent102")).to_contain_text("Luis Gil")
    for width in (1440, 320):
        await page.set_viewport_size({"width": width, "height": 800})
        assert await faults_for_everybody(page) == []
        assert await sideways(page) == 0, width
        await picture(page, f"seat-{width}-dark")
        await page.emulate_media(color_scheme="light")
        await picture(page, f"seat-{width}-light")


async def test_without_any_phone_one_goes_on(visitors: Visitors, place: Place) -> None:
    await place.db.run(users.set_seat, user_id="u-ana", seat=None)
    page = await visitors.visit("ana", "/seat")
    assert await faults_for_everybody(page) == []
    await page.get_by_role("link", name="Seguir sin teléfono").click()
    await expect(page.locator("#line-who")).to_have_text("No tienes teléfono asignado")
