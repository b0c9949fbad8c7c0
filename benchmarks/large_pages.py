"""Which pages are asked for of a large site: the address of each, or many of them, chosen by chance."""

from __future__ import annotations

import random
import sqlite3
from urllib.parse import quote

from large_beside import ARTICLE, ARTICLES, ASSET, CAMPAIGN, CAMPAIGNS
from large_site import FAMILY, GIVEN, Size, id_of, somebody

MANY, FEW, CALLS = 150, 20, 2_000
LISTS = {
    "people": "/contacts",
    "companies": "/accounts",
    "incidents": "/incidents",
    "board": "/incidents?view=board",
    "problems": "/problems",
    "tasks": "/tasks?view=all",
    "knowledge": "/knowledge",
    "equipment": "/equipment",
    "products": "/products",
    "repairs": "/repairs",
    "duplicates": "/duplicates",
    "imports": "/import",
    "calls": "/calls",
    "lost": "/lost",
    "floor": "/floor",
    "campaigns": "/campaigns",
    "do_not_call": "/do-not-call",
    "audit": "/audit",
    "webhooks": "/webhooks",
    "keys": "/admin/keys",
    "users": "/admin/users",
    "roles": "/admin/roles",
    "teams": "/admin/teams",
    "masking": "/admin/masking",
    "queues": "/admin/queues",
    "sessions": "/admin/sessions",
    "retention": "/admin/retention",
    "categories": "/settings/incidents?section=category",
    "fields": "/fields",
}
"""Pages that are asked for as they are."""


def addresses(size: Size) -> dict[str, list[str]]:
    """Return the addresses by what they are called; the names of what the figures hold."""
    chance = random.Random(2)

    def people() -> list[str]:
        return [id_of(1, somebody(chance, size) % size.people) for _ in range(MANY)]

    def some(kind: int, last: int) -> list[str]:
        return [id_of(kind, chance.randrange(last)) for _ in range(MANY)]

    names = [f"{chance.choice(GIVEN)} {chance.choice(FAMILY)}" for _ in range(MANY)]
    calls = _calls(size, chance)
    companies, incidents = some(2, size.companies), some(3, size.incidents)
    return {
        "page_customer": [f"/contacts/{one}" for one in people()],
        "page_privacy": [f"/contacts/{one}/privacy" for one in people()],
        "page_company": [f"/accounts/{one}" for one in companies],
        "page_customers": [f"/contacts?q={quote(one)}" for one in names],
        "page_search": [f"/search?q={quote(one)}" for one in names],
        "page_options": [f"/search/options?q={quote(one[:7])}" for one in names],
        "page_incident": [f"/incidents/{one}" for one in incidents],
        "page_call": [f"/calls/{one}" for one in calls],
        "page_why": [f"/calls/{one}/why" for one in calls],
        "page_article": [f"/knowledge/{one}" for one in some(ARTICLE, ARTICLES)],
        "page_asset": [f"/equipment/{one}" for one in some(ASSET, size.people // 3)],
        "page_compare": [
            f"/duplicates/contact/{one}/{other}" for one, other in zip(people(), people(), strict=True)
        ],
        "page_campaign": [f"/campaigns/{id_of(CAMPAIGN, n)}" for n in range(CAMPAIGNS)],
        **{f"list_{name}": [path] * FEW for name, path in LISTS.items()},
        "page_history": [f"/desk/history/{one}" for one in people()],
        "rest_timeline": [f"/api/v1/contacts/{one}/timeline" for one in people()],
        "rest_calls": ["/api/v1/calls?limit=50"] * FEW,
        "rest_incidents": ["/api/v1/incidents?limit=50&open=true"] * FEW,
    }


def _calls(size: Size, chance: random.Random) -> list[str]:
    """Return some of the last calls."""
    with sqlite3.connect(size.file) as connection:
        asked = f"SELECT id FROM call ORDER BY started_at DESC LIMIT {CALLS}"
        found = [key for (key,) in connection.execute(asked)]
    connection.close()
    return chance.sample(found, MANY)
