"""``python -m lab.storm [--short | --piled-up] [--seed N] [--json FILE]``: 0 when every call is right."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from pathlib import Path

from lab.priority import IN_A_STORM, urgent
from lab.storm.office import RATE
from lab.storm.play import seed_of_now, storm
from lab.storm.troubles import LONG, PILED_UP, SHORT
from lab.storm.verdict import words

ALONE = "STORM_IS_ALONE"
"""Set when our mounts are nobody else's: the kernel undoes them when the last of us is gone."""


def main() -> int:
    """Play a storm and tell what became of the calls."""
    asked = argparse.ArgumentParser(prog="storm", description="Every call right, whatever fails.")
    scale = asked.add_mutually_exclusive_group()
    scale.set_defaults(scale=LONG)
    shorter = "three minutes in place of fifteen"
    scale.add_argument("--short", dest="scale", action="store_const", const=SHORT, help=shorter)
    on_top = "one minute: troubles on top of each other"
    scale.add_argument("--piled-up", dest="scale", action="store_const", const=PILED_UP, help=on_top)
    asked.add_argument("--seed", type=int, default=seed_of_now(), help="play the same once more")
    asked.add_argument("--json", type=Path, default=Path("build/chaos.json"), help="where the figures go")
    given = asked.parse_args()
    if ALONE not in os.environ:
        again = [sys.executable, "-m", "lab.storm", *sys.argv[1:], f"--seed={given.seed}"]
        alone = [*urgent(IN_A_STORM), "unshare", "--mount", "--propagation", "private", *again]
        os.execvpe(alone[0], alone, os.environ | {ALONE: "1"})  # noqa: S606
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=1777", "storm", "/dev/shm"], check=True)  # noqa: S108
    return asyncio.run(_play(given))


async def _play(given: argparse.Namespace) -> int:
    scale, began_at = given.scale, time.monotonic()
    print(f"storm {scale.name}, seed {given.seed}", flush=True)  # noqa: T201
    given.json.parent.mkdir(parents=True, exist_ok=True)
    verdict, said = await storm(scale, given.seed, keep=given.json.parent)
    print("\n".join(words(verdict)))  # noqa: T201
    told = {
        "scale": scale.name,
        "seed": given.seed,
        "calls_per_s": RATE,
        "seconds": round(time.monotonic() - began_at),
        **verdict.as_json(),
        "done": said,
    }
    given.json.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n")
    return 0 if verdict.is_right else 1


if __name__ == "__main__":
    sys.exit(main())
