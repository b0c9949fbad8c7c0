"""The search on PostgreSQL among many: by its index, however often it was asked and whatever is rare."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from lab.postgresql import Emptied, Server
from sqlalchemy import Engine, event

from crm_core.db.database import Database
from crm_core.services import search

MANY = 20_000
FILL = f"""
INSERT INTO search_doc (place, kind, record_id, words)
SELECT (1::bigint << 40) + n, 'contact', 'c' || n,
  'maria ' || CASE WHEN n % 50 = 0 THEN 'garcia ' ELSE '' END || 'w' || n || ' ' || 600000000 + n * 7919
  || ' 34' || 600000000 + n * 7919 || ' x' || reverse((600000000 + n * 7919)::text)
FROM generate_series(1, {MANY}) n
"""  # noqa: S608 - a number of ours
EXPLAINED = """
LOAD 'auto_explain';
SET auto_explain.log_min_duration = 0; SET auto_explain.log_level = notice; SET client_min_messages = notice;
SET auto_explain.log_analyze = on
"""


@pytest.fixture
def plans() -> Iterator[list[str]]:
    """How the server finds what it is asked for while the test runs."""
    said: list[str] = []

    def listen(connection: Any, _record: Any) -> None:
        connection.execute(EXPLAINED)
        connection.add_notice_handler(lambda notice: said.append(notice.message_primary))

    event.listen(Engine, "connect", listen)
    yield said
    event.remove(Engine, "connect", listen)


@pytest.fixture
def url(postgres: Server) -> str:
    emptied = Emptied(postgres, "sought")
    url = emptied.url()
    with postgres.opened(emptied.name) as connection:
        connection.execute(FILL.encode())
        connection.execute("VACUUM ANALYZE search_doc")
    return url


async def test_no_record_is_looked_at_that_does_not_fit_when_few_do(url: str, plans: list[str]) -> None:
    db = Database(url)
    await db.start()
    for n in range(15):  # often: by then the server thinks it knows a plan for whatever is asked
        plans.clear()
        number = str(600_000_000 + (n + 3) * 7_919)
        for q in (number, f"w{n + 77}", "garcia", "maria garcia"):
            await db.read(search.everywhere, q=q, kinds=("contact",), limit=5, region="ES")
        looked = [int(count) for count in re.findall(r"Rows Removed by Filter: (\d+)", "\n".join(plans))]
        assert max(looked, default=0) < MANY // 20
    plans.clear()
    await db.read(search.everywhere, q="maria", kinds=("contact",), limit=5, region="ES")
    await db.close()
    assert "Index Scan Backward using pk_search_doc" in "\n".join(
        plans
    )  # all fit: the newest are read, no others
