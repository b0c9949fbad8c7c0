"""Why a call was told as it was: what was seen and concluded, step by step, bounded, as it is kept (pure)."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

MOST = 200
"""Lines that are kept of a call."""
LARGEST = 1 << 20
"""Bytes of a trace unpacked."""
_DULL = frozenset(("type", "at", "pbx", "call", "stamp", "version"))
_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(tuple[list[tuple[datetime, str, dict[str, Any]]], int])


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One step: a fact of the exchange (``Newchannel``), what was told (``call.offered``), or a ``pop``."""

    at: datetime
    what: str
    detail: dict[str, Any]


class Steps(msgspec.Struct, kw_only=True):
    """What happened in a call, as it came: when, what, and the struct or dict that says more."""

    call_id: str
    at: datetime
    steps: list[tuple[datetime, str, Any]]
    left_out: int = 0


class Trace(msgspec.Struct, frozen=True, kw_only=True):
    """Steps as they are kept."""

    call_id: str
    at: datetime
    lines: bytes


def packed(steps: Steps) -> Trace:
    """Return *steps* as they are kept."""
    text = _ENCODER.encode((steps.steps, steps.left_out))
    return Trace(call_id=steps.call_id, at=steps.at, lines=zlib.compress(text, 1))


def unpacked(traces: Iterable[Trace]) -> tuple[list[Line], int]:
    """Return the lines of *traces*, by time, and how many were left out.

    Raises:
        msgspec.DecodeError, zlib.error: they are no traces.
    """
    found: list[Line] = []
    left_out = 0
    for trace in traces:
        steps, more = _DECODER.decode(zlib.decompressobj().decompress(trace.lines, LARGEST))
        left_out += more
        found += [Line(at=at, what=what, detail=_telling(detail)) for at, what, detail in steps]
    return sorted(found, key=_when), left_out


def _when(line: Line) -> datetime:
    return line.at


def _telling(detail: dict[str, Any]) -> dict[str, Any]:
    """Return what says something: not what is in every line, nor what is empty."""
    return {name: value for name, value in detail.items() if name not in _DULL and value not in _EMPTY}


_EMPTY: tuple[Any, ...] = ("", None, [], {})
