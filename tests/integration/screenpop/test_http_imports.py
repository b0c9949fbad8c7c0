"""Tables by REST: sent, tried out, brought in, taken back; and what is no table."""

from __future__ import annotations

import asyncio
import os
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from integration.screenpop.house import Answer, House, Person
from openpyxl import Workbook

from crm_core.services import contacts

V1 = "/api/v1/imports"
COLUMNS = ["given", "family", "work", "email"]
TABLE = (
    "Vorname;Apellidos;Teléfono;Correo\nAna;Muñoz;957212000;ana@example.org\nLuis;;12;\n=1+1;Gil;600123456;\n"
)
NOBODY = "00000000-0000-7000-8000-000000000000"


async def send(
    bea: Person, content: bytes | str, name: str = "table.csv", kind: str = "contacts", **headers: str
) -> Answer:
    raw = content.encode() if isinstance(content, str) else content
    sent = {"Content-Type": "application/octet-stream"} | headers
    return await bea.ask("POST", f"{V1}?name={name}&kind={kind}", data=BytesIO(raw), headers=sent)


async def ended(bea: Person, key: str) -> dict[str, Any]:
    """Return the batch as soon as nothing is under way."""
    for _ in range(1_000):
        batch = (await bea.get(f"{V1}/{key}")).body
        if batch["state"] not in ("running", "undoing"):
            return dict(batch)
        await asyncio.sleep(0.02)
    raise AssertionError(batch)


async def names(house: House) -> list[str]:
    return [one.name for one in await house.db.read(contacts.find, q="", limit=50, region="ES")]


async def test_a_damaged_preset_is_told_where_a_table_is_sent_and_hides_no_batch(house: House) -> None:
    bea = house.system("administrator")
    key = (await send(bea, TABLE)).body["id"]
    own = house.file.parent / "presets"
    own.mkdir()
    (own / "ours.toml").write_text("name = ")
    assert house.context.imports is not None
    kept = await house.context.imports.sheet(key)
    assert kept is not None
    assert kept.headings == ("Vorname", "Apellidos", "Teléfono", "Correo")
    refused = await send(bea, TABLE)
    assert (refused.status, "ours.toml" in str(refused.body)) == (422, True)


async def test_a_table_is_tried_out_brought_in_and_taken_back(house: House) -> None:
    bea = house.system("administrator")
    sheet = (await send(bea, TABLE)).body
    assert sheet["headings"] == ["Vorname", "Apellidos", "Teléfono", "Correo"]
    assert sheet["columns"] == [None, "family", "work", "email"]
    assert (sheet["encoding"], sheet["sample"][0][0]) == ("utf-8", "Ana")
    key = sheet["id"]

    asked = await bea.post(f"{V1}/{key}/begin", {"columns": COLUMNS, "trial": True})
    assert (asked.status, asked.body["state"]) == (202, "running")
    tried = await ended(bea, key)
    assert (tried["added"], tried["rejected"], tried["is_trial"]) == (2, 1, True)
    assert await names(house) == []

    await bea.post(f"{V1}/{key}/begin", {"columns": COLUMNS, "trial": False})
    brought = await ended(bea, key)
    assert (brought["state"], brought["added"], brought["rejected"]) == ("done", 2, 1)
    assert await names(house) == ["=1+1 Gil", "Ana Muñoz"]
    assert list((house.file.parent / "imports").iterdir()) == []
    rejected = (await bea.get(f"{V1}/{key}/rejected")).body.decode("utf-8-sig").splitlines()
    assert len(rejected) == 2
    assert rejected[1].startswith("3")

    again = await send(bea, TABLE)
    assert again.body["columns"] == COLUMNS
    assert (await bea.post(f"{V1}/{key}/begin", {"columns": COLUMNS, "trial": False})).status in (404, 409)
    assert (await bea.post(f"{V1}/{key}/undo")).status == 202
    assert (await ended(bea, key))["undone"] == 2
    assert await names(house) == []
    assert sorted(one["state"] for one in (await bea.get(V1)).body["items"]) == ["new", "undone"]


