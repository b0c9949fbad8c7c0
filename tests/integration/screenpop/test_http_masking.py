"""What is kept from somebody: in no answer to him, by no way, in no writing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from urllib.parse import quote, unquote
from zipfile import ZipFile

import pytest
from aiohttp import web
from integration.screenpop.calls import past_call
from integration.screenpop.house import Answer, House, Person
from msgspec.structs import replace
from unit.screenpop.fakes import START

from ami_bridge.domain import events
from crm_core.domain.calls import Call
from crm_core.services import callbacks, calls
from screenpop.redaction import FIELDS

V1 = "/api/v1"
MASKING = f"{V1}/masking"
NUMBER, EMAIL, TAX_ID, PASSPORT = "+34611234678", "marta.oculta@reservado.example", "B83491774", "AAF071554"
SPELLINGS = (
    NUMBER,
    "611234678",
    "611 23 46 78",
    "611 234 678",
    "611-234-678",
    "0034611234678",
    "34611234678",
    "0611234678",
    "%2B34611234678",
    "876432116",
)
SECRETS = (*SPELLINGS, EMAIL, "marta.oculta", TAX_ID, PASSPORT)
ALL_MASKED = {"numbers": "masked", "emails": "masked", "documents": "masked", "personal": "masked"}
LIST = f"Nombre;Teléfono;Correo\nMarta Oculta Gil;{NUMBER};{EMAIL}\n"


@dataclass
class Site:
    """A house with one customer, of whom something is known in every place that there is."""

    house: House
    ids: dict[str, str]
    call: Call


@pytest.fixture
async def site(house: House) -> Site:
    admin, eva = house.system("administrator"), await house.person("eva")
    await made(
        admin,
        "/fields",
        {
            "entity": "contact",
            "key": "passport",
            "type": "text",
            "label_es": "Pasaporte",
            "label_en": "Passport",
            "pii": True,
        },
    )
    account = await made(
        admin,
        "/accounts",
        {
            "name": "Reservado SL",
            "tax_id": TAX_ID,
            "phones": [{"raw": NUMBER}],
            "ranges": [{"first": "+34611234000", "last": "+34611234999"}],
        },
    )
    contact = await made(
        admin,
        "/contacts",
        {
            "given": "Marta",
            "family": "Oculta Gil",
            "company": "Reservado SL",
            "phones": [{"raw": NUMBER}, {"raw": "611 23 46 78 int 9"}],
            "emails": [EMAIL],
            "note": f"Escribe a {EMAIL} o llama al 611 23 46 78",
            "fields": {"passport": PASSPORT},
        },
    )
    twin = await made(
        admin,
        "/contacts",
        {"given": "Marta", "family": "Oculta", "phones": [{"raw": NUMBER}], "emails": [EMAIL]},
    )
    await made(admin, "/accounts", {"name": "Reservada SA", "tax_id": TAX_ID})
    await made(admin, "/do-not-call", {"number": NUMBER, "why": f"pidió por {EMAIL}"})
    past = [
        replace(
            past_call(n, outcome=outcome),
            ani=NUMBER,
            customer=NUMBER,
            ani_raw="611234678",
            ani_name="611234678",
            contact_id=contact["id"],
        )
        for n, outcome in enumerate(("answered", "abandoned"))
    ]
    await house.db.run(calls.record, calls=past, events=[ended(one) for one in past])
    await house.db.run(
        calls.save_work,
        call_id=past[0].id,
        agent="101",
        notes=f"Su número es el {NUMBER}",
        disposition=None,
        now=START,
    )
    wish = await house.db.run(
        callbacks.ask, number=NUMBER, call_id=past[1].id, did="5551001", due_at=START, now=START
    )
    incident = (
        await admin.post(
            f"{V1}/calls/{past[0].id}/incidents",
            {
                "contact_id": contact["id"],
                "subject": f"No le llega a {EMAIL}",
                "description": f"Llamar al {NUMBER}",
            },
        )
    ).body
    said = {"channel": "email", "direction": "inbound", "contact_id": contact["id"], "subject": EMAIL}
    said = await made(
        admin, "/interactions", said | {"body": f"marta {NUMBER}", "incident_id": incident["id"]}
    )
    campaign = await made(
        eva, "/campaigns", {"name": "Otoño", "region": "ES", "basis": "legitimate_interests"}
    )
    await eva.ask(
        "POST",
        f"{V1}/campaigns/{campaign['id']}/leads",
        data=LIST.encode(),
        headers={"Content-Type": "text/csv"},
    )
    ids = {
        "contacts": contact["id"],
        "accounts": account["id"],
        "calls": past[0].id,
        "incidents": incident["id"],
        "interactions": said["id"],
        "campaigns": campaign["id"],
        "callbacks": wish.id,
        "twin": twin["id"],
        "phone": contact["phones"][0]["id"],
    }
    return Site(house, ids, past[0])


def ended(call: Call) -> events.CallEnded:
    return events.CallEnded(
        pbx="main",
        at=START,
        call=call.id,
        linkedid=call.linkedid,
        version=call.version,
        outcome=call.outcome,
        hung_up_by=None,
        record=call,
    )


async def made(who: Person, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = await who.post(V1 + path, body)
    assert answer.status == 201, answer.body
    found: dict[str, Any] = answer.body
    return found


async def masks(house: House, role: str = "agent", **rule: str) -> Answer:
    admin = house.system("administrator")
    kept = next(one for one in (await admin.get(MASKING)).body["items"] if one["role"] == role)
    headers = {"If-Match": f'"{kept["version"]}"'}
    return await admin.ask("PUT", f"{MASKING}/{role}", ALL_MASKED | rule, headers=headers)


def paths(site: Site) -> Iterator[str]:
    """Yield every route that is read, with the customer's own records in it, and what looks for him."""
    for route in site.house.app.router.routes():
        if route.method == "GET" and route.resource and not isinstance(route.resource, web.StaticResource):
            yield addressed(route.resource.canonical, site)
    for q in ("marta", "oculta", "reservado", "marta.oculta", quote(NUMBER), "611234678", EMAIL):
        for path in ("/contacts", "/accounts", "/search", f"{V1}/search", f"{V1}/contacts", f"{V1}/accounts"):
            yield f"{path}?q={q}"
        yield f"/calls?who={q}"
    yield f"{V1}/calls?contact_id={site.ids['contacts']}"
    yield f"{V1}/do-not-call/{quote(NUMBER)}"
    yield f"/do-not-call?q={quote(NUMBER)}"


