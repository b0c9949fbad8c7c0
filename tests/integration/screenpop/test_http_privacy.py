"""A person is to be forgotten: asked for, taken back, refused; who may."""

from __future__ import annotations

import zipfile
from io import BytesIO

from contract.crm_core.kit import a_contact
from integration.screenpop.house import House
from unit.screenpop.fakes import START

from crm_core.services import audit, contacts, erasure

V1 = "/api/v1"
KEY = "00000000-0000-7000-8000-0000000000a1"
ERASURE, HOLD = f"{V1}/contacts/{KEY}/erasure", f"{V1}/contacts/{KEY}/legal-hold"


async def with_zoraida(house: House) -> None:
    who = a_contact(KEY, "Zoraida", "Quintanilla", numbers=["957212345"])
    await house.db.run(contacts.create, contact=who, region="ES", by=None, now=START)


async def test_an_erasure_is_asked_for_and_taken_back(house: House) -> None:
    await with_zoraida(house)
    boss = house.system("administrator")
    assert (await boss.get(ERASURE)).status == 404

    asked = await boss.post(ERASURE)
    assert (asked.status, asked.body["state"], asked.body["done_at"]) == (202, "asked", None)
    assert (await boss.get(ERASURE)).body == asked.body
    assert (await boss.post(ERASURE)).body == asked.body
    assert (await boss.ask("DELETE", ERASURE)).status == 204
    assert (await boss.ask("DELETE", ERASURE)).status == 404
    deeds = [(one.what, one.record_id) for one in await house.db.read(audit.last, limit=2)]
    assert deeds == [("erasure taken back", KEY), ("erasure asked for", KEY)]


async def test_what_is_done_is_done(house: House) -> None:
    await with_zoraida(house)
    boss = house.system("administrator")
    await boss.post(ERASURE)
    who = await house.db.read(erasure.person, contact_id=KEY)
    await house.db.run(erasure.finish, who=who, now=START)
    assert (await boss.get(ERASURE)).body["state"] == "done"
    for answer in (await boss.post(ERASURE), await boss.ask("DELETE", ERASURE)):
        assert (answer.status, answer.code) == (410, "erased")
    assert (await boss.get(f"{V1}/contacts/{KEY}")).status == 404


async def test_records_that_must_be_kept_are_not_erased(house: House) -> None:
    await with_zoraida(house)
    boss = house.system("administrator")
    assert (await boss.ask("PUT", HOLD, {"reason": " "})).faults == {("reason", "string_too_short")}
    held = await boss.ask("PUT", HOLD, {"reason": "Lawsuit 7/26"})
    assert (held.body["reason"], held.body["contact_id"]) == ("Lawsuit 7/26", KEY)
    assert (await boss.get(HOLD)).body == held.body
    refused = await boss.post(ERASURE)
    assert (refused.status, refused.code) == (409, "legal_hold")
    assert (await boss.ask("DELETE", HOLD)).status == 204
    assert (await boss.get(HOLD)).status == 404
    assert (await boss.post(ERASURE)).status == 202


async def test_who_is_not_there(house: House) -> None:
    boss = house.system("administrator")
    assert (await boss.post(ERASURE)).status == 404
    assert (await boss.ask("PUT", HOLD, {"reason": "x"})).status == 404


async def test_what_is_kept_is_handed_out_in_one_file(house: House) -> None:
    await with_zoraida(house)
    boss = house.system("administrator")
    answer = await boss.get(f"{V1}/contacts/{KEY}/file")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/zip")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{KEY}.zip"'
    with zipfile.ZipFile(BytesIO(answer.body)) as packed:
        assert b"tel:+34957212345" in packed.read("contact.vcf")
    (deed,) = await house.db.read(audit.last, limit=1)
    assert (deed.what, deed.record_id) == ("handed out", KEY)
    assert (await boss.get(f"{V1}/contacts/{KEY[:-1]}9/file")).status == 404


async def test_the_page_shows_what_stands_and_what_may_be_done(house: House) -> None:
    await with_zoraida(house)
    ana, boss = await house.person("ana"), house.system("administrator")
    said = {"purpose": "marketing", "channel": "call", "status": "given", "source": "<b>form"}
    await ana.post(f"{V1}/contacts/{KEY}/consents", said)
    page = (await ana.get(f"/contacts/{KEY}/privacy")).body.decode()
    assert "&lt;b&gt;form" in page
    assert 'id="erase"' not in page
    assert "Agreed" in (await boss.get(f"/contacts/{KEY}/privacy/consents")).body.decode()
    assert 'id="erase"' in (await boss.get(f"/contacts/{KEY}/privacy")).body.decode()
    await boss.post(ERASURE)
    assert 'id="keep"' in (await boss.get(f"/contacts/{KEY}/privacy")).body.decode()
    await boss.ask("DELETE", ERASURE)
    await boss.ask("PUT", HOLD, {"reason": "Lawsuit 7/26"})
    assert "Lawsuit 7/26" in (await boss.get(f"/contacts/{KEY}/privacy")).body.decode()
    assert (await ana.get("/contacts/nobody/privacy")).status == 404
