"""What a customer's and a company's page bring together: consents, what comes again, the way to incidents."""

from __future__ import annotations

from integration.screenpop.house import House

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
