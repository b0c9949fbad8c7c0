"""Every operation is asked all that its description allows, and what it forbids, and keeps what is described.

Schemathesis writes the requests from the description; what each answer is held against is in
``tests/fixtures/openapi/schemathesis.toml``.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest
from integration.screenpop.house import KEYS, House

TESTS = Path("tests").resolve()
CONFIG = TESTS / "fixtures" / "openapi" / "schemathesis.toml"
COMMAND = Path(sys.executable).with_name("schemathesis")
DESK = r"/(presence|preview|seats?|calls|me)\b"


async def asked(house: House, folder: Path, headers: dict[str, str], *options: str) -> str:
    """Return what is said of the API that was asked; a failed assertion shows all of it."""
    description = folder / "openapi.json"
    description.write_text(json.dumps(house.described.document))
    sent = [part for name, value in headers.items() for part in ("--header", f"{name}: {value}")]
    process = await asyncio.create_subprocess_exec(
        *(COMMAND, "--config-file", CONFIG, "run", description, "--url", house.origin, "--no-color"),
        *(*sent, *options),
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(TESTS)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    return said.decode()


@pytest.mark.timeout(300)
async def test_every_operation_keeps_what_is_described(house: House, tmp_path: Path) -> None:
    said = await asked(house, tmp_path, {"Authorization": f"Bearer {KEYS['administrator']}"})
    assert f"Tested: {len(house.described.operations())}\n" in said, said


@pytest.mark.timeout(120)
async def test_a_desk_keeps_what_is_described(house: House, tmp_path: Path) -> None:
    ana = house.stranger()
    cookie = (await ana.signs_in("ana")).headers["Set-Cookie"].partition(";")[0]
    await asked(house, tmp_path, {**ana.headers, "Cookie": cookie}, "--include-path-regex", DESK)
