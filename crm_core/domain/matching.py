"""Who may be calling: candidates ranked, and attached only when there is no doubt."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from crm_core.domain.calls import Candidate, Match, MatchKind

FEWEST_DIGITS = 8  # of a million Spanish numbers 1 % share their last eight digits, 10 % their last seven
_SURENESS: tuple[MatchKind, ...] = ("ivr_id", "chosen", "exact", "equated", "national", "range")
_SURE: frozenset[MatchKind] = frozenset(("ivr_id", "chosen", "exact"))


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody whose number fits, with what speaks for him. Without a contact: the account's own line."""

    contact_id: str | None
    account_id: str | None
    kind: MatchKind
    has_open_incident: bool = False
    last_spoken_at: datetime | None = None
    is_parent_account: bool = False


def match_of(found: Sequence[Found]) -> Match:
    """Return the match: candidates best first, its kind that of the best, "none" without any.

    Best is who named himself or was chosen for this number before, then the surer kind, then who has an open
    incident, then who was spoken with last, then the parent of other accounts. Each person comes once.
    """
    best: dict[tuple[str | None, str | None], Candidate] = {}
    for one in sorted(found, key=_rank):
        person = (one.contact_id, None if one.contact_id else one.account_id)
        told = Candidate(contact_id=one.contact_id, account_id=one.account_id, kind=one.kind, why=_why(one))
        best.setdefault(person, told)
    candidates = tuple(best.values())
    return Match(kind=candidates[0].kind if candidates else "none", candidates=candidates)


def attached(match: Match) -> tuple[str | None, str | None]:
    """Return the contact and the account that a call with *match* is attached to by itself.

    Who named himself in the IVR or was chosen by a person decides. Else only an exact number attaches: to
    the contact when one person has it, to the account when all who share it have one account.
    """
    candidates = match.candidates
    if candidates and candidates[0].kind in ("ivr_id", "chosen"):
        return candidates[0].contact_id, candidates[0].account_id
    sure = [one for one in candidates if one.kind in _SURE]
    people = {one.contact_id for one in sure if one.contact_id}
    accounts = {one.account_id for one in sure}
    contact = people.pop() if len(people) == 1 else None
    if contact:
        return contact, next(one.account_id for one in sure if one.contact_id == contact)
    return None, accounts.pop() if len(accounts) == 1 else None


def digits_agree(one: str, other: str) -> bool:
    """Say whether two numbers may be the same line: one ends with the other, eight digits at least."""
    short, long = sorted((one, other), key=len)
    return len(short) >= FEWEST_DIGITS and long.endswith(short)


def _rank(one: Found) -> tuple[int, bool, float, bool, str]:
    spoken = one.last_spoken_at.timestamp() if one.last_spoken_at else 0.0
    sureness = _SURENESS.index(one.kind)
    return sureness, not one.has_open_incident, -spoken, not one.is_parent_account, one.contact_id or "~"


def _why(one: Found) -> str:
    """Return the strongest reason as a word that pages translate."""
    if one.kind in ("ivr_id", "chosen"):
        return one.kind
    if one.has_open_incident:
        return "open_incident"
    return "spoken" if one.last_spoken_at else one.kind
