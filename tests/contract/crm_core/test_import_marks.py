"""That somebody must not be called is taken from a table, whatever else is done with who is known."""

from __future__ import annotations

import pytest
from contract.crm_core.kit import REGION, House, at
from contract.crm_core.test_import_companies import COMPANIES, whole
from msgspec.structs import replace

from crm_core.domain.account_rows import AccountRow, read_account_row
from crm_core.domain.accounts import WholeAccount
from crm_core.domain.contact_rows import read_row
from crm_core.domain.contacts import Contact
from crm_core.domain.imports import ImportBatch, Policy, ReadGroup, ReadLine
from crm_core.services import contacts, import_batches, imports

HEADINGS = ("name", "work", "do_not_call", "primary", "note")
NUMBER, OTHER = "+34957212000", "+34600123456"


async def companies(house: House, batch_id: str, cells: tuple[str, ...], policy: Policy) -> ImportBatch:
    return await taken(house, batch_id, read_account_row(HEADINGS, cells, region=REGION), policy)


async def taken(house: House, batch_id: str, row: AccountRow | None, policy: Policy) -> ImportBatch:
    batch = replace(COMPANIES, id=batch_id, policy=policy)
    await house.db.run(import_batches.begin, batch=batch, address=None, now=at(0))
    lines = (ReadLine(line=2, row=row),)
    group = ReadGroup(rows=1, read_bytes=1, lines=lines)
    await house.db.run(import_batches.take, batch_id=batch_id, group=group, now=at(1))
    done: ImportBatch = await house.db.run(import_batches.finish, batch_id=batch_id, now=at(2))
    return done


def said(one: WholeAccount | Contact) -> set[tuple[str | None, bool, bool]]:
    return {(phone.e164, phone.do_not_call, phone.is_primary) for phone in one.phones}


@pytest.mark.parametrize("policy", ["complete", "update", "skip"])
async def test_a_company_s_number_is_marked_though_it_is_known(house: House, policy: Policy) -> None:
    await companies(house, "b", ("Sol", f"{NUMBER} | {OTHER}", "", NUMBER, ""), "complete")
    before = await whole(house, "sol")
    told = await companies(house, "c", ("Sol", NUMBER, NUMBER, OTHER, ""), policy)
    assert (told.completed, told.known) == (1, 0)
    after = await whole(house, "sol")
    assert said(after) == {(NUMBER, True, True), (OTHER, False, False)}
    assert replace(after, phones=before.phones, version=before.version) == before
    again = await companies(house, "d", ("Sol", NUMBER, "yes", "", ""), policy)
    assert (again.completed, again.known) == (0, 1)
    batch = await house.db.run(import_batches.undo, batch_id="c", by="u-eva", address=None, now=at(7))
    while batch.state == "undoing":
        batch = await house.db.run(import_batches.take_back, batch_id="c", by="u-eva", now=at(8))
    assert said(await whole(house, "sol")) == said(before)


async def test_a_new_number_comes_marked_beside_those_that_are_known(house: House) -> None:
    await companies(house, "b", ("Sol", NUMBER, "", NUMBER, ""), "complete")
    await companies(house, "c", ("Sol", "", OTHER, OTHER, ""), "complete")
    assert said(await whole(house, "sol")) == {(NUMBER, False, True), (OTHER, True, False)}


async def test_companies_that_stay_as_they_are_take_nothing_else(house: House) -> None:
    await companies(house, "b", ("Sol", NUMBER, "", "", ""), "complete")
    told = await companies(house, "c", ("Sol", OTHER, f"{NUMBER} | {OTHER}", NUMBER, "new"), "skip")
    assert told.completed == 1
    sol = await whole(house, "sol")
    assert (said(sol), sol.note) == ({(NUMBER, True, False)}, None)


async def test_who_stays_as_he_is_is_not_called_any_more(house: House) -> None:
    async def bring_in(*cells: str, policy: Policy = "complete") -> list[str]:
        row = read_row(HEADINGS, cells, region=REGION)
        assert row is not None
        found = await house.db.run(imports.bring_in, rows=[row], policy=policy, by="cli", now=at(0))
        return list(found.verdicts)

    await bring_in("Ana", NUMBER, "", "", "")
    asked = ("Ana", f"{NUMBER} | {OTHER}", "yes", NUMBER, "new")
    assert await bring_in(*asked, policy="skip") == ["completed"]
    assert await bring_in(*asked, policy="skip") == ["known"]
    (ana,) = await house.db.read(contacts.find, q="", limit=9, region=REGION)
    assert (said(ana), ana.note) == ({(NUMBER, True, False)}, None)


async def test_tags_are_added_up_to_as_many_as_a_form_takes(house: House) -> None:
    columns = ("name", "work", "tags")

    async def bring_in(tags: str) -> list[str]:
        row = read_row(columns, ("Ana", NUMBER, tags), region=REGION)
        assert row is not None
        found = await house.db.run(imports.bring_in, rows=[row], policy="complete", by="cli", now=at(0))
        return list(found.verdicts)

    async def bring_company_in(batch_id: str, tags: str) -> ImportBatch:
        row = read_account_row(columns, ("Sol", NUMBER, tags), region=REGION)
        return await taken(house, batch_id, row, "complete")

    many = ";".join(f"t{n}" for n in range(19))
    assert await bring_in(many) == ["added"]
    assert await bring_in("T0;uno") == ["completed"]
    assert await bring_in("T0;uno") == ["known"]
    assert await bring_in("dos") == ["too_many_tags"]
    assert (await bring_company_in("b", many)).added == 1
    assert (await bring_company_in("c", "uno")).completed == 1
    assert (await bring_company_in("d", "dos")).rejected == 1
    (why,) = await house.db.read(import_batches.rejected, batch_id="d", limit=9)
    assert (why.line, why.fault, why.text) == (2, "too_many_tags", "Sol")
    assert len((await whole(house, "sol")).tags) == 20
