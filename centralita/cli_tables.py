"""``centralita contacts``, ``accounts`` and ``lists``: customers and people to be called, as tables."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from centralita.cli_options import AsJson, SettingsFile, basis_of, day_order_of, policy_of, region_of
from centralita.settings import load
from crm_core.domain.imports import Kind

contacts_app = typer.Typer(no_args_is_help=True, help="Customers.")
accounts_app = typer.Typer(no_args_is_help=True, help="Companies.")
lists_app = typer.Typer(no_args_is_help=True, help="People to be called.")


TableFile = Annotated[
    Path, typer.Argument(help="A table with headings: CSV or XLSX as spreadsheets write it.")
]
OwnRegion = Annotated[str | None, typer.Option(help="Where numbers without + are; the exchange's.")]
Preset = Annotated[str | None, typer.Option(help="Whose headings: act, goldmine, suitecrm, or a TOML file.")]
Mapped = Annotated[
    list[str] | None, typer.Option("--map", help="HEADING=COLUMN; - for a column that is not read.")
]
Days = Annotated[str, typer.Option(help="How days are written: ymd, dmy or mdy; ISO 8601 is always read.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Tell what would happen; keep nothing.")]
Batch = Annotated[str, typer.Argument(help="The id that the import told.")]


def _bring_in(
    kind: Kind,
    file: Path,
    config: Path | None,
    region: str | None,
    policy: str,
    preset: str | None,
    mapped: Sequence[str] | None,
    days: str,
    *,
    is_dry: bool,
    as_json: bool,
) -> NoReturn:
    from centralita.contacts_file import HowToImport, import_table

    how = HowToImport(
        kind=kind,
        region=region_of(region) if region else None,
        policy=policy_of(policy),
        preset=preset,
        mapped=dict(one.rpartition("=")[::2] for one in mapped or ()),
        order=day_order_of(days),
        is_dry=is_dry,
        as_json=as_json,
    )
    sys.exit(0 if import_table(load(config), file, how) else 1)


@contacts_app.command("import")
def contacts_import(
    file: TableFile,
    config: SettingsFile = None,
    region: OwnRegion = None,
    policy: Annotated[
        str, typer.Option(help="Who is known: complete, update, skip, or add him once more.")
    ] = "complete",
    preset: Preset = None,
    mapped: Mapped = None,
    days: Days = "ymd",
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Bring customers in from a table, CSV or XLSX. 1 when rows were rejected.

    Begun again with the same file after it was interrupted, it goes on where it was.
    """
    _bring_in("contacts", file, config, region, policy, preset, mapped, days, is_dry=dry_run, as_json=as_json)


@contacts_app.command("undo")
def contacts_undo(batch: Batch, config: SettingsFile = None) -> None:
    """Take back an import; who was changed since, or is in use, stays. 1 when somebody does."""
    from centralita.contacts_file import undo_import

    sys.exit(0 if undo_import(load(config), batch, "contacts") else 1)


@contacts_app.command("export")
def contacts_export(
    file: Annotated[Path, typer.Argument(help="Where they go: .csv, .xlsx or .vcf; - is standard output.")],
    config: SettingsFile = None,
) -> None:
    """Write all customers to a table that spreadsheets open and `contacts import` reads, or to vCards."""
    from centralita.contacts_export import export_contacts

    export_contacts(load(config), file)


@accounts_app.command("import")
def accounts_import(
    file: TableFile,
    config: SettingsFile = None,
    region: OwnRegion = None,
    policy: Annotated[
        str, typer.Option(help="Which are known: complete, update, skip, or add them once more.")
    ] = "complete",
    preset: Preset = None,
    mapped: Mapped = None,
    days: Days = "ymd",
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Bring companies in from a table, CSV or XLSX. 1 when rows were rejected.

    Begun again with the same file after it was interrupted, it goes on where it was.
    """
    _bring_in("accounts", file, config, region, policy, preset, mapped, days, is_dry=dry_run, as_json=as_json)


@accounts_app.command("undo")
def accounts_undo(batch: Batch, config: SettingsFile = None) -> None:
    """Take back an import; what was changed since, or is in use, stays. 1 when something does."""
    from centralita.contacts_file import undo_import

    sys.exit(0 if undo_import(load(config), batch, "accounts") else 1)


@lists_app.command("import")
def lists_import(
    file: Annotated[Path, typer.Argument(help="CSV with a heading: name, company, phone.")],
    campaign: Annotated[str, typer.Option(help="Of which campaign; made when there is none of this name.")],
    config: SettingsFile = None,
    region: OwnRegion = None,
    basis: Annotated[
        str,
        typer.Option(
            help="On which ground a new campaign calls (GDPR art. 6); consent: each one's own, as noted."
        ),
    ] = "consent",
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Load a list of people to be called into a campaign. 1 when rows were left out."""
    from centralita.lists_file import import_list

    region = region_of(region) if region else None
    done = import_list(
        load(config),
        file,
        campaign=campaign,
        region=region,
        basis=basis_of(basis),
        is_dry=dry_run,
        as_json=as_json,
    )
    sys.exit(0 if done else 1)


@lists_app.command("exclude")
def lists_exclude(
    file: Annotated[Path, typer.Argument(help="CSV with a column of numbers.")],
    config: SettingsFile = None,
    region: OwnRegion = None,
    as_json: AsJson = False,
) -> None:
    """Let no campaign call the numbers of a file: a list of exclusion. 1 when rows could not be read."""
    from centralita.lists_file import exclude_numbers

    region = region_of(region) if region else None
    sys.exit(0 if exclude_numbers(load(config), file, region=region, as_json=as_json) else 1)
