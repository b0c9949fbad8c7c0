"""Who may be there twice: by what two records are alike, and how much that says (pure).

Records are compared only where they share a key: a number, an address, a tax number, a company. Nobody is
compared with everybody. Names are compared by their trigrams, as PostgreSQL's pg_trgm does.
Source: https://www.postgresql.org/docs/current/pgtrgm.html
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import combinations
from typing import Literal

import msgspec

from crm_core.domain.words import folded

RecordKind = Literal["contact", "account"]
Reason = Literal["number", "email", "name", "tax_id", "company_name"]
MOST_SHARING = 5
"""More than these do not share a number, an address or a name because they are one: it is a switchboard's."""
ALIKE = 0.6
NEIGHBOURS = 4
"""So many of those who stand behind somebody in his company's list by name are compared with him."""
_WEIGHTS: dict[Reason, float] = {
    "number": 0.6,
    "email": 0.8,
    "name": 0.7,
    "tax_id": 0.95,
    "company_name": 0.7,
}
_KEPT = 4_096


class Why(msgspec.Struct, frozen=True, kw_only=True):
    """What two records have in common: ``shared`` is the number, the address or the name."""

    reason: Reason
    shared: str


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """One of two: who he is, and what else tells him from others (a company, a tax number)."""

    id: str
    name: str
    beside: str | None = None


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """Two records that may be one, by why; ``score`` is from 0 to 1. The older one comes first."""

    kind: RecordKind
    first: Known
    second: Known
    why: tuple[Why, ...]
    score: float


class NotSame(msgspec.Struct, frozen=True, kw_only=True):
    """Two records of which somebody said that they are not one; ``first`` sorts before ``second``."""

    kind: RecordKind
    first: str
    second: str


def not_same(kind: RecordKind, one: str, other: str) -> NotSame:
    """Return that two records are not one, the same whichever is named first."""
    first, second = sorted((one, other))
    return NotSame(kind=kind, first=first, second=second)


def paired(kind: RecordKind, one: Known, other: Known, why: Iterable[Why]) -> Pair:
    """Return two records that may be one; what speaks for it adds up, and unlike names speak against."""
    first, second = sorted((one, other), key=lambda known: known.id)  # ids sort by age
    reasons = tuple(why)
    doubt = 1.0
    for each in reasons:
        doubt *= 1 - _WEIGHTS[each.reason]
    score = (1 - doubt) * (0.5 + 0.5 * likeness(one.name, other.name))
    return Pair(kind=kind, first=first, second=second, why=reasons, score=round(score, 2))


def pairs_of(kind: RecordKind, sharing: Iterable[Known], why: Why) -> list[Pair]:
    """Return the pairs among few that share one thing, in the order of their ids."""
    group = sorted(sharing, key=lambda known: known.id)
    return [paired(kind, one, other, [why]) for one, other in combinations(group, 2)]


def likeness(one: str, other: str) -> float:
    """Return how alike two names are, from 0 to 1: trigrams of both among those of either."""
    left, right = _trigrams(folded(one)), _trigrams(folded(other))
    either = len(left | right)
    return len(left & right) / either if either else 0.0


def are_alike(one: str, other: str) -> bool:
    """Return whether two names may be one person's, or one company's."""
    return likeness(one, other) >= ALIKE


@lru_cache(maxsize=_KEPT)
def _trigrams(name: str) -> frozenset[str]:
    padded = (f"  {word} " for word in name.split())
    return frozenset(word[n : n + 3] for word in padded for n in range(len(word) - 2))