def addressed(path: str, site: Site) -> str:
    """Return the address of a record at *path*: of the kind that stands in it, else of the customer."""
    for name, told in ID_OF.items():
        path = path.replace(f"{{{name}}}", told(site) if callable(told) else told)
    of = next((key for kind, key in site.ids.items() if f"/{kind}/" in path), site.ids["contacts"])
    return re.sub(r"\{\w+(:[^/]*)?\}", of, path)


ID_OF: dict[str, Any] = {
    "kind": "contact",
    "number": NUMBER,
    "first": lambda site: min(site.ids["contacts"], site.ids["twin"]),
    "second": lambda site: max(site.ids["contacts"], site.ids["twin"]),
}


def leaks(path: str, answer: Answer) -> list[tuple[str, str]]:
    body = answer.body
    text = _text(body) if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False)
    text += " ".join(f"{name}: {value}" for name, value in answer.headers.items())
    typed = path + unquote(path)  # what he knows already may be told to him again
    return [(path, secret) for secret in SECRETS if secret in text and secret not in typed]


def _text(raw: bytes) -> str:
    """Return what an answer says, and all that a workbook holds."""
    if not raw.startswith(b"PK"):
        return raw.decode(errors="replace")
    with ZipFile(BytesIO(raw)) as workbook:
        return " ".join(workbook.read(name).decode() for name in workbook.namelist())


@pytest.mark.parametrize("role", ["agent", "supervisor", "auditor", "integration"])
async def test_nothing_of_it_is_in_any_answer(site: Site, role: str) -> None:
    kept = await masks(site.house, role)
    assert (kept.status, kept.body["version"]) == (200, 1)
    who = site.house.system(role)
    found, told = [], 0
    for path in paths(site):
        answer = await who.get(path)
        assert answer.status < 500, (path, answer.body)
        told += answer.status == 200
        found += leaks(path, answer)
    assert found == []
    assert told > 20


SAYS = re.compile(
    r"number|phone|mail|tax|e164|^ani|customer|^raw|caller|digit|mobile|document|passport|part(y|ies)|^with$"
    r"|^to$|forward|address|shared|fax"
)
HARMLESS = {
    "addresses": "where somebody lives",
    "documents": "what the rules are about",
    "party": "tel: with a number, which is known by its look",
    "with": "as party",
    "phone_id": "an id",
    "within_s": "seconds",
}


async def test_each_field_that_can_hold_a_number_is_known(house: House) -> None:
    schemas = (await house.system().get(f"{V1}/openapi.json")).body["components"]["schemas"]
    named = {name for one in schemas.values() for name in one.get("properties", {}) if SAYS.search(name)}
    assert named - FIELDS.keys() - HARMLESS.keys() == set()
