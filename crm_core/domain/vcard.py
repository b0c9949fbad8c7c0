"""A contact as vCard 4.0, as address books read it (pure).

Sources: RFC 6350 (§3.2 folding, §3.4 escaping, §6 properties), RFC 9554 §2.2 (the secondary surname, which
stands among the family names, too), RFC 3966 (numbers with extensions).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from crm_core.domain.contacts import Contact, Email, Phone, PostalAddress

LONGEST_LINE = 75
"""Octets, without the line's end."""
_ESCAPED = str.maketrans({"\\": "\\\\", ",": "\\,", ";": "\\;", "\n": "\\n", "\r": None})
_TYPES = {"mobile": "cell", "other": "", "billing": "", "delivery": "", "fax": "fax"}


def vcard(contact: Contact) -> str:
    """Return *contact* as a vCard, its lines ending in CR LF."""
    return "".join(f"{_folded(line)}\r\n" for line in _lines(contact))


def _lines(one: Contact) -> Iterator[str]:
    is_person = bool(one.given or one.family)
    yield from ("BEGIN:VCARD", "VERSION:4.0")
    yield f"UID:urn:uuid:{one.id}"
    yield f"KIND:{'individual' if is_person else 'org'}"
    yield f"FN:{_text(one.name)}"
    if is_person:
        yield f"N:{';'.join(_names(one))}"
    texts = {
        "ORG": one.company,
        "TITLE": one.title,
        "ROLE": one.role,
        "LANG": one.language,
        "TZ": one.time_zone,
        "NOTE": one.note,
    }
    yield from (f"{name}:{_text(value)}" for name, value in texts.items() if value)
    if one.birthday:
        yield f"BDAY:{one.birthday:%Y%m%d}"
    yield from map(_phone, one.phones)
    yield from map(_email, one.emails)
    yield from map(_address, one.addresses)
    yield f"REV:{_instant(one.updated_at)}"
    yield "END:VCARD"


def _names(one: Contact) -> list[str]:
    family = ",".join(_text(name) for name in (one.family, one.second_family) if name)
    parts = [family, *map(_text, (one.given, one.additional, one.prefix, one.suffix))]
    return [*parts, _text(one.second_family), ""] if one.second_family else parts


def _phone(one: Phone) -> str:
    if one.e164 is None:
        return f"TEL;VALUE=text{_parameters(one.label, is_first=one.is_primary)}:{_text(one.raw)}"
    ext = f";ext={one.ext}" if one.ext else ""
    return f"TEL;VALUE=uri{_parameters(one.label, is_first=one.is_primary)}:tel:{one.e164}{ext}"


def _email(one: Email) -> str:
    return f"EMAIL{_parameters(one.label, is_first=one.is_primary)}:{_text(one.address)}"


def _address(one: PostalAddress) -> str:
    parts = ("", "", one.street, one.city, one.province, one.postal_code, one.country or "")
    return f"ADR{_parameters(one.label, is_first=False)}:{';'.join(map(_text, parts))}"


def _parameters(label: str, *, is_first: bool) -> str:
    kind = _TYPES.get(label, label)
    return (f";TYPE={kind}" if kind else "") + (";PREF=1" if is_first else "")


def _text(value: str) -> str:
    return value.translate(_ESCAPED)


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _folded(line: str) -> str:
    """Return *line* in pieces of at most 75 octets; no letter is cut in two."""
    pieces, piece, room = [], "", LONGEST_LINE
    for sign in line:
        size = len(sign.encode())
        if size > room:
            pieces.append(piece)
            piece, room = "", LONGEST_LINE - 1  # a blank begins what goes on
        piece, room = piece + sign, room - size
    return "\r\n ".join([*pieces, piece])
