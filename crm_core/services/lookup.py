"""Who is calling: the phone book asked from the surest way to the least, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from crm_core.domain.calls import Match, MatchKind
from crm_core.domain.entries import Entry, found_by
from crm_core.domain.matching import attached, digits_agree, match_of
from crm_core.domain.phone import ReadNumber, digits_of, equated, read_number, tail_of
from crm_core.ports import UnitOfWork
from crm_core.services.led_on import led_on


class Callers(msgspec.Struct, frozen=True, kw_only=True):
    """Who may be calling; ``contact`` when there is no doubt.

    ``entries`` are by contact and account, as the match's candidates; ``company`` is the contact's, or the
    one that all who share the number have.
    """

    match: Match = Match()
    entries: dict[tuple[str | None, str | None], Entry] = {}
    contact: Entry | None = None
    company: Entry | None = None


class Looked(msgspec.Struct, frozen=True, kw_only=True):
    """What a dialplan may want to know of a caller; ``contact_id`` only when there is no doubt.

    ``queue`` and ``agent`` are those that the company's callers are sent to.
    """

    match: MatchKind
    contact_id: str | None = None
    name: str | None = None
    account: str | None = None
    language: str | None = None
    vip: bool = False
    tier: str | None = None
    queue: str | None = None
    agent: str | None = None
    open_incidents: int = 0


def who(uow: UnitOfWork, *, number: str, region: str, id: str | None = None) -> Looked:  # noqa: A002 - as a dialplan says it
    """Return what is known of the caller with *number*, as it came over a trunk in *region*.

    *id*, when he typed one, counts more than his number: a contact's id, or the number of an incident of his.
    """
    return told(callers(uow, number=read_number(number, region=region), named=contact_named(uow, id)))


def told(found: Callers) -> Looked:
    """Return *found* as a dialplan is told it."""
    one = found.contact or found.company
    if one is None:
        return Looked(match=found.match.kind)
    return Looked(
        match=found.match.kind,
        contact_id=one.contact_id if found.contact else None,
        name=one.name if found.contact else None,
        account=one.company,
        language=one.language if found.contact else None,
        vip=found.contact is not None and one.vip,
        tier=one.tier,
        queue=one.queue,
        agent=one.agent,
        open_incidents=one.open_incidents,
    )


def contact_named(uow: UnitOfWork, text: str | None) -> str | None:
    """Return the contact that a caller names, by his id or by an incident's number; None without one."""
    incident = uow.incidents.by_number(text) if text else None
    return incident.contact_id if incident else text


def callers(
    uow: UnitOfWork, *, number: ReadNumber | None, named: str | None = None, remembers: bool = True
) -> Callers:
    """Return who may be calling with *number*; *named* is a contact that was named in the IVR or by a person.

    Args:
        uow: the unit of work.
        number: the caller's; only one that is an outside number, or could not be read, is looked up.
        named: a contact's id.
        remembers: whether whom somebody chose for this number before counts.
    """
    pairs = [*_by_name(uow, named), *(_by_number(uow, number, remembers=remembers) if number else ())]
    if not pairs:
        return Callers()
    match = match_of([found_by(entry, kind) for entry, kind in pairs])
    entries: dict[tuple[str | None, str | None], Entry] = {}
    for entry, _ in pairs:
        entries.setdefault((entry.contact_id, entry.account_id), entry)
    contact_id, account_id = attached(match)
    contact = entries.get((contact_id, account_id)) if contact_id else None
    company = next((one for one in entries.values() if account_id and one.account_id == account_id), None)
    return Callers(match=match, entries=entries, contact=contact, company=contact or company)


def _by_name(uow: UnitOfWork, named: str | None) -> Iterator[tuple[Entry, MatchKind]]:
    if named and (entry := uow.phone_book.contact(named) or uow.phone_book.contact(led_on(uow, named))):
        yield entry, "ivr_id"


def _by_number(uow: UnitOfWork, number: ReadNumber, *, remembers: bool) -> Iterator[tuple[Entry, MatchKind]]:
    """Yield who has the number; each way is gone only when the surer ones before it found nobody."""
    book = uow.phone_book
    if number.kind == "invalid":
        yield from _by_digits(uow, digits_of(number), only_unread=False)
        return
    if number.e164 is None:
        return
    if remembers and (entry := book.chosen(number.e164)):
        yield entry, "chosen"
    if listed := book.exactly((number.e164, *equated(number.e164))):
        for entry in _with_extension(listed, number.ext):
            yield entry, "exact" if entry.e164 == number.e164 else "equated"
        return
    written = list(_by_digits(uow, digits_of(number), only_unread=True))
    yield from written or ((entry, "range") for entry in book.in_range(number.e164))


def _with_extension(listed: list[Entry], ext: str | None) -> list[Entry]:
    """Return those who have this extension when there are any; else all."""
    return [entry for entry in listed if ext and entry.ext == ext] or listed


def _by_digits(uow: UnitOfWork, digits: str, *, only_unread: bool) -> Iterator[tuple[Entry, MatchKind]]:
    tail = tail_of(digits)
    if tail is None:
        return
    for entry in uow.phone_book.with_tail(tail, only_unread=only_unread):
        if digits_agree(entry.digits or "", digits):
            yield entry, "national"
