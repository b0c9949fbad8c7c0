"""Whose a past call is: learnt later, chosen by a person, and kept when the call is told again."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from crm_core.domain.calls import Call, Candidate, Match


def labelled(call: Call, *, contact_id: str | None, match: Match, at: datetime) -> Call:
    """Return *call* with who it was, learnt at *at*."""
    return replace(call, contact_id=contact_id, match=replace(match, relabelled_at=at))


def chosen(match: Match, *, contact_id: str, account_id: str | None) -> Match:
    """Return *match* after a person said who it was: he comes first, the others stay."""
    first = Candidate(contact_id=contact_id, account_id=account_id, kind="chosen", why="chosen")
    others = tuple(one for one in match.candidates if one.contact_id != contact_id)
    return replace(match, kind="chosen", candidates=(first, *others))


def told_again(call: Call, before: Call) -> Call:
    """Return *call*, told anew by the exchange, with the label that people or a later look-up gave it.

    A person's choice stays in any case; what was learnt later stays where the new telling knows nobody.
    """
    learnt = before.match.relabelled_at is not None and call.contact_id is None
    if before.match.kind == "chosen" or learnt:
        return replace(call, contact_id=before.contact_id, match=before.match)
    return call
