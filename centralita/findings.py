"""What the doctor finds: what is wrong, why it matters, and the line to change."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec
import typer
from rich.console import Console
from rich.text import Text

from centralita.words import words

Level = Literal["ok", "unknown", "warning", "bad"]
SIGNS: dict[Level, tuple[str, str]] = {
    "ok": ("✓", "green"),
    "unknown": ("?", "blue"),
    "warning": ("!", "yellow"),
    "bad": ("✗", "red"),
}


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was looked at; ``about`` is its place in the settings."""

    level: Level
    about: str
    what: str
    why: str | None = None
    change: str | None = None


def print_findings(findings: Iterable[Finding], *, as_json: bool) -> None:
    """Print each finding: one JSON line, or some lines to read."""
    _ = words().gettext
    console = Console(highlight=False)
    for finding in findings:
        if as_json:
            typer.echo(msgspec.json.encode(finding))
            continue
        sign, colour = SIGNS[finding.level]
        console.print(Text(f"{sign} {finding.about}: {finding.what}", style=colour), soft_wrap=True)
        if finding.why:
            console.print(Text(f"    {finding.why}"), soft_wrap=True)
        if finding.change:
            console.print(Text(f"    {_('Change:')} {finding.change}"), soft_wrap=True)
