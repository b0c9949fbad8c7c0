"""How a block of headers becomes a fact, told by a table and fast enough for a busy exchange."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from math import isfinite
from typing import Any, Final, NamedTuple, Protocol

from ami_bridge.domain import ami

Headers = dict[str, str]
Read = Callable[[str], Any]
Source = str | tuple[str, Read]
ORDERS_KEPT: Final = 8
LINES_AT_MOST: Final = 200
_NOTHING: Final = ("<unknown>", "<null>", "(null)")
# Values are possessive and alternatives atomic: nothing is tried twice, so any block is read in linear time.
_VALUE: Final = r"[^\r]*+"
_NO_VALUE: Final = rf"(?:{'|'.join(map(re.escape, _NOTHING))})(?=\r|\Z)"


def headers_in(text: str) -> Headers:
    """Return a block's headers, names in lower case; of a repeated one the last."""
    headers = {}
    for line in text.split("\r\n"):
        name, found, value = line.partition(":")
        if found:
            value = value.removeprefix(" ")
            headers[name.lower()] = "" if value in _NOTHING else value
    return headers


class Reading(Protocol):
    """What makes a fact of an event."""

    def of_block(self, block: bytes) -> ami.AmiEvent:
        """Return the fact that *block* holds."""

    def of_headers(self, headers: Headers) -> ami.AmiEvent:
        """Return the fact that *headers* hold."""


class _Order(NamedTuple):
    """The headers of a block in the order seen: a pattern with a group for each field that they fill."""

    pattern: re.Pattern[str]
    reads: tuple[tuple[str, Read], ...]
    absent: dict[str, Any]


class Shape:
    """How one kind of event becomes a fact: which header fills which field, and how it is read.

    A field's source is a header's name in lower case (``"interface|location"``: the first that is there) or a
    pair of that and what reads its text; a header that is missing reads as "".

    An exchange writes the headers of an event in one order. The order that was seen is kept as a pattern that
    finds the values in one pass, at a third of the cost of reading every header. What does not fit it is
    read header by header, with the same result.
    """

    def __init__(self, kind: Callable[..., ami.AmiEvent], /, **fields: Source) -> None:
        self._kind = kind
        self._fields: dict[str, tuple[tuple[str, ...], Read | None]] = {"stamp": (("timestamp",), stamp_of)}
        for field, source in fields.items():
            names, read = (source, None) if isinstance(source, str) else source
            self._fields[field] = tuple(names.split("|")), read
        self._orders: list[_Order] = []

    def of_block(self, block: bytes) -> ami.AmiEvent:
        """Return the fact that *block* holds."""
        text = block.decode("utf-8", "replace")
        for pattern, reads, absent in self._orders:
            if found := pattern.match(text):
                facts: dict[str, Any] = found.groupdict("")
                for field, read in reads:
                    facts[field] = read(facts[field])
                facts |= absent
                return self._kind(**facts)
        if len(self._orders) < ORDERS_KEPT and (order := self._order_of(text.split("\r\n"))):
            self._orders.append(order)
        return self.of_headers(headers_in(text))

    def of_headers(self, headers: Headers) -> ami.AmiEvent:
        """Return the fact that *headers* hold."""
        facts = {}
        for field, (names, read) in self._fields.items():
            text = next((headers[name] for name in names if name in headers), "")
            facts[field] = read(text) if read else text
        return self._kind(**facts)

    def _order_of(self, lines: Sequence[str]) -> _Order | None:
        """Return the order of *lines*; None when they are not one header each, each once."""
        headers: dict[str, str] = {}
        if len(lines) > LINES_AT_MOST:
            return None
        for line in lines:
            name, found, value = line.partition(":")
            if not found or name.lower() in headers:
                return None
            headers[name.lower()] = re.escape(name) + (": " if value.startswith(" ") else ":(?! )")
        field_of = {
            next((name for name in names if name in headers), ""): field
            for field, (names, _) in self._fields.items()
        }
        pattern = "\r\n".join(begin + _value_of(field_of.get(name)) for name, begin in headers.items())
        reads = {field: read for field, (_, read) in self._fields.items() if read}
        present = [field for name, field in field_of.items() if name]
        return _Order(
            re.compile(pattern + r"\Z"),
            tuple((field, reads[field]) for field in present if field in reads),
            {field: reads[field]("") if field in reads else "" for field in self._fields.keys() - present},
        )


def _value_of(field: str | None) -> str:
    return f"(?>{_NO_VALUE}|(?P<{field}>{_VALUE}))" if field else _VALUE


def stamp_of(text: str) -> float | None:
    """Read a Timestamp header; None for what is none."""
    try:
        stamp = float(text)
    except ValueError:
        return None
    return stamp if isfinite(stamp) else None
