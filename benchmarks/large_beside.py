"""What a large site has beside people, companies, calls and incidents: a part of each table for each page.

``fill`` does it once; a site that has articles has all of it. Nothing is sent and nobody is dialled:
webhooks are stopped and campaigns stand still.
"""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

from large_site import SUBJECT, Size, count_to, id_in

from crm_core.db.search_index import base_of

USERS, CHOICES, ARTICLES, PRODUCTS, CAMPAIGNS, LEADS = 500, 120, 2_000, 200, 20, 10_000
USER, CHOICE, ARTICLE, PRODUCT, ASSET, CAMPAIGN = 10, 11, 12, 13, 14, 18
AT = "'2026-11-20T10:00:00.000000Z'"
_KIND = "CASE WHEN n < 80 THEN 'category' WHEN n < 100 THEN 'team' ELSE 'product_line' END"
_DAY = "date('2026-11-20', (n % 1500 - 1000) || ' days')"
_TIME = f"strftime('%Y-%m-%dT%H:%M:%S.000000Z', {AT}, (n % 43200) || ' minutes')"

_REPAIR = "CASE WHEN n % 9 THEN 'returned' ELSE 'received' END"
_TABLES = (
    *("article", "article_incident", "asset", "consent", "contract", "do_not_call", "incident_choice"),
    *("incident_entry", "lead", "product", "repair", "task"),
)


def _rows(table: str, columns: str, values: str, last: str) -> str:
    return f"INSERT INTO {table} ({columns}) WITH RECURSIVE {count_to(last)} SELECT {values} FROM n"


