"""Passwords: argon2id in threads of its own, two at once, so that signing in never stops the loop.

Parameters: OWASP Password Storage Cheat Sheet (19 MiB, t=2, p=1).
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

AT_ONCE, WAITING = 2, 500
SHORTEST, LONGEST = 8, 512
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)
_NOBODY = _hasher.hash("nobody has this password")


class BusyError(Exception):
    """Too many people are signing in at this moment."""


def hash_password(password: str) -> str:
    """Return what may be stored of *password*; takes some ten milliseconds."""
    return _hasher.hash(password)


class Passwords:
    """Checks passwords beside the event loop."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="argon2")
        self._waiting = 0

    async def fits(self, password: str, hashed: str | None) -> bool:
        """Return whether *password* is the one behind *hashed*; None takes as long and never fits.

        Raises:
            BusyError: when too many wait already.
        """
        if self._waiting >= WAITING:
            raise BusyError
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, _fits, hashed or _NOBODY, password) and (
                hashed is not None
            )
        finally:
            self._waiting -= 1

    async def hashed(self, password: str) -> str:
        """Return what may be stored of *password*."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, hash_password, password)

    def close(self) -> None:
        """Let the threads end."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _fits(hashed: str, password: str) -> bool:
    try:
        return _hasher.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False
