"""Secrets of sessions and of other systems: shown once, only their hash is kept.

They are 256 random bits, so a plain SHA-256 is enough: there is nothing to guess.
"""

from __future__ import annotations

import base64
import hashlib


def token_of(randomness: bytes) -> str:
    """Return the token that stands for *randomness* (32 bytes), safe in a header and in a cookie.

    Raises:
        ValueError: with fewer than 32 bytes.
    """
    if len(randomness) < 32:  # noqa: PLR2004 - 256 bits
        raise ValueError("a token needs 32 random bytes")
    return base64.urlsafe_b64encode(randomness).rstrip(b"=").decode("ascii")


def hash_of(token: str) -> str:
    """Return what is kept of *token*; any text has one."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
