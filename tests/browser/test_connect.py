"""The page on which an administrator connects the exchange."""

from __future__ import annotations

from browser.floor_scene import fill
from browser.kit import Place, Visitors, faults_for_everybody, picture, sideways
from playwright.async_api import expect
from unit.screenpop.fakes import START

from ami_bridge.services.audit import Truth
from ami_bridge.services.backfill import BackfillHealth
from crm_core.domain.lines import Line
from crm_core.services import lines
from screenpop.exchanges import ExchangeAsked, Step

STEPS = [
    Step(level="ok", what="La dirección se conoce: 192.0.2.10."),
    Step(level="ok", what="Sesión iniciada, AMI 11.0.0."),
    Step(
        level="bad",
        what="Al usuario de AMI le falta read=call.",
        why="No se ve ninguna llamada.",
        change="manager.conf: read = …,call",
    ),
    Step(level="unknown", what="No llegó ningún evento para comparar los relojes."),
    Step(level="warning", what="<b>Nadie</b> atiende la cola ventas.", why="Quien llama espera en vano."),
]


async def test_a_test_shows_each_step_and_what_to_change(visitors: Visitors, place: Place) -> None:
    fill(place.stage)
    place.exchanges.steps = STEPS
    place.context.truth["main"] = Truth(checked_at=START, audits=3, drift=2, corrected={"bridge": 3})
    place.context.backfills["main"] = BackfillHealth(filled=4, whole_until=START)
    page = await visitors.visit("bea", "/floor")
    await page.locator(".rail .push").click()
    await page.locator(".all-places a", has_text="Dónde está la central").click()
    await page.wait_for_url("**/connect")
    in_step = page.get_by_role("region", name="Al paso de la centralita")
    await expect(in_step).to_contain_text("corregido en la última comprobación: 2")
    await expect(in_step).to_contain_text("corregido desde el arranque: 3")
    await expect(in_step).to_contain_text("llamadas de sus propios registros desde el arranque: 4")
    await page.get_by_label("Clave").fill("s3cr3t")
    await page.keyboard.press("Enter")
    rows = page.locator("#steps li")
    await expect(rows).to_have_count(len(STEPS))
    await expect(rows.nth(2)).to_contain_text("manager.conf: read = …,call")
    await expect(rows.nth(4)).to_contain_text("<b>Nadie</b>")
    await expect(page.get_by_role("status").filter(has_text="Así no")).to_be_visible()
    asked = ExchangeAsked(
        host="192.0.2.10", port=5038, user="centralita", secret="s3cr3t", tls=False, mode="observe"
    )
    assert place.exchanges.asked == [asked]
    assert await faults_for_everybody(page) == []
    await picture(page, "connect-es-dark")
    await page.emulate_media(color_scheme="light")
    await picture(page, "connect-es-light")
    for width in (1280, 390):
        await page.set_viewport_size({"width": width, "height": 844})
        await picture(page, f"connect-{width}")
        assert await sideways(page) == 0, width


async def test_what_is_kept_is_told_to_count_later(visitors: Visitors, place: Place) -> None:
    visitors.expect("status of 422")
    page = await visitors.visit("bea", "/connect")
    await page.get_by_label("Dirección").fill("")
    await page.get_by_role("button", name="Guardar").click()
    await expect(page.get_by_role("alert")).to_have_text("Revise estos campos: Dirección.")
    await page.get_by_label("Dirección").fill("pbx.example")
    await page.get_by_label("Trabajar").check()
    await page.get_by_role("button", name="Guardar").click()
    await expect(page.locator("#told")).to_contain_text("systemctl restart centralita")
    assert [(one.host, one.mode, one.secret) for one in place.exchanges.asked] == [
        ("pbx.example", "control", None)
    ]


async def test_an_exchange_of_the_settings_is_only_tested(visitors: Visitors, place: Place) -> None:
    place.exchanges.is_fixed = True
    page = await visitors.visit("bea", "/connect")
    await expect(page.get_by_role("button", name="Probar")).to_be_visible()
    await expect(page.get_by_role("button", name="Guardar")).to_have_count(0)


async def test_queues_and_numbers_get_names_and_keep_what_else_is_known(
    visitors: Visitors, place: Place
) -> None:
    fill(place.stage)
    visitors.expect("status of 404")  # a line that has no name yet is asked for
    line = Line(
        pbx="main", kind="did", code="5551001", name="Old", greeting_en="Hello", caller_id="957000200"
    )
    await place.db.run(lines.put, line=line, version=None, by="test", now=place.context.now())
    page = await visitors.visit("bea", "/connect")
    names = page.locator("#names")
    await names.get_by_label("5551001").fill("Hostelería")
    await page.keyboard.press("Enter")
    await expect(page.locator("#named")).to_have_text("5551001 se llama Hostelería.")
    await names.get_by_label("Cobros").fill("Cobros <1>")
    await page.keyboard.press("Enter")
    await expect(page.locator("#named")).to_have_text("Cobros se llama Cobros <1>.")
    await names.get_by_label("Un número tal como lo entrega").fill("5551002")
    await names.get_by_label("Su nombre").fill("Talleres")
    async with page.expect_event("load"):  # the page comes anew
        await names.get_by_role("button", name="Añadir").click()
    await expect(names.get_by_label("5551002")).to_have_value("Talleres")
    await names.get_by_label("5551002").fill("")
    await page.keyboard.press("Enter")
    await expect(page.locator("#named")).to_have_text("5551002 ya no tiene nombre.")
    kept = {one.code: one for one in await place.db.read(lines.every)}
    assert {code: one.name for code, one in kept.items()} == {"5551001": "Hostelería", "Cobros": "Cobros <1>"}
    assert (kept["5551001"].greeting_en, kept["5551001"].caller_id) == ("Hello", "957000200")
    assert await faults_for_everybody(page) == []
