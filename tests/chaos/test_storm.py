"""The short storm: six calls a second while everything that can fail does. ``make chaos`` plays the long one.

It is a program of its own, as it mounts a small disk where nobody else sees it.
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
AT_LEAST = 300
SEED = 738331  # the order of the faults; `make chaos` draws another each time


async def test_every_call_of_a_storm_is_in_the_history_once_and_right(tmp_path: Path) -> None:
    figures = tmp_path / "chaos.json"
    playing = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "lab.storm", "--short", f"--seed={SEED}", f"--json={figures}"),
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
    assert json.loads(figures.read_text())["compared"] > AT_LEAST
