"""Who runs first: the telephones and the exchange, so that what they write down is when it was."""

from __future__ import annotations

import subprocess
from functools import cache

EXCHANGE, TELEPHONE = 10, 20
"""As `asterisk -p` and Debian's own start script have it; a telephone has little to do and goes first."""


@cache
def urgent(priority: int) -> tuple[str, ...]:
    """Return the words that let a command go before ordinary ones; none where that is not allowed."""
    words = ("chrt", "--rr", str(priority))
    tried = subprocess.run([*words, "true"], check=False, capture_output=True)
    return words if tried.returncode == 0 else ()
