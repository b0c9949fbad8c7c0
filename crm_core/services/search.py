"""Looking for anything: one question, and what fits it by kind, the surest first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

from crm_core.domain.confines import Confines
from crm_core.domain.found import Found, FoundOfKind, Kind, Place
from crm_core.domain.looking import Piece, StepName, Terms, fits, pieces_of, terms_at
from crm_core.domain.words import folded
from crm_core.ports import UnitOfWork

STEPS: tuple[StepName, ...] = get_args(StepName)
MORE, ROUNDS = 20, 25  # how many are looked at at once, and how often, until some are new at a step
Near = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """What is looked for, and by whom: None sees everything, and has no ``addresses`` that he may ask for."""

    pieces: Sequence[Piece]
    near: Near
    within: Confines | None
    addresses: frozenset[str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sieve:
    """Lets new records through that somebody sees.

    Those that were found by *earlier* terms are few when a step is reached, or were all paged through: so
    they are left out here, and the index need not look through all of them for that.
    """

    kind: Kind
    earlier: Sequence[Terms]
    within: Confines | None
    addresses: frozenset[str] | None

    def passed(self, uow: UnitOfWork, terms: Terms, rows: Sequence[tuple[int, list[str]]]) -> list[int]:
        if self.kind == "contact" and self.addresses is not None and rows:
            known = uow.search.but_addresses([place for place, _ in rows], self.addresses)
            rows = [(place, known.get(place, [])) for place, _ in rows if fits(known.get(place, []), terms)]
        new = [place for place, words in rows if not any(fits(words, one) for one in self.earlier)]
        if self.within is None or self.kind not in {"incident", "written"} or not new:
            return new
        ids = uow.search.ids(new)
        looked = uow.incident_lists if self.kind == "incident" else uow.interactions
        seen = looked.seen(sorted(ids.values()), self.within)
        return [place for place in new if ids.get(place) in seen]


def everywhere(
    uow: UnitOfWork,
    *,
    q: str,
    kinds: Iterable[Kind],
    limit: int,
    region: str,
    within: Confines | None = None,
    whole: bool = False,
    whole_addresses: bool = False,
) -> list[FoundOfKind]:
    """Return what *q* finds of each of *kinds*, the first *limit* of each.

    First the records that have every word of *q* as it stands there, then those where the last begins one,
    then where all do, then those where a word of a name is another by one slip. Within a step who came last
    comes first. Numbers may stand there in any writing, their last four digits are enough; not where *whole*
    says that what has digits in it must stand there as it is; nor are parts of e-mail addresses where
    *whole_addresses* says so. Who is confined (*within*) finds those
    incidents, and what was written about them, that he sees.
    """
    pieces = pieces_of(q, region=region, whole=whole)
    near = _near(uow, pieces)
    addresses = _addresses(q) if whole_addresses else None
    look = _Look(pieces=pieces, near=near, within=within, addresses=addresses)
    return [_of_kind(uow, kind, look, after=None, limit=limit) for kind in kinds]


def of_kind(
    uow: UnitOfWork,
    *,
    q: str,
    kind: Kind,
    after: Place | None,
    limit: int,
    region: str,
    within: Confines | None = None,
    whole: bool = False,
    whole_addresses: bool = False,
) -> FoundOfKind:
    """Return what *q* finds of one kind, behind *after*; see ``everywhere``."""
    pieces = pieces_of(q, region=region, whole=whole)
    addresses = _addresses(q) if whole_addresses else None
    look = _Look(pieces=pieces, near=_near(uow, pieces), within=within, addresses=addresses)
    return _of_kind(uow, kind, look, after=after, limit=limit)


def _of_kind(uow: UnitOfWork, kind: Kind, look: _Look, *, after: Place | None, limit: int) -> FoundOfKind:
    found: list[Place] = []
    first, below = after or (STEPS[0], None)
    earlier: list[Terms] = []
    for step in STEPS if look.pieces else ():
        terms = terms_at(step, look.pieces, look.near)
        if terms is None or len(found) > limit:
            continue
        if STEPS.index(step) >= STEPS.index(first):
            wanted = limit + 1 - len(found)
            sieve = _Sieve(kind=kind, earlier=earlier, within=look.within, addresses=look.addresses)
            places = _new_at(uow, terms, sieve, below=below if step == first else None, limit=wanted)
            found += [(step, place) for place in places]
        earlier.append(terms)
    items: list[Found] = uow.search.at(kind, [place for _, place in found[:limit]])
    return FoundOfKind(kind=kind, items=tuple(items), next=found[limit - 1] if len(found) > limit else None)


def _new_at(uow: UnitOfWork, terms: Terms, sieve: _Sieve, *, below: int | None, limit: int) -> list[int]:
    """Return the places of records that have *terms*, and that *sieve* lets through."""
    found: list[int] = []
    for _ in range(ROUNDS):
        rows = uow.search.having(sieve.kind, terms, below=below, limit=limit + MORE)
        found += sieve.passed(uow, terms, rows)
        if len(found) >= limit or len(rows) < limit + MORE:
            break
        below = rows[-1][0]
    return found[:limit]


def _addresses(q: str) -> frozenset[str]:
    return frozenset(one for one in folded(q).split() if "@" in one)


def _near(uow: UnitOfWork, pieces: Sequence[Piece]) -> Near:
    return {one.word: uow.search.near(one.word) for one in pieces if one.word}
