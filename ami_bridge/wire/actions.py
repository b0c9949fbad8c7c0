"""What is asked over AMI: names and values that cannot break out of their line (pure).

Source: https://docs.asterisk.org/Latest_API/API_Documentation/AMI_Actions/
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from ami_bridge.domain.errors import UnsafeValueError
from ami_bridge.wire.shape import Headers

Value = str | Sequence[str]
_BREAKS = frozenset("\r\n\0")
LINE_LIMIT = 1000
"""Asterisk reads lines of up to 1,024 bytes; of a longer one it drops the beginning and obeys the rest."""


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """An answer: its headers, the events of a list, the lines of a command's output."""

    headers: Headers
    items: tuple[Headers, ...] = ()
    output: tuple[str, ...] = ()


def check(values: Mapping[str, Value]) -> None:
    """Check that each name and value stays within a line of its own.

    Raises:
        UnsafeValueError: one holds CR, LF or NUL, is no text, or is too long for a line.
    """
    for name, value in values.items():
        for text in [value] if isinstance(value, str) else value:
            _check(name, text)


def _check(name: str, text: str) -> None:
    line = f"{name}: {text}"
    if not _BREAKS.isdisjoint(line):
        raise UnsafeValueError(name)
    try:
        size = len(line.encode())
    except UnicodeEncodeError as error:
        raise UnsafeValueError(name, "is no text") from error
    if size > LINE_LIMIT:
        raise UnsafeValueError(name, f"is longer than {LINE_LIMIT} bytes")
