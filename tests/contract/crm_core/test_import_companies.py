"""Tables of companies: found by tax number and name, put below their parents, taken back as one."""

from __future__ import annotations

from typing import Any

import pytest
from contract.crm_core.kit import REGION, House, at
from contract.crm_core.test_import_batches import BATCH, counted, run, taken_back
from msgspec.structs import replace
from sqlalchemy import Engine, event

from crm_core.domain.account_rows import account_columns_of, read_account_row
from crm_core.domain.accounts import Account, WholeAccount
from crm_core.domain.events import AccountRemoved
from crm_core.domain.imports import ImportBatch, Policy, ReadGroup, ReadLine
from crm_core.domain.rows import RowError
from crm_core.services import accounts, import_batches

COLUMNS = account_columns_of(["empresa", "cif", "tipo", "matriz", "teléfono", "web"])
COMPANIES = replace(BATCH, kind="accounts", columns=COLUMNS)
AS_IT_WAS = ("Talleres Ruiz", "customer")
RUIZ = "Talleres Ruiz;B-14 000 001;cliente;;957212000;talleres.example"


def group(*lines: str, behind: int = 0) -> ReadGroup:
    read = []
    for n, line in enumerate(lines, behind + 2):
        try:
            read.append(ReadLine(line=n, row=read_account_row(COLUMNS, line.split(";"), region=REGION)))
        except RowError as error:
            read.append(ReadLine(line=n, fault=error.fault, text=error.text))
    return ReadGroup(rows=behind + len(lines), read_bytes=behind + len(lines), lines=tuple(read))


async def brought(
    house: House, *lines: str, policy: Policy = "complete", is_trial: bool = False
) -> ImportBatch:
    batch = replace(COMPANIES, policy=policy, is_trial=is_trial)
    await house.db.run(import_batches.begin, batch=batch, address=None, now=at(0))
    taken: ImportBatch = await run(house, import_batches.take, group=group(*lines), now=at(1))
    if taken.state == "running":
        await run(house, import_batches.finish, now=at(2))
    return taken


async def listed(house: House) -> list[Account]:
    found: list[Account] = await house.db.read(accounts.find, q="", limit=50)
    return found


async def whole(house: House, name: str) -> WholeAccount:
    (one,) = (await house.db.read(accounts.find, q=name, limit=2))[:1]
    found: WholeAccount = await house.db.read(accounts.get, account_id=one.id)
    return found


async def changed(house: House, one: Account, **changes: Any) -> None:
    await house.db.run(
        accounts.change,
        account_id=one.id,
        version=one.version,
        changes=changes,
        region=REGION,
        by="u-eva",
        now=at(50),
    )


async def test_companies_come_with_all_that_stands_in_their_rows(house: House) -> None:
    batch = await brought(
        house, RUIZ, ";;;;;", "Otra;;;Grupo Sur;12;", "Sol;X1;socio;Grupo Sur;;http://sol.example"
    )
    assert counted(batch) == (4, 2, 0, 0, 1)
    ruiz = await whole(house, "talleres")
    assert (ruiz.tax_id, ruiz.kind, ruiz.website) == ("B-14 000 001", "customer", "https://talleres.example")
    assert [phone.e164 for phone in ruiz.phones] == ["+34957212000"]
    assert (await whole(house, "sol")).parent == "Grupo Sur"
    assert [one.name for one in await listed(house)] == ["Grupo Sur", "Sol", "Talleres Ruiz"]


