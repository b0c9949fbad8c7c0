"""What is given away, or kept in the database, but must be read by us alone.

Fernet (AES-128-CBC with HMAC-SHA-256): what was changed by a bit is nothing of ours.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from cryptography.fernet import Fernet, InvalidToken


class Sealer:
    """Seals texts by *key*, which ``new_key`` made; without one by a key that nobody has later.

    Raises:
        ValueError: the key is none.
    """

    def __init__(self, key: str | None = None) -> None:
        self._fernet = Fernet(new_key() if key is None else key)

    def seal(self, text: str, *, now: datetime) -> str:
        """Return *text* so that nobody else reads it, in signs that cookies and addresses hold."""
        return self._fernet.encrypt_at_time(text.encode(), int(now.timestamp())).decode("ascii")

    def open(self, sealed: str) -> str | None:
        """Return what was sealed; None when it was not by us, or by another key."""
        try:
            return self._fernet.decrypt(sealed.encode(errors="replace")).decode()
        except InvalidToken:
            return None

    def open_within(self, sealed: str, span: timedelta, *, now: datetime) -> str | None:
        """Return what was sealed within *span* before *now*; None when it was earlier, or not by us."""
        raw, seconds = sealed.encode(errors="replace"), int(span.total_seconds())
        try:
            return self._fernet.decrypt_at_time(raw, seconds, int(now.timestamp())).decode()
        except InvalidToken:
            return None


def new_key() -> str:
    """Return a new key."""
    return Fernet.generate_key().decode("ascii")
