"""Connecting an exchange by the page's REST: tried step by step, kept for the next start."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from lab.desk import Desk
from lab.service import House

from centralita.app import running
from centralita.settings import Settings, SettingsError, load
from crm_core.services import audit
from pbxsim.config import Config, Phone, Queue, User
from pbxsim.server import Simulator

SECRET = "s3cr3t"
CONFIG = Config(
    users=(User(name="centralita", secret=SECRET),),
    phones=(Phone(extension="101"),),
    queues=(Queue(name="sales", members=("101",)),),
)


def settings(folder: Path, **more: str) -> Settings:
    """Return settings that name no exchange unless *more* does."""
    named = {"DATABASE__URL": f"sqlite:///{folder}/centralita.sqlite3", "HTTP__PORT": "0"}
    named |= {"HTTP__WS_PORT": "0", "AGI__ENABLED": "false"} | more
    return load(None, environment={f"CENTRALITA_{name}": value for name, value in named.items()})


@asynccontextmanager
async def desk(folder: Path, role: str = "administrator", **more: str) -> AsyncIterator[tuple[Desk, House]]:
    async with running(settings(folder, **more)) as service:
        house = House(service.db, service.http_port)
        async with house.desk("bea", None, "floor", role=role) as bea:
            yield bea, house


def asked(port: int, **more: Any) -> dict[str, Any]:
    return {"host": "127.0.0.1", "port": port, "user": "centralita", "secret": SECRET} | more


async def keep(bea: Desk, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    headers = {"X-CSRF-Token": bea.csrf, "Origin": bea.origin}
    async with bea.http.put(f"{bea.origin}/api/v1/exchange", json=body, headers=headers) as answer:
        return answer.status, await answer.json()


async def test_a_test_tells_each_step_in_the_readers_language_and_is_audited(tmp_path: Path) -> None:
    async with Simulator(CONFIG) as exchange, desk(tmp_path) as (bea, house):
        tried = await bea.post("/exchange/test", asked(exchange.port), status=200)
        told = await house.db.read(audit.last, limit=1)
    said = [step["what"] for step in tried["steps"]]
    assert tried["ok"], tried
    assert said[:2] == [
        "La dirección se conoce: 127.0.0.1.",
        f"Hay quien escucha en 127.0.0.1:{exchange.port}.",
    ]
    assert said[2].startswith("Sesión abierta")
    assert "1 cola: sales" in said
    assert told[0].what == f"exchange tested: centralita@127.0.0.1:{exchange.port}"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


async def test_what_is_wrong_is_told_with_what_to_change(tmp_path: Path) -> None:
    async with Simulator(CONFIG) as exchange, desk(tmp_path) as (bea, _):
        nowhere = await bea.post("/exchange/test", asked(5038, host="nowhere.invalid"), status=200)
        nobody = await bea.post("/exchange/test", asked(free_port()), status=200)
        wrong = await bea.post("/exchange/test", asked(exchange.port, secret="wrong"), status=200)
    last = [tried["steps"][-1] for tried in (nowhere, nobody, wrong)]
    assert [
        (step["level"], tried["ok"]) for step, tried in zip(last, (nowhere, nobody, wrong), strict=True)
    ] == [("bad", False)] * 3
    assert last[0]["what"] == "Ninguna máquina se llama nowhere.invalid."
    assert "manager.conf: [general] enabled = yes" in last[1]["change"]
    assert "manager.conf: [centralita] secret, permit" in last[2]["change"]


async def test_what_is_kept_counts_from_the_next_start_and_its_secret_goes_nowhere_else(
    tmp_path: Path,
) -> None:
    async with Simulator(CONFIG) as exchange, desk(tmp_path) as (bea, _):
        status, kept = await keep(bea, asked(exchange.port, mode="observe"))
        assert (status, kept["has_secret"], kept["mode"], kept["is_fixed"]) == (200, True, "observe", False)
        assert SECRET not in str(kept) + str(await bea.get("/exchange"))
        same = await bea.post("/exchange/test", asked(exchange.port) | {"secret": None}, status=200)
        other = await bea.post(
            "/exchange/test", asked(exchange.port, user="x") | {"secret": None}, status=200
        )
    assert (same["ok"], other["ok"]) == (True, False)
    file = tmp_path / "exchange.json"
    assert file.stat().st_mode & 0o777 == 0o600
    pbx = settings(tmp_path).pbx["main"]
    assert (pbx.port, pbx.secret, pbx.mode) == (exchange.port, SECRET, "observe")


async def test_an_exchange_of_the_settings_file_is_changed_there(tmp_path: Path) -> None:
    (tmp_path / "exchange.json").write_text('{"host": "192.0.2.1"}')
    async with desk(tmp_path, PBX__MAIN__HOST="127.0.0.2", PBX__MAIN__PORT="9") as (bea, _):
        assert (await bea.get("/exchange"))["is_fixed"]
        assert (await bea.get("/exchange"))["host"] == "127.0.0.2"
        status, problem = await keep(bea, asked(5038))
    assert (status, problem["code"]) == (409, "fixed_by_settings")


async def test_a_supervisor_connects_nothing(tmp_path: Path) -> None:
    async with desk(tmp_path, role="supervisor") as (eva, _):
        await eva.post("/exchange/test", asked(5038), status=403)
        assert (await keep(eva, asked(5038)))[0] == 403
        async with eva.http.get(f"{eva.origin}/connect") as answer:
            assert answer.status == 403


@pytest.mark.parametrize("text", ["{", "[]", '{"host": 1}', '{"password": "x"}', "\udcff"])
def test_a_file_that_holds_no_exchange_is_told_at_the_start(tmp_path: Path, text: str) -> None:
    (tmp_path / "exchange.json").write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(SettingsError, match=r"exchange\.json"):
        settings(tmp_path)
