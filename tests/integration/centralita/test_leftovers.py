"""Spools that other processes left, or still hold: what waits in them comes in without another start."""

from __future__ import annotations

from pathlib import Path

import pytest
from contract.crm_core.kit import a_call
from integration.centralita.service_kit import ended
from integration.centralita.test_app import house
from lab.desk import until

from ami_bridge.domain.events import CallEnded
from ami_bridge.spool.file import SpoolFile
from crm_core.domain.batches import Batch
from crm_core.domain.calls import Call
from crm_core.domain.events import stored
from crm_core.services import calls

ROOM = 1 << 20


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("centralita.leftovers.EACH_S", 0.05)


def spool_of_another(path: Path, *waiting: Call) -> SpoolFile:
    """Return a spool that another process holds, in which calls wait."""
    spool = SpoolFile(path, size=ROOM)
    for call in waiting:
        event = CallEnded(
            pbx=call.pbx,
            at=call.started_at,
            call=call.id,
            linkedid=call.linkedid,
            version=call.version,
            outcome="answered",
            hung_up_by=None,
            record=call,
        )
        spool.append(Batch(calls=[call], events=[stored(event)]))
    return spool


async def test_what_was_left_comes_in_at_the_start_whichever_spool_it_is_in(tmp_path: Path) -> None:
    """As after a take-over: the first was held by who stood still, the second ours, and we were killed."""
    left, second = [a_call(n, customer=None) for n in range(2)], tmp_path / "centralita.sqlite3.spool2"
    spool_of_another(second, *left).close()
    async with house(tmp_path) as (_here, service, _exchange):
        await until(lambda: not second.exists())
        kept = await service.db.read(calls.history, limit=50)
        assert {call.id for call in kept} == {call.id for call in left}
    assert set(ended(tmp_path).values()) == {1}


async def test_what_is_held_comes_in_when_its_holder_lets_go(tmp_path: Path) -> None:
    first, waiting = tmp_path / "centralita.sqlite3.spool", a_call(1, customer=None)
    spool = spool_of_another(first, waiting)
    async with house(tmp_path) as (_here, service, _exchange):
        assert service.health()["spools"].is_well
        assert await service.db.read(calls.history, limit=50) == []
        spool.close()
        await until(lambda: not first.exists())
        (kept,) = await service.db.read(calls.history, limit=50)
        assert kept.id == waiting.id
    assert list(ended(tmp_path).values()) == [1]
