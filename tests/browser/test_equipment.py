"""Equipment by keyboard: added, taken back, repaired step by step, named by incidents; in both languages."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from browser.incident_scene import HOSTILE, Scene, furnish
from browser.kit import Place, Visitors, faults, faults_at_widths, faults_for_everybody, picture
from browser.test_desk_talking import talking
from playwright.async_api import Page, expect

from crm_core.domain.accounts import WholeAccount
from crm_core.domain.equipment import Asset, Contract, Product
from crm_core.domain.incident_lists import Wanted
from crm_core.domain.masking import MaskRule
from crm_core.services import accounts, contacts, equipment, incident_lists, incidents, repairs

CHAMBER, CURTAIN = "00000000-0000-7000-8000-0000000000c1", "00000000-0000-7000-8000-0000000000c2"
PIECE, DEAL = "00000000-0000-7000-8000-0000000000d1", "00000000-0000-7000-8000-0000000000e2"


async def stocked(place: Place) -> Scene:
    """Two products; of one the customer has a piece, under a contract, and it is with us."""
    scene = await furnish(place)
    by: dict[str, Any] = {"by": "u-ana", "now": scene.now}
    today = scene.now.date()
    line = scene.choices["Frío industrial"].id
    made = (
        Product(id=CHAMBER, name_es=f"Cámara CF-420 {HOSTILE}", name_en="Cold room", product_line_id=line),
        Product(id=CURTAIN, name_es="Cortina de aire", name_en="Air curtain", code="AC-9", is_active=False),
    )
    for one in made:
        await place.db.run(equipment.add_product, made=one, **by)
    piece = Asset(
        id=PIECE,
        product_id=CHAMBER,
        contact_id=scene.contact.id,
        serial=f"7731-0042 {HOSTILE}",
        site=f"Muelle 3 {HOSTILE}",
        note=HOSTILE,
        bought_on=date(2024, 1, 15),
        warranty_until=date(2026, 1, 14),
    )
    await place.db.run(equipment.add_asset, made=piece, **by)
    deal = Contract(
        id="00000000-0000-7000-8000-0000000000e1",
        name=f"Oro 24 h {HOSTILE}",
        kind="maintenance",
        contact_id=scene.contact.id,
        begins_on=today - timedelta(days=30),
        ends_on=today + timedelta(days=335),
        covers=HOSTILE,
        product_line_id=line,
    )
    await place.db.run(equipment.add_contract, made=deal, **by)
    asked = {"asset_id": PIECE, "incident_id": None, "fault": f"No enfría {HOSTILE}", "note": HOSTILE}
    await place.db.run(repairs.begin, **asked, **by)
    return scene


async def looked_at(visitors: Visitors, who: str, path: str, name: str) -> Page:
    """Return a page that nothing is wrong with, at any width and in any light."""
    page = await visitors.visit(who, path)
    await expect(page.locator("main")).to_be_visible()
    assert await faults_for_everybody(page) == []
    await picture(page, f"{name}-es-dark")
    assert await faults_at_widths(page, name) == []
    return page


async def test_the_pages_are_for_everybody(visitors: Visitors, place: Place) -> None:
    scene = await stocked(place)
    page = await looked_at(visitors, "ana", "/equipment", "equipment")
    await expect(page.locator("tbody tr")).to_contain_text(HOSTILE)
    page = await looked_at(visitors, "ana", f"/equipment?contact_id={scene.contact.id}", "equipment-of")
    await expect(page.locator("tbody tr")).to_have_count(2)
    page = await looked_at(visitors, "ana", f"/equipment/{PIECE}", "asset")
    await expect(page.locator("main")).to_contain_text(f"Muelle 3 {HOSTILE}")
    await expect(page.locator("dl")).to_contain_text("15 ene 2024")
    page = await looked_at(visitors, "ana", "/repairs", "repairs")
    await expect(page.locator("tbody tr")).to_contain_text("RMA-10001")
    page = await looked_at(visitors, "bea", "/products", "products")
    await expect(page.locator("tbody tr")).to_have_count(2)
    page = await visitors.visit("tom", f"/equipment/{PIECE}")
    await expect(page.locator("h1")).to_have_text("Cold room")
    assert await faults(page) == []
    await picture(page, "asset-en-light")


async def test_a_piece_is_added_by_keyboard_and_taken_back(visitors: Visitors, place: Place) -> None:
    visitors.expect("422")
    scene = await stocked(place)
    page = await visitors.visit("ana", f"/equipment?contact_id={scene.contact.id}")
    await page.locator("[data-new=asset]").press("Enter")
    await expect(page.locator("#as-product_id")).to_be_focused()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#as-serial ~ .err")).to_be_visible()
    await expect(page.locator("#as-serial")).to_be_focused()
    assert await faults(page) == []
    await picture(page, "asset-form-wrong")
    await page.keyboard.type("NEW-7")
    await page.keyboard.press("Control+Enter")
    await expect(page.get_by_role("link", name="NEW-7")).to_be_visible()
    await page.locator("#undo").click()
    await expect(page.get_by_role("link", name="NEW-7")).to_have_count(0)


async def test_a_contract_is_changed_and_that_taken_back(visitors: Visitors, place: Place) -> None:
    scene = await stocked(place)
    page = await visitors.visit("ana", f"/equipment?contact_id={scene.contact.id}")
    await page.locator("[data-change=contract]").press("Enter")
    await page.locator("#ct-name").fill("Plata")
    await page.locator("#ct-name").press("Control+Enter")
    await expect(page.locator("tbody").last).to_contain_text("Plata")
    await page.locator("#undo").click()
    await expect(page.locator("tbody").last).to_contain_text("Oro 24 h")


async def test_pieces_that_a_form_does_not_offer_stay_in_the_contract(
    visitors: Visitors, place: Place
) -> None:
    """Of the contact's pieces the company's page lists those that the company has, too."""
    scene = await stocked(place)
    by: dict[str, Any] = {"by": "u-ana", "now": scene.now}
    company = WholeAccount(id="00000000-0000-7000-8000-0000000000f1", name="Frutas")
    await place.db.run(accounts.create, account=company, region="ES", by=None, now=scene.now)
    deal = Contract(
        id=DEAL,
        name="Plata",
        kind="support",
        contact_id=scene.contact.id,
        account_id=company.id,
        begins_on=scene.now.date(),
        asset_ids=(PIECE,),
    )
    await place.db.run(equipment.add_contract, made=deal, **by)
    piece = Asset(id=CURTAIN, product_id=CHAMBER, account_id=company.id, serial="OTHER-1")
    await place.db.run(equipment.add_asset, made=piece, **by)
    page = await visitors.visit("ana", f"/equipment?account_id={company.id}")
    await page.locator("[data-change=contract]").press("Enter")
    await page.locator("[data-field=asset_ids]").check()
    await page.locator("#ct-name").press("Control+Enter")
    await expect(page.locator("#undo")).to_be_visible()
    kept = await place.db.read(equipment.contract, contract_id=DEAL)
    assert set(kept.asset_ids) == {PIECE, CURTAIN}


async def test_a_repair_goes_on_by_keyboard_and_back(visitors: Visitors, place: Place) -> None:
    visitors.expect("422")
    await stocked(place)
    page = await visitors.visit("ana", f"/equipment/{PIECE}")
    await page.locator("[data-step=diagnosed]").press("Enter")
    await expect(page.locator("[data-step=waiting_parts]")).to_be_focused()
    await expect(page.locator("#repairs")).to_contain_text("Diagnosticado")
    await page.locator("#undo").click()
    await expect(page.locator("[data-step=diagnosed]")).to_be_visible()
    await page.locator("#repair-new").press("Enter")
    await page.keyboard.type("Otra vez")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#repair-err")).to_have_text("Ya está aquí para reparar.")


async def test_what_is_named_stays_and_says_why(visitors: Visitors, place: Place) -> None:
    visitors.expect("422")
    await stocked(place)
    page = await visitors.visit("ana", f"/equipment/{PIECE}")
    await page.locator("#remove").press("Enter")
    await expect(page.locator("#remove-err")).to_contain_text("se queda")


async def test_no_undo_notes_a_mask_again(visitors: Visitors, place: Place) -> None:
    scene = await stocked(place)
    by: dict[str, Any] = {"by": "u-ana", "now": scene.now}
    for key, note in ((CURTAIN, "Ring +34611234678"), (DEAL, "By the door")):
        piece = Asset(id=key, product_id=CHAMBER, contact_id=scene.contact.id, serial="OTHER-1", note=note)
        await place.db.run(equipment.add_asset, made=piece, **by)
    place.context.masks.learn([MaskRule(role="agent", numbers="masked")])
    for key, undos in ((CURTAIN, 0), (DEAL, 1)):
        page = await visitors.visit("ana", f"/equipment/{key}")
        await page.locator("#remove").press("Enter")
        await expect(page.locator("#done")).to_contain_text("Quitado")
        await expect(page.locator("#undo:visible")).to_have_count(undos)


async def test_an_incident_names_its_piece(visitors: Visitors, place: Place) -> None:
    scene = await stocked(place)
    one = next(each for each in scene.incidents.values() if each.contact_id == scene.contact.id)
    page = await visitors.visit("ana", f"/incidents/{one.id}")
    await page.locator("#f-asset").select_option(PIECE)
    await page.locator("#f-asset").press("Tab")
    await page.locator("#facts [type=submit]").click()
    await expect(page.locator("#equipment-h")).to_be_visible()
    await expect(page.locator("aside")).to_contain_text("Oro 24 h")
    assert await faults(page) == []
    await picture(page, "incident-equipment")
    page = await visitors.visit("ana", f"/equipment/{PIECE}")
    await expect(page.locator("main")).to_contain_text(one.number)


async def test_a_new_incident_of_the_talk_names_its_piece(visitors: Visitors, place: Place) -> None:
    page, _, call = await talking(visitors, place)
    found = await place.db.read(contacts.find, q="Carmen", after=None, limit=1, region="ES")
    made = Product(id=CHAMBER, name_es="Cámara", name_en="Cold room")
    by: dict[str, Any] = {"by": "u-ana", "now": call.started_at}
    await place.db.run(equipment.add_product, made=made, **by)
    piece = Asset(id=PIECE, product_id=CHAMBER, contact_id=found[0].id, serial="7731-0042")
    await place.db.run(equipment.add_asset, made=piece, **by)
    await page.keyboard.press("n")
    await page.keyboard.press("i")
    await page.keyboard.type("No enfría")
    await expect(page.locator("#asset-field")).to_be_visible()
    await page.locator("#asset").select_option(PIECE)
    await picture(page, "desk-equipment")
    await page.locator("#asset").press("Control+Enter")
    await expect(page.locator("#told")).to_contain_text("No enfría")
    listed = await place.db.read(incident_lists.find, wanted=Wanted(asset_id=PIECE), limit=2)
    one = await place.db.read(incidents.get, incident_id=listed[0].incident.id)
    assert (one.subject, one.call_id) == ("No enfría", call.id)