@pytest.mark.parametrize(
    ("policy", "row", "counts", "kept"),
    [
        pytest.param(
            "complete", "Ruiz;b14000001;socio;;600123456;", (0, 1, 0), AS_IT_WAS, id="by its tax number"
        ),
        pytest.param("complete", "TALLERES RUIZ;;;;957 21 20 00;", (0, 0, 1), AS_IT_WAS, id="by its name"),
        pytest.param("update", "Ruiz SL;B14000001;socio;;;", (0, 1, 0), ("Ruiz SL", "partner"), id="update"),
        pytest.param("skip", "Ruiz SL;B14000001;socio;;600123456;", (0, 0, 1), AS_IT_WAS, id="skip"),
        pytest.param("complete", "Talleres Ruiz;B99;;;;", (1, 0, 0), AS_IT_WAS, id="another tax number"),
        pytest.param("add", "Talleres Ruiz;B14000001;;;;", (1, 0, 0), AS_IT_WAS, id="once more"),
    ],
)
async def test_one_that_is_known(
    house: House, policy: Policy, row: str, counts: tuple[int, ...], kept: tuple[str, str]
) -> None:
    await brought(house, RUIZ)
    first = await listed(house)
    await house.db.run(
        import_batches.begin, batch=replace(COMPANIES, id="c", policy=policy), address=None, now=at(3)
    )
    batch = await house.db.run(import_batches.take, batch_id="c", group=group(row), now=at(4))
    assert (batch.added, batch.completed, batch.known) == counts
    found = await house.db.read(accounts.get, account_id=first[0].id)
    assert (found.name, found.kind) == kept


async def test_a_trial_tells_the_same_and_keeps_nothing(house: House) -> None:
    rows = (
        RUIZ,
        "Sol;;;Talleres Ruiz;;",
        "Talleres Ruiz;B14000001;;;;",
        "Luna;;;LUNA;;",
        "Mar;;astronauta;;;",
    )
    tried = await brought(house, *rows, is_trial=True)
    assert (await listed(house), counted(tried)) == ([], (5, 2, 0, 1, 2))
    rejected = await house.db.read(import_batches.rejected, batch_id="b", limit=9)
    assert [(one.line, one.fault) for one in rejected] == [(5, "above_itself"), (6, "bad_kind")]


async def test_no_company_is_put_above_itself(house: House) -> None:
    batch = await brought(house, "A;;;B;;", "B;;;C;;", "C;;;A;;")
    assert counted(batch) == (3, 2, 0, 0, 1)
    assert [(one.name, (await whole(house, one.name)).parent) for one in await listed(house)] == [
        ("A", "B"),
        ("B", "C"),
        ("C", None),
    ]


@pytest.mark.parametrize("policy", ["skip", "complete", "update", "add"])
@pytest.mark.parametrize("is_in_one_group", [True, False])
async def test_a_parent_whose_own_row_comes_later_is_that_row(
    house: House, policy: Policy, *, is_in_one_group: bool
) -> None:
    rows = ("Sol;;;Holding Sur;;", "HOLDING SUR;B1;socio;Cima;957212000;")
    groups = [group(*rows)] if is_in_one_group else [group(rows[0]), group(rows[1], behind=1)]
    await house.db.run(import_batches.begin, batch=replace(COMPANIES, policy=policy), address=None, now=at(0))
    for one in groups:
        batch = await run(house, import_batches.take, group=one, now=at(1))
    assert counted(batch) == (2, 2, 0, 0, 0)
    assert [one.name for one in await listed(house)] == ["Cima", "HOLDING SUR", "Sol"]
    holding = await whole(house, "holding")
    assert (holding.tax_id, holding.kind, holding.parent) == ("B1", "partner", "Cima")
    assert [phone.e164 for phone in holding.phones] == ["+34957212000"]
    assert (await whole(house, "sol")).parent_id == holding.id
    await run(house, import_batches.finish, now=at(2))
    assert (await taken_back(house)).stayed == 0
    assert await listed(house) == []


async def test_one_that_has_its_own_row_is_known_to_the_next(house: House) -> None:
    await house.db.run(import_batches.begin, batch=replace(COMPANIES, policy="skip"), address=None, now=at(0))
    for n, line in enumerate(("Sol;;;Sur;;", "Sur;;;;;", "Sur;B1;;;;")):
        batch = await run(house, import_batches.take, group=group(line, behind=n), now=at(1))
    assert counted(batch) == (3, 2, 0, 1, 0)
    assert (await whole(house, "sur")).tax_id is None


