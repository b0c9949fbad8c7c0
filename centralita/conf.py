"""``centralita conf``: Asterisk's configuration files, written or compared."""

from __future__ import annotations

from pathlib import Path

import typer

from asterisk_conf.check import check
from asterisk_conf.files import SettingsError as ConfError
from asterisk_conf.files import load, write
from asterisk_conf.model import Settings
from asterisk_conf.render import render
from centralita.settings import SettingsError


def render_to(file: Path, out: Path) -> None:
    """Write the files that *file* describes into *out*, and name those that changed."""
    for name in write(render(_load(file)), out):
        typer.echo(name)


def compare(file: Path, folder: Path) -> bool:
    """Print how the files in *folder* differ from what would be written; True when they do not.

    Files that are only in *folder* are named, but are no difference: they may be the site's own.
    """
    differences = check(render(_load(file)), folder)
    for difference in differences:
        typer.echo(f"{difference.kind}: {difference.name}")
        if difference.diff:
            typer.echo(difference.diff)
    return all(difference.kind == "extra" for difference in differences)


def _load(file: Path) -> Settings:
    try:
        return load(file)
    except ConfError as error:
        raise SettingsError(str(error).splitlines()) from error
