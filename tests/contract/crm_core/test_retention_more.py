"""Tasks, callbacks, people on lists, merges and imports grow too old, too; who must be kept stays."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from contract.crm_core.conftest import plan_of
from contract.crm_core.kit import NOW, REGION, House, a_call, a_contact, at
from contract.crm_core.test_import_batches import begun, run
from contract.crm_core.test_merges import merge, twins
from contract.crm_core.test_retention import LATER, YEAR, hold, let_go
from contract.crm_core.test_tasks import add
from msgspec.structs import replace

from crm_core.db import retention_more
from crm_core.domain.campaigns import Lead, LeadState
from crm_core.domain.dial_gate import Rules
from crm_core.domain.erasure import GONE
from crm_core.domain.imports import ImportStateError
from crm_core.domain.list_rows import read_list
from crm_core.domain.retention import Outlook, end_of
from crm_core.domain.tasks import Task, Wanted
from crm_core.services import callbacks, calls, campaigns, contacts, import_batches, retention, tasks


async def outlook(house: House, kind: Any) -> tuple[int, int]:
    found: Outlook = await house.db.read(retention.outlook, kind=kind, days=YEAR, now=LATER)
    return found.count, found.held


async def done(house: House, one: Task, now: datetime) -> None:
    changes = {"is_done": True}
    await house.db.run(tasks.change, task_id=one.id, version=one.version, changes=changes, by="eva", now=now)


async def on_list(house: House, campaign_id: str) -> list[Lead]:
    states: tuple[LeadState, ...] = ("done", "waiting")
    listed = [
        await house.db.read(lambda uow, state=state: uow.leads.coming(campaign_id, state, None, 9))
        for state in states
    ]
    return sorted((one for some in listed for one in some), key=lambda one: one.place)


async def two(house: House) -> None:
    """Ana, whose records must be kept, and Eva."""
    await house.add(a_contact("ana", numbers=["957212000"]))
    await house.add(a_contact("eva", "Eva", numbers=["957212001"]))
    await hold(house, "ana")


async def test_tasks_that_are_done_go_and_open_ones_stay(house: House) -> None:
    await two(house)
    for key, contact in (("t1", "ana"), ("t2", "eva"), ("t3", "eva")):
        one = await add(house, key, contact_id=contact)
        if key != "t3":
            await done(house, one, at(60))
    young = await add(house, "t4", contact_id="eva")
    await done(house, young, LATER - timedelta(days=YEAR - 1))
    assert await outlook(house, "tasks") == (1, 1)
    assert ((rule := await let_go(house, "tasks")).gone, rule.held) == (1, 1)
    left = [await house.db.read(lambda uow, key=key: uow.tasks.get(key)) for key in ("t1", "t2", "t3", "t4")]
    assert [one.id if one else None for one in left] == ["t1", None, "t3", "t4"]
    assert [one.task.id for one in await house.db.read(tasks.find, wanted=Wanted(), limit=9)] == ["t3"]


async def test_a_hold_keeps_tasks_of_calls_whose_customer_was_found_later(house: House) -> None:
    await two(house)
    await house.add(a_contact("ada", "Ada", numbers=["957212000"]))  # the number is two people's
    which = {"t1": a_call(0, customer="+34957212009"), "t2": a_call(60), "t3": a_call(120, customer=None)}
    await house.record(*which.values())
    for key, call in which.items():
        made = await add(house, key, call_id=call.id)
        assert made.contact_id is None
        await done(house, made, at(199))
    chosen = {"call_id": which["t1"].id, "contact_id": "ana", "number": None, "now": at(200)}
    await house.db.run(calls.choose_contact, **chosen)
    assert await outlook(house, "tasks") == (1, 2)
    assert ((rule := await let_go(house, "tasks")).gone, rule.held) == (1, 2)
    left = [await house.db.read(lambda uow, key=key: uow.tasks.get(key)) for key in which]
    assert [one.id if one else None for one in left] == ["t1", "t2", None]


async def test_a_hold_keeps_tasks_of_incidents_whose_customer_was_found_later(house: House) -> None:
    await two(house)
    case = await house.incident(contact_id=None)
    made = await add(house, "t1", incident_id=case.id)
    assert made.contact_id is None
    await done(house, made, at(60))
    await house.db.run(lambda uow: uow.incidents.change(replace(case, contact_id="ana")))
    assert await outlook(house, "tasks") == (0, 1)
    assert ((rule := await let_go(house, "tasks")).gone, rule.held) == (0, 1)


async def test_settled_callbacks_forget_whom(house: House) -> None:
    await two(house)
    asked: dict[str, Any] = {"call_id": None, "did": None, "due_at": at(900), "now": at(0)}
    wishes = [
        await house.db.run(callbacks.ask, number=f"+34957{end}", **asked)
        for end in ("212000", "212001", "212002", "212003")
    ]
    for one in wishes[:3]:
        await house.db.run(lambda uow, one=one: uow.callbacks.change(replace(one, done_at=at(999))))
    assert await outlook(house, "callbacks") == (2, 1)
    assert ((rule := await let_go(house, "callbacks")).gone, rule.held) == (2, 1)
    left = [await house.db.read(lambda uow, one=one: uow.callbacks.get(one.id)) for one in wishes]
    assert [(one.number, one.contact_id) for one in left] == [
        ("+34957212000", "ana"),
        (GONE, None),
        (GONE, None),
        ("+34957212003", None),
    ]
    assert left[1].done_at == at(999)
    assert (await let_go(house, "callbacks")).gone == 0


async def test_people_on_lists_who_are_through_are_forgotten_and_figures_stay(house: House) -> None:
    await two(house)
    one = await house.db.run(campaigns.create, name="Autumn", region=REGION, rules=Rules(), by="eva", now=NOW)
    rows = b"name;phone;phone 2\nAna;957212009;957212000\nEva;957212001;\nTom;957212002;\n"
    listed = read_list(rows, region=REGION)
    await house.db.run(campaigns.load, campaign_id=one.id, found=listed, by="eva", now=NOW)
    leads = await on_list(house, one.id)
    for lead in leads[:2]:
        await house.db.run(lambda uow, lead=lead: uow.leads.change(replace(lead, state="done")))
    before = await house.db.read(campaigns.figures, campaign_id=one.id)
    assert await outlook(house, "leads") == (1, 1)
    assert ((rule := await let_go(house, "leads")).gone, rule.held) == (1, 1)
    left = await on_list(house, one.id)
    assert [lead.name for lead in left] == ["Ana", GONE, "Tom"]
    assert left[1].numbers == ()
    assert await house.db.read(campaigns.figures, campaign_id=one.id) == before
    again = await house.db.run(campaigns.load, campaign_id=one.id, found=listed, by="eva", now=LATER)
    assert again.leads == 1, "Eva alone is nobody whom the list held before"


@pytest.mark.parametrize(
    ("kind", "index", "asks"),
    [
        ("tasks", "ix_task_done_at", "(is_open=? AND done_at>? AND done_at<?)"),
        ("merges", "ix_merge_at", "(at>? AND at<?)"),
    ],
)
async def test_an_index_of_times_leads_to_what_is_old(
    sqlite: House, asked: list[str], empty_database: Path, kind: str, index: str, asks: str
) -> None:
    asked.clear()
    wanted: dict[str, Any] = {"kind": kind, "before": LATER, "behind": (NOW, "x"), "limit": 9}
    await sqlite.db.read(retention.older, **wanted)
    steps = [step for one in asked for step in plan_of(one, empty_database)]
    assert any(f"USING INDEX {index} {asks}" in step for step in steps), steps
    assert not any("TEMP B-TREE" in step for step in steps)


@pytest.mark.parametrize("is_held", [True, False])
async def test_of_merges_it_is_forgotten_who_was_who(house: House, is_held: bool) -> None:
    await twins(house)
    done = await merge(house)
    if is_held:
        await hold(house, "ana")
    assert await outlook(house, "merges") == ((0, 1) if is_held else (1, 0))
    assert (await let_go(house, "merges")).gone == (0 if is_held else 1)
    kept = await house.db.read(lambda uow: (uow.merges.get(done.id), uow.merges.journal(done.id)))
    assert (kept[0].names == ("", ""), kept[1] is None) == (not is_held, not is_held)
    assert kept[0].into_id == "ana"


async def test_a_hold_keeps_merges_of_whom_somebody_became_a_part_later(house: House) -> None:
    await twins(house)
    for key in ("ina", "leo"):
        await house.add(a_contact(key, key.title()), now=at(2))
    one = await merge(house)
    for stays, goes in (("ina", "ana"), ("leo", "ina")):
        versions = {key: (await house.db.read(contacts.get, contact_id=key)).version for key in (stays, goes)}
        await merge(house, stays, goes, stays_version=versions[stays], goes_version=versions[goes])
    await hold(house, "leo")
    assert await outlook(house, "merges") == (0, 3)
    assert ((rule := await let_go(house, "merges")).gone, rule.held) == (0, 3)
    assert await house.db.read(lambda uow: uow.merges.journal(one.id)) is not None


async def test_of_imports_what_files_held_goes_and_counts_stay(house: House) -> None:
    batch = await begun(house, "Ana;Ruiz;;957212000;", "Luis;Peña;;600123456;", "Eva;Gil;;12;")
    await run(house, import_batches.finish, now=at(2))
    (ana, _) = await house.db.read(contacts.find, q="", limit=9, region=REGION)
    await hold(house, ana.id)
    assert (batch.added, batch.rejected) == (2, 1)
    assert (await let_go(house, "imports", limit=1)).gone == 1
    left = await house.db.read(import_batches.get, batch_id="b")
    assert (left.name, left.added, left.rejected, left.state) == (GONE, 2, 1, "done")
    (fault,) = await house.db.read(import_batches.rejected, batch_id="b", limit=9)
    assert (fault.fault, fault.text) == ("bad_number", "")
    noted = await house.db.read(lambda uow: uow.imports.noted("b", 9))
    assert [one.contact_id for one in noted] == [ana.id]
    with pytest.raises(ImportStateError):
        await run(house, import_batches.undo, by="eva", address=None, now=LATER)
    assert (await let_go(house, "imports", limit=1)).gone == 0
    assert len(await house.db.read(contacts.find, q="", limit=9, region=REGION)) == 2


async def test_a_large_import_goes_a_part_at_a_time_and_cannot_be_taken_back_meanwhile(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention_more, "PART", 2)
    people = [f"Ana{n};Ruiz;;95721200{n};" for n in range(5)]
    await begun(house, *people, *(f"Eva{n};Gil;;12;" for n in range(3)))
    await run(house, import_batches.finish, now=at(2))
    told = []
    before = end_of(YEAR, now=LATER)
    asked: dict[str, Any] = {"kind": "imports", "before": before, "behind": None, "limit": 1}
    while found := await house.db.read(retention.older, **asked):
        going = {"kind": "imports", "version": 0, "found": found, "now": LATER}
        done = await house.db.run(retention.let_go, **going)
        left = await house.db.read(lambda uow: uow.imports.noted("b", 9))
        told.append((len(left), done.gone, done.goes_on))
        with pytest.raises(ImportStateError):
            await run(house, import_batches.undo, by="eva", address=None, now=LATER)
    assert told == [(3, 0, True), (1, 0, True), (0, 1, False)]
    faults = await house.db.read(import_batches.rejected, batch_id="b", limit=9)
    assert [one.text for one in faults] == ["", "", ""]
    assert (await let_go(house, "imports")).gone == 1, "counted when it was through, once"


async def test_an_import_that_goes_on_is_let_alone(house: House) -> None:
    await begun(house, "Eva;Gil;;12;")
    assert await outlook(house, "imports") == (0, 0)
