"""Products, equipment, contracts and repairs by REST and as pages: who may, what is asked, what is shown."""

from __future__ import annotations

from typing import Any

import pytest
from contract.crm_core.kit import a_contact
from integration.screenpop.house import House, Person
from msgspec.structs import replace
from unit.screenpop.fakes import START

from crm_core.ports import UnitOfWork
from crm_core.services import contacts

V1 = "/api/v1"
PRODUCTS, ASSETS, CONTRACTS, REPAIRS = f"{V1}/products", f"{V1}/assets", f"{V1}/contracts", f"{V1}/repairs"
KEY = "00000000-0000-7000-8000-0000000000a1"
HOSTILE = "<b>x</b>"
FIRST = {"If-Match": '"1"'}


@pytest.fixture
async def home(house: House) -> House:
    await house.db.run(contacts.create, contact=a_contact(KEY, "Zoraida"), region="ES", by=None, now=START)
    return house


@pytest.fixture
async def admin(home: House) -> Person:
    return home.system("administrator")


async def stocked(boss: Person) -> dict[str, Any]:
    """Return a piece of a product that Zoraida has, its owner a text of HTML."""
    made = await boss.post(PRODUCTS, {"name_es": f"Cámara {HOSTILE}", "name_en": f"Chamber {HOSTILE}"})
    assert made.status == 201
    asked = {"product_id": made.body["id"], "contact_id": KEY, "serial": f"S-1 {HOSTILE}", "note": HOSTILE}
    return (await boss.post(ASSETS, asked)).body


async def test_a_piece_is_noted_once_listed_and_removed(home: House, admin: Person) -> None:
    product = (await admin.post(PRODUCTS, {"name_es": "Cámara", "name_en": "Chamber"})).body
    asked = {"product_id": product["id"], "contact_id": KEY, "serial": "CF4-1"}
    asked |= {"warranty_until": "2026-11-24"}
    first, again = [await admin.post(ASSETS, asked, headers={"Idempotency-Key": "k"}) for _ in range(2)]
    assert (first.status, first.headers["ETag"], first.body) == (201, '"1"', again.body)
    covered = {
        "asset": first.body,
        "product": product,
        "owner": "Zoraida Ruiz",
        "entitlement": {
            "is_covered": True,
            "by": None,
            "until": "2026-11-24",
            "since": None,
            "from_day": None,
        },
    }
    path = f"{ASSETS}/{first.body['id']}"
    assert (await admin.get(path)).body == covered
    assert (await admin.get(ASSETS, params={"contact_id": KEY})).body == {"items": [covered], "next": None}
    assert (await admin.get(ASSETS, params={"serial": "cf"})).body == {"items": [covered], "next": None}
    assert (await admin.ask("DELETE", path, headers=FIRST)).status == 204
    assert (await admin.get(path)).status == 404


async def test_a_customer_s_pieces_come_page_by_page(home: House, admin: Person) -> None:
    product = (await admin.post(PRODUCTS, {"name_es": "Cámara", "name_en": "Chamber"})).body
    for n in range(3):
        made = await admin.post(ASSETS, {"product_id": product["id"], "contact_id": KEY, "serial": f"S-{n}"})
        assert made.status == 201
    asked = {"contact_id": KEY, "limit": "2"}
    first = (await admin.get(ASSETS, params=asked)).body
    rest = (await admin.get(ASSETS, params=asked | {"cursor": first["next"]})).body
    assert [[one["asset"]["serial"] for one in page["items"]] for page in (first, rest)] == [
        ["S-0", "S-1"],
        ["S-2"],
    ]
    assert rest["next"] is None


async def test_an_incident_of_a_piece_that_is_gone_is_shown(home: House, admin: Person) -> None:
    piece = await stocked(admin)
    asked = {"subject": "No sound", "contact_id": KEY, "asset_id": piece["id"]}
    one = (await admin.post(f"{V1}/incidents", asked)).body
    path = f"{V1}/incidents/{one['id']}"
    assert (await admin.ask("PATCH", path, {"asset_id": None}, headers=FIRST)).status == 200
    assert (await admin.ask("DELETE", f"{ASSETS}/{piece['id']}", headers=FIRST)).status == 204
    back = await admin.post(f"{path}/undo", headers={"If-Match": '"2"'})
    assert (back.status, back.body["asset_id"]) == (200, None)

    def name_it_again(uow: UnitOfWork) -> None:
        """As older releases left it."""
        kept = uow.incidents.get(one["id"])
        assert kept is not None
        uow.incidents.change(replace(kept, asset_id=piece["id"]))

    await home.db.run(name_it_again)
    assert (await admin.get(f"/incidents/{one['id']}")).status == 200


async def test_all_that_is_wrong_is_told_at_once(home: House, admin: Person) -> None:
    ana = await home.person("ana")
    wrong = {"product_id": KEY, "serial": "", "bought_on": "0001-01-01", "warranty_until": "soon"}
    told = await ana.post(ASSETS, wrong)
    assert told.status == 422
    assert told.faults == {
        ("bought_on", "not_a_time"),
        ("warranty_until", "date_parsing"),
        ("serial", "string_too_short"),
    }
    nobodys = await ana.post(ASSETS, {"product_id": KEY, "serial": "S"})
    assert nobodys.faults == {("contact_id", "missing")}


