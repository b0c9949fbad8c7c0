"""What a person agreed to: for which purpose, by which channel, on which ground of the law (pure).

Nothing is written over: what he said last counts, and what he said before stays to be shown.
Sources: GDPR art. 6(1) (grounds), 7(3) (withdrawal), 21(2)-(3) (objection to marketing); for calls to people
in Spain Ley 11/2022, art. 66.1.b.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal, get_args

import msgspec

from crm_core.domain.contacts import Channel
from crm_core.domain.errors import InvalidError

Purpose = Literal["marketing", "recording", "profiling"]
Basis = Literal[
    "consent",
    "contract",
    "legal_obligation",
    "vital_interests",
    "public_task",
    "legitimate_interests",
]
Said = Literal["given", "refused", "withdrawn"]
Standing = Literal["refused", "withdrawn", "given", "expired", "unknown"]
PURPOSES: tuple[Purpose, ...] = get_args(Purpose)
BASES: tuple[Basis, ...] = get_args(Basis)
SAID: tuple[Said, ...] = get_args(Said)
LONGEST_SOURCE, LONGEST_PROOF = 80, 200
_STRICTEST: tuple[Standing, ...] = get_args(Standing)


class Consent(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody said (``status``) at ``at``; ``basis`` is the ground on which he is approached by it.

    ``source`` is how we know, ``proof`` where it can be shown: a recording, a form. Something given ends at
    ``expires_at``. ``noted_by`` wrote it down.
    """

    id: str
    contact_id: str
    purpose: Purpose
    channel: Channel
    basis: Basis
    status: Said
    source: str
    at: datetime
    proof: str | None = None
    expires_at: datetime | None = None
    noted_at: datetime
    noted_by: str | None = None


class Stands(msgspec.Struct, frozen=True, kw_only=True):
    """How somebody stands to a purpose by a channel, and what he said last."""

    purpose: Purpose
    channel: Channel
    standing: Standing
    last: Consent


def checked(one: Consent, *, now: datetime) -> Consent:
    """Return *one* when it can be kept.

    Raises:
        InvalidError: naming the first field that cannot.
    """
    if not 0 < len(one.source.strip()) <= LONGEST_SOURCE:
        raise InvalidError("source", f"1 to {LONGEST_SOURCE} characters")
    if one.at > now:
        raise InvalidError("at", "nobody said it yet")
    if one.expires_at is not None and one.status != "given":
        raise InvalidError("expires_at", "only what is given ends")
    if one.expires_at is not None and one.expires_at <= one.at:
        raise InvalidError("expires_at", "after it was given")
    return one


def standing(said: Iterable[Consent], *, now: datetime) -> Standing:
    """Return how somebody stands at *now* who *said* this of one purpose and channel, in any order."""
    last = max(said, key=_when, default=None)
    if last is None:
        return "unknown"
    if last.status == "given" and last.expires_at is not None and last.expires_at <= now:
        return "expired"
    return last.status


def strictest(found: Iterable[Standing]) -> Standing:
    """Return how those stand who share a number: what one of them refuses is refused."""
    return min(found, key=_STRICTEST.index, default="unknown")


def all_standing(said: Iterable[Consent], *, now: datetime) -> list[Stands]:
    """Return how somebody stands to each purpose and channel of which he said something, in their order."""
    by_what: dict[tuple[Purpose, Channel], list[Consent]] = {}
    for one in said:
        by_what.setdefault((one.purpose, one.channel), []).append(one)
    return [
        Stands(
            purpose=purpose,
            channel=channel,
            standing=standing(entries, now=now),
            last=max(entries, key=_when),
        )
        for (purpose, channel), entries in sorted(by_what.items())
    ]


def _when(one: Consent) -> tuple[datetime, datetime, str]:
    return one.at, one.noted_at, one.id
