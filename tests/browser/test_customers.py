"""Customers: looked for, opened, put right in place, taken back; by keys, in every width and language."""

from __future__ import annotations

import pytest
from browser.calls_scene import MARIA
from browser.customers_scene import ACME, ACME_NAME, HOSTILE, fill
from browser.desk_scene import AtDesk, furnish, maria
from browser.kit import Place, Visitors, faults, faults_at_widths, faults_for_everybody, picture
from playwright.async_api import Page, expect

from crm_core.domain.contacts import Contact
from crm_core.services import accounts, contacts

NAME = "María del Carmen Fernández Ruiz"
PATHS = {
    "contacts": "/contacts",
    "contact": f"/contacts/{MARIA}",
    "contact-calls": f"/contacts/{MARIA}?tab=calls",
    "accounts": "/accounts",
    "account": f"/accounts/{ACME}",
}


async def kept(place: Place) -> Contact:
    found: Contact = await place.db.read(contacts.get, contact_id=MARIA)
    return found


async def editing(visitors: Visitors, path: str = f"/contacts/{MARIA}") -> Page:
    page = await visitors.visit("ana", path)
    await page.keyboard.press("e")
    await expect(page.locator("#edit-panel")).to_be_visible()
    return page


async def test_a_customer_is_looked_for_and_opened(visitors: Visitors, place: Place) -> None:
    await fill(place)
    page = await visitors.visit("ana", "/contacts")
    await page.locator("#q").fill("guadalq")
    async with page.expect_event("load"):
        await page.locator("#q").press("Enter")
    await expect(page.locator("tbody tr")).to_have_count(1)
    await page.locator("tbody a").first.click()
    await expect(page.locator("h1")).to_have_text(NAME)
    for text in ("Jefa de compras", "600 00 01 23", "Lun Mar 09:00–14:00", "29 de febrero de 1980", HOSTILE):
        await expect(page.locator("main")).to_contain_text(text)
    bar = page.locator(".seg.xl i")
    assert [await one.get_attribute("class") for one in await bar.all()] == [
        "g-ivr",
        "g-wait",
        "g-ring",
        "g-talk",
    ]
    await page.get_by_role("link", name="Llamadas").last.click()
    await expect(page.locator("tbody tr")).to_have_count(1)


async def test_a_customer_is_opened_from_a_pop_and_the_desk_stays(visitors: Visitors, place: Place) -> None:
    maria_id = await furnish(place)
    page, desk = await visitors.visit("ana"), AtDesk(place)
    await expect(page.locator("#line")).to_have_attribute("data-line", "free")
    desk.comes(card=maria(maria_id))
    async with page.context.expect_page() as opened:
        await page.locator(".callcard [data-page]").click()
    customer = await opened.value
    await expect(customer.locator("h1")).to_contain_text("María del Carmen")
    await expect(page.locator(".callcard")).to_be_visible()


async def test_a_customer_is_put_right_by_keys_and_taken_back(visitors: Visitors, place: Place) -> None:
    before = await fill(place)
    page = await editing(visitors)
    await expect(page.locator("#c-given")).to_be_focused()
    await page.keyboard.press("Control+a")
    await page.keyboard.type("Carmen")
    await page.locator('[data-rows="phones"] [data-row]').nth(0).get_by_role("button").click()
    await page.get_by_role("button", name="Añadir un número").click()
    await page.keyboard.type("957 11 22 33")
    async with page.expect_event("load"):
        await page.keyboard.press("Control+Enter")

    after = await kept(place)
    assert (after.given, after.version) == ("Carmen", before.version + 1)
    assert {one.e164 for one in after.phones} == {"+34957212000", "+34957000001", "+34957112233"}
    await expect(page.locator("#done")).to_be_visible()
    async with page.expect_event("load"):
        await page.keyboard.press("u")
    again = await kept(place)
    assert (again.given, again.version) == (before.given, before.version + 2)
    assert {(one.e164, one.is_primary) for one in again.phones} == {
        (one.e164, one.is_primary) for one in before.phones
    }


async def test_what_was_not_touched_is_not_sent(visitors: Visitors, place: Place) -> None:
    before = await fill(place)
    page = await editing(visitors)
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#edit-panel")).to_be_hidden()
    assert await kept(place) == before


async def test_everything_that_is_wrong_is_told_at_once_in_words(visitors: Visitors, place: Place) -> None:
    visitors.expect("status of 422")
    before = await fill(place)
    page = await editing(visitors)
    await page.locator("#c-time_zone").fill("Marte/Olimpo")
    await page.locator("#c-language").fill("español")
    await page.locator('[data-rows="phones"] [data-field="raw"]').nth(1).fill("oculto")
    await page.locator('[data-rows="call_hours"] [data-field="end"]').fill("08:00")
    await page.locator("#c-times").fill("0")
    await page.keyboard.press("Control+Enter")
    told = page.locator("[data-faults]")
    await expect(told).to_be_focused()
    await expect(told.locator("li")).to_have_count(5)
    for words in ("No hay tal huso horario", "Este número no se puede guardar", "Acaba antes de empezar"):
        await expect(told).to_contain_text(words)
    assert await faults_for_everybody(page) == []
    await picture(page, "contact-faults")
    await told.locator("button").first.click()
    await expect(page.locator('[aria-invalid="true"]:focus')).to_have_count(1)
    assert await kept(place) == before


