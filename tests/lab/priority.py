"""Who runs first: the telephones and the exchange, so that what they write down is when it was.

Then whom a storm is about: that it is starved by other work is none of the faults.
"""

from __future__ import annotations

import subprocess
from functools import cache

IN_A_STORM, EXCHANGE, TELEPHONE = 5, 10, 20
"""As `asterisk -p` and Debian's own start script have it; a telephone has little to do and goes first."""


@cache
def urgent(priority: int) -> tuple[str, ...]:
    """Return the words that let a command go before ordinary ones; none where that is not allowed."""
    words = ("chrt", "--rr", str(priority))
    tried = subprocess.run([*words, "true"], check=False, capture_output=True)
    return words if tried.returncode == 0 else ()
