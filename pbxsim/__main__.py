"""``python -m pbxsim --config FILE.json [--ami-port N]``: a simulated exchange in a process of its own.

It prints one line of JSON when it listens, ``{"ami_port": 5038}``, and stops cleanly at SIGTERM, SIGINT or
when its standard input closes.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import json
import os
import signal
import sys
from pathlib import Path

from pbxsim import loading
from pbxsim.config import Config
from pbxsim.server import Simulator


async def serve(config: Config, *, watch_input: bool) -> None:
    """Run until told to stop."""
    loop, told = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    async with Simulator(config) as simulator:
        print(json.dumps({"ami_port": simulator.port}), flush=True)  # noqa: T201 - what the caller reads
        if watch_input:
            loop.add_reader(sys.stdin.fileno(), _end_of_input, told)
        await told.wait()
        if watch_input:
            loop.remove_reader(sys.stdin.fileno())


def _end_of_input(told: asyncio.Event) -> None:
    if not os.read(sys.stdin.fileno(), 4096):
        told.set()


def main(arguments: list[str] | None = None) -> int:
    """Read the command line and serve; 2 when the configuration cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m pbxsim", description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--ami-port", type=int, default=None)
    parser.add_argument("--stay", action="store_true", help="go on when the standard input closes")
    chosen = parser.parse_args(arguments)
    try:
        config = loading.config(json.loads(chosen.config.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        print(f"{chosen.config}: {error}", file=sys.stderr)  # noqa: T201
        return 2
    if chosen.ami_port is not None:
        config = dataclasses.replace(config, port=chosen.ami_port)
    asyncio.run(serve(config, watch_input=not chosen.stay))
    return 0


if __name__ == "__main__":
    sys.exit(main())