async def test_companies_are_brought_in_and_taken_back(house: House) -> None:
    bea = house.system("administrator")
    table = "Empresa;NIF;Matriz;Teléfono\nSol;B1;Sur;957212000\n;B2;;\n=1+1;;;\n"
    sheet = (await send(bea, table, kind="accounts")).body
    assert (sheet["kind"], sheet["columns"]) == ("accounts", ["name", "tax_id", "parent", "work"])
    key = sheet["id"]
    wrong = ((["given", None, None, None], "other_kind"), ([None, "tax_id", None, None], "incomplete"))
    for columns, code in wrong:
        refused = await bea.post(f"{V1}/{key}/begin", {"columns": columns})
        assert (refused.status, refused.faults) == (422, {("columns", code)})
    await bea.post(f"{V1}/{key}/begin", {"columns": sheet["columns"], "trial": True})
    tried = await ended(bea, key)
    assert (tried["kind"], tried["added"], tried["rejected"]) == ("accounts", 2, 1)
    await bea.post(f"{V1}/{key}/begin", {"columns": sheet["columns"], "trial": False})
    assert (await ended(bea, key))["added"] == 2
    listed = (await bea.get("/api/v1/accounts")).body["items"]
    assert [one["name"] for one in listed] == ["=1+1", "Sol", "Sur"]
    assert (await bea.get("/api/v1/lookup?number=957212000")).body["account"] == "Sol"
    assert (await send(bea, table)).body["columns"] == ["company", None, None, "work"]
    await bea.post(f"{V1}/{key}/undo")
    assert (await ended(bea, key))["undone"] == 3
    assert (await bea.get("/api/v1/accounts")).body["items"] == []


async def test_cards_are_a_table_of_people(house: House) -> None:
    bea = house.system("administrator")
    cards = (
        "BEGIN:VCARD\nVERSION:3.0\nN:Muñoz;Ana\nTEL;TYPE=CELL:600123456\nPHOTO:AAAA\nEND:VCARD\nBEGIN:VCARD\n"
    )
    sheet = (await send(bea, cards, "people.vcf")).body
    assert sheet["sample"][0][:2] == ["Ana", "Muñoz"]
    assert None not in sheet["columns"]
    await bea.post(f"{V1}/{sheet['id']}/begin", {"columns": sheet["columns"], "trial": False})
    done = await ended(bea, sheet["id"])
    assert (done["added"], done["rejected"]) == (1, 1)
    assert await names(house) == ["Ana Muñoz"]


async def test_a_workbook_is_a_table_too(house: House) -> None:
    book = Workbook()
    sheet = book.active
    sheet.append(["Nombre", "Teléfono", "Notas"])
    sheet.append(["Ana", 957212000, None])
    sheet.append(["Eva", 600123456.0, "=1+1"])
    content = BytesIO()
    book.save(content)
    bea = house.system("administrator")
    sent = await send(bea, content.getvalue(), "book.xlsx")
    assert (sent.body["encoding"], sent.body["columns"]) == (None, ["given", "work", "note"])
    assert sent.body["sample"][0] == ["Ana", "957212000"]
    await bea.post(f"{V1}/{sent.body['id']}/begin", {"columns": ["given", "work", "note"], "trial": False})
    assert (await ended(bea, sent.body["id"]))["added"] == 2


