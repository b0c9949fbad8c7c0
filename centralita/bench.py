"""Run the programs of ``benchmarks/`` one after the other and gather their figures.

Each program has ``measure() -> list[dict]``: name, value, unit, ratio_to, target, ok. Each runs in a process
of its own, so that none warms another's caches. ``build/bench.json`` holds ``{name: {…}}``.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

PROGRAMS = Path("benchmarks")
LIMIT_S = 300
RUN = "import json,runpy,sys;print(json.dumps(runpy.run_path(sys.argv[1])['measure']()))"


def run_benchmarks(out: Path, *, only: list[str]) -> int:
    """Run the programs named in *only* (all when empty); 0 when every target is met."""
    figures: dict[str, dict[str, Any]] = {}
    failed = False
    for program in _programs(only):
        started = time.monotonic()
        measured = _measure(program)
        failed |= measured is None
        for figure in measured or []:
            figures[figure.pop("name")] = figure
        print(f"{program.stem}: {time.monotonic() - started:.0f} s", file=sys.stderr)  # noqa: T201
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    _print(figures)
    return 1 if failed or not all(figure["ok"] in (True, None) for figure in figures.values()) else 0


def _programs(only: list[str]) -> list[Path]:
    """Return what can be run: files beside them without ``measure`` are what they share."""
    found = [each for each in PROGRAMS.glob("*.py") if "\ndef measure(" in each.read_text(encoding="utf-8")]
    return sorted(each for each in found if not only or each.stem in only)


def _measure(program: Path) -> list[dict[str, Any]] | None:
    try:
        done = subprocess.run(  # noqa: S603 - a program of this checkout
            [sys.executable, "-c", RUN, str(program)],
            stdout=subprocess.PIPE,
            check=True,
            timeout=LIMIT_S,
        )
        measured: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    except (subprocess.SubprocessError, json.JSONDecodeError, IndexError) as error:
        print(f"{program.stem} failed: {error}", file=sys.stderr)  # noqa: T201
        return None
    return measured


def _print(figures: dict[str, dict[str, Any]]) -> None:
    table = Table("figure", "value", "unit", "ratio to", "target", "")
    for name, figure in figures.items():
        ok = figure["ok"]
        table.add_row(
            name,
            f"{figure['value']:.4g}",
            figure["unit"],
            str(figure.get("ratio_to") or ""),
            str(figure.get("target") or ""),
            "" if ok is None else "met" if ok else "missed",
        )
    Console().print(table)
