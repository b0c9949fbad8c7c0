"""What lies in a folder beside what would be written there."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One file that is not as rendered; ``diff`` is a unified diff from the folder to the rendered text.

    ``extra`` files are not ours: Asterisk reads those whose module is loaded.
    """

    name: str
    kind: Literal["missing", "different", "extra"]
    diff: str = ""


def check(rendered: Mapping[str, str], folder: Path) -> list[Difference]:
    """Return every difference between *rendered* and the ``.conf`` files in *folder*, by name."""
    there = {path.name: path for path in folder.glob("*.conf")}
    found = [_compared(name, text, there.get(name)) for name, text in rendered.items()]
    extra = [Difference(name=name, kind="extra") for name in there.keys() - rendered.keys()]
    return sorted([*filter(None, found), *extra], key=lambda difference: difference.name)


def _compared(name: str, text: str, path: Path | None) -> Difference | None:
    if path is None:
        return Difference(name=name, kind="missing")
    old = path.read_bytes().decode(errors="replace")
    if old == text:
        return None
    lines = difflib.unified_diff(
        old.splitlines(keepends=True), text.splitlines(keepends=True), f"{name} (there)", f"{name} (rendered)"
    )
    return Difference(name=name, kind="different", diff="".join(lines))