async def test_who_was_slower_sees_both_and_decides(visitors: Visitors, place: Place) -> None:
    visitors.expect("status of 412")
    before = await fill(place)
    page = await editing(visitors)
    await page.locator("#c-given").fill("Carmen")
    await page.locator("#c-family").fill("Gil")
    quicker = {"family": "Bermúdez", "source": "web"}
    await place.db.run(
        contacts.change,
        contact_id=MARIA,
        version=before.version,
        changes=quicker,
        by="luis",
        now=place.context.now(),
    )
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("[data-both]")).to_contain_text("Bermúdez")
    await expect(page.locator("#c-source")).to_have_value("web")
    await picture(page, "contact-both")
    await page.locator("[data-both] button").click()
    await page.locator("#c-given").focus()
    async with page.expect_event("load"):
        await page.keyboard.press("Control+Enter")
    after = await kept(place)
    assert (after.given, after.family, after.source) == ("Carmen", "Bermúdez", "web")


async def test_a_new_contact_is_made_on_the_list(visitors: Visitors, place: Place) -> None:
    visitors.expect("status of 422")
    page = await visitors.visit("ana", "/contacts")
    await expect(page.locator(".empty")).to_be_visible()
    await page.locator("#edit").click()
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#c-company")).to_have_attribute("aria-invalid", "true")
    await page.locator("#c-given").fill("Íñigo")
    await page.get_by_role("button", name="Añadir un número").click()
    await page.keyboard.type("957 11 22 33")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("h1")).to_have_text("Íñigo")
    (found,) = await place.db.read(contacts.find, q="inigo", limit=2, region="ES")
    assert (found.phones[0].e164, found.phones[0].is_valid) == ("+34957112233", True)


async def test_a_company_is_put_right_in_place(visitors: Visitors, place: Place) -> None:
    await fill(place)
    page = await editing(visitors, f"/accounts/{ACME}")
    await page.locator("#a-kind").select_option("partner")
    await page.locator('[data-rows="ranges"] [data-field="last"]').fill("+34957400199")
    async with page.expect_event("load"):
        await page.keyboard.press("Control+Enter")
    account = await place.db.read(accounts.get, account_id=ACME)
    assert (account.kind, account.ranges[0].last) == ("partner", "+34957400199")
    for text in (ACME_NAME, "Socio", "Frío Sur", NAME):
        await expect(page.locator("main")).to_contain_text(text)


async def test_a_field_of_our_own_is_defined_filled_in_and_taken_back(
    visitors: Visitors, place: Place
) -> None:
    visitors.expect("status of 422")
    await fill(place)
    page = await visitors.visit("bea", "/fields")
    await page.locator("#edit").click()
    await page.locator("#f-key").fill("Size")
    await page.locator("#f-type").select_option("choice")
    await page.locator("#f-label_es").fill("Talla")
    await page.locator("#f-label_en").fill("Size")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#f-key")).to_have_attribute("aria-invalid", "true")
    await page.locator("#f-key").fill("size")
    await page.locator("#f-options").fill("S, L")
    async with page.expect_event("load"):
        await page.keyboard.press("Control+Enter")
    await expect(page.locator("tbody tr")).to_have_count(1)

    agent = await editing(visitors)
    await agent.get_by_label("Talla").select_option("L")
    await agent.locator("#c-tags").fill("Norte, Avería")
    async with agent.expect_event("load"):
        await agent.keyboard.press("Control+Enter")
    after = await kept(place)
    assert (after.fields, after.tags) == ({"size": "L"}, ("Norte", "Avería"))
    await expect(agent.locator("dl")).to_contain_text("Talla")
    await agent.get_by_role("link", name="#Avería").click()
    await expect(agent.locator("tbody tr")).to_have_count(1)

    async with page.expect_event("load"):
        await page.locator("[data-remove]").click()
    await expect(page.locator("tbody tr")).to_have_count(0)
    async with page.expect_event("load"):
        await page.locator("#undo").click()
    await expect(page.locator("tbody tr")).to_have_count(1)
    assert await faults_for_everybody(page) == []
    await page.locator("[data-change]").click()
    await expect(page.locator("#f-key")).to_be_disabled()
    assert await faults_at_widths(page, "fields") == []


async def test_a_list_of_many_goes_on(visitors: Visitors, place: Place) -> None:
    await fill(place)
    now = place.context.now()
    many = [Contact(id=f"m{n:03}", given=f"Zoe {n:03}", created_at=now, updated_at=now) for n in range(60)]
    await place.db.run(contacts.add_many, contacts=many, region="ES", now=now)
    page = await visitors.visit("eva", "/contacts?q=zoe")
    await expect(page.locator("tbody tr")).to_have_count(50)
    await page.locator("#more").click()
    await expect(page.locator("tbody tr")).to_have_count(10)
    await expect(page.locator("#more")).to_have_count(0)


@pytest.mark.parametrize("name", PATHS)
async def test_a_page_of_customers_is_for_everybody(visitors: Visitors, place: Place, name: str) -> None:
    await fill(place)
    page = await visitors.visit("ana", PATHS[name])
    assert await faults_for_everybody(page) == []
    await picture(page, f"{name}-es-dark")
    assert await faults_at_widths(page, name) == []


@pytest.mark.parametrize("name", ["contact", "account"])
async def test_the_form_of_a_customer_is_for_everybody(visitors: Visitors, place: Place, name: str) -> None:
    await fill(place)
    page = await editing(visitors, PATHS[name])
    assert await faults_for_everybody(page) == []
    assert await faults_at_widths(page, f"{name}-form") == []


@pytest.mark.parametrize("name", PATHS)
async def test_a_page_of_customers_in_english_is_for_everybody(
    visitors: Visitors, place: Place, name: str
) -> None:
    await fill(place)
    page = await visitors.visit("tom", PATHS[name], locale="en-GB")
    assert await faults(page) == []
    await picture(page, f"{name}-en-light")
