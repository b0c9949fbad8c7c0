"""Calls looked for, one call's page, who is to be rung back, and the floor's figures that lead to them."""

from __future__ import annotations

import pytest
from browser.calls_scene import MARIA, OWN, fill_day, tell_much
from browser.floor_scene import fill
from browser.kit import Place, Visitors, faults, faults_at_widths, faults_for_everybody, picture
from playwright.async_api import Page, expect
from unit.screenpop.fakes import START, about

from ami_bridge.domain import events
from crm_core.domain.calls import Origin
from crm_core.ports import UnitOfWork
from crm_core.services import calls

# Today, by hand: answered after 13 s and 32 s; abandoned after 97 s and 60 s, one within 5 s; one timeout;
# one refused. Handled in 301 s and in 75 + 40 + 66 s.
TODAY = ["6", "2", "2", "25\u00a0%", "00:23", "05:00", "04:01"]
# Of the last half hour: the short one, the answered after 32 s, the refused.
RECENT = ["2", "1", "0", "0\u00a0%", "00:32", "00:32", "03:01"]


async def cells(page: Page, queue: str) -> list[str]:
    row = page.locator("#figures tbody tr", has=page.locator(f'td[title="{queue}"]')).first
    return (await row.locator("td").all_inner_texts())[1:]


@pytest.mark.parametrize(("view", "figures"), [("today", TODAY), ("recent", RECENT)])
async def test_the_floor_shows_what_was_counted_by_hand(
    visitors: Visitors, place: Place, view: str, figures: list[str]
) -> None:
    place.stage.floor.live.clear()
    await fill_day(place)
    page = await visitors.visit("eva", "/floor")
    await page.locator(f'[data-view="{view}"]').click()
    await expect(page.locator("#figures tbody tr").first).to_be_visible()
    assert await cells(page, "Soporte") == figures
    tiles = {name: await page.locator(f"#{name}").inner_text() for name in ("service", "abandoned", "lost")}
    assert tiles == {"service": "0\u00a0%", "abandoned": "2", "lost": "2"}


async def test_a_figure_leads_to_as_many_calls_as_it_says(visitors: Visitors, place: Place) -> None:
    place.stage.floor.live.clear()
    await fill_day(place)
    page = await visitors.visit("eva", "/floor")
    await page.locator('[data-view="today"]').click()
    links = page.locator("#figures tbody a")
    await expect(links.first).to_be_visible()
    told = [(await link.get_attribute("href"), await link.inner_text()) for link in await links.all()]
    counts = {href: int(text.split()[0]) for href, text in told if not {"%", ":"} & set(text)}
    assert len(counts) == 6  # offered, answered, abandoned; at once, left, refused
    for href, count in counts.items():
        await page.goto(place.origin + str(href))
        assert await page.locator("#found tbody tr").count() == count, href


async def test_the_figures_follow_when_a_call_ends(visitors: Visitors, place: Place) -> None:
    told = await fill_day(place)
    page = await visitors.visit("eva", "/floor")
    await expect(page.locator("#abandoned")).to_have_text("2")
    place.stage.clock.passes(1)
    late = told[1]
    late.linkedid, late.id = "1795311999.0", "01a200e5-0000-7000-8000-000000000001"
    await place.db.run(calls.record, calls=[late], events=[])
    place.stage.happens(
        about(events.CallEnded, late, outcome="abandoned", hung_up_by="customer", record=late)
    )
    await expect(page.locator("#abandoned")).to_have_text("3")


async def test_calls_are_found_by_number_and_opened(visitors: Visitors, place: Place) -> None:
    place.stage.floor.live.clear()
    told = await fill_day(place)
    await tell_much(place, told[0])
    page = await visitors.visit("eva", "/calls")
    await expect(page.locator("#found tbody tr")).to_have_count(len(told))
    for who in ("957 21-20 00", "carmen"):
        await page.locator("#who").fill(who)
        async with page.expect_event("load"):
            await page.locator("#who").press("Enter")
        await expect(page.locator("#found tbody tr")).to_have_count(1)
    await page.locator("#found a").click()
    await expect(page.locator("h1")).to_have_text("María del Carmen Fernández")
    bar = page.locator(".seg.xl i")
    assert [await one.get_attribute("class") for one in await bar.all()] == [
        "g-ivr",
        "g-wait",
        "g-ring",
        "g-talk",
    ]
    for text in (
        "Ana Ruiz",
        "Luis Gil",
        "Venta",
        "La cámara 2 no enfría",
        "La centralita contó algo dos veces.",
    ):
        await expect(page.locator("main")).to_contain_text(text)


