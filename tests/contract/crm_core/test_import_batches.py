"""Tables brought in as batches: counted, gone on with, called off, taken back."""

from __future__ import annotations

from typing import Any

import pytest
from contract.crm_core.kit import REGION, House, a_call, at
from msgspec.structs import replace

from crm_core.domain.contact_columns import columns_of
from crm_core.domain.contact_rows import read_row
from crm_core.domain.contacts import Contact
from crm_core.domain.errors import NotFoundError
from crm_core.domain.events import ContactRemoved
from crm_core.domain.imports import ImportBatch, ImportStateError, ReadGroup, ReadLine, RejectedRow
from crm_core.domain.rows import RowError
from crm_core.services import accounts, contacts, import_batches

COLUMNS = columns_of(["nombre", "apellidos", "empresa", "teléfono", "correo"])
BATCH = ImportBatch(
    id="b",
    name="table.csv",
    signature="s",
    digest="d",
    columns=COLUMNS,
    region=REGION,
    policy="complete",
    is_trial=False,
    state="new",
    by="u-eva",
    begun_at=at(0),
    bytes=100,
)
ANA, LUIS = "Ana;Ruiz;Talleres Ruiz;957212000;ana@example.org", "Luis;Peña;Otra;600123456;"
BAD = "Eva;Gil;;12;"


def group(*lines: str, behind: int = 0) -> ReadGroup:
    read = []
    for n, line in enumerate(lines, behind + 2):
        try:
            read.append(ReadLine(line=n, row=read_row(COLUMNS, line.split(";"), region=REGION)))
        except RowError as error:
            read.append(ReadLine(line=n, fault=error.fault, text=error.text))
    return ReadGroup(rows=behind + len(lines), read_bytes=behind + len(lines), lines=tuple(read))


async def run(house: House, fn: Any, **kw: Any) -> Any:
    return await house.db.run(fn, batch_id="b", **kw)


async def begun(house: House, *lines: str, is_trial: bool = False) -> ImportBatch:
    batch = replace(BATCH, is_trial=is_trial)
    await house.db.run(import_batches.begin, batch=batch, address=None, now=at(0))
    taken: ImportBatch = await run(house, import_batches.take, group=group(*lines), now=at(1))
    return taken


async def everybody(house: House) -> list[Contact]:
    listed: list[Contact] = await house.db.read(contacts.find, q="", limit=50, region=REGION)
    return listed


async def taken_back(house: House) -> ImportBatch:
    batch: ImportBatch = await run(house, import_batches.undo, by="u-eva", address=None, now=at(100))
    while batch.state == "undoing":
        batch = await run(house, import_batches.take_back, by="u-eva", now=at(101))
    return batch


def counted(batch: ImportBatch) -> tuple[int, ...]:
    return batch.rows, batch.added, batch.completed, batch.known, batch.rejected


async def test_rows_are_counted_in_the_transaction_that_keeps_them(house: House) -> None:
    assert counted(await begun(house, ANA, BAD, LUIS)) == (3, 2, 0, 0, 1)
    batch = await run(house, import_batches.take, group=group(ANA, behind=3), now=at(2))
    assert counted(batch) == (4, 2, 0, 1, 1)
    assert (await run(house, import_batches.finish, now=at(3))).state == "done"
    rejected = await house.db.read(import_batches.rejected, batch_id="b", limit=10)
    assert rejected == [RejectedRow(line=3, fault="bad_number", text="12")]


async def test_the_same_rows_twice_change_nothing(house: House) -> None:
    before = await begun(house, ANA, BAD)
    assert await run(house, import_batches.take, group=group(ANA, BAD), now=at(2)) == before


async def test_a_trial_tells_the_same_and_keeps_nobody(house: House) -> None:
    again = "ANA;ruiz;;957212000;"
    batch = await begun(house, ANA, BAD, LUIS, again, is_trial=True)
    assert counted(batch) == (4, 2, 0, 1, 1)
    seen = {mark for one in group(ANA).lines if one.row for mark in import_batches.marks(one.row)}
    more = "Ana;Ruiz;;957212000|600123499;"
    batch = await run(house, import_batches.take, group=group(again, more, behind=4), seen=seen, now=at(2))
    assert counted(batch) == (6, 2, 1, 2, 1)
    assert await everybody(house) == []
    assert await house.db.read(accounts.find, q="", limit=10) == []
    await run(house, import_batches.finish, now=at(3))
    begun_now = await house.db.run(
        import_batches.begin, batch=replace(batch, is_trial=False), address=None, now=at(4)
    )
    assert counted(begun_now) == (0, 0, 0, 0, 0)


async def test_who_calls_it_off_stops_it_and_it_goes_on_where_it_was(house: House) -> None:
    await begun(house, ANA)
    assert (await run(house, import_batches.cancel, now=at(2))).state == "cancelled"
    with pytest.raises(ImportStateError):
        await run(house, import_batches.take, group=group(LUIS, behind=1), now=at(3))
    assert [one.name for one in await everybody(house)] == ["Ana Ruiz"]
    assert (await house.db.read(import_batches.unfinished, digest="d")).id == "b"
    await run(house, import_batches.go_on)
    batch = await run(house, import_batches.take, group=group(LUIS, behind=1), now=at(4))
    assert (batch.rows, batch.added) == (2, 2)


