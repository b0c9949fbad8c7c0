"""What was said is written down on a customer's page by keys, changed, removed, taken back; others see it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from browser.calls_scene import MARIA
from browser.customers_scene import ACME, fill
from browser.kit import Place, Visitors, faults, faults_at_widths, faults_for_everybody, picture
from playwright.async_api import Route, expect

from crm_core.domain.interactions import CHANNELS, Interaction, Wanted
from crm_core.services import incidents, interactions

PATHS = {"contact": f"/contacts/{MARIA}", "account": f"/accounts/{ACME}"}


async def kept(place: Place) -> list[Interaction]:
    listed = await place.db.read(interactions.find, wanted=Wanted(), limit=50)
    return [one.interaction for one in listed]


async def say(place: Place, key: str, body: str = "Pide presupuesto", **more: object) -> None:
    now = place.context.now()
    facts = {"id": key, "channel": "note", "contact_id": MARIA, "at": now, "created_at": now}
    made = Interaction(**facts | {"created_by": "u-ana", "body": body} | more)  # type: ignore[arg-type]
    await place.db.run(interactions.add, made=made, by="u-ana", now=now)


async def say_everything(place: Place) -> None:
    """Something on every way, long and hostile, and an incident."""
    now = place.context.now()
    for n, channel in enumerate(CHANNELS):
        direction = None if channel == "note" else ("inbound", "outbound")[n % 2]
        body = "Dice que la cámara no enfría desde ayer. " * (12 if n == 0 else 1)
        more = {"channel": channel, "direction": direction, "at": now - timedelta(hours=n * 5)}
        await say(place, f"i{n}", body, subject="Cámara 4 <b>" if n < 2 else None, **more)
    await place.db.run(
        incidents.open_incident,
        call_id=None,
        contact_id=MARIA,
        subject="No enfría",
        description=None,
        priority=2,
        key="k",
        by="ana",
        now=now - timedelta(hours=7),
    )


async def test_written_down_by_keys_and_taken_back(visitors: Visitors, place: Place) -> None:
    await fill(place)
    page = await visitors.visit("ana", PATHS["contact"])
    await page.keyboard.press("w")
    await expect(page.locator("#write-way")).to_be_focused()
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#write-body")).to_have_attribute("aria-invalid", "true")
    await page.locator("#write-way").select_option("email:inbound")
    await page.locator("#write-body").fill("Pide <b>presupuesto</b>")
    await page.keyboard.press("Control+Enter")
    row = page.locator("#happened [data-written]")
    await expect(row).to_contain_text("Pide <b>presupuesto</b>")
    await expect(row).to_contain_text("Correo recibido")
    await expect(page.locator("#write")).to_be_hidden()
    await expect(page.locator("#write-open")).to_be_focused()
    (one,) = await kept(place)
    assert (one.channel, one.direction, one.contact_id) == ("email", "inbound", MARIA)
    await page.keyboard.press("u")
    await expect(row).to_have_count(0)
    assert await kept(place) == []


async def test_changed_and_removed_each_taken_back(visitors: Visitors, place: Place) -> None:
    await fill(place)
    await say(place, "i1")
    (before,) = await kept(place)
    page = await visitors.visit("ana", PATHS["contact"])
    row = page.locator("#happened [data-written]")
    await row.locator("[data-change-written]").click()
    await expect(page.locator("#write-body")).to_have_value("Pide presupuesto")
    await page.locator("#write-way").select_option("visit:outbound")
    await page.keyboard.press("Control+Enter")
    await expect(row).to_contain_text("Le visitamos")
    (after,) = await kept(place)
    assert (after.channel, after.direction, after.at) == ("visit", "outbound", before.at)
    await page.keyboard.press("u")
    await expect(row).to_contain_text("Nota")

    await row.locator("[data-change-written]").click()
    await page.locator("#write-remove").click()
    await expect(row).to_have_count(0)
    await page.keyboard.press("u")
    await expect(row).to_contain_text("Pide presupuesto")


async def test_half_written_it_is_not_lost_and_another_text_is_another(
    visitors: Visitors, place: Place
) -> None:
    visitors.expect("ERR_FAILED")
    await fill(place)
    await say(place, "i1")
    page = await visitors.visit("ana", PATHS["contact"])
    body = page.locator("#write-body")
    await page.keyboard.press("w")
    await body.fill("A medio escribir")
    await page.locator("#write-open").focus()
    await page.keyboard.press("w")
    await expect(body).to_be_focused()
    await expect(body).to_have_value("A medio escribir")
    await page.locator("[data-change-written]").click()
    await expect(body).to_be_focused()
    await expect(body).to_have_value("A medio escribir")

    async def lose(route: Route) -> None:
        await route.fetch()
        await route.abort()

    await page.route("**/api/v1/interactions", lose, times=1)
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#write-err")).to_be_visible()
    await body.fill("Ya entero")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#write")).to_be_hidden()
    assert sorted(one.body for one in await kept(place)) == [
        "A medio escribir",
        "Pide presupuesto",
        "Ya entero",
    ]


async def test_what_came_while_a_long_text_was_open_is_shown_when_it_is_shut(
    visitors: Visitors, place: Place
) -> None:
    await fill(place)
    await say(place, "i1", "Dice que la cámara no enfría desde ayer. " * 12)
    page = await visitors.visit("ana", PATHS["contact"])
    rows = page.locator("#happened [data-written]")
    await page.locator("#happened summary").first.click()
    async with page.expect_response(lambda one: one.url == page.url) as answered:
        await say(place, "i2")
    await (await answered.value).finished()
    await page.evaluate(
        "() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))"
    )
    await expect(rows).to_have_count(1)
    await page.locator("#happened summary").first.click()
    await expect(rows).to_have_count(2)


async def test_of_yesterday_and_not_of_tomorrow(visitors: Visitors, place: Place) -> None:
    visitors.expect("status of 422")
    await fill(place)
    page = await visitors.visit("ana", PATHS["account"])
    await page.keyboard.press("w")
    await page.locator("#write-body").fill("x")
    await page.locator("#write-at").fill("2199-01-01T10:00")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#write-at-err")).to_have_text("Esto está por venir.")
    await page.locator("#write-at").fill("2026-01-01T10:00")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#happened [data-written]")).to_have_count(1)
    (one,) = await kept(place)
    assert (one.at.date().isoformat(), one.account_id, one.contact_id) == ("2026-01-01", ACME, None)


@pytest.mark.parametrize("name", PATHS)
async def test_what_others_write_comes_by_itself_and_what_is_typed_stays(
    visitors: Visitors, place: Place, name: str
) -> None:
    await fill(place)
    page = await visitors.visit("ana", PATHS[name])
    await page.keyboard.press("w")
    await page.locator("#write-body").fill("A medio escribir")
    await expect(page.locator("#happened [data-written]")).to_have_count(0)
    await say(place, "i1")
    await expect(page.locator("#happened [data-written]")).to_have_count(1)
    await expect(page.locator("#write-body")).to_have_value("A medio escribir")


async def test_each_tab_shows_its_kind_and_the_company_whose_it_was(visitors: Visitors, place: Place) -> None:
    await fill(place)
    await say(place, "i1")
    page = await visitors.visit("ana", PATHS["contact"])
    await page.locator("#happened ~ *, nav.tabs").get_by_role("link", name="Escrito").first.click()
    await expect(page.locator("#happened li")).to_have_count(1)
    await page.goto(page.url.replace(PATHS["contact"], PATHS["account"]))
    await expect(page.locator("#happened li")).to_contain_text("María del Carmen")
    await page.get_by_role("link", name="Todo", exact=True).click()
    await expect(page.locator("#happened li .seg").first).to_be_visible()


@pytest.mark.parametrize("name", PATHS)
async def test_its_pages_are_for_everybody(visitors: Visitors, place: Place, name: str) -> None:
    await fill(place)
    await say_everything(place)
    page = await visitors.visit("ana", PATHS[name])
    assert await faults_for_everybody(page) == []
    await picture(page, f"written-{name}-es-dark")
    await page.keyboard.press("w")
    await page.locator("#happened summary").first.click()
    assert await faults_for_everybody(page) == []
    assert await faults_at_widths(page, f"written-{name}") == []


@pytest.mark.parametrize("name", PATHS)
async def test_its_pages_in_english_are_for_everybody(visitors: Visitors, place: Place, name: str) -> None:
    await fill(place)
    await say_everything(place)
    page = await visitors.visit("tom", PATHS[name], locale="en-GB")
    assert await faults(page) == []
    await picture(page, f"written-{name}-en-light")
