"""Ids: UUIDv7 as text, so that they sort by the time of their making."""

from __future__ import annotations

from datetime import datetime


def new_id(now: datetime, randomness: bytes) -> str:
    """Return a UUIDv7: the milliseconds of *now*, then 74 bits of *randomness* (10 bytes).

    Source:
        RFC 9562 §5.7.
    """
    millis = int(now.timestamp() * 1000) & ((1 << 48) - 1)
    noise = int.from_bytes(randomness[:10], "big")
    rand_a, rand_b = noise >> 68, noise & ((1 << 62) - 1)
    signs = f"{millis << 80 | 0x7 << 76 | rand_a << 64 | 0b10 << 62 | rand_b:032x}"
    return f"{signs[:8]}-{signs[8:12]}-{signs[12:16]}-{signs[16:20]}-{signs[20:]}"
