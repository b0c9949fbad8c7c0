"""Text as a cell of a table that spreadsheets open, and back (pure)."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

FORMULA_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r")
"""A sheet takes a cell that begins so for a formula; a ' before it says that it is text."""


class NumberCell(str):
    """A cell that a workbook holds as a number: its point stands before decimals, never between thousands."""

    __slots__ = ()


def safe_cell(text: str) -> str:
    """Return *text* as a cell that no sheet takes for a formula; ``plain_cell`` takes it back.

    Source:
        owasp.org, "CSV Injection".
    """
    return f"'{text}" if _is_formula(text) else text


def plain_cell(cell: str) -> str:
    """Return what was written into a *cell*, without the ' that keeps it from being a formula."""
    return cell[1:] if cell[:1] == "'" and _is_formula(cell[1:]) else cell


def written_number(value: float) -> str:
    """Return a number as people write it: with a point before its decimals, never with an exponent."""
    return f"{Decimal(repr(value)):f}"


def _is_formula(text: str) -> bool:
    return text.lstrip(" ").startswith(FORMULA_SIGNS)