async def test_it_is_taken_back_whole(house: House) -> None:
    call = a_call(-60)
    await house.record(call)
    await begun(house, ANA, LUIS)
    await run(house, import_batches.finish, now=at(2))
    assert (await house.call(call.id)).contact_id is not None
    batch = await taken_back(house)
    assert (batch.state, batch.undone, batch.stayed) == ("undone", 2, 0)
    assert await everybody(house) == []
    assert await house.db.read(accounts.find, q="", limit=10) == []
    assert await house.found("ruiz") == []
    assert (await house.call(call.id)).contact_id is None
    assert sum(isinstance(event, ContactRemoved) for event in house.heard) == 2


async def test_who_was_changed_since_or_is_in_use_stays(house: House) -> None:
    await begun(house, ANA, LUIS, "Eva;Gil;Talleres Ruiz;600123457;", "Tom;Gil;;600123458;")
    await run(house, import_batches.finish, now=at(2))
    by_name = {one.given: one for one in await everybody(house)}
    await house.db.run(
        contacts.change, contact_id=by_name["Ana"].id, version=1, changes={"note": "x"}, by=None, now=at(3)
    )
    await house.incident(contact_id=by_name["Luis"].id)
    call = a_call(50, customer="+34600123458")
    await house.record(replace(call, contact_id=by_name["Tom"].id))
    batch = await taken_back(house)
    assert (batch.undone, batch.stayed) == (1, 3)
    staying = await house.db.read(import_batches.stayed, batch_id="b", limit=10)
    assert {contact.given: one.stays for one, contact in staying} == {
        "Ana": "changed",
        "Luis": "in_use",
        "Tom": "in_use",
    }
    names = [one.name for one in await house.db.read(accounts.find, q="", limit=10)]
    assert names == ["Otra", "Talleres Ruiz"]


async def test_who_was_completed_is_as_before(house: House) -> None:
    await house.db.run(import_batches.begin, batch=replace(BATCH, id="a"), address=None, now=at(0))
    await house.db.run(import_batches.take, batch_id="a", group=group("Ana;Ruiz;;957212000;"), now=at(1))
    await begun(house, "Ana;Ruiz;Talleres;957212000;", "Ana;Ruiz;;957212000|600123456;")
    await run(house, import_batches.finish, now=at(2))
    (ana,) = await everybody(house)
    assert (ana.company, len(ana.phones)) == ("Talleres", 2)
    batch = await taken_back(house)
    assert (batch.undone, batch.stayed) == (1, 0)
    (ana,) = await everybody(house)
    assert (ana.company, [one.e164 for one in ana.phones]) == (None, ["+34957212000"])


@pytest.mark.parametrize(
    ("fn", "kw"),
    [
        (import_batches.cancel, {"now": at(9)}),
        (import_batches.go_on, {}),
        (import_batches.take_back, {"by": "x", "now": at(9)}),
        (import_batches.finish, {"now": at(9)}),
    ],
)
async def test_what_cannot_be_done_now_says_so(house: House, fn: Any, kw: dict[str, Any]) -> None:
    with pytest.raises(NotFoundError):
        await run(house, fn, **kw)
    await begun(house, ANA)
    await run(house, import_batches.finish, now=at(2))
    with pytest.raises(ImportStateError):
        await run(house, fn, **kw)
    with pytest.raises(ImportStateError):
        await house.db.run(import_batches.begin, batch=BATCH, address=None, now=at(3))


async def test_a_trial_is_not_taken_back(house: House) -> None:
    await begun(house, ANA, is_trial=True)
    await run(house, import_batches.finish, now=at(2))
    with pytest.raises(ImportStateError):
        await run(house, import_batches.undo, by="x", address=None, now=at(3))


async def test_of_who_is_erased_the_batch_says_nothing_any_more(house: House) -> None:
    await begun(house, "Ana;Ruiz;;957212000;", BAD)
    await run(house, import_batches.take, group=group("Ana;Ruiz;Talleres;957212000;", behind=2), now=at(2))
    (ana,) = await everybody(house)
    await house.db.run(lambda uow: uow.privacy.forget(ana.id, ["+34957212000"]))
    assert await house.db.read(lambda uow: uow.imports.noted("b", 10)) == []
    rejected = await house.db.read(import_batches.rejected, batch_id="b", limit=10)
    assert rejected == [RejectedRow(line=3, fault="bad_number")]
    await house.db.run(lambda uow: uow.privacy.suppress(["+34957212000"], at(3)))
    batch = await run(house, import_batches.take, group=group(ANA, behind=3), now=at(4))
    assert (batch.added, batch.rejected) == (1, 2)
    (_, again) = await house.db.read(import_batches.rejected, batch_id="b", limit=10)
    assert again == RejectedRow(line=5, fault="erased")
    assert await everybody(house) == []
