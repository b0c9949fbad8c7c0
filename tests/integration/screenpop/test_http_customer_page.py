"""What a customer's and a company's page bring together: consents, what comes again, the way to incidents."""

from __future__ import annotations

from typing import Any

from integration.screenpop.house import House
from sqlalchemy import Engine, event

V1 = "/api/v1"


async def test_a_customer_s_page_holds_his_consents_problems_and_incidents(house: House) -> None:
    admin, eva = house.system("administrator"), await house.person("eva")
    cold = {"kind": "category", "name_es": "Cámaras", "name_en": "Chambers"}
    category = (await admin.post(f"{V1}/incident-choices", cold)).body
    account = (await eva.post(f"{V1}/accounts", {"name": "Frío Sur", "region": "PT"})).body
    contact = (await eva.post(f"{V1}/contacts", {"given": "Marta", "company": "Frío Sur"})).body
    said = {
        "purpose": "marketing",
        "channel": "call",
        "status": "given",
        "basis": "consent",
        "source": "ella",
    }
    told = await eva.post(f"{V1}/contacts/{contact['id']}/consents", said)
    assert told.status == 201, told.body
    asked = {"contact_id": contact["id"], "subject": "No enfría", "category_id": category["id"]}
    opened = [(await eva.post(f"{V1}/incidents", asked)).body for _ in range(2)][-1]

    page = (await eva.get(f"/contacts/{contact['id']}")).body.decode()
    for shown in ('id="standing"', "Ofertas y novedades", "Cámaras", f'href="/incidents/{opened["id"]}"'):
        assert shown in page, shown

    page = (await eva.get(f"/accounts/{account['id']}")).body.decode()
    for shown in ("Cámaras", '<dd dir="auto">PT</dd>', f'href="/incidents/{opened["id"]}"'):
        assert shown in page, shown


async def test_whom_a_company_s_notes_were_with_costs_no_questions_of_their_own(house: House) -> None:
    eva = await house.person("eva")
    account = (await eva.post(f"{V1}/accounts", {"name": "Frío Sur"})).body
    asked: list[str] = []

    def ask(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        asked.append(statement)

    async def questions() -> int:
        asked.clear()
        page = (await eva.get(f"/accounts/{account['id']}", params={"tab": "written"})).body.decode()
        assert all(f"Marta {n}" in page for n in range(people))
        return len(asked)

    event.listen(Engine, "before_cursor_execute", ask)
    try:
        counted = []
        for people in range(1, 5):
            who = {"given": "Marta", "family": str(people - 1), "company": "Frío Sur"}
            contact = (await eva.post(f"{V1}/contacts", who)).body
            note = {"channel": "note", "contact_id": contact["id"], "body": "x"}
            assert (await eva.post(f"{V1}/interactions", note)).status == 201
            counted.append(await questions())
    finally:
        event.remove(Engine, "before_cursor_execute", ask)
    assert counted[-1] < counted[0] + people - 1, counted  # less than one for each who came
