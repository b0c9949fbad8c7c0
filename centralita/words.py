"""What the command line says, in the language of its user; and what is said on behalf of a page's reader."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal

from screenpop.i18n import Translator, translator

_reader: ContextVar[str | None] = ContextVar("reader", default=None)


def words() -> Translator:
    """Return who speaks the reader's language, else that of the environment (LANG and the like)."""
    return translator(_reader.get() or _language_of_environment())


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak *language* for the time of the block, in this task."""
    before = _reader.set(language)
    try:
        yield
    finally:
        _reader.reset(before)


def _language_of_environment() -> Literal["es", "en"]:
    names = (os.environ.get(name, "") for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"))
    return "es" if next(filter(None, names), "").lower().startswith("es") else "en"
