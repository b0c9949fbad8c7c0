"""The short storm: six calls a second while everything that can fail does. ``make chaos`` plays the long one.

And one of a minute, in which troubles come on top of each other. It is a program of its own, as it mounts a
small disk where nobody else sees it.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(420)]
TESTS = Path(__file__).parents[1]
SEED = 738331  # the order of the faults; `make chaos` draws another each time


@pytest.mark.parametrize(("scale", "at_least"), [("--short", 300), ("--piled-up", 120)])
async def test_every_call_of_a_storm_is_in_the_history_once_and_right(
    tmp_path: Path, scale: str, at_least: int
) -> None:
    figures = tmp_path / "chaos.json"
    playing = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "lab.storm", scale, f"--seed={SEED}", f"--json={figures}"),
        env=os.environ | {"PYTHONPATH": str(TESTS)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        said, _ = await playing.communicate()
    finally:
        if playing.returncode is None:
            playing.send_signal(signal.SIGINT)
            await playing.wait()
    print(said.decode())  # noqa: T201 - what was compared is shown
    assert playing.returncode == 0, said.decode()
    assert json.loads(figures.read_text())["compared"] > at_least
