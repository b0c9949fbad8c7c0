"""How the value of a header is read: bounded, and never an error."""

from __future__ import annotations

import re
from typing import Final

from ami_bridge.wire.shape import Read

DIGITS_AT_MOST: Final = 9
_CLOCK = re.compile(r"(?:(?:([0-9]{1,5}):)?([0-9]{1,2}):)?([0-9]{1,8})")
_STATES = {
    "down": 0,
    "rsrvd": 1,
    "offhook": 2,
    "dialing": 3,
    "ring": 4,
    "ringing": 5,
    "up": 6,
    "busy": 7,
}
"""https://github.com/asterisk/asterisk/blob/1.4/main/channel.c (ast_state2str)"""


def number(text: str) -> int | None:
    """Read a whole number; None for what is none."""
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) <= DIGITS_AT_MOST else None


def whole(text: str) -> int:
    """Read a whole number; 0 for what is none."""
    return number(text) or 0


def seconds(text: str) -> int:
    """Read ``12``, ``00:00:12`` and ``1:02:03``."""
    found = _CLOCK.fullmatch(text)
    hours, minutes, rest = (int(part or 0) for part in found.groups()) if found else (0, 0, 0)
    return hours * 3600 + minutes * 60 + rest


def is_text(wanted: str) -> Read:
    """Return what reads whether a value is *wanted*."""
    return lambda text: text == wanted


def state(text: str) -> int:
    """Read a channel's state: its number, or its word as Asterisk 1.4 has it."""
    known = number(text)
    return _STATES.get(text.lower(), 0) if known is None else known
