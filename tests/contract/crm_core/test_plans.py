"""Which index serves which question: a table that is walked is noticed at ten rows, not at a million."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from contract.crm_core.conftest import plan_of
from contract.crm_core.kit import NOW, REGION, House, a_contact
from sqlalchemy import Engine, event

from crm_core.db import contact_words
from crm_core.domain.incident_lists import Wanted
from crm_core.services import (
    callbacks,
    calls,
    cards,
    contacts,
    duplicates,
    escalation,
    incident_lists,
    lookup,
)

PLACE = (NOW, "x")
_INDEX = re.compile(r"USING (?:COVERING )?(?:INDEX )?(PRIMARY KEY|\w+)")


def whose_card(number: str, contact_id: str | None = None) -> dict[str, Any]:
    return {"number": number, "region": REGION, "contact_id": contact_id, "today": NOW.date()}


LOOK_UPS = pytest.mark.parametrize(
    ("service", "asked_for", "indexes"),
    [
        pytest.param(
            cards.card_for,
            whose_card("957212000"),
            {"ix_phone_e164", "ix_phone_tail", "ix_did_range_first", "ix_call_customer"},
            id="a stranger's card",
        ),
        pytest.param(cards.card_for, whose_card("00957212000"), {"ix_phone_tail"}, id="a number unread"),
        pytest.param(
            lookup.who,
            {"number": "957212000", "region": REGION, "id": "10001"},
            {"ix_phone_e164", "ix_incident_open_of_contact", "ix_incident_open_of_account"},
            id="a dialplan's question",
        ),
        pytest.param(
            contacts.find,
            {"q": "ana ruiz", "limit": 9, "region": REGION},
            {"PRIMARY KEY", "ix_contact_word_contact_id"},
            id="words",
        ),
        pytest.param(
            contacts.find,
            {"q": "ana", "limit": 9, "region": REGION, "after": ("ana", "x")},
            {"PRIMARY KEY"},
            id="words, further on",
        ),
        pytest.param(
            contacts.find,
            {"q": "957212000", "limit": 9, "region": REGION},
            {"ix_phone_e164", "ix_phone_national"},
            id="a number sought",
        ),
        pytest.param(
            contacts.find,
            {"q": "a@b", "limit": 9, "region": REGION},
            {"ix_email_search"},
            id="an address sought",
        ),
        pytest.param(
            contacts.find, {"q": "", "limit": 9, "region": REGION}, {"ix_contact_search"}, id="everybody"
        ),
        pytest.param(
            duplicates.listed,
            {"reason": "number", "after": None, "limit": 9},
            {"ix_phone_e164"},
            id="numbers that some share",
        ),
        pytest.param(
            duplicates.listed,
            {"reason": "email", "after": ("a", ""), "limit": 9},
            {"ix_email_search"},
            id="addresses that some share",
        ),
        pytest.param(
            duplicates.listed,
            {"reason": "name", "after": ("acme ana", "x"), "limit": 9},
            {"ix_contact_account_id"},
            id="alike names in a company",
        ),
        pytest.param(
            duplicates.listed,
            {"reason": "tax_id", "after": None, "limit": 9},
            {"ix_account_tax_search"},
            id="tax numbers that some share",
        ),
        pytest.param(calls.history, {"limit": 9}, {"ix_call_started_at"}, id="all calls"),
        pytest.param(
            calls.history,
            {"limit": 9, "contact_id": "c", "before": PLACE},
            {"ix_call_contact_id"},
            id="a contact's",
        ),
        pytest.param(
            calls.history,
            {"limit": 9, "agent": "101", "before": PLACE},
            {"PRIMARY KEY"},
            id="an agent's",
        ),
        pytest.param(
            calls.history,
            {"limit": 9, "agent": "101", "missed": True, "before": PLACE},
            {"ix_call_agent_is_missed"},
            id="those he missed",
        ),
        pytest.param(
            incident_lists.find,
            {"limit": 9, "wanted": Wanted(contact_id="c")},
            {"ix_incident_contact_id"},
            id="a contact's incidents",
        ),
        pytest.param(
            incident_lists.find,
            {"limit": 9, "wanted": Wanted(assignee="u")},
            {"ix_incident_assignee"},
            id="a user's incidents",
        ),
        pytest.param(
            incident_lists.count,
            {"wanted": Wanted(assignee="u", only_open=True)},
            {"ix_incident_open_of_assignee"},
            id="how many are open of a user",
        ),
        pytest.param(
            incident_lists.find,
            {"limit": 9, "wanted": Wanted(only_open=True)},
            {"ix_incident_is_open"},
            id="open incidents",
        ),
        pytest.param(
            incident_lists.find,
            {"limit": 9, "wanted": Wanted(only_open=True), "order": "due", "place": PLACE},
            {"ix_incident_due_at"},
            id="open incidents, first due first",
        ),
        pytest.param(
            incident_lists.find,
            {"limit": 9, "wanted": Wanted(state="pending"), "order": "due", "place": PLACE},
            {"ix_incident_state"},
            id="a column of the board",
        ),
        pytest.param(
            incident_lists.problems,
            {"limit": 9, "wanted": Wanted(account_id="a"), "now": NOW},
            {"ix_incident_account_id"},
            id="a company's problems",
        ),
        pytest.param(escalation.tell, {"now": NOW}, {"ix_incident_due_told_at"}, id="what is due"),
        pytest.param(callbacks.waiting, {"limit": 9, "after": PLACE}, {"ix_callback_due_at"}, id="callbacks"),
    ],
)


@LOOK_UPS
@pytest.mark.usefixtures("plans")
async def test_an_index_serves(
    asked: list[str],
    sqlite: House,
    empty_database: Path,
    service: Callable[..., Any],
    asked_for: dict[str, Any],
    indexes: set[str],
) -> None:
    asked.clear()

    await sqlite.db.read(service, **asked_for)

    used = {
        name
        for statement in asked
        for step in plan_of(statement, empty_database)
        for name in _INDEX.findall(step)
    }
    assert indexes <= used


@pytest.mark.usefixtures("plans")
async def test_who_has_a_word_is_found_in_order(
    asked: list[str], sqlite: House, empty_database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contact_words, "SOON", 1)
    for n in range(2):
        await sqlite.add(a_contact(f"c{n}", "Ana", "Ruiz"))
    asked.clear()

    assert await sqlite.found("ana ruiz", after=("ana ruiz", "c0")) == ["c1"]

    walks = [plan_of(one, empty_database) for one in asked if "EXISTS" in one]
    key = r"PRIMARY KEY \(word=\? AND search=\? AND contact_id=\?\)"
    assert all(re.search(key, "\n".join(steps)) for steps in walks)
    assert walks
    assert not [step for steps in walks for step in steps if "TEMP B-TREE" in step]


@pytest.mark.usefixtures("plans")
async def test_a_page_of_a_history_is_not_sorted(
    asked: list[str], sqlite: House, empty_database: Path
) -> None:
    asked.clear()
    for whose in ({"contact_id": "c"}, {"agent": "101"}, {"agent": "101", "missed": True}, {}):
        await sqlite.db.read(calls.history, **whose, before=PLACE, limit=9)
    await sqlite.db.read(incident_lists.find, wanted=Wanted(contact_id="c"), place=PLACE, limit=9)
    await sqlite.db.read(callbacks.waiting, after=PLACE, limit=9)
    await sqlite.db.read(contacts.find, q="", after=("ana", "x"), limit=9, region=REGION)

    sorts = [
        statement
        for statement in asked
        for step in plan_of(statement, empty_database)
        if "TEMP B-TREE FOR ORDER BY" in step
    ]
    assert not sorts


@pytest.mark.usefixtures("plans")
async def test_leads_are_counted_as_they_stand(asked: list[str], sqlite: House, empty_database: Path) -> None:
    asked.clear()
    await sqlite.db.read(lambda uow: uow.leads.counts("x"))

    steps = [step for statement in asked for step in plan_of(statement, empty_database)]
    assert any("COVERING INDEX ix_lead_sums" in step for step in steps)
    assert not any("TEMP B-TREE" in step for step in steps)


@pytest.fixture
def explained() -> Iterator[list[str]]:
    """How PostgreSQL finds what it is asked for while the test runs: the plans, walks avoided at any cost."""
    said: list[str] = []

    def listen(connection: Any, _record: Any) -> None:
        if not isinstance(connection, sqlite3.Connection):
            connection.execute(EXPLAINED)
            connection.add_notice_handler(lambda notice: said.append(notice.message_primary))

    event.listen(Engine, "connect", listen)
    yield said
    event.remove(Engine, "connect", listen)


EXPLAINED = """
LOAD 'auto_explain';
SET auto_explain.log_min_duration = 0; SET auto_explain.log_level = notice; SET client_min_messages = notice;
SET enable_seqscan = off
"""


@LOOK_UPS
@pytest.mark.postgresql
async def test_an_index_serves_on_postgresql(
    explained: list[str],
    on_postgresql: House,
    service: Callable[..., Any],
    asked_for: dict[str, Any],
    indexes: set[str],
) -> None:
    """Which one is a matter of how many rows there are, and here are none; but no table is walked."""
    explained.clear()

    await on_postgresql.db.read(service, **asked_for)

    plans = "\n".join(explained)
    assert not re.findall(r"Seq Scan on (?!alembic_version)\w+", plans)
    assert len(re.findall(r"Index (?:Only )?Scan", plans)) >= len(indexes)
