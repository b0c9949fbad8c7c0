"""A list from its file to its figures, and the preview list on an agent's desk."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from browser.desk_scene import AtDesk, furnish
from browser.desk_scene import maria as known_maria
from browser.kit import Place, Visitors, faults, faults_for_everybody, picture, sideways
from playwright.async_api import Page, expect

from ami_bridge.domain.errors import AmiBridgeError, LinkDownError
from crm_core.domain.calls import Attempt, Call
from crm_core.domain.dial_gate import Rules
from crm_core.domain.events import AttemptSettled
from crm_core.domain.list_rows import read_list
from crm_core.services import calls, campaigns, preview

HOSTILE = "<img src=x onerror=alert(1)>"
ROWS = """Nombre;Empresa;Teléfono;Móvil;Producto;Última compra
Dolores Benavides Echegoyen;;957 00 07 31;600 000 731;Revisión de caldera;marzo
Talleres Electromecánicos Sanabria;Sanabria, S.L.;957 00 08 12;;Contrato anual;=1+1
<img src=x onerror=alert(1)>;;943 00 11 90;;;
Eva;;12;;;
Dolores otra vez;;957000731;;;
"""


NAMES = (
    "Dolores Benavides Echegoyen",
    "Talleres Electromecánicos Sanabria",
    "Juan Ignacio Arrizabalaga",
    "Inmaculada Concepción Ruipérez",
    "Clínica Dental Sotogrande",
    "Lourdes Prieto",
    "Panadería La Espiga de Oro",
    "Nuria Casademunt i Puigdellívol",
    "Javier Bermúdez",
    "Antonio Villaverde",
    "Óscar Núñez",
    "Hostelería Guadalquivir, S.L.",
    "Íñigo Echeverría",
)
OUTCOMES = ("success", "busy", "no_interest", "callback", "success", "no_answer", "refused", "voicemail")


class Control:
    """An exchange that takes every call, or none."""

    is_observed = False

    def __init__(self) -> None:
        self.fails: AmiBridgeError | None = None
        self.asked: list[dict[str, Any]] = []

    async def originate(self, **asked: Any) -> str:
        if self.fails:
            raise self.fails
        self.asked.append(asked)
        return str(asked["ref"])


async def loaded(place: Place, name: str = "Revisión de otoño 2026") -> str:
    made = await place.db.run(
        campaigns.create, name=name, region="ES", rules=Rules(), by="eva", now=place.context.now()
    )
    found = read_list(ROWS.encode(), region="ES")
    await place.db.run(campaigns.load, campaign_id=made.id, found=found, by="eva", now=place.context.now())
    campaign_id: str = made.id
    return campaign_id


async def half_done(place: Place) -> str:
    """A list of fourteen in the afternoon: most of it dialled, a callback promised, Paris closed."""
    now = place.context.now()
    campaign = await place.db.run(
        campaigns.create, name="Revisión de otoño 2026", region="ES", rules=Rules(), by="eva", now=now
    )
    rows = "\n".join(f"{name};95700{n:04}" for n, name in enumerate(NAMES, start=71))
    found = read_list(f"nombre;teléfono\nBoulangerie;+33142685300\n{rows}".encode(), region="ES")
    evening = now + timedelta(hours=3, minutes=10)
    await place.db.run(campaigns.load, campaign_id=campaign.id, found=found, by="eva", now=now)
    for outcome in OUTCOMES:
        taken = await place.db.run(preview.next_lead, agent="102", campaign_id=campaign.id, now=evening)
        attempt = await place.db.run(
            preview.ask_to_dial, lead_id=taken.lead.id, agent="102", number=None, now=evening
        )
        await place.db.run(
            preview.finish,
            attempt_id=attempt.id,
            agent="102",
            outcome=outcome,
            callback_at=evening + timedelta(hours=15) if outcome == "callback" else None,
            is_own=False,
            note=None,
            now=evening,
        )
    campaign_id: str = campaign.id
    return campaign_id


@pytest.fixture
def control(place: Place) -> Control:
    made = Control()
    place.context.control["main"] = made  # type: ignore[index, assignment]
    return made


async def at_desk(visitors: Visitors, name: str = "ana", **options: Any) -> Page:
    page = await visitors.visit(name, **options)
    await expect(page.locator("#line")).to_have_attribute("data-line", "free")
    return page


async def ended(place: Place, control: Control, result: str) -> None:
    """The exchange tells how the last line ended."""
    lead = control.asked[-1]["campaign"]
    now = place.context.now()
    call = Call(
        id=lead.attempt_id,
        pbx="main",
        linkedid="1.1",
        version=1,
        direction="outbound",
        started_at=now,
        ended_at=now,
        attempts=[
            Attempt(interface="PJSIP/agent101", started_at=now, result="answered"),
            Attempt(interface="PJSIP/line", started_at=now, result=result),
        ],
        attempt_id=lead.attempt_id,
    )
    await place.db.run(calls.record, calls=[call], events=[])


async def test_a_list_is_checked_loaded_and_stopped(visitors: Visitors, place: Place, tmp_path: Path) -> None:
    file = tmp_path / "lista.csv"
    file.write_bytes(ROWS.encode("cp1252"))
    page = await visitors.visit("eva", "/campaigns")
    await page.get_by_label("Nombre").fill("Revisión de otoño 2026")
    await page.get_by_role("button", name="Crear campaña").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Revisión de otoño 2026")

    await page.locator("#load-file").set_input_files(file)
    await expect(page.locator("#report")).to_contain_text(
        "Se pueden cargar 3 contactos. Se dejan fuera 2 filas:"
    )
    await expect(page.locator("#report tbody tr").first).to_have_text(
        "5No es un número al que se pueda llamar12"
    )
    assert await faults_for_everybody(page) == []
    await page.emulate_media(color_scheme="light")
    await picture(page, "campaign-load")
    await page.get_by_role("button", name="Cargar 3 contactos").click()
    await expect(page.locator("#report")).to_contain_text("3 contactos cargados")
    await expect(page.locator(".tile .f").first).to_have_text("3")
    await page.get_by_role("button", name="Detener").click()
    await expect(page.locator("#figures .chip").first).to_have_text("Detenida")
    await page.reload()
    await page.get_by_role("button", name="Poner en marcha").click()
    await expect(page.locator("#figures .chip").first).to_have_text("En marcha")


async def test_what_is_no_list_is_said(visitors: Visitors, place: Place, tmp_path: Path) -> None:
    visitors.expect("status of 4")
    file = tmp_path / "lista.xlsx.csv"
    file.write_bytes(b"PK\x03\x04\0\0")
    page = await visitors.visit("sue", f"/campaigns/{await loaded(place)}")
    await page.locator("#load-file").set_input_files(file)
    await expect(page.locator("#load-err")).to_have_text("This is no text file: save the sheet as CSV.")


async def test_a_lead_is_taken_dialled_by_key_and_told_by_key(
    visitors: Visitors, place: Place, control: Control
) -> None:
    await loaded(place)
    page = await at_desk(visitors)
    await page.get_by_role("button", name="Contacto siguiente").click()
    await expect(page.locator("#lead-name")).to_have_text("Dolores Benavides Echegoyen")
    await expect(page.locator("#preview")).to_contain_text("Revisión de caldera")
    await expect(page.locator("[data-lead-dial]").first).to_be_focused()
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("[data-outcome]")).to_have_count(8)
    assert [(one["number"], one["interface"]) for one in control.asked] == [("0957000731", "PJSIP/agent101")]
    await page.locator("#lead-note").fill("quiere A1")
    await page.locator("[data-outcome]").first.focus()
    await page.keyboard.press("2")
    await expect(page.locator("[data-told]")).to_have_text("Guardado.")

    await expect(page.locator("[data-next-lead]")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("#lead-name")).to_have_text("Talleres Electromecánicos Sanabria")
    await page.locator("[data-lead-dial]").first.click()
    await expect(page.locator("[data-outcome]")).to_have_count(8)
    await page.get_by_role("button", name="Llamar más tarde").click()
    await page.get_by_role("button", name="Prometer la llamada").click()
    await expect(page.locator("#preview [data-fault]")).to_have_text("Di cuándo.")
    await page.locator("#lead-at").fill("2026-11-25T11:30")
    assert await faults_for_everybody(page) == []
    await page.get_by_role("button", name="Prometer la llamada").click()
    await expect(page.locator("[data-told]")).to_have_text("Guardado.")


async def test_a_line_that_nobody_answers_settles_itself(
    visitors: Visitors, place: Place, control: Control
) -> None:
    campaign = await loaded(place)
    page = await at_desk(visitors)
    await page.locator("[data-next-lead]").click()
    await page.locator("[data-lead-dial]").first.click()
    await expect(page.locator("[data-outcome]")).to_have_count(8)
    attempt = control.asked[-1]["campaign"]
    await ended(place, control, "busy")
    settled = AttemptSettled(
        at=place.context.now(),
        campaign_id=campaign,
        lead_id=attempt.lead_id,
        attempt_id=attempt.attempt_id,
        outcome="busy",
    )
    place.stage.happens(settled)
    await expect(page.locator("[data-told]")).to_have_text("Comunica. Se volverá a intentar.")
    told = await place.db.read(campaigns.figures, campaign_id=campaign)
    assert told.funnel.outcomes == {"busy": 1}


async def test_what_the_gate_and_the_exchange_say_no_to(
    visitors: Visitors, place: Place, control: Control
) -> None:
    visitors.expect("status of (409|503)")
    await loaded(place)
    page = await at_desk(visitors, "tom")
    await page.get_by_role("button", name="Next contact").click()
    await expect(page.locator("[data-lead-dial]").first).to_be_focused()
    control.fails = LinkDownError("gone")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#preview [data-fault]")).to_have_text("The exchange is away.")
    control.fails = None
    numbers = ["+34957000731", "+34600000731"]
    await place.db.run(
        lambda uow: uow.do_not_call.add(numbers, by="eva", why="a letter", now=place.context.now())
    )
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#preview [data-fault]")).to_have_text("Must not be called")
    assert control.asked == []


async def test_the_contact_stays_in_sight_during_the_talk(
    visitors: Visitors, place: Place, control: Control
) -> None:
    await loaded(place)
    maria = await furnish(place)
    page = await at_desk(visitors)
    await page.locator("[data-next-lead]").click()
    await page.locator("[data-lead-dial]").first.click()
    await expect(page.locator("[data-outcome]")).to_have_count(8)
    desk = AtDesk(place)
    desk.answers(desk.comes(card=known_maria(maria)))
    await expect(page.locator("#call")).to_have_attribute("data-view", "talking")
    await expect(page.locator("[data-outcome]").first).to_be_in_viewport()
    await expect(page.locator("#notes")).to_be_in_viewport()
    await picture(page, "preview-talking")


async def test_a_line_that_was_never_born_lets_the_contact_go(
    visitors: Visitors, place: Place, control: Control
) -> None:
    await loaded(place)
    page = await at_desk(visitors)
    await page.locator("[data-next-lead]").click()
    await page.locator("[data-lead-dial]").first.click()
    await expect(page.locator("[data-outcome]")).to_have_count(8)
    await expect(page.locator("[data-release]")).to_be_hidden()
    place.stage.clock.passes(11)
    await page.reload()
    await page.locator("[data-release]").click()
    await expect(page.locator("[data-told]")).to_have_text("Devuelto; se ofrecerá más tarde.")


@pytest.mark.parametrize("language", ["es", "en"])
async def test_its_pages_are_for_everybody(
    visitors: Visitors, place: Place, control: Control, language: str
) -> None:
    campaign = await half_done(place)
    await loaded(place, HOSTILE)
    agent, leader = {"es": ("ana", "eva"), "en": ("tom", "sue")}[language]
    desk = await at_desk(visitors, agent)
    await desk.locator("[data-next-lead]").click()
    await expect(desk.locator("#lead-name")).to_be_visible()
    await picture(desk, f"preview-{language}")
    await desk.locator("[data-lead-dial]").first.click()
    await expect(desk.locator("[data-outcome]")).to_have_count(8)
    look = {"es": faults_for_everybody, "en": faults}[language]
    assert await look(desk) == []
    await desk.emulate_media(color_scheme="light")
    await picture(desk, f"preview-dialled-{language}")
    for path, name in (("/campaigns", "campaigns"), (f"/campaigns/{campaign}", "campaign")):
        page = await visitors.visit(leader, path)
        assert await look(page) == []
        await page.emulate_media(color_scheme="dark")
        await picture(page, f"{name}-{language}-dark")
        await page.emulate_media(color_scheme="light")
        await picture(page, f"{name}-{language}-light")


async def test_nothing_sticks_out(visitors: Visitors, place: Place, control: Control) -> None:
    campaign = await loaded(place)
    desk = await at_desk(visitors)
    await desk.locator("[data-next-lead]").click()
    await desk.locator("[data-lead-dial]").first.click()
    await expect(desk.locator("[data-outcome]")).to_have_count(8)
    page = await visitors.visit("eva", f"/campaigns/{campaign}")
    everything = await visitors.visit("eva", "/campaigns")
    for name, shown in (("preview", desk), ("campaign", page), ("campaigns", everything)):
        for width in (1280, 390, 320):
            await shown.set_viewport_size({"width": width, "height": 800})
            await picture(shown, f"{name}-{width}")
            assert await sideways(shown) == 0, (name, width)
