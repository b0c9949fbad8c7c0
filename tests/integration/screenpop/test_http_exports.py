"""What pages list as files, people, companies and incidents, as looked for; who may, and who had them."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
import vobject
from integration.screenpop.house import House, Person
from integration.screenpop.test_http_keys import made
from integration.screenpop.test_http_masking import masks
from openpyxl import load_workbook

from crm_core.domain.account_rows import account_columns_of, read_account_row
from crm_core.domain.rows import RowError
from crm_core.services import audit
from screenpop.pages import sent_table

V1 = "/api/v1"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def company(boss: Person, **told: Any) -> str:
    answer = await boss.post(f"{V1}/accounts", told)
    assert answer.status == 201, answer.body
    return str(answer.body["id"])


async def rows(person: Person, path: str) -> list[list[str]]:
    answer = await person.get(path)
    assert answer.status == 200
    if answer.headers["Content-Type"] != XLSX:
        return list(csv.reader(io.StringIO(answer.body.decode("utf-8-sig")), delimiter=";"))
    sheet = load_workbook(io.BytesIO(answer.body)).active
    assert sheet is not None
    return [[str(cell or "") for cell in row] for row in sheet.iter_rows(values_only=True)]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
async def test_companies_as_they_were_looked_for(
    house: House, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    monkeypatch.setattr(sent_table, "AT_ONCE", 2)
    eva = await house.person("eva")
    sur = await company(eva, name="=Sur", kind="supplier", tax_id="B1")
    await company(
        eva, name="Sol", parent_id=sur, phones=[{"raw": "957212000"}, {"raw": "957212001", "label": "fax"}]
    )
    await company(eva, name="Solar", addresses=[{"street": "Mayor 1", "city": "Córdoba"}], note="a\nb")
    head, *found = await rows(eva, f"/accounts.{form}")
    assert head[:5] == ["Nombre", "Razón social", "NIF", "Clase", "Pertenece a"]
    assert [row[0] for row in found] == ["'=Sur", "Sol", "Solar"]
    assert (found[0][2], found[0][3]) == ("B1", "Proveedor")
    assert (found[1][4], found[1][6], found[1][7]) == ("'=Sur", "'+34957212000", "'+34957212001")
    assert (found[2][9], found[2][11], found[2][13]) == ("Mayor 1", "Córdoba", "a\nb")
    assert [row[0] for row in (await rows(eva, f"/accounts.{form}?q=solar"))[1:]] == ["Solar"]
    noted = await house.db.read(audit.last, limit=2)
    assert [(one.who, one.what) for one in noted] == [
        ("u-eva", "exported_companies q"),
        ("u-eva", "exported_companies"),
    ]


async def test_what_is_too_long_is_cut_where_it_says(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sent_table, "AT_ONCE", 1)
    monkeypatch.setattr(sent_table, "MOST", 2)
    eva = await house.person("eva")
    for name in ("A", "B", "C"):
        await company(eva, name=name)
    told = await rows(eva, "/accounts.csv")
    assert [row[0] for row in told[1:]] == ["A", "B", ""]
    assert told[-1][13] == "Cortado aquí: busca menos."
    columns = account_columns_of(told[0])
    with pytest.raises(RowError) as refused:
        read_account_row(columns, told[-1], region="ES")
    assert refused.value.fault == "no_company"


@pytest.mark.parametrize("form", ["csv", "xlsx"])
async def test_incidents_as_they_were_looked_for(
    house: House, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    monkeypatch.setattr(sent_table, "AT_ONCE", 2)
    eva = await house.person("eva")
    contact = (await eva.post(f"{V1}/contacts", {"given": "Ana", "phones": [{"raw": "957212000"}]})).body
    for n in range(5):
        kind = "complaint" if n == 4 else "incident"
        body = {"contact_id": contact["id"], "subject": f"=Subject {n}", "kind": kind}
        assert (await eva.post(f"{V1}/incidents", body)).status == 201
    head, *found = await rows(eva, f"/incidents.{form}")
    assert (head[1], len(found)) == ("Asunto", 5)
    assert {row[1] for row in found} == {f"'=Subject {n}" for n in range(5)}
    assert {row[7] for row in found} == {"Ana"}
    (only,) = (await rows(eva, f"/incidents.{form}?kind=complaint&state=any"))[1:]
    assert (only[1], only[2]) == ("'=Subject 4", "Queja")
    (noted, *_) = await house.db.read(audit.last, limit=1)
    assert noted.what == "exported_incidents kind=complaint&state=any"


async def test_calls_go_out_as_a_workbook_too(house: House) -> None:
    (head,) = await rows(await house.person("eva"), "/calls.xlsx")
    assert head[:3] == ["Empezó", "Sentido", "Número"]


@pytest.mark.parametrize(
    "path",
    [
        *("/accounts.csv", "/accounts.xlsx", "/incidents.csv", "/incidents.xlsx", "/calls.xlsx"),
        *("/contacts.csv", "/contacts.xlsx", "/contacts.vcf"),
    ],
)
@pytest.mark.parametrize(("role", "status"), [("agent", 403), ("integration", 403), ("auditor", 200)])
async def test_who_may_have_a_file(house: House, path: str, role: str, status: int) -> None:
    assert (await house.system(role).get(path)).status == status


@pytest.mark.parametrize(
    ("scopes", "status"),
    [(["exports:read"], 403), (["contacts:read"], 403), (["contacts:read", "exports:read"], 200)],
)
async def test_a_key_gets_people_as_files_when_it_may_read_them(
    house: House, scopes: list[str], status: int
) -> None:
    eva = await house.person("eva")
    contact = (await eva.post(f"{V1}/contacts", {"given": "Ana"})).body
    _, key, _ = await made(house, scopes=scopes)
    for path in ("/contacts.csv", "/contacts.xlsx", "/contacts.vcf", f"/contacts/{contact['id']}.vcf"):
        assert (await key.get(path)).status == status, path
    assert (await key.get("/accounts.csv")).status == (200 if "exports:read" in scopes else 403)


async def test_what_is_kept_from_a_role_is_in_none_of_its_files(house: House) -> None:
    eva = await house.person("eva")
    await company(eva, name="Sol", tax_id="B14000001", phones=[{"raw": "957212000"}])
    assert (await masks(house, "auditor")).status == 200
    shown = (await house.system("auditor").get("/accounts.csv")).body.decode()
    assert "Sol" in shown
    assert "957212000" not in shown
    assert "B14000001" not in shown


@pytest.mark.parametrize("form", ["csv", "xlsx"])
async def test_people_as_they_were_looked_for(
    house: House, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    monkeypatch.setattr(sent_table, "AT_ONCE", 2)
    eva = await house.person("eva")
    for name in ("=Ana", "Luis", "Luisa"):
        told = {"given": name, "phones": [{"raw": "957212000"}], "tags": ["VIP"]}
        assert (await eva.post(f"{V1}/contacts", told)).status == 201
    head, *found = await rows(eva, f"/contacts.{form}")
    assert (head[:3], [row[0] for row in found]) == (
        ["Nombre", "Apellidos", "Empresa"],
        ["'=Ana", "Luis", "Luisa"],
    )
    assert (found[0][3], found[0][head.index("Etiquetas")]) == ("'+34957212000", "VIP")
    assert [row[0] for row in (await rows(eva, f"/contacts.{form}?q=luisa"))[1:]] == ["Luisa"]
    (noted, *_) = await house.db.read(audit.last, limit=1)
    assert (noted.who, noted.what) == ("u-eva", "exported_contacts q")


async def test_people_as_vcards(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sent_table, "AT_ONCE", 1)
    eva = await house.person("eva")
    for name in ("Ana", "Luis"):
        told = {"given": name, "phones": [{"raw": "957212000", "label": "mobile"}]}
        contact = (await eva.post(f"{V1}/contacts", told)).body
    answer = await eva.get("/contacts.vcf")
    assert answer.headers["Content-Type"].startswith("text/vcard")
    assert [card.fn.value for card in vobject.readComponents(answer.body.decode())] == ["Ana", "Luis"]
    one = await eva.get(f"/contacts/{contact['id']}.vcf?version=3.0")
    card = vobject.readOne(one.body.decode())
    assert (card.version.value, card.fn.value, card.tel.value) == ("3.0", "Luis", "+34957212000")
    assert card.tel.params["TYPE"] == ["CELL", "VOICE"]
    assert "VERSION:4.0" in (await eva.get(f"/contacts/{contact['id']}.vcf")).body.decode()
    (noted, *_) = await house.db.read(audit.last, limit=1)
    assert (noted.what, noted.record_id) == ("exported_card", contact["id"])
    page = (await eva.get(f"/contacts/{contact['id']}")).body.decode()
    assert f'href="/contacts/{contact["id"]}.vcf?version=3.0"' in page
    assert 'href="/contacts.vcf?q="' in (await eva.get("/contacts")).body.decode()
    assert (await house.system("agent").get(f"/contacts/{contact['id']}.vcf")).status == 403


async def test_cards_beyond_the_most_say_so(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sent_table, "AT_ONCE", 1)
    monkeypatch.setattr(sent_table, "MOST", 1)
    eva = await house.person("eva")
    for name in ("Ana", "Luis"):
        assert (await eva.post(f"{V1}/contacts", {"given": name})).status == 201
    told = (await eva.get("/contacts.vcf")).body.decode()
    names = [line for line in told.splitlines() if line.startswith("FN:")]
    assert names == ["FN:Ana", "FN:Cortado aquí: busca menos."]


@pytest.mark.parametrize(
    "path", ["/contacts.csv", "/contacts.vcf", "/contacts/{id}.vcf", "/contacts/{id}.vcf?version=3.0"]
)
async def test_numbers_and_addresses_of_people_are_kept_from_files(house: House, path: str) -> None:
    eva = await house.person("eva")
    told = {"given": "Ana", "phones": [{"raw": "957212000"}], "emails": ["ana@example.org"]}
    contact = (await eva.post(f"{V1}/contacts", told)).body
    assert (await masks(house, "auditor")).status == 200
    shown = (await house.system("auditor").get(path.format(id=contact["id"]))).body.decode()
    assert "Ana" in shown
    assert "957212000" not in shown
    assert "ana@example.org" not in shown
