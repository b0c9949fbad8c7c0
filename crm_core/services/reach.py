"""How a contact is reached: numbers and addresses as they are kept after a change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec.structs import replace

from crm_core.domain.contacts import Email, Phone
from crm_core.domain.errors import InvalidError
from crm_core.domain.words import folded
from crm_core.ports import UnitOfWork
from crm_core.services import audit
from crm_core.services.numbers import read_phones

MOST_PHONES = MOST_EMAILS = 20


def e164s(phones: Iterable[Phone]) -> list[str]:
    """Return the numbers of *phones* that could be read."""
    return [phone.e164 for phone in phones if phone.e164]


def phones_after(
    uow: UnitOfWork, before: Sequence[Phone], asked: Sequence[Phone], *, region: str, now: datetime
) -> tuple[Phone, ...]:
    """Return *asked* as somebody's numbers: read, each once, the newly primary one alone so.

    Those with the id of one in *before* are that one, changed; those with an empty id are new.

    Raises:
        InvalidError: there is no number in one, one has an id that none had, or they are more than 20.
    """
    if len(asked) > MOST_PHONES:
        raise InvalidError("phones", f"at most {MOST_PHONES}")
    had = {phone.id: phone for phone in before}
    known = []
    for n, phone in enumerate(asked):
        same = had.get(phone.id)
        if phone.id and same is None:
            raise InvalidError(f"phones.{n}.id", "is none of these numbers", fault="not_found")
        known.append(_as_kept(phone, same, phone.id or uow.new_id(now)))
    read = read_phones(known, region=region)
    primary = _primary([(one.id, one.is_primary) for one in read], {p.id for p in before if p.is_primary})
    return _by_place(replace(one, is_primary=one.id == primary) for one in read)


def demand_marked(before: Iterable[Phone], after: Iterable[Phone]) -> None:
    """Let who may not lift it leave every number marked that must not be called.

    Raises:
        InvalidError: one would not be marked any more, or gone.
    """
    if not _marked(before) <= _marked(after):
        raise InvalidError(
            "phones", "a number must not be called; somebody else lifts it", fault="may_not_lift"
        )


def note_marks(
    uow: UnitOfWork,
    contact_id: str,
    before: Iterable[Phone],
    after: Iterable[Phone],
    *,
    by: str | None,
    now: datetime,
) -> None:
    """Keep in the audit that numbers of a contact must not be called from now on, or may be again."""
    had, has = _marked(before), _marked(after)
    for what, numbers in (("number excluded", has - had), ("number readmitted", had - has)):
        if numbers:
            who = by or "service"
            audit.note(uow, who=who, what=what, address=None, now=now, kind="contact", record_id=contact_id)


def emails_after(
    uow: UnitOfWork, before: Sequence[Email], asked: Sequence[Email], *, now: datetime
) -> tuple[Email, ...]:
    """Return *asked* as somebody's addresses; see ``phones_after``.

    Raises:
        InvalidError: one has an id that none had, or they are more than 20.
    """
    if len(asked) > MOST_EMAILS:
        raise InvalidError("emails", f"at most {MOST_EMAILS}")
    had = {email.id for email in before}
    kept: dict[str, Email] = {}
    for n, email in enumerate(asked):
        if email.id and email.id not in had:
            raise InvalidError(f"emails.{n}.id", "is none of these addresses", fault="not_found")
        kept.setdefault(folded(email.address), replace(email, id=email.id or uow.new_id(now)))
    primary = _primary(
        [(one.id, one.is_primary) for one in kept.values()], {e.id for e in before if e.is_primary}
    )
    made = (replace(one, is_primary=one.id == primary) for one in kept.values())
    return tuple(sorted(made, key=lambda one: (not one.is_primary, one.id)))


def _marked(phones: Iterable[Phone]) -> set[str]:
    return {one.e164 or one.raw for one in phones if one.do_not_call}


def _as_kept(phone: Phone, before: Phone | None, key: str) -> Phone:
    """Return *phone* as it was read before, when it is written as before; else to be read."""
    if before is not None and before.raw == phone.raw:
        return replace(phone, e164=before.e164, ext=before.ext)
    return replace(phone, id=key, e164=None, ext=None)


def _primary(asked: Sequence[tuple[str, bool]], before: set[str]) -> str | None:
    """Return which one is primary: the first that becomes it, else the first that was."""
    wanted = [key for key, is_primary in asked if is_primary]
    return next((key for key in wanted if key not in before), wanted[0] if wanted else None)


def _by_place(phones: Iterable[Phone]) -> tuple[Phone, ...]:
    return tuple(sorted(phones, key=lambda one: (not one.is_primary, one.id)))
