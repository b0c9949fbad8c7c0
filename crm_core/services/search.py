"""Looking for anything: one question, and what fits it by kind, the surest first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import get_args

from crm_core.domain.found import Found, FoundOfKind, Kind, Place
from crm_core.domain.looking import Piece, StepName, Terms, fits, pieces_of, terms_at
from crm_core.ports import UnitOfWork

STEPS: tuple[StepName, ...] = get_args(StepName)
MORE, ROUNDS = 20, 25  # how many are looked at at once, and how often, until some are new at a step
Near = Mapping[str, Sequence[str]]


def everywhere(
    uow: UnitOfWork, *, q: str, kinds: Iterable[Kind], limit: int, region: str, whole: bool = False
) -> list[FoundOfKind]:
    """Return what *q* finds of each of *kinds*, the first *limit* of each.

    First the records that have every word of *q* as it stands there, then those where the last begins one,
    then where all do, then those where a word of a name is another by one slip. Within a step who came last
    comes first. Numbers may stand there in any writing, their last four digits are enough; not where *whole*
    says that what has digits in it must stand there as it is.
    """
    pieces = pieces_of(q, region=region, whole=whole)
    near = _near(uow, pieces)
    return [_of_kind(uow, kind, pieces, near, after=None, limit=limit) for kind in kinds]


def of_kind(
    uow: UnitOfWork,
    *,
    q: str,
    kind: Kind,
    after: Place | None,
    limit: int,
    region: str,
    whole: bool = False,
) -> FoundOfKind:
    """Return what *q* finds of one kind, behind *after*; see ``everywhere``."""
    pieces = pieces_of(q, region=region, whole=whole)
    return _of_kind(uow, kind, pieces, _near(uow, pieces), after=after, limit=limit)


def _of_kind(
    uow: UnitOfWork, kind: Kind, pieces: Sequence[Piece], near: Near, *, after: Place | None, limit: int
) -> FoundOfKind:
    found: list[Place] = []
    first, below = after or (STEPS[0], None)
    earlier: list[Terms] = []
    for step in STEPS if pieces else ():
        terms = terms_at(step, pieces, near)
        if terms is None or len(found) > limit:
            continue
        if STEPS.index(step) >= STEPS.index(first):
            wanted = limit + 1 - len(found)
            places = _new_at(uow, kind, terms, earlier, below=below if step == first else None, limit=wanted)
            found += [(step, place) for place in places]
        earlier.append(terms)
    items: list[Found] = uow.search.at(kind, [place for _, place in found[:limit]])
    return FoundOfKind(kind=kind, items=tuple(items), next=found[limit - 1] if len(found) > limit else None)


def _new_at(
    uow: UnitOfWork, kind: Kind, terms: Terms, earlier: Sequence[Terms], *, below: int | None, limit: int
) -> list[int]:
    """Return the places of records that have *terms*, and were not found by *earlier* ones already.

    Those are few when a step is reached, or were all paged through: so they are left out here, and the index
    need not look through all of them for that.
    """
    found: list[int] = []
    for _ in range(ROUNDS):
        rows = uow.search.having(kind, terms, below=below, limit=limit + MORE)
        found += [place for place, words in rows if not any(fits(words, one) for one in earlier)]
        if len(found) >= limit or len(rows) < limit + MORE:
            break
        below = rows[-1][0]
    return found[:limit]


def _near(uow: UnitOfWork, pieces: Sequence[Piece]) -> Near:
    return {one.word: uow.search.near(one.word) for one in pieces if one.word}
