"""A house with something on every page: its customers, calls, incidents, and one of all that REST makes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from browser import customers_scene, floor_scene, incident_scene
from browser.calls_scene import HOME, MARIA, MARIAS
from browser.hostile_words import ADDRESS, HOSTILE, SENT
from browser.kit import Place
from playwright.async_api import Page

from crm_core.services import calls

SEND = """async ([method, path, version, body]) => {
  const token = document.querySelector("meta[name=centralita-csrf]").content;
  const headers = {"Content-Type": "application/json", "X-CSRF-Token": token};
  if (version) headers["If-Match"] = version;
  const answer = await fetch("/api/v1" + path, {method, headers, body: JSON.stringify(body)});
  const text = await answer.text();
  return [answer.status, text ? JSON.parse(text) : {}];
}"""
WORDS = ((ADDRESS, "administracion.y.compras@hosteleria.example"), (HOSTILE, "Refrigeración Bahía"))
TABLE = "Nombre;Empresa;Teléfono\nAna;Hostelería Guadalquivir, S.L.;957212000\nLuis;;no es\n"

# Who looks, and where: the administrator, an agent, and who has not signed in.
PAGES: tuple[tuple[str | None, str], ...] = (
    *(
        ("bea", path)
        for path in (
            "/floor",
            "/calls",
            "/calls/{calls}",
            "/calls/{calls}/why",
            "/lost",
            "/contacts",
            "/contacts/{maria}",
            "/contacts/{contacts}/privacy",
            "/accounts",
            "/accounts/{accounts}",
            "/duplicates",
            "/duplicates/contact/{contacts}/{maria}",
            "/import",
            "/import/{imports}",
            "/incidents",
            "/incidents?view=board",
            "/incidents/{incidents}",
            "/problems",
            "/tasks?view=all",
            "/knowledge",
            "/knowledge/{articles}",
            "/equipment",
            "/equipment/{assets}",
            "/repairs",
            "/products",
            "/campaigns",
            "/campaigns/{campaigns}",
            "/do-not-call",
            "/search?q=refrigeracion",
            "/settings/incidents?section=policies",
            "/settings/incidents?section=calendars",
            "/settings/incidents?section=category",
            "/fields",
            "/connect",
            "/audit",
            "/webhooks",
            "/admin",
            "/admin/users",
            "/admin/roles",
            "/admin/teams",
            "/admin/queues",
            "/admin/keys",
            "/admin/retention",
            "/admin/masking",
            "/admin/sessions",
            "/me",
        )
    ),
    ("ana", "/"),
    ("ana", "/seat"),
    (None, "/sign-in"),
    (None, "/faq"),
    (None, "/faq/{articles}"),
)

# What answers GET and is none: a file, a part of a page, a way elsewhere.
NO_PAGES = (
    "/accounts.csv",
    "/accounts.xlsx",
    "/calls.csv",
    "/calls.xlsx",
    "/campaigns/{id}/figures",
    "/contacts.csv",
    "/contacts.vcf",
    "/contacts.xlsx",
    "/contacts/{id}.vcf",
    "/contacts/{id}/privacy/consents",
    "/desk/history/{contact_id}",
    "/desk/lists",
    "/desk/preview",
    "/do-not-call.csv",
    "/incidents.csv",
    "/incidents.xlsx",
    "/lost/list",
    "/search/options",
    "/sign-in/provider",
    "/sign-in/provider/back",
    "/sign-out/provider",
)


async def fill(place: Place, admin: Page, agent: Page) -> dict[str, str]:
    """Fill the house; return the ids that paths name. Both pages are somebody's own account."""
    floor_scene.fill(place.stage)
    await customers_scene.fill(place)
    scene = await incident_scene.furnish(place)
    told = await place.db.read(calls.last_from, number=MARIAS)
    ids = {"calls": told.id, "maria": MARIA, "home": HOME}
    for method, path, body in SENT:
        who = agent if path.startswith("/calls/") else admin
        await send(who, method, path, in_words(body), ids)
    await send(admin, "PATCH", "/articles/{articles}", {"stand": "published", "is_public": True}, ids)
    ids["incidents"] = scene.incidents["Cámara"].id
    ids["imports"] = await _table_sent(admin, place)
    return ids


async def send(page: Page, method: str, path: str, body: dict[str, Any], ids: dict[str, str]) -> None:
    """Send *body*, as whoever looks at *page*; keep the id of what it made in *ids*."""
    version = '"1"' if method == "PATCH" else None
    status, made = await page.evaluate(SEND, [method, filled(path, ids), version, filled(body, ids)])
    assert status in (200, 201, 204), (path, status, made)
    if method == "POST" and path.count("/") == 1:
        one = made.get("key", made)
        ids[path.strip("/")] = (one if isinstance(one, dict) else made).get("id", "")


def filled(value: Any, ids: Mapping[str, str]) -> Any:
    """Return *value* with the ids that it names."""
    if isinstance(value, dict):
        return {name: filled(one, ids) for name, one in value.items()}
    if isinstance(value, str):
        return re.sub(r"{([\w-]+)}", lambda found: ids[found[1]], value)
    return value


def in_words(value: Any) -> Any:
    """Return what is sent with words of a trade where HTML was."""
    if isinstance(value, dict):
        return {name: in_words(one) for name, one in value.items()}
    if isinstance(value, list):
        return [in_words(one) for one in value]
    if not isinstance(value, str):
        return value
    for sign, words in WORDS:
        value = value.replace(sign, words)
    return "14001" if value == HOSTILE[:20] else value


async def _table_sent(page: Page, place: Place) -> str:
    await page.goto(f"{place.origin}/import")
    file: Any = {"name": "clientes.csv", "mimeType": "text/csv", "buffer": TABLE.encode()}
    await page.locator("#send-file").set_input_files(file)
    async with page.expect_navigation(timeout=30_000):  # another process reads the table
        await page.locator("#send [type=submit]").click()
    return page.url.rpartition("/")[2]
