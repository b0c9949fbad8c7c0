"""The audit by REST and as a page: found by what one asks, page after page, without what it must not hold."""

from __future__ import annotations

import pytest
from integration.screenpop.house import House
from unit.screenpop.fakes import START

from crm_core.domain.audit import AuditEntry, Wanted
from crm_core.services import audit
from screenpop.pages.audit_words import RECORDS

V1 = "/api/v1"


async def note(house: House, what: str, **more: object) -> None:
    facts = {"who": "u-eva", "address": "192.0.2.1", "now": START} | more
    await house.db.run(audit.note, what=what, **facts)


async def test_deeds_are_told_page_after_page(house: House) -> None:
    for n in range(3):
        await note(house, f"pause 10{n}", kind="agent", record_id=f"10{n}")
    auditor = house.system("auditor")

    first = (await auditor.get(f"{V1}/audit", params={"limit": "2", "what": "pause"})).body
    assert [(one["name"], one["what"], one["record_id"]) for one in first["items"]] == [
        ("Eva Sanz", "pause 102", "102"),
        ("Eva Sanz", "pause 101", "101"),
    ]
    rest = (await auditor.get(f"{V1}/audit", params={"what": "pause", "cursor": first["next"]})).body
    assert [one["what"] for one in rest["items"]] == ["pause 100"]
    assert rest["next"] is None


async def test_changes_are_told_and_personal_ones_by_their_name_only(house: House) -> None:
    await note(house, "user changed", kind="user", changes={"role": ("agent", "auditor"), "full_name": None})
    (told,) = (await house.system("auditor").get(f"{V1}/audit", params={"kind": "user"})).body["items"]
    assert told["changes"] == {"role": ["agent", "auditor"], "full_name": None}


async def test_what_cannot_be_asked(house: House) -> None:
    auditor = house.system("auditor")
    for cursor in ("x", "bm90IG91cnM"):
        assert (await auditor.get(f"{V1}/audit", params={"cursor": cursor})).code == "bad_cursor"
    assert (await auditor.get(f"{V1}/audit", params={"since": "yesterday"})).status == 422


async def test_an_export_is_told_without_numbers_and_names(house: House) -> None:
    boss = await house.person("eva")
    asked = {"who": "957212000", "queue": "sales", "contact_id": "0" * 8 + "-0000-7000-8000-" + "0" * 12}
    assert (await boss.get("/calls.csv", params=asked)).status == 200
    (entry,) = [
        one.entry for one in await house.db.read(audit.find, wanted=Wanted(what="exported_calls"), limit=9)
    ]
    assert entry == AuditEntry(
        at=entry.at,
        who="u-eva",
        what="exported_calls who&queue=sales&contact_id",
        address="127.0.0.1",
        kind="contact",
        record_id=asked["contact_id"],
    )


async def test_the_page_shows_deeds_in_words(house: House) -> None:
    await note(house, "pause 101: <b>lunch", kind="agent", record_id="101", changes={"x": ("1", "2")})
    page = (await house.system("administrator").get("/audit")).body.decode()
    assert "101: &lt;b&gt;lunch" in page
    assert "1 → 2" in page
    assert ">Agent 101</a>" in page
    none = (await house.system("administrator").get("/audit", params={"record_id": "nobody"})).body.decode()
    assert "101: &lt;b" not in none


@pytest.mark.parametrize("kind", RECORDS)
async def test_a_record_is_called_by_a_word_on_the_page(house: House, kind: str) -> None:
    await note(house, "merged INC-7 into INC-9", kind=kind, record_id="r1")
    page = (await house.system("administrator").get("/audit")).body.decode()
    assert f">{RECORDS[kind]} r1</a>" in page
    assert "Merged incidents" in page
