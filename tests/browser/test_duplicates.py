"""Two records are made one by keyboard, and two again; or said not to be the same."""

from __future__ import annotations

from browser.desk_scene import NUMBER, AtDesk
from browser.kit import Place, Visitors, faults, faults_at_widths, faults_for_everybody, picture, until
from contract.crm_core.kit import a_contact
from playwright.async_api import Page, expect
from unit.screenpop.fakes import START

from crm_core.domain.accounts import WholeAccount
from crm_core.domain.cards import Card
from crm_core.domain.contacts import CallHours
from crm_core.services import accounts, contacts, unmerging

ANA, ANN = (f"00000000-0000-7000-8000-0000000000a{n}" for n in (1, 2))
HOSTILE = '<img src=x onerror=alert(1)>"&amp;'


async def twins(place: Place) -> None:
    hours = (CallHours(days=("mon", "tue"), begin="09:00", end="14:00"),)
    for who in (
        a_contact(
            ANA, "Ana", f"Ruiz {HOSTILE}", numbers=["957212345"], company="Hostelería Sur", title="Compras"
        ),
        a_contact(
            ANN,
            "Ana María",
            "Ruiz Soto",
            numbers=["957 21 23 45", "600000123"],
            emails=["ana@sur.example"],
            title=HOSTILE,
            note=f"Paga tarde {HOSTILE}",
            call_hours=hours,
            vip=True,
            lifecycle="customer",
        ),
    ):
        await place.db.run(contacts.create, contact=who, region="ES", by=None, now=START)


async def pressed(page: Page, key: str, path: str) -> None:
    """Press what leads to another page, and return when it is there."""
    async with page.expect_navigation(url=f"**{path}"):
        await page.keyboard.press(key)


async def test_two_are_made_one_by_keyboard_and_two_again(visitors: Visitors, place: Place) -> None:
    await twins(place)
    page = await visitors.visit("ana", f"/contacts/{ANA}")
    await expect(page.locator("[data-twin]")).to_contain_text("Ana María Ruiz Soto")
    assert await faults(page) == []
    await page.locator("[data-twin] a").focus()
    await pressed(page, "Enter", f"/duplicates/contact/{ANA}/{ANN}")
    assert await faults_for_everybody(page) == []
    await picture(page, "compare-es-dark")
    assert await faults_at_widths(page, "compare") == []

    await page.set_viewport_size({"width": 1440, "height": 900})
    await page.locator("input[name=name][value=stays]").focus()
    await page.keyboard.press("ArrowDown")
    await expect(page.locator("input[name=name][value=goes]")).to_be_checked()
    await pressed(page, "m", "/duplicates")
    await expect(page.locator("#done")).to_be_visible()
    one = await place.db.read(contacts.get, contact_id=ANA)
    assert (one.name, one.vip, len(one.phones)) == ("Ana María Ruiz Soto", True, 2)
    await expect(page.locator("#lately li")).to_have_count(1)
    await picture(page, "duplicates-merged-es")

    async with page.expect_navigation():
        await page.keyboard.press("u")
    await expect(page.locator("#pairs tbody tr")).to_have_count(1)
    await expect(page.locator("#lately")).to_contain_text("deshecho")
    (done,) = await place.db.read(unmerging.listed, limit=9)
    assert done.undone_at is not None


async def test_they_are_not_the_same(visitors: Visitors, place: Place) -> None:
    await twins(place)
    page = await visitors.visit("ana", "/duplicates")
    assert await faults_for_everybody(page) == []
    await picture(page, "duplicates-es-dark")
    assert await faults_at_widths(page, "duplicates") == []
    await page.locator("[data-apart]").click()
    await expect(page.locator("#pairs tbody tr")).to_be_hidden()
    await page.keyboard.press("u")
    await expect(page.locator("#pairs tbody tr")).to_be_visible()
    await page.goto(f"{place.origin}/duplicates/contact/{ANA}/{ANN}")
    await pressed(page, "n", "/duplicates")
    await expect(page.locator(".empty")).to_be_visible()
    assert await faults(page) == []
    await picture(page, "duplicates-empty-es")


async def test_an_undo_that_is_too_late_says_why(visitors: Visitors, place: Place) -> None:
    await twins(place)
    page = await visitors.visit("tom", f"/duplicates/contact/{ANN}/{ANA}")
    await picture(page, "compare-en")
    await pressed(page, "m", "/duplicates")
    change = {"version": 2, "changes": {"title": "x"}}
    await place.db.run(contacts.change, contact_id=ANN, by=None, now=START, **change)
    visitors.expect("409")
    await page.locator("[data-undo]").click()
    await expect(page.locator("#fault")).to_contain_text("changed since")
    await page.goto(f"{place.origin}/contacts/{ANA}")
    assert page.url.endswith(f"/contacts/{ANN}")


async def test_companies(visitors: Visitors, place: Place) -> None:
    for key, tier in ((ANA, "oro"), (ANN, None)):
        firm = WholeAccount(id=key, name=f"Sur {HOSTILE}", tax_id="B14000001", tier=tier, note=key)
        await place.db.run(accounts.create, account=firm, region="ES", by=None, now=START)
    page = await visitors.visit("ana", f"/accounts/{ANN}")
    await page.locator("[data-twin] a").click()
    assert await faults(page) == []
    await picture(page, "compare-companies-es")
    await pressed(page, "m", "/duplicates")

    async def is_one() -> bool:
        kept = await place.db.read(accounts.get, account_id=ANA)
        return bool(kept.note == f"{ANA}\n\n{ANN}")

    await until(is_one)


async def test_whom_a_stranger_may_be_is_said_while_one_talks(visitors: Visitors, place: Place) -> None:
    await twins(place)
    page, desk = await visitors.visit("ana"), AtDesk(place)
    await expect(page.locator("#line")).to_have_attribute("data-line", "free")
    desk.answers(desk.comes(card=Card(number=NUMBER)))
    await expect(page.locator("#line")).to_have_attribute("data-line", "talking")
    for field, text in (("given", "Ana"), ("family", f"Ruiz {HOSTILE}"), ("company", "Hostelería Sur")):
        await page.locator(f"#contact-{field}").fill(text)
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#twin-name")).to_have_text(f"Ana Ruiz {HOSTILE}")
    assert f"/duplicates/contact/{ANA}/" in str(await page.locator("#twin-compare").get_attribute("href"))
    assert await faults(page) == []
    await picture(page, "desk-twin-es")
