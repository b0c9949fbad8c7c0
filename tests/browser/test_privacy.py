"""A customer's privacy and the audit: a consent is noted by keyboard, an erasure is undone, for everybody."""

from __future__ import annotations

from typing import Any

from browser.kit import Place, Visitors, faults, faults_at_widths, faults_for_everybody, picture
from contract.crm_core.kit import a_contact
from playwright.async_api import Page, expect

from crm_core.services import audit, consents, contacts, do_not_call, erasure

KEY = "00000000-0000-7000-8000-0000000000a1"


class Control:
    """An exchange that takes every request."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    async def originate(self, **asked: Any) -> str:
        self.asked.append(asked)
        return str(asked["ref"])


async def with_zoraida(place: Place) -> None:
    who = a_contact(KEY, "Zoraida", "Quintanilla", numbers=["957212345"])
    await place.db.run(contacts.create, contact=who, region="ES", by=None, now=place.context.now())


async def note(page: Page, source: str) -> None:
    await page.locator("#consent-source").focus()
    await page.keyboard.type(source)
    async with page.expect_navigation():
        await page.keyboard.press("Enter")


async def clicked(page: Page, button: str) -> None:
    """Click what draws the page anew, and return when it is."""
    async with page.expect_navigation():
        await page.locator(button).click()


async def test_what_was_said_is_noted_by_keyboard(visitors: Visitors, place: Place) -> None:
    await with_zoraida(place)
    page = await visitors.visit("bea", f"/contacts/{KEY}/privacy")
    await page.locator("#consent-source").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#consent-source-err")).to_be_visible()
    await note(page, "por <b>teléfono")
    await expect(page.locator("#standing tbody tr")).to_have_count(1)
    await expect(page.locator("#standing")).to_contain_text("por <b>teléfono")
    (said,) = await place.db.read(consents.said, contact_id=KEY)
    assert (said.purpose, said.channel, said.status, said.source) == (
        "marketing",
        "call",
        "given",
        "por <b>teléfono",
    )
    assert await faults_for_everybody(page) == []
    await picture(page, "privacy-es-dark")
    await page.emulate_media(color_scheme="light")
    await picture(page, "privacy-es-light")
    assert await faults_at_widths(page, "privacy") == []


async def test_an_erasure_is_asked_for_and_undone(visitors: Visitors, place: Place) -> None:
    await with_zoraida(place)
    page = await visitors.visit("bea", f"/contacts/{KEY}/privacy")
    await clicked(page, "#erase")
    await expect(page.locator("#keep")).to_be_visible()
    assert (await place.db.read(erasure.asked, contact_id=KEY)).state == "asked"
    assert await faults(page) == []
    await picture(page, "privacy-erasure-es-light")
    await clicked(page, "#keep")
    await expect(page.locator("#erase")).to_be_visible()

    await page.locator("#hold-reason").fill("Pleito 7/26")
    async with page.expect_navigation():
        await page.keyboard.press("Enter")
    await clicked(page, "#lift")
    await expect(page.locator("#erase")).to_be_visible()
    async with page.expect_download() as told:
        await page.locator("#file").click()
    assert (await told.value).suggested_filename == f"{KEY}.zip"


async def test_a_supervisor_sees_what_was_said_only(visitors: Visitors, place: Place) -> None:
    await with_zoraida(place)
    page = await visitors.visit("sue", f"/contacts/{KEY}/privacy")
    await note(page, "web form")
    await expect(page.locator("#erase")).to_have_count(0)
    assert await faults(page) == []
    await picture(page, "privacy-en-light")


async def test_the_audit_is_for_everybody(visitors: Visitors, place: Place) -> None:
    for n, what in enumerate(("pause 101: lunch", "erased", "exported_calls who&queue=sales")):
        await place.db.run(
            audit.note,
            who="u-eva" if n else "cli:root",
            what=what,
            address="192.0.2.1",
            now=place.context.now(),
            kind="contact" if n == 1 else "agent",
            record_id=KEY if n == 1 else "101",
            changes={"role": ("agent", "supervisor"), "name": None} if n == 1 else None,
        )
    page = await visitors.visit("bea", "/audit")
    await expect(page.locator("#deeds tbody tr")).to_have_count(4)
    assert await faults_for_everybody(page) == []
    await picture(page, "audit-es-dark")
    await page.emulate_media(color_scheme="light")
    await picture(page, "audit-es-light")
    assert await faults_at_widths(page, "audit") == []

    await page.locator("#what").select_option("erased")
    await page.locator("form [type=submit]").click()
    await expect(page.locator("#deeds tbody tr")).to_have_count(1)


async def test_who_must_not_be_called_is_dialled_by_hand_when_asked_twice(
    visitors: Visitors, place: Place
) -> None:
    now = place.context.now()
    who = {"by": "u-eva", "address": None, "now": now}
    await place.db.run(do_not_call.add, number="+34957212345", why="asked", **who)
    control = Control()
    place.context.control["main"] = control  # type: ignore[index, assignment]
    visitors.expect("status of 409")
    page = await visitors.visit("ana")
    await expect(page.locator("#line")).to_have_attribute("data-line", "free")
    for told, calls in (("no se le debe llamar", 0), ("", 1)):
        async with page.expect_response("**/api/v1/calls"):
            await page.locator("#dial [name=number]").fill("957212345")
            await page.keyboard.press("Enter")
        await expect(page.locator("body")).to_contain_text(told)
        assert len(control.asked) == calls
