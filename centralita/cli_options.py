"""What the commands have in common: their options, and how they say that something cannot be used."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from centralita.errors import UnusableError
from centralita.settings import checked_region
from crm_core.domain.consents import BASES, Basis
from crm_core.domain.imports import POLICIES, Policy
from crm_core.domain.typed_cells import DAY_ORDERS, DayOrder

errors = Console(stderr=True)


SettingsFile = Annotated[
    Path | None, typer.Option("--config", "-c", help="The settings, a TOML file.", dir_okay=False)
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON line each.")]


def region_of(value: str) -> str:
    """Return *value* when it is a region.

    Raises:
        UnusableError: it is none.
    """
    try:
        return checked_region(value)
    except ValueError as error:
        raise UnusableError(f"--region: {error}") from error


def basis_of(value: str) -> Basis:
    """Return *value* when it is a ground of the law.

    Raises:
        UnusableError: it is none.
    """
    found = next((one for one in BASES if one == value), None)
    if found is None:
        raise UnusableError(f"--basis: one of {', '.join(BASES)}")
    return found


def policy_of(value: str) -> Policy:
    """Return *value* when it says what becomes of who is known.

    Raises:
        UnusableError: it does not.
    """
    found = next((one for one in POLICIES if one == value), None)
    if found is None:
        raise UnusableError(f"--policy: one of {', '.join(POLICIES)}")
    return found


def day_order_of(value: str) -> DayOrder:
    """Return *value* when it says how days are written.

    Raises:
        UnusableError: it does not.
    """
    found = next((one for one in DAY_ORDERS if one == value), None)
    if found is None:
        raise UnusableError(f"--days: one of {', '.join(DAY_ORDERS)}")
    return found


Region = Annotated[str, typer.Option(help="Region of the trunk, ISO 3166-1.", callback=region_of)]


def unusable(why: str) -> NoReturn:
    """Say why the input cannot be used and exit with 2."""
    errors.print(f"centralita: {why}", style="red", markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(2)
