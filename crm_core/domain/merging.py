"""One record out of two: what is chosen, what both have, and the strictest of what was agreed to (pure).

A field that nobody chooses is that of the record that stays, or the other's where that has none. Of what
there may be many (telephones, addresses, tags) both are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, TypeVar

from msgspec.structs import replace

from crm_core.domain.accounts import WholeAccount
from crm_core.domain.consents import Consent, Standing, all_standing, strictest
from crm_core.domain.contacts import Contact, Email, Phone
from crm_core.domain.errors import InvalidError
from crm_core.domain.words import each_once, folded

Side = Literal["stays", "goes"]
Choices = Mapping[str, Side]
Record = TypeVar("Record", Contact, WholeAccount)
NAME, COMPANY, OWN = "name", "company", "fields."
_TOGETHER: dict[str, tuple[str, ...]] = {
    NAME: ("prefix", "given", "additional", "family", "second_family", "suffix"),
    COMPANY: ("account_id", "company"),
}
CONTACT_FIELDS = (
    NAME,
    COMPANY,
    "title",
    "role",
    "language",
    "time_zone",
    "birthday",
    "vip",
    "lifecycle",
    "preferred_channel",
    "call_hours",
    "contact_limit",
    "source",
    "note",
)
"""What is chosen of two contacts; ``name`` and ``company`` are chosen whole."""
ACCOUNT_FIELDS = (
    "name",
    "kind",
    "legal_name",
    "tax_id",
    "parent_id",
    "tier",
    "preferred_queue",
    "preferred_agent",
    "region",
    "website",
    "note",
)
_REFUSING: frozenset[Standing] = frozenset(("refused", "withdrawn"))


def merged_contact(stays: Contact, goes: Contact, choices: Choices, *, now: datetime) -> Contact:
    """Return *stays* with what is chosen of *goes*, as a version that neither had.

    Raises:
        InvalidError: a choice names no field.
    """
    values = _chosen(stays, goes, choices, CONTACT_FIELDS)
    if "vip" not in choices:
        values["vip"] = stays.vip or goes.vip
    return replace(
        stays,
        **values,
        phones=_phones(stays.phones, goes.phones),
        emails=_emails(stays.emails, goes.emails),
        subjects=each_once((*stays.subjects, *goes.subjects)),
        addresses=tuple(dict.fromkeys((*stays.addresses, *goes.addresses))),
        tags=each_once((*stays.tags, *goes.tags)),
        fields=_own(stays.fields, goes.fields, choices),
        updated_at=now,
        version=max(stays.version, goes.version) + 1,
    )


def merged_account(stays: WholeAccount, goes: WholeAccount, choices: Choices) -> WholeAccount:
    """Return *stays* with what is chosen of *goes*, as a version that neither had.

    Raises:
        InvalidError: a choice names no field.
    """
    values = _chosen(stays, goes, choices, ACCOUNT_FIELDS)
    both = (stays.id, goes.id)
    if values["parent_id"] in both:  # the one was above the other
        values["parent_id"] = goes.parent_id if goes.parent_id not in both else None
    related = {(one.kind, one.account_id): one for one in (*goes.relations, *stays.relations)}
    return replace(
        stays,
        **values,
        phones=_phones(stays.phones, goes.phones),
        ranges=tuple(dict.fromkeys((*stays.ranges, *goes.ranges))),
        relations=tuple(one for one in related.values() if not one.is_theirs and one.account_id not in both),
        addresses=tuple(dict.fromkeys((*stays.addresses, *goes.addresses))),
        tags=each_once((*stays.tags, *goes.tags)),
        fields=_own(stays.fields, goes.fields, choices),
        version=max(stays.version, goes.version) + 1,
    )


def differing(stays: Record, goes: Record, fields: Sequence[str]) -> tuple[str, ...]:
    """Return which of *fields* hold something in both records, and not the same."""
    return tuple(
        name
        for name in fields
        if _value(stays, name) and _value(goes, name) and _value(stays, name) != _value(goes, name)
    )


def refused_by_one(
    stays: Iterable[Consent], goes: Iterable[Consent], *, now: datetime
) -> list[tuple[Consent, Standing]]:
    """Return what must be noted anew so that nothing is allowed that one of both refused or withdrew.

    The last that was said of both together counts; where that is less strict than what stood for one of them,
    his refusal and how it stood are returned.
    """
    said, others = list(stays), list(goes)
    together = {(one.purpose, one.channel): one.standing for one in all_standing(said + others, now=now)}
    stood = [*all_standing(said, now=now), *all_standing(others, now=now)]
    missing = []
    for what, standing in together.items():
        apart = [one for one in stood if (one.purpose, one.channel) == what]
        wanted = strictest(one.standing for one in apart)
        if wanted in _REFUSING and standing not in _REFUSING:
            missing.append((next(one.last for one in apart if one.standing == wanted), wanted))
    return missing


def _chosen(stays: Record, goes: Record, choices: Choices, fields: Sequence[str]) -> dict[str, Any]:
    for name in choices:
        if name not in fields and not name.startswith(OWN):
            raise InvalidError(f"choices.{name}", "is not chosen", fault="not_found")
    values: dict[str, Any] = {}
    for name in fields:
        side = choices.get(name) or ("stays" if _value(stays, name) else "goes")
        of = stays if side == "stays" else goes
        together = _TOGETHER[name] if isinstance(stays, Contact) and name in _TOGETHER else (name,)
        values |= {each: getattr(of, each) for each in together}
    if "note" not in choices and stays.note and goes.note and stays.note != goes.note:
        values["note"] = f"{stays.note}\n\n{goes.note}"
    return values


def _value(record: Contact | WholeAccount, name: str) -> Any:
    if isinstance(record, Contact) and name in _TOGETHER:
        values = tuple(getattr(record, each) for each in _TOGETHER[name])
        return values if any(values) else None
    return getattr(record, name)


def _own(stays: Mapping[str, Any], goes: Mapping[str, Any], choices: Choices) -> dict[str, Any]:
    taken = {key: value for key, value in goes.items() if choices.get(OWN + key) == "goes"}
    return {**goes, **stays, **taken}


def _phones(stays: Sequence[Phone], goes: Sequence[Phone]) -> tuple[Phone, ...]:
    """Return the numbers of both, each once: one that one of both must not be called at, nobody calls."""

    def both(kept: Phone, other: Phone) -> Phone:
        return replace(kept, do_not_call=kept.do_not_call or other.do_not_call)

    return _ways(stays, goes, key=lambda one: (one.e164 or one.raw, one.ext), both=both)


def _emails(stays: Sequence[Email], goes: Sequence[Email]) -> tuple[Email, ...]:
    def both(kept: Email, other: Email) -> Email:
        return replace(kept, do_not_write=kept.do_not_write or other.do_not_write)

    return _ways(stays, goes, key=lambda one: folded(one.address), both=both)


Way = TypeVar("Way", Phone, Email)


def _ways(
    stays: Sequence[Way], goes: Sequence[Way], *, key: Callable[[Way], Any], both: Callable[[Way, Way], Way]
) -> tuple[Way, ...]:
    has_first = any(one.is_primary for one in stays)
    found = {key(one): one for one in stays}
    for one in goes:
        known = found.get(key(one))
        if known is not None:
            found[key(one)] = both(known, one)
        else:
            found[key(one)] = replace(one, is_primary=one.is_primary and not has_first)
    return tuple(sorted(found.values(), key=lambda one: (not one.is_primary, one.id)))
