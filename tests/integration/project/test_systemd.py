"""packaging/systemd: units that systemd reads without a word, of commands that there are."""

from __future__ import annotations

import configparser
import shlex
import subprocess
from pathlib import Path

import pytest
import typer
from typer.main import get_command

from centralita.cli import app

from .places import ROOT

UNITS = sorted((ROOT / "packaging" / "systemd").glob("centralita*"))
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
PROGRAM = "/opt/centralita/bin/centralita"
DEMANDED = {
    "NoNewPrivileges": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "CapabilityBoundingSet": "",
    "UMask": "0077",
    "User": "centralita",
}


def section(unit: Path, name: str) -> dict[str, str]:
    read = configparser.ConfigParser(strict=False, interpolation=None)
    read.optionxform = str  # type: ignore[assignment,method-assign]
    read.read_string(unit.read_text())
    return dict(read[name])


def test_the_units_are_there() -> None:
    assert [unit.name for unit in UNITS] == [
        "centralita-backup.service",
        "centralita-backup.timer",
        "centralita.service",
    ]


def test_systemd_finds_nothing_wrong(tmp_path: Path) -> None:
    for unit in UNITS:
        (tmp_path / unit.name).write_text(unit.read_text().replace(PROGRAM, "/bin/true"))
    told = subprocess.run(
        ["systemd-analyze", "verify", *map(str, sorted(tmp_path.iterdir()))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.stderr == ""


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.stem)
def test_a_service_may_do_little(unit: Path) -> None:
    service = section(unit, "Service")
    assert {name: service.get(name) for name in DEMANDED} == DEMANDED


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.stem)
def test_the_command_is_one_of_ours(unit: Path) -> None:
    program, *words = shlex.split(section(unit, "Service")["ExecStart"])
    assert program == PROGRAM
    command = get_command(app)
    while isinstance(command, typer.core.TyperGroup):
        command = command.commands[words.pop(0)]
    command.make_parser(typer.Context(command)).parse_args(words)
