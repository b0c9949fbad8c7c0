"""``centralita number``: how a number is read, and why."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from crm_core.domain.phone import read_number


def print_numbers(lines: Iterable[str], *, region: str, as_json: bool) -> None:
    """Print how each of *lines* is read; a bad one is told as such and the next one follows."""
    table = Table("raw", "kind", "E.164", "ext", "rule")
    for line in lines:
        number = read_number(line, region=region)
        if as_json:
            typer.echo(msgspec.json.encode(number))
        else:
            table.add_row(number.raw, number.kind, number.e164 or "", number.ext or "", number.rule)
    if not as_json:
        Console().print(table)
