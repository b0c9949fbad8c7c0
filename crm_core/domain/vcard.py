"""A contact as vCard 4.0, as address books read it, or 3.0 for older telephones (pure).

Sources: RFC 6350 (§3.2 folding, §3.4 escaping, §6 properties), RFC 9554 §2.2 (the secondary surname, which
stands among the family names, too) and its kinds of addresses, RFC 3966 (numbers with extensions); RFC 2426
of 3.0.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final, Literal, get_args

from crm_core.domain.contacts import Contact, Email, Phone, PostalAddress

LONGEST_LINE = 75
"""Octets, without the line's end."""
_ESCAPED = str.maketrans({"\\": "\\\\", ",": "\\,", ";": "\\;", "\n": "\\n", "\r": None})
_TYPES = {"mobile": "cell", "other": ""}
UID: Final = "urn:uuid:"
Version = Literal["3.0", "4.0"]
VERSIONS: Final[tuple[Version, ...]] = get_args(Version)


def vcard(contact: Contact, *, version: Version = "4.0") -> str:
    """Return *contact* as a vCard, its lines ending in CR LF."""
    lines = _lines(contact) if version == "4.0" else _lines_of_3(contact)
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def nameless(text: str, *, version: Version) -> str:
    """Return a card that says *text*, and is nobody's."""
    lines = ("BEGIN:VCARD", f"VERSION:{version}", f"FN:{_text(text)}", "N:;;;;", "END:VCARD")
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def own_uid(uid: str | None) -> str | None:
    """Return the id of the contact whose card of ours has this UID; None: it is another program's."""
    return uid[len(UID) :] if uid and uid.startswith(UID) else None


def _lines(one: Contact) -> Iterator[str]:
    is_person = _is_person(one)
    yield from ("BEGIN:VCARD", "VERSION:4.0")
    yield f"UID:{UID}{one.id}"
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
    if one.tags:
        yield f"CATEGORIES:{','.join(map(_text, one.tags))}"
    yield from map(_phone, one.phones)
    yield from map(_email, one.emails)
    yield from map(_address, one.addresses)
    yield f"REV:{_instant(one.updated_at)}"
    yield "END:VCARD"


def _lines_of_3(one: Contact) -> Iterator[str]:
    yield from ("BEGIN:VCARD", "VERSION:3.0")
    yield f"UID:{UID}{one.id}"
    yield f"FN:{_text(one.name)}"
    family = " ".join(filter(None, (one.family, one.second_family)))
    names = (family, one.given, one.additional, one.prefix, one.suffix)
    yield f"N:{';'.join(map(_text, names))}"
    texts = {"ORG": one.company, "TITLE": one.title, "ROLE": one.role, "NOTE": one.note}
    yield from (f"{name}:{_text(value)}" for name, value in texts.items() if value)
    if one.time_zone:
        yield f"TZ;VALUE=text:{_text(one.time_zone)}"
    if one.language:
        yield f"X-LANG:{_text(one.language)}"
    if one.birthday:
        yield f"BDAY:{one.birthday.isoformat()}"
    if one.tags:
        yield f"CATEGORIES:{','.join(map(_text, one.tags))}"
    for phone in one.phones:
        ext = f";ext={phone.ext}" if phone.ext else ""
        number = f"{phone.e164}{ext}" if phone.e164 else _text(phone.raw)
        yield f"TEL{_types(phone.label, 'voice', is_first=phone.is_primary)}:{number}"
    for email in one.emails:
        yield f"EMAIL{_types(email.label, 'internet', is_first=email.is_primary)}:{_text(email.address)}"
    yield from (
        f"ADR;TYPE={place.label.upper()}:{';'.join(map(_text, _place(place)))}" for place in one.addresses
    )
    yield f"REV:{one.updated_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    yield "END:VCARD"


def _types(label: str, kind: str, *, is_first: bool) -> str:
    """Return the kinds of a number or an address in 3.0; what is more than a voice says it itself."""
    own = _TYPES.get(label, label)
    kinds = [one.upper() for one in (own, "" if own == "fax" else kind, "pref" if is_first else "") if one]
    return f";TYPE={','.join(kinds)}" if kinds else ""


def _is_person(one: Contact) -> bool:
    return bool(one.given or one.family or one.additional or one.second_family)


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
    return f"ADR;TYPE={one.label}:{';'.join(map(_text, _place(one)))}"


def _place(one: PostalAddress) -> tuple[str, ...]:
    return ("", "", one.street, one.city, one.province, one.postal_code, one.country or "")


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