def zipped(**parts: bytes) -> bytes:
    content = BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED) as packed:
        for name, part in parts.items():
            packed.writestr(name, part)
    return content.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\x81\x8d\xff" * 99, id="no text"),
        pytest.param(b"\xd0\xcf\x11\xe0" + b"x" * 99, id="a workbook of old"),
        pytest.param(b"PK\x03\x04rest", id="a broken zip"),
        pytest.param(zipped(**{"xl/workbook.xml": b"<x/>"}), id="another zip"),
        pytest.param(zipped(bomb=bytes(300 << 20)), id="a zip that unpacks to 300 MiB"),
        pytest.param(b"x;" * (1 << 20), id="a line without end"),
    ],
)
async def test_what_is_no_table_says_so(house: House, content: bytes) -> None:
    answer = await send(house.system("administrator"), content)
    assert (answer.status, answer.faults) == (422, {("file", "no_table")})
    assert list((house.file.parent / "imports").iterdir()) == []
    assert str(house.file.parent) not in str(answer.body)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"columns": COLUMNS[:-1]}, 422),
        ({"columns": ["note", None, None, None]}, 422),
        ({"columns": ["salary", None, None, None]}, 422),
        ({"columns": COLUMNS, "policy": "replace"}, 422),
        ({"columns": COLUMNS, "region": "Spain"}, 422),
    ],
)
async def test_what_cannot_be_brought_in_says_why(house: House, body: dict[str, Any], status: int) -> None:
    bea = house.system("administrator")
    key = (await send(bea, TABLE)).body["id"]
    assert (await bea.post(f"{V1}/{key}/begin", body)).status == status


@pytest.mark.parametrize("deed", ["begin", "cancel", "continue", "undo"])
async def test_of_a_table_that_is_not_there_nothing_is_done(house: House, deed: str) -> None:
    bea = house.system("administrator")
    body = {"columns": COLUMNS} if deed == "begin" else None
    assert (await bea.post(f"{V1}/{NOBODY}/{deed}", body)).status == 404


async def test_only_a_file_is_taken(house: House) -> None:
    bea = house.system("administrator")
    assert (await send(bea, TABLE, **{"Content-Type": "text/csv"})).code == "not_a_file"


async def test_no_more_than_twenty_files_wait(house: House) -> None:
    bea = house.system("administrator")
    await send(bea, TABLE)
    folder = house.file.parent / "imports"
    (first,) = folder.glob("*.table")
    for n in range(25):
        os.link(first, folder / f"{n}.table")
    assert (await send(bea, TABLE)).status == 201
    assert len(list(folder.glob("*.table"))) == 20


async def test_own_fields_and_days_come_in_as_was_chosen(house: House) -> None:
    bea = house.system("administrator")
    told = {"entity": "contact", "key": "size", "type": "number", "label_es": "Talla", "label_en": "Size"}
    assert (await bea.post("/api/v1/fields", told)).status == 201
    sheet = (await send(bea, "Nombre;Tel;Cumpleaños;Talla\nAna;957212000;3/2/1980;12,5\n")).body
    assert sheet["columns"] == ["given", "work", "birthday", "field:size"]
    assert sheet["is_cards"] is False
    path, how = f"{V1}/{sheet['id']}", {"columns": sheet["columns"], "trial": True}
    await bea.post(f"{path}/begin", how)
    assert (await ended(bea, sheet["id"]))["rejected"] == 1
    unknown = {"columns": [*sheet["columns"][:3], "field:gone"]}
    assert (await bea.post(f"{path}/begin", unknown)).body["errors"][0]["code"] == "other_kind"
    await bea.post(f"{path}/begin", how | {"trial": False, "day_order": "dmy"})
    assert (await ended(bea, sheet["id"]))["added"] == 1
    (ana,) = await house.db.read(contacts.find, q="", limit=9, region="ES")
    assert (str(ana.birthday), ana.fields) == ("1980-02-03", {"size": 12.5})


async def test_of_cards_it_is_said_what_is_not_read(house: House) -> None:
    bea = house.system("administrator")
    card = "BEGIN:VCARD\nVERSION:3.0\nFN:Ana\nTEL:957212000\nPHOTO:AA\nEND:VCARD\n"
    sheet = (await send(bea, card, "ana.vcf")).body
    assert sheet["is_cards"] is True
    page = (await bea.get(f"/import/{sheet['id']}")).body.decode()
    assert "Pictures, sounds and keys on the cards are not read." in page
