"""``centralita privacy``: what is kept of a customer is handed out, or erased."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from centralita.cli_options import SettingsFile
from centralita.settings import load

privacy_app = typer.Typer(no_args_is_help=True, help="What customers may ask of us.")
Contact = Annotated[str, typer.Argument(help="The customer's id.")]


@privacy_app.command("export")
def privacy_export(
    contact: Contact,
    out: Annotated[Path, typer.Option(help="The folder that the file goes to.", file_okay=False)],
    config: SettingsFile = None,
) -> None:
    """Write all that is kept of a customer into one zip: JSON, and a vCard."""
    from centralita.person import export_person

    typer.echo(str(export_person(load(config), contact, out)))


@privacy_app.command("erase")
def privacy_erase(contact: Contact, config: SettingsFile = None) -> None:
    """Erase a customer; calls stay for the figures, as nobody's. 1 when his records must be kept."""
    from centralita.person import erase_person

    sys.exit(0 if erase_person(load(config), contact) else 1)
