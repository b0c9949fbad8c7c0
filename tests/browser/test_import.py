"""A table of customers: sent, its columns chosen, tried out, brought in and taken back, by keyboard."""

from __future__ import annotations

from typing import Any

import pytest
from browser.kit import Place, Visitors, faults_at_widths, faults_for_everybody, picture
from playwright.async_api import Page, expect

from crm_core.domain.custom_fields import FieldDef
from crm_core.services import contacts, fields

WORKED_ON_MS = 20_000
"""A process of its own reads the table."""
HOSTILE = "<script>alert(1)</script> <b>&amp"
TABLE = (
    "Quien;Apellidos;Empresa;Teléfono;Correo\n"
    f"Ana;Muñoz;{HOSTILE};957 21 20 00;ana@example.org\n"
    "Luis;Peña;Talleres Ruiz;600 12 34 56;\n"
    f"{HOSTILE};Gil;;12;\n"
)


async def send(page: Page, content: str | bytes, name: str = f"{HOSTILE}.csv") -> None:
    raw = content.encode() if isinstance(content, str) else content
    file: Any = {"name": name.replace("/", "-"), "mimeType": "text/csv", "buffer": raw}
    await page.locator("#send-file").set_input_files(file)
    await page.locator("#send [type=submit]").focus()
    await page.keyboard.press("Enter")


async def names(place: Place) -> list[str]:
    return [one.name for one in await place.db.read(contacts.find, q="", limit=50, region="ES")]


@pytest.mark.timeout(120)
async def test_a_table_is_tried_out_brought_in_and_taken_back(visitors: Visitors, place: Place) -> None:
    page = await visitors.visit("bea", "/contacts")
    await page.locator(".empty").get_by_role("link", name="Importar").click()
    await expect(page.locator(".empty")).to_be_visible()
    assert await faults_for_everybody(page) == []
    async with page.expect_navigation():
        await send(page, TABLE)
    await expect(page.locator("h1")).to_contain_text("<script>")
    await expect(page.locator("#column-3")).to_have_value("work")
    await page.locator("#column-0").focus()
    for _ in range(2):
        await page.keyboard.press("ArrowDown")
    await expect(page.locator("#column-0")).to_have_value("given")
    assert await faults_for_everybody(page) == []
    await page.locator("[name=trial][value=yes]").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#shown[data-state=done]")).to_contain_text("Qué pasaría")
    await expect(page.locator("#state tbody tr")).to_have_count(1)
    assert await names(place) == []
    await picture(page, "import-es-dark")
    await page.emulate_media(color_scheme="light")
    await picture(page, "import-es-light")
    assert await faults_at_widths(page, "import") == []

    async with page.expect_navigation():
        await page.locator("[name=trial][value=no]").click()
    await expect(page.locator("#shown[data-state=done]")).to_contain_text("Importada")
    assert await names(place) == ["Ana Muñoz", "Luis Peña"]
    await page.locator("[data-deed=undo]").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#shown[data-state=undone]")).to_be_visible()
    assert await names(place) == []
    await page.goto(f"{place.origin}/import")
    await expect(page.locator("tbody tr")).to_have_count(1)
    await picture(page, "imports-es-light")
    assert await faults_at_widths(page, "imports") == []


async def test_what_is_no_table_says_so_at_the_field(visitors: Visitors) -> None:
    visitors.expect("422")
    page = await visitors.visit("bea", "/import")
    await page.locator("#send [type=submit]").click()
    await expect(page.locator("#send-file-err")).to_be_visible()
    await send(page, b"\x81\x8d\xff" * 99)
    await expect(page.locator("#send-file-err")).to_contain_text("<script>")
    await expect(page.locator("#send-file-err")).not_to_contain_text("/")


READ_MS = 30_000  # a process of its own is started for it
COMPANIES = (
    "Nombre comercial;CIF;Matriz;Teléfono principal;Web\n"
    f"Talleres Ruiz;B14000001;{HOSTILE};957 21 20 00;ruiz.example\n"
    f"{HOSTILE};;{HOSTILE};;\n"
    f"Sol;;;;{HOSTILE}\n"
)


@pytest.mark.timeout(120)
async def test_companies_are_chosen_tried_out_brought_in_and_go_out_again(
    visitors: Visitors, place: Place
) -> None:
    page = await visitors.visit("bea", "/import")
    await page.locator("#send-kind").focus()
    await page.keyboard.press("ArrowDown")
    await expect(page.locator("#send-kind")).to_have_value("accounts")
    async with page.expect_navigation(timeout=READ_MS):
        await send(page, COMPANIES)
    await expect(page.locator("#column-2")).to_have_value("parent")
    await expect(page.locator("#policy-hint")).to_contain_text("número fiscal")
    assert await faults_for_everybody(page) == []
    await page.locator("[name=trial][value=yes]").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#shown[data-state=done]")).to_contain_text("Qué pasaría", timeout=READ_MS)
    await expect(page.locator("#state tbody tr")).to_have_count(2)
    await picture(page, "import-companies-es-light")
    assert await faults_at_widths(page, "import-companies") == []
    async with page.expect_navigation(timeout=READ_MS):
        await page.locator("[name=trial][value=no]").click()
    await expect(page.locator("#shown[data-state=done]")).to_contain_text("Importada", timeout=READ_MS)

    await page.goto(f"{place.origin}/accounts")
    await expect(page.locator("tbody tr")).to_have_count(2)
    assert await faults_for_everybody(page) == []
    await picture(page, "companies-files-es-light")
    for form, begins in (("CSV", b"\xef\xbb\xbf"), ("XLSX", b"PK")):
        async with page.expect_download() as downloading:
            await page.get_by_role("link", name=f"Exportar {form}").click()
        file = await (await downloading.value).path()
        assert file.read_bytes().startswith(begins)


@pytest.mark.timeout(120)
async def test_own_fields_and_days_are_brought_in_as_was_chosen(visitors: Visitors, place: Place) -> None:
    field = FieldDef(
        id="f", entity="contact", key="size", type="number", label_es="Talla <b>", label_en="Size"
    )
    await place.db.run(fields.define, field=field, by=None, now=place.context.now())
    page = await visitors.visit("bea", "/import")
    table = (
        "Nombre;Teléfono;Cumpleaños;Talla <b>;Etiquetas\n"
        "Ana;957212000;3/2/1980;12,5;VIP, nueva\n"
        "Luis;957212001;;grande;\n"
    )
    async with page.expect_navigation(timeout=WORKED_ON_MS):
        await send(page, table)
    await expect(page.locator("#column-3")).to_have_value("field:size")
    await expect(page.locator("#column-3 option:checked")).to_have_text("Talla <b>")
    assert await faults_for_everybody(page) == []
    await page.locator("[name=trial][value=yes]").click()
    await expect(page.locator("#state tbody tr")).to_have_count(2, timeout=WORKED_ON_MS)
    await expect(page.locator("#state tbody")).to_contain_text("«3/2/1980» no es una fecha")
    await expect(page.locator("#state tbody")).to_contain_text("size: grande")
    await page.locator("#how-days").select_option("dmy")
    await picture(page, "import-own-es-light")
    async with page.expect_navigation(timeout=WORKED_ON_MS):
        await page.locator("[name=trial][value=no]").click()
    await expect(page.locator("#shown[data-state=done]")).to_be_visible(timeout=WORKED_ON_MS)
    (ana,) = await place.db.read(contacts.find, q="", limit=9, region="ES")
    assert (str(ana.birthday), ana.fields, ana.tags) == ("1980-02-03", {"size": 12.5}, ("VIP", "nueva"))
