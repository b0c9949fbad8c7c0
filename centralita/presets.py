"""What other programs call the columns of their tables: TOML files, ours and the site's own."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from centralita.errors import UnusableError
from crm_core.db.in_use import beside
from crm_core.domain.account_rows import AccountColumn
from crm_core.domain.contact_columns import Column
from crm_core.domain.imports import Columns, Kind, columns_by_heading
from crm_core.domain.words import folded

SHIPPED = Path(__file__).with_name("column_names")


class Preset(msgspec.Struct, frozen=True, kw_only=True):
    """A program's columns by their headings; ``code`` is the name of its file.

    ``columns`` are those of its tables of people, ``companies`` those of its tables of companies.
    """

    code: str
    name: str
    columns: Mapping[str, Column] = {}
    companies: Mapping[str, AccountColumn] = {}

    def columns_of(self, headings: Sequence[str], kind: Kind) -> Columns:
        """Return what each column of a table is; None of those that are not read."""
        ours = self.columns if kind == "contacts" else self.companies
        known = {folded(heading): column for heading, column in ours.items()}
        return tuple(known.get(folded(heading)) for heading in headings)


class _File(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    columns: dict[str, Column] = {}
    companies: dict[str, AccountColumn] = {}


class PresetError(UnusableError):
    """A preset cannot be read; the text says why."""


def folder_beside(url: str) -> Path:
    """Return where the presets of a site lie: beside its database."""
    return beside(url).absolute().parent / "presets"


def presets(own: Path | None = None) -> list[Preset]:
    """Return the presets that are shipped and those in the folder *own*, which count before them.

    Raises:
        PresetError: one of the site's own is damaged.
    """
    files = {file.stem: file for folder in (SHIPPED, own) if folder for file in sorted(folder.glob("*.toml"))}
    return [read(file) for _, file in sorted(files.items())]


def read(file: Path) -> Preset:
    """Return the preset of a file.

    Raises:
        PresetError: it cannot be read.
    """
    try:
        found = msgspec.convert(tomllib.loads(file.read_text("utf-8")), _File)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise PresetError(f"{file}: {error}") from error
    return Preset(code=file.stem, name=found.name, columns=found.columns, companies=found.companies)


def fitting(known: Iterable[Preset], headings: Sequence[str], kind: Kind) -> Preset | None:
    """Return the preset that names more of *headings* than we do ourselves, and most of all."""
    best, most = None, _count(columns_by_heading(kind, headings))
    for preset in known:
        if (count := _count(preset.columns_of(headings, kind))) > most:
            best, most = preset, count
    return best


def known_by(known: Iterable[Preset], headings: Sequence[str], kind: Kind) -> int:
    """Return how many of *headings* are known, to us or by the preset that knows most."""
    ways = [columns_by_heading(kind, headings), *(preset.columns_of(headings, kind) for preset in known)]
    return max(map(_count, ways))


def _count(columns: Columns) -> int:
    return sum(column is not None for column in columns)
