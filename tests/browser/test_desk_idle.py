"""The desk between two calls: what was missed, my last calls, and calling from the page."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from browser.desk_scene import AtDesk, furnish, maria
from browser.kit import Place, Visitors
from playwright.async_api import Page, Route, expect
from unit.screenpop.fakes import agent_is

from ami_bridge.domain.errors import ActionRejectedError, AmiBridgeError, LinkDownError, ObserveOnlyError


@dataclass
class Control:
    """An exchange that takes every call that is asked for, or fails each in one way."""

    fails: AmiBridgeError | None = None
    asked: list[tuple[str, str]] = field(default_factory=list)

    async def originate(self, *, interface: str, number: str, ref: str | None = None, **_more: object) -> str:
        if self.fails:
            raise self.fails
        self.asked.append((interface, number))
        return ref or "ref"


async def free(visitors: Visitors, **options: Any) -> Page:
    page = await visitors.visit("ana", timezone_id="UTC", **options)
    await expect(page.locator("#line")).to_have_attribute("data-line", "free")
    return page


def controlled(place: Place, fails: AmiBridgeError | None = None) -> Control:
    control = Control(fails)
    place.context.control["main"] = control
    return control


async def test_what_i_missed_stands_with_time_who_and_queue(visitors: Visitors, place: Place) -> None:
    await furnish(place)
    page = await free(visitors)
    rows = page.locator(".missed tbody tr")
    await expect(rows).to_have_count(3)
    await expect(rows.nth(0)).to_contain_text("Oliver Featherstonehaugh")
    await expect(rows.nth(0)).to_contain_text("15:12 · +44 20 7946 0321")
    await expect(rows.nth(0).locator("td").nth(1)).to_have_text("Support EN")
    await expect(rows.nth(0).locator("td").nth(2)).to_have_text(
        "01:17"
    )  # 61 s in the queue, 16 s of them ringing
    await expect(rows.nth(1)).to_contain_text("633 00 04 18")
    await expect(rows.nth(1)).to_contain_text("14:54 · sin ficha")
    await expect(rows.nth(2)).to_contain_text("María del Carmen Fernández-Villaverde Ruiz")
    await expect(rows.nth(2)).to_contain_text("957 21 20 00")


async def test_my_last_calls_are_those_i_had(visitors: Visitors, place: Place) -> None:
    await furnish(place)
    page = await free(visitors)
    rows = page.locator(".mine tbody tr")
    await expect(rows).to_have_count(4)
    await expect(rows.nth(0)).to_contain_text("Javier Bermúdez")
    await expect(rows.nth(0).locator(".seg")).to_have_attribute(
        "aria-label", "menú 00:15, en cola 00:28, sonando 00:05, hablando 03:42"
    )
    await expect(rows.nth(0).locator("td").nth(3)).to_have_text("04:30")


async def test_an_empty_desk_says_what_will_come(visitors: Visitors) -> None:
    page = await free(visitors)
    await expect(page.locator("#idle")).to_contain_text("Ninguna perdida")
    await expect(page.locator("#idle")).to_contain_text("Ninguna llamada todavía")


async def test_the_lists_are_read_anew_after_a_call(visitors: Visitors, place: Place) -> None:
    page, desk = await free(visitors), AtDesk(place)
    call = desk.comes(card=maria(await furnish(place)))
    await expect(page.locator(".callcard")).to_be_visible()
    desk.stage.offer_ends(call, "no_answer")
    await expect(page.locator(".missed tbody tr")).to_have_count(3)


async def test_calling_back_rings_my_phone_and_is_confirmed_by_the_exchange(
    visitors: Visitors, place: Place
) -> None:
    await furnish(place)
    control, page, desk = controlled(place), await free(visitors), AtDesk(place)
    async with page.expect_response("**/api/v1/calls"):
        await page.get_by_role("button", name="Llamar 633 00 04 18").click()
    await expect(page.locator("#line-who")).to_have_text("Llamando a 633 00 04 18: primero suena tu teléfono")
    assert control.asked == [("PJSIP/agent101", "0633000418")]
    desk.stage.happens(agent_is("dialling"))
    await expect(page.locator("#state-chip")).to_have_text("Llamando")
    await expect(page.locator("#line")).to_have_attribute("data-line", "dialling")
    desk.stage.happens(agent_is("ready"))
    await expect(page.locator("#line")).to_have_attribute("data-line", "free")
    await expect(page.locator("#line-fault")).to_be_empty()


async def test_a_number_is_dialled_from_the_line_bar(visitors: Visitors, place: Place) -> None:
    control, page = controlled(place), await free(visitors)
    await page.keyboard.press("F2")
    await page.keyboard.type("957 21 20 00")
    async with page.expect_response("**/api/v1/calls"):
        await page.keyboard.press("Enter")
    await expect(page.locator("#line")).to_have_attribute("data-line", "dialling")
    assert control.asked == [("PJSIP/agent101", "0957212000")]


async def test_what_the_exchange_does_not_confirm_goes_back(visitors: Visitors, place: Place) -> None:
    controlled(place)
    page = await free(visitors, is_clock_mine=True)
    await page.locator("#dial-number").fill("957212000")
    await page.keyboard.press("Enter")
    await expect(page.locator("#dial-number")).to_have_value("")  # the server has taken it
    await expect(page.locator("#line")).to_have_attribute("data-line", "dialling")
    await page.clock.fast_forward(2_000)
    await expect(page.locator("#line-fault")).to_have_text("La centralita no ha confirmado la llamada.")
    await expect(page.locator("#line")).to_have_attribute("data-line", "free")


@pytest.mark.parametrize(
    ("fails", "number", "says"),
    [
        pytest.param(None, "hola", "hola no es un número al que llamar.", id="no number"),
        pytest.param(ObserveOnlyError("main"), "957212000", "Esta centralita solo se observa", id="observed"),
        pytest.param(LinkDownError("gone"), "957212000", "No hay conexión con la centralita.", id="away"),
        pytest.param(
            ActionRejectedError("Originate", "no"), "957212000", "La centralita ha rechazado", id="refused"
        ),
    ],
)
async def test_a_call_that_cannot_be_made_is_told_in_the_line_bar(
    visitors: Visitors, place: Place, fails: AmiBridgeError | None, number: str, says: str
) -> None:
    visitors.expect("/api/v1/calls")
    controlled(place, fails)
    page = await free(visitors)
    await page.locator("#dial-number").fill(number)
    await page.keyboard.press("Enter")
    await expect(page.locator("#line-fault")).to_contain_text(says)
    await expect(page.locator("#line")).to_have_attribute("data-line", "free")


async def test_without_records_the_desk_rings_all_the_same(visitors: Visitors, place: Place) -> None:
    page = await free(visitors)

    async def away(route: Route) -> None:
        await route.abort()

    visitors.expect("ERR_FAILED")
    await page.route("**/desk/history/**", away)
    desk = AtDesk(place)
    call = desk.comes(card=maria())
    desk.answers(call)
    await expect(page.locator(".callcard .name")).to_contain_text("María")
    await expect(page.locator("#history")).to_contain_text("No se ha podido leer el historial.")
    await expect(page.locator("#incidents > li")).to_have_count(2)  # what the card knew


async def test_who_has_no_phone_is_told_so(visitors: Visitors) -> None:
    page = await visitors.visit("eva", "/")
    await expect(page.locator("#line-who")).to_have_text("No tienes teléfono asignado")
    await expect(page.locator("#dial")).to_be_hidden()