_STATEMENTS = (
    _rows(
        "user_account",
        "id, name, full_name, role, language, password_hash, is_active, version",
        f"{id_in(USER, 'n')}, 'agent' || n, 'Agente ' || n, 'agent', 'es', '', 1, 1",
        str(USERS),
    ),
    _rows(
        "incident_choice",
        "id, kind, name_es, name_en, is_active, version",
        f"{id_in(CHOICE, 'n')}, {_KIND}, 'Tipo ' || n, 'Type ' || n, 1, 1",
        str(CHOICES),
    ),
    _rows(
        "team_member",
        "team_id, user_id, is_lead",
        f"{id_in(CHOICE, '80 + n % 20')}, {id_in(USER, 'n')}, n < 20",
        str(USERS),
    ),
    _rows(
        "article",
        "id, title_es, text_es, title_en, text_en, category_id, stand, is_public, created_at, updated_at, "
        "version",
        f"{id_in(ARTICLE, 'n')}, {SUBJECT} || ' ' || n, '## Qué hacer' || char(10) || {SUBJECT}, "
        f"'Article ' || n, '## What to do' || char(10) || n, {id_in(CHOICE, 'n % 80')}, 'published', n % 2, "
        f"{AT}, {AT}, 1",
        str(ARTICLES),
    ),
    _rows(
        "article_incident",
        "article_id, incident_id, at",
        f"{id_in(ARTICLE, f'n % {ARTICLES}')}, {id_in(3, 'n * 7')}, {AT}",
        ":incidents / 10",
    ),
    _rows(
        "incident_entry",
        'id, incident_id, at, "by", kind, text, changes, is_undone',
        f"{id_in(20, 'n')}, {id_in(3, 'n / 2')}, {_TIME}, {id_in(USER, f'n % {USERS}')}, 'note', "
        "'Llama por la pieza ' || n, '{}', 0",
        ":incidents * 2",
    ),
    _rows(
        "task",
        "id, title, due_at, assignee, contact_id, created_at, is_open, version",
        f"{id_in(21, 'n')}, 'Llamar ' || n, {_TIME}, {id_in(USER, f'n % {USERS}')}, "
        f"{id_in(1, 'n * 9')}, {AT}, n % 5 = 0, 1",
        ":people / 10",
    ),
    _rows(
        "product",
        "id, name_es, name_en, is_active, version",
        f"{id_in(PRODUCT, 'n')}, 'Cámara ' || n, 'Camera ' || n, 1, 1",
        str(PRODUCTS),
    ),
    _rows(
        "asset",
        "id, product_id, serial, search, contact_id, bought_on, warranty_until, version",
        f"{id_in(ASSET, 'n')}, {id_in(PRODUCT, f'n % {PRODUCTS}')}, 'SN' || n, 'sn' || n, "
        f"{id_in(1, 'n * 3')}, '2024-01-01', {_DAY}, 1",
        ":people / 3",
    ),
    _rows(
        "contract",
        "id, name, kind, contact_id, begins_on, ends_on, version",
        f"{id_in(15, 'n')}, 'Mantenimiento ' || n, 'maintenance', {id_in(1, 'n * 10')}, '2023-01-01', "
        f"{_DAY}, 1",
        ":people / 10",
    ),
    _rows(
        "repair",
        "id, sequence, asset_id, state, is_open, fault, received_at, steps, version",
        f"{id_in(16, 'n')}, n + 1, {id_in(ASSET, 'n * 30')}, "
        f"{_REPAIR}, n % 9 = 0, {SUBJECT}, {_TIME}, "
        f"json_array(json_object('state', {_REPAIR}, 'at', {_TIME}, 'by', NULL)), 1",
        ":people / 100",
    ),
    _rows(
        "consent",
        "id, contact_id, purpose, channel, basis, status, source, at, noted_at",
        f"{id_in(17, 'n')}, {id_in(1, 'n / 2')}, CASE WHEN n % 2 THEN 'marketing' ELSE 'profiling' END, "
        f"'call', 'consent', CASE WHEN n % 5 THEN 'given' ELSE 'refused' END, 'web', {_TIME}, {AT}",
        ":people",
    ),
    _rows(
        "do_not_call", "number, since, why", f"'+34' || (700000000 + n * 7919), {AT}, 'Asked'", ":people / 20"
    ),
    _rows(
        "campaign",
        "id, name, region, state, in_a_day, at_all, basis, created_at",
        f"{id_in(CAMPAIGN, 'n')}, 'Campaña ' || n, 'ES', 'paused', 2, 5, 'legitimate_interests', {AT}",
        str(CAMPAIGNS),
    ),
    _rows(
        "lead",
        "id, campaign_id, place, name, numbers, fields, state, due_at, attempts, is_reached, version",
        f"{id_in(19, 'n')}, {id_in(CAMPAIGN, f'n % {CAMPAIGNS}')}, n / {CAMPAIGNS}, 'Ana ' || n, "
        f"'+34' || (710000000 + n), '{{}}', CASE WHEN n % 3 THEN 'waiting' ELSE 'done' END, {AT}, 0, 0, 1",
        str(CAMPAIGNS * LEADS),
    ),
    _rows(
        "saved_view",
        "id, page, name, audience, owner, created_at, updated_at, version",
        f"{id_in(22, 'n')}, CASE WHEN n % 2 THEN 'incidents' ELSE 'contacts' END, 'Vista ' || n, "
        f"'everybody', {id_in(USER, 'n')}, {AT}, {AT}, 1",
        "40",
    ),
    _rows(
        "api_token",
        "id, name, role, created_at, prefix",
        f"printf('%064x', n), 'System ' || n, 'integration', {AT}, printf('%08x', n)",
        "50",
    ),
    _rows(
        "webhook",
        "id, name, url, types, is_active, created_at, version, pos, turn, tries",
        f"{id_in(23, 'n')}, 'Hook ' || n, 'https://example.org/' || n, 'contact.updated', 0, "
        f"{AT}, 1, 0, 0, 0",
        "20",
    ),
    """INSERT INTO search_doc (place, kind, record_id, words)
  SELECT :article_base + rowid, 'article', id, lower(title_es) || ' article' FROM article ORDER BY rowid""",
    f"""INSERT INTO search_text (rowid, words) SELECT place, words FROM search_doc
  WHERE place > :article_base AND place <= :article_base + {ARTICLES}""",
    *(f"ANALYZE {table}" for table in _TABLES),
)


def fill(file: Path, size: Size) -> float:
    """Give a site what it lacks of it; return how many seconds that took."""
    started = time.monotonic()
    connection = sqlite3.connect(file, isolation_level=None)
    try:
        if connection.execute("SELECT 1 FROM article LIMIT 1").fetchone() is None:
            asked = {
                "people": size.people,
                "incidents": size.incidents,
                "article_base": base_of("article"),
            }
            connection.execute("PRAGMA synchronous=OFF")
            connection.execute("BEGIN")
            for statement in _STATEMENTS:
                wanted = {name: value for name, value in asked.items() if f":{name}" in statement}
                connection.execute(statement, wanted)
            connection.execute("COMMIT")
    finally:
        connection.close()
    return time.monotonic() - started
