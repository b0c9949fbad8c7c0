"""What rows of tables have in common, whoever stands in them: texts, numbers and places in cells (pure)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, TypeVar

import msgspec
from msgspec.structs import replace

from crm_core.domain.cells import plain_cell
from crm_core.domain.contacts import PlaceLabel, PostalAddress
from crm_core.domain.phone import read_number
from crm_core.domain.words import folded

T = TypeVar("T")
Fault = Literal[
    "too_many_cells",
    "no_name",
    "no_company",
    "no_reach",
    "bad_number",
    "bad_email",
    "bad_website",
    "bad_kind",
    "bad_language",
    "bad_date",
    "bad_yes",
    "bad_choice",
    "bad_zone",
    "bad_country",
    "bad_hours",
    "bad_limit",
    "bad_place",
    "bad_tag",
    "bad_range",
    "bad_own",
    "too_many_tags",
    "lacks_own",
    "above_itself",
    "too_long",
    "no_text",
    "too_many",
    "full",
    "erased",
    "no_row",
    "no_card",
]
_NOWHERE = PostalAddress()
_LINES_ALLOWED = frozenset("\n\r\t")
MOST = 20
LONGEST_NUMBER = 60
# Several in one cell: each on its line, or with a sign between. RFC 3966 has ";ext=" within a number.
_BETWEEN = re.compile(r"\s*(?:[\n\r|]|:::|\s/\s|;(?!ext=|phone-context=))\s*")


class RowError(Exception):
    """A row cannot be kept: ``fault`` says why, ``text`` is the cell or the column that it is about."""

    def __init__(self, fault: Fault, text: str = "") -> None:
        super().__init__(fault, text)
        self.fault, self.text = fault, text


class RowPhone(msgspec.Struct, frozen=True, kw_only=True):
    """A number of a row, read."""

    raw: str
    e164: str
    ext: str | None
    label: str


def plain(heading: str) -> str:
    """Return a heading as it is compared: folded, without digits and signs."""
    return " ".join(re.sub(r"[^a-z]+", " ", folded(heading)).split())


def text_in(cell: str, *, of: str, longest: int | None, has_lines: bool) -> str:
    """Return what was written into a *cell* of the column *of*.

    Raises:
        RowError: it is longer than *longest*, or holds signs that are no text.
    """
    text = plain_cell(cell.strip())
    if not text.isprintable():  # most are, and then there is nothing to look for
        _demand_text(text, of, _LINES_ALLOWED if has_lines else frozenset("\t"))
    if longest is not None and len(text) > longest:
        raise RowError("too_long", of)
    return text


def _demand_text(text: str, of: str, allowed: frozenset[str]) -> None:
    for sign in text:
        if unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp") and sign not in allowed:
            raise RowError("no_text", of)


def place_in(
    texts: Mapping[str, str], *, label: PlaceLabel = "work", country: str | None = None
) -> PostalAddress | None:
    """Return the postal address among *texts* by column; None when there is nothing of one."""
    place = PostalAddress(
        street=texts.get("street", ""),
        postal_code=texts.get("postal_code", ""),
        city=texts.get("city", ""),
        province=texts.get("province", ""),
        country=country,
    )
    return replace(place, label=label) if place != _NOWHERE else None


def numbers_in(cells: Iterable[tuple[str, str]], *, region: str) -> tuple[RowPhone, ...]:
    """Return the numbers of *cells*, each with its label, read as in *region*; each once.

    Raises:
        RowError: one is no number that can be dialled, or they are more than 20.
    """
    return few(_numbers(cells, region))


def _numbers(cells: Iterable[tuple[str, str]], region: str) -> Iterator[tuple[str, RowPhone]]:
    for label, text in cells:
        for raw in each_in(text):
            number = read_number(raw, region=region)
            if number.e164 is None or len(raw) > LONGEST_NUMBER:
                raise RowError("bad_number", raw[:LONGEST_NUMBER])
            yield (
                f"{number.e164};{number.ext}",
                RowPhone(raw=number.raw, e164=number.e164, ext=number.ext, label=label),
            )


def each_in(text: str) -> Iterator[str]:
    """Yield each of several things in one cell."""
    return filter(None, _BETWEEN.split(text))


def few(found: Iterable[tuple[str, T]]) -> tuple[T, ...]:
    """Return the values of *found*, the first of each key.

    Raises:
        RowError: they are more than 20.
    """
    kept: dict[str, T] = {}
    for key, value in found:
        kept.setdefault(key, value)
        if len(kept) > MOST:
            raise RowError("too_many")
    return tuple(kept.values())
