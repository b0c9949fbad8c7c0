"""Cells as other programs write them: ticks in place of numbers, and words of their own (pure)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Mapping, Sequence

from crm_core.domain.person_cells import channel_in, country_in, lifecycle_in, zone_in
from crm_core.domain.rows import RowError
from crm_core.domain.typed_cells import yes_or_no

_READ: Mapping[str, Callable[[str], str]] = {
    "country": country_in,
    "lifecycle": lifecycle_in,
    "channel": channel_in,
    "time_zone": zone_in,
}
"""Columns whose headings other programs have, too, with words that nobody here knows."""


def ticked(cells: Sequence[tuple[str, str]], of: Mapping[str, Collection[str]]) -> list[tuple[str, str]]:
    """Return *cells* (column and text) with each tick spelled out: what stands in the columns *of* it.

    Who says no names nothing.
    """
    return [(column, _spelled(text, cells, of[column]) if column in of else text) for column, text in cells]


def without_foreign(texts: Mapping[str, str], guessed: Container[str]) -> dict[str, str]:
    """Return *texts* by column without the words of other programs in columns that were *guessed*.

    Whoever named a column himself is told of them.
    """
    return {column: text for column, text in texts.items() if column not in guessed or _is_read(column, text)}


def _spelled(text: str, cells: Sequence[tuple[str, str]], ways: Collection[str]) -> str:
    says = yes_or_no(text)
    if says is None:
        return text
    return "\n".join(way for column, way in cells if column in ways and way) if says else ""


def _is_read(column: str, text: str) -> bool:
    if (read := _READ.get(column)) is None:
        return True
    try:
        read(text)
    except RowError:
        return False
    return True
