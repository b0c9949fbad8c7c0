"""What is too old is let go: by rules that somebody made, a little at a time, never of who must be kept.

Found in one transaction and let go in another one, so that nobody waits for the search. What a run that was
ended on the way left is found by the next one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import get_args

import msgspec
from msgspec.structs import replace

from crm_core.domain.erasure import GRACE
from crm_core.domain.errors import NotFoundError
from crm_core.domain.events import IncidentUpdated, RecordsLetGo, RetentionChanged
from crm_core.domain.retention import (
    KINDS,
    Aged,
    HeldPerson,
    Outlook,
    QuietKind,
    RecordKind,
    RetentionRule,
    checked_days,
    end_of,
)
from crm_core.domain.versions import at_version
from crm_core.ports import UnitOfWork
from crm_core.ports.places import Place
from crm_core.services import audit, erasure, interactions

SERVICE = "service"
MOST_COUNTED, MOST_NAMED = 10_000, 50


class LetGo(msgspec.Struct, frozen=True, kw_only=True):
    """How many of a few records went, and how many stayed for a legal hold.

    ``goes_on``: some are too large to go at once; found again, they are gone on with.
    """

    gone: int
    held: int
    goes_on: bool = False


def rules(uow: UnitOfWork) -> list[RetentionRule]:
    """Return the rule of each kind."""
    return [uow.retention.rule(kind) for kind in KINDS]


def set_rule(
    uow: UnitOfWork,
    *,
    kind: RecordKind,
    days: int | None,
    version: int,
    by: str,
    address: str | None,
    now: datetime,
) -> RetentionRule:
    """Keep records of a kind for so many *days* from now on; None: for good.

    Raises:
        NotFoundError: there is no such kind.
        InvalidError: too short or too long.
        VersionConflictError: *version* is not the one that is kept.
    """
    if kind not in KINDS:
        raise NotFoundError("retention rule", kind)
    known = at_version(uow.retention.rule(kind), version)
    kept = replace(known, days=checked_days(kind, days), version=version + 1, set_at=now)
    uow.retention.put(kept)
    uow.events.append(RetentionChanged(at=now, by=by, kind=kind))
    changes = {"days": (_text(known.days), _text(days))}
    audit.note(
        uow,
        who=by,
        what="retention set",
        address=address,
        now=now,
        kind="retention",
        record_id=kind,
        changes=changes,
    )
    return kept


def outlook(uow: UnitOfWork, *, kind: RecordKind, days: int, now: datetime) -> Outlook:
    """Return what would go of a kind if it were kept for so many *days*; nothing goes by it.

    Raises:
        InvalidError: too short or too long.
    """
    checked_days(kind, days)
    found = uow.retention.older(kind, end_of(days, now=now), None, MOST_COUNTED + 1)
    counted = found[:MOST_COUNTED]
    held = uow.retention.held(kind, counted)
    going = [one for one in counted if one.id not in held]
    return Outlook(
        kind=kind,
        days=days,
        count=len(going),
        is_more=len(found) > MOST_COUNTED,
        oldest=min((one.at for one in going), default=None),
        held=len(held),
        people=tuple(_people(uow, held)),
    )


def older(
    uow: UnitOfWork, *, kind: RecordKind, before: datetime, behind: Place | None, limit: int
) -> list[Aged]:
    """Return records of a kind from before *before* that are to go or must stay, behind a place."""
    return uow.retention.older(kind, before, behind, limit)


def let_go(uow: UnitOfWork, *, kind: RecordKind, version: int, found: Sequence[Aged], now: datetime) -> LetGo:
    """Let go of what is personal in the records *found*, but for those that must stay.

    Raises:
        VersionConflictError: *version* of the rule, by which they were found, does not hold any more.
    """
    known = at_version(uow.retention.rule(kind), version)
    held = uow.retention.held(kind, found)
    going = [one.id for one in found if one.id not in held]
    gone = _GOES[kind](uow, going, now)
    uow.retention.put(replace(known, going=known.going + gone))
    return LetGo(gone=gone, held=len(held), goes_on=kind == "imports" and gone < len(going))


def end_run(uow: UnitOfWork, *, kind: RecordKind, held: int, now: datetime) -> RetentionRule:
    """Keep that all records of a kind were looked through, and tell how many went."""
    known = uow.retention.rule(kind)
    kept = replace(known, ran_at=now, gone=known.going, held=held, going=0)
    uow.retention.put(kept)
    if kept.gone or held:
        what = f"records let go: {kept.gone}, kept by legal holds: {held}"
        audit.note(uow, who=SERVICE, what=what, address=None, now=now, kind="retention", record_id=kind)
        uow.events.append(RecordsLetGo(at=now, by=SERVICE, kind=kind, gone=kept.gone, held=held))
    return kept


def _calls(uow: UnitOfWork, ids: Sequence[str], _now: datetime) -> int:
    """Make calls nobody's; times, queues, agents and outcomes stay, and with them all figures."""
    known = uow.calls.known(ids)
    uow.calls.put([erasure.nobodys(one) for one in known.values()])
    uow.privacy.clear_notes(list(known))
    return len(known)


def _incidents(uow: UnitOfWork, ids: Sequence[str], now: datetime) -> int:
    written = uow.interactions.of_incidents(ids)
    versions = uow.retention.forget_incidents(ids)
    interactions.gone(uow, written, by=SERVICE, now=now)
    uow.events.extend(
        IncidentUpdated(at=now, by=SERVICE, incident_id=key, version=version)
        for key, version in versions.items()
    )
    return len(versions)


def _contacts(uow: UnitOfWork, ids: Sequence[str], now: datetime) -> int:
    """Ask that contacts be erased, as anybody may ask."""
    there = [key for key in ids if uow.contacts.get(key) is not None]
    for key in there:
        erasure.ask(uow, contact_id=key, grace=GRACE, by=SERVICE, address=None, now=now)
    return len(there)


_Goes = Callable[[UnitOfWork, Sequence[str], datetime], int]


def _quietly(kind: QuietKind) -> _Goes:
    return lambda uow, ids, _now: uow.retention.forget(kind, ids)


_GOES: Mapping[RecordKind, _Goes] = {kind: _quietly(kind) for kind in get_args(QuietKind)} | {
    "calls": _calls,
    "incidents": _incidents,
    "contacts": _contacts,
}


def _people(uow: UnitOfWork, held: Mapping[str, str]) -> list[HeldPerson]:
    return uow.retention.people(sorted(set(held.values()))[:MOST_NAMED])


def _text(days: int | None) -> str | None:
    return None if days is None else str(days)