async def test_what_is_asked_for_besides_the_form_can_be_left_out(visitors: Visitors, place: Place) -> None:
    place.stage.floor.live.clear()
    told = await fill_day(place)
    page = await visitors.visit("eva", f"/calls?figure=abandoned&contact_id={MARIA}&from=2026-11-24")
    await expect(page.locator(".empty")).to_be_visible()
    await page.get_by_label("Sin «María del Carmen Fernández»").click()
    await expect(page.locator("#found tbody tr")).to_have_count(2)
    await page.get_by_label("Sin «Abandonadas»").click()
    await expect(page.locator("#found tbody tr")).to_have_count(len(told))


async def test_who_got_through_leaves_the_list_by_himself(visitors: Visitors, place: Place) -> None:
    place.stage.floor.live.clear()
    told = await fill_day(place)
    page = await visitors.visit("eva", "/lost")
    await expect(page.locator("#lost tbody tr")).to_have_count(2)
    call = place.stage.call()
    call.customer, call.answered_at = told[3].customer, START
    place.stage.happens(about(events.CallAnswered, call, interface="PJSIP/agent101", queue=None, wait_s=None))
    await expect(page.locator("#lost tbody tr")).to_have_count(1)
    assert OWN not in await page.locator("#lost").inner_html()


async def test_ringing_back_is_offered_to_who_sits_at_a_phone(visitors: Visitors, place: Place) -> None:
    told = await fill_day(place)
    page = await visitors.visit("eva", "/lost")
    await expect(page.locator("#lost tbody tr")).to_have_count(2)
    await expect(page.locator("[data-dial]")).to_have_count(0)
    await place.db.run(sits, user_id="u-eva", seat="main:PJSIP/agent109")
    control = place.context.control
    assert isinstance(control, dict)
    control["main"] = Taking()
    page = await visitors.visit("eva", "/lost")
    button = page.locator(f'[data-dial="{told[1].customer}"]')
    await button.click()
    await expect(page.locator("#dial-fault")).to_have_text("La centralita no ha confirmado la llamada.")
    await button.click()
    await expect(button).to_have_attribute("aria-busy", "true")
    call, origin = place.stage.call(), Origin(kind="click", ref="r")
    place.stage.happens(about(events.CallStarted, call, direction="outbound", origin=origin))
    await expect(page.locator("#dial-told")).to_have_text("Primero suena tu teléfono.")
    await expect(page.locator("#dial-fault")).to_be_hidden()


class Taking:
    """An exchange that takes every request for a call as ``r``."""

    async def originate(self, **_asked: object) -> str:
        return "r"


def sits(uow: UnitOfWork, *, user_id: str, seat: str) -> None:
    uow.users.set_seat(user_id, seat)


@pytest.mark.parametrize("name", ["calls", "call", "why", "to-ring-back", "figures"])
async def test_a_page_of_calls_is_for_everybody(visitors: Visitors, place: Place, name: str) -> None:
    page = await opened(visitors, place, name, "es")
    assert await faults_for_everybody(page) == []
    await picture(page, f"{name}-es-dark")
    await page.emulate_media(color_scheme="light")
    await picture(page, f"{name}-es-light")
    assert await faults_at_widths(page, name) == []


@pytest.mark.parametrize("name", ["calls", "call", "why", "to-ring-back", "figures"])
async def test_a_page_of_calls_in_english_is_for_everybody(
    visitors: Visitors, place: Place, name: str
) -> None:
    page = await opened(visitors, place, name, "en")
    assert await faults(page) == []
    await picture(page, f"{name}-en-light")


async def opened(visitors: Visitors, place: Place, name: str, language: str) -> Page:
    fill(place.stage)
    told = await fill_day(place)
    await tell_much(place, told[6])
    call = f"/calls/{told[6].id}"
    paths = {"calls": "/calls", "call": call, "why": f"{call}/why", "to-ring-back": "/lost"}
    path = paths.get(name, "/floor")
    page = await visitors.visit({"es": "eva", "en": "sue"}[language], path, locale=f"{language}-ES")
    if name == "figures":
        await page.locator('[data-view="today"]').click()
        await expect(page.locator("#figures tbody tr").first).to_be_visible()
    return page