def chain(length: int) -> list[str]:
    return [f"N{n:02};;;N{n + 1:02};;" for n in range(length)]


@pytest.mark.parametrize("is_upward", [True, False])
async def test_no_more_companies_are_above_each_other_than_one_can_put_there(
    house: House, *, is_upward: bool
) -> None:
    rows = chain(21)  # the 21st would be below, or above, twenty others
    batch = await brought(house, *(rows if is_upward else reversed(rows)))
    assert (batch.rows, batch.rejected) == (21, 1)
    lowest = await whole(house, "n00" if is_upward else "n01")
    await changed(house, lowest, parent_id=lowest.parent_id)


async def test_what_is_known_costs_no_questions_of_its_own(house: House) -> None:
    rows = ["Sur;;;Norte;;", *(f"C{n};;;Sur;9572120{n:02};" for n in range(30))]
    await brought(house, *rows)
    again = replace(COMPANIES, id="c")
    await house.db.run(import_batches.begin, batch=again, address=None, now=at(3))
    asked: list[str] = []

    def ask(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        asked.append(statement)

    event.listen(Engine, "before_cursor_execute", ask)
    try:
        batch = await house.db.run(import_batches.take, batch_id="c", group=group(*rows), now=at(4))
    finally:
        event.remove(Engine, "before_cursor_execute", ask)
    assert counted(batch) == (31, 0, 0, 31, 0)
    assert len(asked) < len(rows)


async def test_a_table_is_taken_back_with_the_parents_that_it_made(house: House) -> None:
    await brought(house, "A;;;B;957212000;", "B;;;C;;", RUIZ)
    batch = await taken_back(house)
    assert (batch.state, batch.undone, batch.stayed) == ("undone", 4, 0)
    assert await listed(house) == []
    assert sum(isinstance(event, AccountRemoved) for event in house.heard) == 4


async def test_what_was_completed_is_as_before(house: House) -> None:
    await brought(house, RUIZ)
    before = await whole(house, "talleres")
    second = replace(COMPANIES, id="c", policy="update")
    await house.db.run(import_batches.begin, batch=second, address=None, now=at(3))
    rows = group("Ruiz SL;B14000001;socio;Sur;600123456;")
    await house.db.run(import_batches.take, batch_id="c", group=rows, now=at(4))
    await house.db.run(
        import_batches.take, batch_id="c", group=group("Ruiz SL;;;;600123457;", behind=1), now=at(5)
    )
    assert len((await whole(house, "ruiz")).phones) == 3
    await house.db.run(import_batches.finish, batch_id="c", now=at(6))
    batch = await house.db.run(import_batches.undo, batch_id="c", by="u-eva", address=None, now=at(7))
    while batch.state == "undoing":
        batch = await house.db.run(import_batches.take_back, batch_id="c", by="u-eva", now=at(8))
    assert replace(await whole(house, "talleres"), version=1) == before
    assert [one.name for one in await listed(house)] == ["Talleres Ruiz"]


async def test_who_was_changed_or_is_needed_stays(house: House) -> None:
    await brought(house, RUIZ, "Sol;;;Sur;600123456;", "Mar;;;;;", "Luna;;;;;")
    await changed(house, await whole(house, "mar"), note="new")
    await changed(house, await whole(house, "luna"), parent_id=(await whole(house, "talleres")).id)
    batch = await taken_back(house)
    assert (batch.undone, batch.stayed) == (2, 3)
    stayed = await house.db.read(import_batches.stayed_companies, batch_id="b", limit=9)
    assert {(account.name, one.stays) for one, account in stayed} == {
        ("Mar", "changed"),
        ("Luna", "changed"),
        ("Talleres Ruiz", "in_use"),
    }
