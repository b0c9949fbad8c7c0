"""Texts as they are looked for, cut to their columns: folded, a sign may be eighteen (U+FDFA)."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Column

from crm_core.domain.words import folded


def fitted(text: str, column: Column[str]) -> str:
    """Return *text*, which is folded, as *column* keeps it."""
    return text[: getattr(column.type, "length", None)]


def words_fitted(texts: Iterable[str], column: Column[str]) -> list[str]:
    """Return *texts* folded as *column* keeps them, each once."""
    return list(dict.fromkeys(fitted(folded(text), column) for text in texts))
