"""Secrets of sessions and of other systems: shown once, only their hash is kept.

They are 256 random bits, so a plain SHA-256 is enough: there is nothing to guess.
"""

from __future__ import annotations

import base64
import hashlib

from crm_core.domain.errors import CrmError

LONGEST_PREFIX = 6


class TooManyKeysError(CrmError):
    """So many keys hold already that another one would be lost sight of."""

    code = "too_many_keys"

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self.most = most

    def __str__(self) -> str:
        return f"{self.most} keys hold already: revoke one that nobody uses"


def token_of(randomness: bytes) -> str:
    """Return the token that stands for *randomness* (32 bytes), safe in a header and in a cookie.

    Raises:
        ValueError: with fewer than 32 bytes.
    """
    if len(randomness) < 32:  # noqa: PLR2004 - 256 bits
        raise ValueError("a token needs 32 random bytes")
    return base64.urlsafe_b64encode(randomness).rstrip(b"=").decode("ascii")


def prefix_of(token: str) -> str:
    """Return how *token* begins: enough to recognise it by, and 220 bits are left to guess."""
    return token[:LONGEST_PREFIX]


def hash_of(token: str) -> str:
    """Return what is kept of *token*; any text has one."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
