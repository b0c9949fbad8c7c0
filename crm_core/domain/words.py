"""Words as people look for them: without case and accents."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from itertools import filterfalse

KEPT = 1_024  # a name is folded to be looked for, compared and kept
LAST = "\U0010ffff"  # sorts behind every other sign


@lru_cache(maxsize=KEPT)
def folded(text: str) -> str:
    """Return *text* as it is searched: lower case, no accents, single spaces (``inigo ruiz``)."""
    if text.isascii():  # most are, and have no accents to look for
        return " ".join(text.lower().split())
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return " ".join("".join(filterfalse(unicodedata.combining, plain)).split())


def is_one_line(text: str) -> bool:
    """Return whether *text* has no line ends, control signs or halves of signs."""
    return not any(unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp") for sign in text)


def each_once(words: Iterable[str]) -> tuple[str, ...]:
    """Return *words* without those that are the same but for case and accents."""
    kept: dict[str, str] = {}
    for word in words:
        kept.setdefault(folded(word), word)
    return tuple(kept.values())
