"""``centralita demo``: a simulated exchange, made-up customers, a running floor of calls.

Everything lies in one folder and stays there: a second start finds the customers, their calls and whoever was
added. The exchange lives in this process and knows nothing of yesterday.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import typer

from centralita import logs
from centralita.app import Service, running
from centralita.clock import utc_now
from centralita.demo_floor import DemoFloor
from centralita.demo_lines import name_lines
from centralita.demo_list import load_list
from centralita.demo_records import PASSWORD, SIGN_INS, fill
from centralita.process import run, settle, told_to_stop
from centralita.settings import Settings
from centralita.store import open_database
from centralita.words import words
from pbxsim.server import Simulator
from screenpop.passwords import hash_password

SECRET = "of-the-demo"  # noqa: S105 - of an exchange that only this process can reach


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """What was asked for on the command line."""

    folder: Path
    port: int
    calls_per_minute: float
    seed: int


def demo(*, folder: Path, port: int, calls_per_minute: float, seed: int) -> None:
    """Run the demo until it is told to stop.

    Raises:
        UnusableError: it cannot start; the text says why.
    """
    logs.set_up("warning")
    run(_demo(Demo(folder=folder, port=port, calls_per_minute=calls_per_minute, seed=seed)))


async def _demo(wanted: Demo) -> None:
    stopping = told_to_stop()
    wanted.folder.mkdir(parents=True, exist_ok=True)
    floor = DemoFloor(seed=wanted.seed, secret=SECRET, calls_per_minute=wanted.calls_per_minute)
    async with Simulator(floor.config) as exchange:
        settings = settings_of(wanted, exchange.port)
        await _fill(settings, seed=wanted.seed)
        async with running(settings) as service:
            await _play(service, exchange, floor, stopping)


async def _fill(settings: Settings, *, seed: int) -> None:
    db = await open_database(settings.database.url)
    try:
        hashed, language = hash_password(PASSWORD), words().language
        teams = await db.run(fill, seed=seed, language=language, password_hash=hashed, now=utc_now())
        if teams is not None:
            await db.run(name_lines, teams=teams, now=utc_now())
            await db.run(load_list, seed=seed, now=utc_now())
    finally:
        await db.close()


async def _play(service: Service, exchange: Simulator, floor: DemoFloor, stopping: asyncio.Event) -> None:
    settle()
    _welcome(service)
    live, agi_port = service.exchanges["main"].live, service.agi_port or 0
    async with asyncio.TaskGroup() as group:
        playing = group.create_task(floor.run(exchange, live, agi_port=agi_port))
        await stopping.wait()
        playing.cancel()
    typer.echo(words().gettext("Stopping."))


def settings_of(wanted: Demo, ami_port: int) -> Settings:
    """Return the settings of a demo whose exchange listens at *ami_port*."""
    return Settings.model_validate(
        {
            "language": words().language,
            "http": {"port": wanted.port, "ws_port": wanted.port and wanted.port + 1},
            "agi": {"port": 0},
            "database": {"url": f"sqlite:///{wanted.folder.resolve() / 'centralita.sqlite3'}"},
            "pbx": {"main": {"port": ami_port, "user": "centralita", "secret": SECRET}},
        }
    )


def _welcome(service: Service) -> None:
    _ = words().gettext
    lines = [
        "",
        _("Centralita is running: %(address)s") % {"address": f"http://localhost:{service.http_port}/"},
        "",
        _("Sign in with the password %(password)s as") % {"password": PASSWORD},
    ]
    lines += [f"  {person.name:<6} {_(person.what)}" for person in SIGN_INS]
    lines += ["", _("Agents are called a few seconds after they have signed in. Ctrl-C stops it."), ""]
    typer.echo("\n".join(lines))