async def test_a_contract_is_changed_by_who_is_up_to_date(home: House, admin: Person) -> None:
    ana = await home.person("ana")
    asked = {"name": "Gold", "kind": "maintenance", "begins_on": "2026-01-01", "contact_id": KEY}
    made = (await ana.post(CONTRACTS, asked)).body
    path = f"{CONTRACTS}/{made['id']}"
    assert (await ana.ask("PATCH", path, {"covers": "x"})).status == 428
    after = await ana.ask("PATCH", path, {"ends_on": "2026-12-31"}, headers=FIRST)
    assert (after.status, after.body) == (200, made | {"ends_on": "2026-12-31", "version": 2})
    late = await ana.ask("PATCH", path, {"covers": "x"}, headers=FIRST)
    assert (late.status, late.body["newer"]) == (412, after.body)
    assert (await ana.get(CONTRACTS, params={"contact_id": KEY})).body == {"items": [after.body]}
    assert (await ana.ask("DELETE", path, headers={"If-Match": '"2"'})).status == 204


async def test_a_repair_goes_its_way_and_no_other(home: House, admin: Person) -> None:
    piece = await stocked(admin)
    ana = await home.person("ana")
    begun = await ana.post(REPAIRS, {"asset_id": piece["id"], "fault": HOSTILE})
    assert (begun.status, begun.body["state"]) == (201, "received")
    twice = await ana.post(REPAIRS, {"asset_id": piece["id"], "fault": "x"})
    assert (twice.status, twice.body["errors"][0]["code"]) == (422, "in_repair")
    path = f"{REPAIRS}/{begun.body['id']}"
    wrong = await ana.ask("PATCH", path, {"state": "returned"}, headers=FIRST)
    assert (wrong.status, wrong.body["errors"][0]["code"]) == (422, "no_such_step")
    after = await ana.ask("PATCH", path, {"state": "diagnosed"}, headers=FIRST)
    assert [step["by"] for step in after.body["steps"]] == ["u-ana", "u-ana"]
    back = await ana.post(f"{path}/undo", headers={"If-Match": '"2"'})
    assert (back.status, back.body["state"], back.body["version"]) == (200, "received", 3)
    assert (await ana.get(path)).body == back.body
    listed = (await ana.get(REPAIRS, params={"open": "true"})).body
    assert [row["repair"]["id"] for row in listed["items"]] == [begun.body["id"]]
    assert (await ana.get(REPAIRS, params={"open": "false"})).body["items"] == []


async def test_a_step_is_taken_back_by_who_made_it_or_a_supervisor(home: House, admin: Person) -> None:
    piece = await stocked(admin)
    ana = await home.person("ana")
    begun = (await admin.post(REPAIRS, {"asset_id": piece["id"], "fault": "x"})).body
    path = f"{REPAIRS}/{begun['id']}"
    assert (await admin.ask("PATCH", path, {"state": "diagnosed"}, headers=FIRST)).status == 200
    assert (await ana.post(f"{path}/undo", headers={"If-Match": '"2"'})).status == 403
    assert (await admin.post(f"{path}/undo", headers={"If-Match": '"2"'})).status == 200
    assert (await ana.ask("PATCH", path, {"state": "refused"}, headers={"If-Match": '"3"'})).status == 200
    assert (await ana.post(f"{path}/undo", headers={"If-Match": '"4"'})).status == 200


async def test_of_a_product_that_is_not_active_no_piece_becomes_one(home: House, admin: Person) -> None:
    piece = await stocked(admin)
    old = (await admin.post(PRODUCTS, {"name_es": "Vieja", "name_en": "Old one"})).body
    page = f"/equipment/{piece['id']}"
    assert b"Old one" in (await admin.get(page)).body
    switched = await admin.ask("PATCH", f"{PRODUCTS}/{old['id']}", {"is_active": False}, headers=FIRST)
    assert switched.status == 200
    assert b"Old one" not in (await admin.get(page)).body


async def test_who_may_do_what(home: House, admin: Person) -> None:
    piece = await stocked(admin)
    ana, tom = await home.person("ana"), home.system("auditor")
    assert (await ana.post(PRODUCTS, {"name_es": "a", "name_en": "b"})).status == 403
    assert (await ana.get("/products")).status == 403
    assert (await tom.get(f"{ASSETS}/{piece['id']}")).status == 200
    assert (await tom.post(ASSETS, {"product_id": KEY, "serial": "S"})).status == 403
    assert (await tom.post(REPAIRS, {"asset_id": piece["id"], "fault": "x"})).status == 403


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/equipment", True),
        ("/equipment?q=s-1", True),
        ("/equipment?q=zz", False),
        (f"/equipment?contact_id={KEY}", True),
        (f"/contacts/{KEY}", True),
        ("/equipment/{id}", True),
        ("/repairs", True),
        ("/repairs?view=all", True),
        ("/products", True),
    ],
)
async def test_each_page_shows_texts_as_texts(home: House, admin: Person, path: str, *, shown: bool) -> None:
    piece = await stocked(admin)
    await admin.post(REPAIRS, {"asset_id": piece["id"], "fault": HOSTILE})
    page = await admin.get(path.replace("{id}", piece["id"]))
    assert page.status == 200
    text = page.body.decode()
    assert ("&lt;b&gt;x&lt;/b&gt;" in text, HOSTILE in text) == (shown, False)


async def test_nobody_has_nothing(home: House, admin: Person) -> None:
    for path in ("/equipment", f"/equipment?contact_id={KEY}", "/repairs", "/products"):
        page = await admin.get(path)
        assert (page.status, b'class="empty"' in page.body) == (200, True)
    assert (await admin.get("/equipment/none")).status == 404
