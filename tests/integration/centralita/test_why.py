"""Why a call was told so: by the page while it rings and afterwards, and by the command line."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from integration.centralita.test_app import E164, NUMBER, SEAT, called, ended, house
from lab.desk import Desk, until

from centralita.clock import utc_now
from centralita.keeping import Keeping
from centralita.settings import Settings
from centralita.why import NoSuchCallError, why_call
from crm_core.services import calls, events


async def page(desk: Desk, call: str, *, status: int = 200) -> str:
    async with desk.http.get(f"{desk.origin}/calls/{call}/why") as answer:
        assert answer.status == status
        return await answer.text()


async def told(capsys: pytest.CaptureFixture[str], settings: Settings, call: str) -> dict[str, Any]:
    capsys.readouterr()
    await asyncio.to_thread(why_call, settings, call, as_json=True)
    return json.loads(capsys.readouterr().out)


async def test_a_call_can_be_asked_why_while_it_rings_and_when_it_is_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with house(tmp_path) as (here, service, exchange), here.signed_in("ana") as ana:
        await here.add_agent("eva", None, role="supervisor")
        maria = await here.add_contact("María", NUMBER)
        async with here.signed_in("eva", "floor") as eva:
            called(exchange)
            pop = await ana.pop(E164, of=maria)
            call = pop.message["call"]
            live = await page(eva, call["id"])
            assert "su ficha llegó a ana en 127.0.0.1:" in live
            await ended(ana)
            await until(lambda: service.recorder.health.stored)
            after = await page(eva, f"main:{call['linkedid']}")
            for said in (
                "María",
                "su propio número",
                "Suena un teléfono",
                "La llamada ha terminado",
                "Newchannel",
            ):
                assert said in after
            await page(ana, call["id"], status=403)
            await page(eva, "01a20e49-23a0-754c-b115-c3c47bd1bfe0", status=404)

    settings = Settings.model_validate(
        {"database": {"url": f"sqlite:///{tmp_path}/centralita.sqlite3"}, "pbx": {"main": {}}}
    )
    whole = await told(capsys, settings, call["id"])
    assert await told(capsys, settings, f"main:{call['linkedid']}") == whole
    (offered,) = whole["offered"]
    assert (offered["interface"], offered["agent"], offered["queue"]) == (SEAT.interface, "101", "sales")
    (card,) = {each["socket"]: each for each in offered["reached"]}.values()
    assert card["user"] == "ana"
    assert card["at"] >= offered["at"]
    assert [(one["contact_id"], one["kind"]) for one in whole["match"]["candidates"]] == [(maria, "exact")]
    assert whole["contact_id"] == maria
    whats = [step["what"] for step in whole["steps"]]
    in_order = [
        "Newchannel",
        "call.started",
        "call.queued",
        "call.offered",
        "pop",
        "call.answered",
        "call.ended",
    ]
    assert [what for what in dict.fromkeys(whats) if what in in_order] == in_order
    assert whats[0] == "Newchannel"
    assert whole["left_out"] == 0

    monkeypatch.setenv("LANGUAGE", "es")
    await asyncio.to_thread(why_call, settings, call["id"], as_json=False)
    printed = capsys.readouterr().out
    assert "su ficha llegó a ana en 127.0.0.1:" in printed
    with pytest.raises(NoSuchCallError):
        await asyncio.to_thread(why_call, settings, "main:1.0", as_json=False)


async def test_what_is_older_than_it_is_kept_goes_with_its_steps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("centralita.keeping.AT_ONCE", 3)
    monkeypatch.setattr("centralita.keeping.PAUSE_S", 0.0)
    async with house(tmp_path) as (here, service, exchange), here.signed_in("ana") as ana:
        called(exchange)
        await ended(ana)
        await until(lambda: service.recorder.health.stored)
        (call,) = await service.db.read(calls.history, limit=9)
        young = Keeping(service.db, keep=timedelta(days=30), now=utc_now)
        assert await young.thin() == 0
        assert await service.db.read(calls.why_told, call=call)
        old = Keeping(service.db, keep=timedelta(days=30), now=lambda: utc_now() + timedelta(days=31))
        assert await old.thin() > 8
        assert await service.db.read(calls.why_told, call=call) == []
        assert await service.db.read(events.after, pos=0, limit=9) == []
        assert await service.db.read(calls.history, limit=9) == [call]
