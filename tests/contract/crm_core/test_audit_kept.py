"""The audit is found by who, deed, record and day; and nothing changes or forgets an entry."""

from __future__ import annotations

from typing import Any

import pytest
from contract.crm_core.kit import House, at
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError

from crm_core.db.schema import audit as table
from crm_core.domain.audit import MOST_CHANGES, AuditEntry, Wanted
from crm_core.domain.people import User
from crm_core.services import audit, users

EVA = User(id="u2", name="eva", full_name="Eva Gil", role="supervisor")


async def noted(house: House) -> None:
    await house.db.run(users.add_user, user=EVA)
    for n, (who, what, kind, record) in enumerate(
        [
            ("u2", "pause 101: lunch", "agent", "101"),
            ("cli:root", "contacts export: 3", None, None),
            ("u2", "erased", "contact", "c1"),
            ("cli:root", "pause 102: break", "agent", "102"),
        ]
    ):
        await house.db.run(
            audit.note, who=who, what=what, address=None, now=at(n), kind=kind, record_id=record
        )


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        pytest.param(Wanted(), [3, 2, 1, 0], id="all, newest first"),
        pytest.param(Wanted(who="u2"), [2, 0], id="by who"),
        pytest.param(Wanted(what="pause"), [3, 0], id="by deed"),
        pytest.param(Wanted(kind="contact", record_id="c1"), [2], id="by record"),
        pytest.param(Wanted(since=at(1), until=at(3)), [2, 1], id="from an instant until before another"),
        pytest.param(Wanted(since=at(9)), [], id="later than all"),
        pytest.param(Wanted(until=at(0)), [], id="earlier than all"),
    ],
)
async def test_what_is_found(house: House, wanted: Wanted, found: list[int]) -> None:
    await noted(house)
    deeds = await house.db.read(audit.find, wanted=wanted, limit=10)
    assert [one.entry.at for one in deeds] == [at(n) for n in found]


async def test_a_list_goes_on_and_says_what_people_are_called(house: House) -> None:
    await noted(house)
    first = await house.db.read(audit.find, wanted=Wanted(), limit=2)
    rest = await house.db.read(audit.find, wanted=Wanted(since=at(0)), before=first[-1].pos, limit=9)
    assert [one.name for one in (*first, *rest)] == ["cli:root", "Eva Gil", "cli:root", "Eva Gil"]


async def test_fields_are_kept_as_they_changed(house: House) -> None:
    changes: dict[str, Any] = {"role": ("agent", "supervisor"), "note": None}
    await house.db.run(audit.note, who="u", what="x", address=None, now=at(0), changes=changes)
    assert (await house.db.read(audit.last, limit=1))[0].changes == changes

    many = {f"f{n}": ("a" * 100, None) for n in range(100)}
    await house.db.run(audit.note, who="u", what="x", address=None, now=at(1), changes=many)
    (kept,) = await house.db.read(audit.last, limit=1)
    assert len(kept.changes) == MOST_CHANGES
    assert kept.changes["f0"] == ("a" * 80, None)


@pytest.mark.parametrize(
    "change",
    [update(table).where(table.c.pos == 1).values(who="nobody"), delete(table).where(table.c.pos == 1)],
    ids=["changed", "forgotten"],
)
async def test_the_database_refuses_to_change_or_forget(house: House, change: Any) -> None:
    await house.db.run(audit.note, who="u", what="x", address=None, now=at(0))
    with pytest.raises(DBAPIError, match="the audit is only added to"):
        await house.db.run(lambda uow: uow.connection.execute(change))
    assert await house.db.read(audit.last, limit=9) == [AuditEntry(at=at(0), who="u", what="x")]
