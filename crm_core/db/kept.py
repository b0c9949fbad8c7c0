"""What is kept whole in one column: a value of the domain as JSON text."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Dialect, Text, TypeDecorator


class Kept(TypeDecorator[Any]):
    """A msgspec value as JSON; *empty* is kept as null, so that most rows hold nothing."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: Any, empty: Any = None) -> None:
        super().__init__()
        self.kind, self.empty = kind, empty
        self._read = msgspec.json.Decoder(kind).decode

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Return the text of *value*."""
        return None if value == self.empty else msgspec.json.encode(value).decode()

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002
        """Return the value of the text."""
        return self.empty if value is None else self._read(value)
