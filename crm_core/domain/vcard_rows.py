"""vCards 2.1, 3.0 and 4.0, as address books and phones write them, as rows of a table of people (pure).

Pictures, sounds, keys and what else is not read are passed over without being held; a card within a card
(``AGENT`` of 2.1) is passed over, too.
Sources: vCard 2.1 (versit, 1996) §2.1.3; RFC 2426 §2.6, §5.8.4; RFC 6350 §3.2-§3.4, §6.
"""

from __future__ import annotations

import quopri
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from crm_core.domain.contact_columns import Column
from crm_core.domain.contact_rows import is_language
from crm_core.domain.contacts import PostalAddress
from crm_core.domain.person_cells import birthday_in, is_zone, place_label_in, written_places
from crm_core.domain.rows import RowError
from crm_core.domain.typed_cells import fitting_tags

CARD_COLUMNS: tuple[Column, ...] = (
    "given",
    "family",
    "name",
    "company",
    "title",
    "work",
    "mobile",
    "home",
    "fax",
    "email",
    "language",
    "street",
    "postal_code",
    "city",
    "province",
    "note",
    "prefix",
    "additional",
    "second_family",
    "suffix",
    "role",
    "birthday",
    "time_zone",
    "tags",
    "country",
    "place_label",
    "places",
    "home_email",
    "primary",
    "uid",
)
BEGIN, END = "BEGIN:VCARD", "END:VCARD"
LONGEST, MOST = 64 << 10, 1_000
"""Signs of a property that is read; properties of a card."""
_READ = frozenset(
    (
        *(
            "N",
            "FN",
            "ORG",
            "TITLE",
            "ROLE",
            "TEL",
            "EMAIL",
            "LANG",
            "ADR",
            "NOTE",
            "BDAY",
            "TZ",
            "CATEGORIES",
        ),
        *("UID", "X-LANG"),
    )
)
_DAY = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:T.*)?")
_NO_YEAR = "X-APPLE-OMIT-YEAR"
"""A parameter of Apple's: the year stands there for the form alone."""
_FIRST = re.compile(r"(?:^|;)\s*(?:PREF=1(?:;|$)|(?:TYPE=)?[^;=]*\bPREF\b(?!=))", re.IGNORECASE)
_Kinds = Sequence[tuple[str, str]]
_ESCAPED = re.compile(r"\\(.)")
_LABELS: _Kinds = (("FAX", "fax"), ("CELL", "mobile"), ("MOBILE", "mobile"), ("HOME", "home"))
_MAILS: _Kinds = (("HOME", "home_email"),)
_PLACES: _Kinds = (("HOME", "home"), ("BILLING", "billing"), ("DELIVERY", "delivery"), ("OTHER", "other"))


class Line(NamedTuple):
    """A line of the file; not ``is_whole``: it was longer, the rest is passed over."""

    number: int
    text: str
    is_whole: bool = True


class _Property(NamedTuple):
    name: str
    parameters: Sequence[str]
    value: str | None
    """None: it is longer than anything of a person."""


def begins_cards(first: str) -> bool:
    """Return whether a text with this first line is one of vCards."""
    return first.strip().upper() == BEGIN


def card_rows(lines: Iterable[Line]) -> Iterator[tuple[int, list[str] | None]]:
    """Yield a row for each card, with the line on which it begins; None for one that cannot be read."""
    depth, begun = 0, 0
    card: list[_Property] | None = []
    for number, one in _properties(lines):
        if (one.name, one.value) == ("BEGIN", "VCARD"):
            depth += 1
            if depth == 1:
                begun, card = number, []
        elif (one.name, one.value) == ("END", "VCARD"):
            depth = max(depth - 1, 0)
            if depth == 0 and begun:
                yield begun, _row(card) if card is not None else None
                begun = 0
        elif depth == 1 and one.name in _READ and card is not None:
            card.append(one)
            if one.value is None or len(card) > MOST:
                card = None
    if begun:
        yield begun, None


def _properties(lines: Iterable[Line]) -> Iterator[tuple[int, _Property]]:
    for number, head, value in _unfolded(lines):
        name, *parameters = head.split(";")
        name = name.rpartition(".")[2].strip().upper()
        is_edge = name in ("BEGIN", "END")
        told = (value or "").strip().upper() if is_edge else _decoded(parameters, value)
        yield number, _Property(name, parameters, told)


def _unfolded(lines: Iterable[Line]) -> Iterator[tuple[int, str, str | None]]:
    """Yield each property with its first line's number, its head and its value; None of one too long."""
    number, head, pieces, size, is_soft = 0, "", [""], 0, False
    for line in lines:
        text = line.text.rstrip("\r\n")
        goes_on = text[:1] in (" ", "\t") and text != ""
        if not (goes_on or is_soft):
            if head:
                yield number, head, "".join(pieces) if size <= LONGEST else None
            number, size, pieces = line.number, 0, []
            head, text = _apart(text)
        elif goes_on and not is_soft:
            text = text[1:]
        is_read = _is_read(head)
        is_soft = is_read and text.endswith("=") and _is_quoted(head)
        size += (len(text) if line.is_whole else LONGEST + 1) if is_read else 0
        if is_read and size <= LONGEST:
            pieces.append(text[:-1] if is_soft else text)
    if head:
        yield number, head, "".join(pieces) if size <= LONGEST else None


def _is_read(head: str) -> bool:
    name = head.partition(";")[0].rpartition(".")[2].strip().upper()
    return name in _READ or name in ("BEGIN", "END")


def _is_quoted(head: str) -> bool:
    return "QUOTED-PRINTABLE" in head.upper()


def _apart(text: str) -> tuple[str, str]:
    """Return the head and the value of a property; a colon within quotation marks is of the head."""
    if '"' not in text:
        head, colon, value = text.partition(":")
        return (head, value) if colon else ("", "")
    is_within = False
    for place, sign in enumerate(text):
        if sign == '"':
            is_within = not is_within
        elif sign == ":" and not is_within:
            return text[:place], text[place + 1 :]
    return "", ""


def _decoded(parameters: Sequence[str], value: str | None) -> str | None:
    told = {one.upper() for one in parameters}
    if value is None or not told & {"QUOTED-PRINTABLE", "ENCODING=QUOTED-PRINTABLE"}:
        return value
    raw = quopri.decodestring(value.encode("utf-8", "replace"))
    named = next((one[8:] for one in told if one.startswith("CHARSET=")), "UTF-8")
    for charset in (named, "utf-8", "cp1252"):
        try:
            return raw.decode(charset)
        except (LookupError, ValueError):  # no charset is called so, or the text is in another
            continue
    return raw.decode("latin-1")


def _row(card: Sequence[_Property]) -> list[str]:
    company = next((_parts(value)[0] for value in _values(card, "ORG")), "")
    names = _names(card)
    full = next(map(_plain, _values(card, "FN")), "")
    languages = (*_values(card, "LANG"), *_values(card, "X-LANG"))
    cells: dict[str, str] = {
        **names,
        **_ways(card),
        **_places(card),
        "name": full if not any(names.values()) and full != company else "",
        "company": company,
        "title": next(map(_plain, _values(card, "TITLE")), ""),
        "role": next(map(_plain, _values(card, "ROLE")), ""),
        "language": next(filter(is_language, map(_plain, languages)), ""),
        "birthday": next(filter(None, map(_day, card)), ""),
        "time_zone": next((zone for zone in map(_plain, _values(card, "TZ")) if is_zone(zone)), ""),
        "tags": "\n".join(_tags(card)),
        "uid": next(map(_plain, _values(card, "UID")), ""),
        "note": "\n".join(map(_plain, _values(card, "NOTE"))),
    }
    return [
        cells.get(column, "") if column in _OF_LINES else " ".join(cells.get(column, "").split())
        for column in CARD_COLUMNS
    ]


_OF_LINES = frozenset(
    ("work", "mobile", "home", "fax", "email", "home_email", "primary", "note", "tags", "places")
)


def _ways(card: Iterable[_Property]) -> dict[str, str]:
    """Return the numbers and addresses of a card by column, and which are the first choice."""
    found: dict[str, list[str]] = {}
    for one in card:
        if one.name == "TEL" and one.value:
            column, way = _label(one.parameters, _LABELS, "work"), _plain(_without(one.value, "tel:"))
        elif one.name == "EMAIL" and one.value:
            column, way = _label(one.parameters, _MAILS, "email"), _plain(_without(one.value, "mailto:"))
        else:
            continue
        found.setdefault(column, []).append(way)
        if _FIRST.search(";".join(one.parameters)):
            found.setdefault("primary", []).append(way)
    return {column: "\n".join(ways) for column, ways in found.items()}


def _places(card: Iterable[_Property]) -> dict[str, str]:
    places = [_place(one) for one in card if one.name == "ADR" and one.value]
    places = [one for one in places if one != PostalAddress(label=one.label)]
    if not places:
        return {}
    first = places[0]
    return {
        "street": first.street,
        "city": first.city,
        "province": first.province,
        "postal_code": first.postal_code,
        "country": first.country or "",
        "place_label": first.label if first.label != "work" else "",
        "places": written_places(places[1:]),
    }


def _place(one: _Property) -> PostalAddress:
    parts = [" ".join(part.split()) for part in _parts(one.value or "")]
    street, city, province, code, country = (*parts, *[""] * 7)[2:7]
    return PostalAddress(
        label=place_label_in(_label(one.parameters, _PLACES, "work")),
        street=street,
        city=city,
        province=province,
        postal_code=code,
        # a country in words is nobody's code
        country=country if _COUNTRY.fullmatch(country) else None,
    )


_COUNTRY = re.compile(r"[A-Z]{2}")


def _tags(card: Iterable[_Property]) -> list[str]:
    """Return the tags of a card: the first that can be kept. Categories of others may be longer, and more."""
    values = _values(card, "CATEGORIES")
    return fitting_tags(filter(None, (_plain(tag) for value in values for tag in _split(value, ","))))


def _day(one: _Property) -> str:
    """Return a day of birth in ISO; "" of one without a year, of what is none, and of a text."""
    found = _DAY.fullmatch(one.value.strip()) if one.name == "BDAY" and one.value else None
    if found is None or any(told.upper().startswith(_NO_YEAR) for told in one.parameters):
        return ""
    day = "-".join(found.groups())
    try:
        return day if birthday_in(day, "ymd") else ""
    except RowError:
        return ""


def _values(card: Iterable[_Property], name: str) -> Iterator[str]:
    return (one.value for one in card if one.name == name and one.value)


def _names(card: Sequence[_Property]) -> dict[str, str]:
    """Return the parts of a name. The secondary surname (RFC 9554) stands among the family names, too."""
    parts = next((_parts(value) for value in _values(card, "N")), [])
    family, given, additional, prefix, suffix, second = (*parts, *[""] * 6)[:6]
    return {
        "given": " ".join(filter(None, (given, additional))),
        "additional": additional,
        "family": family,
        "second_family": second,
        "prefix": prefix,
        "suffix": suffix,
    }


def _parts(value: str) -> list[str]:
    """Return the parts of a value with several (``;``), each with its own (``,``) behind each other."""
    return [" ".join(filter(None, map(_plain, _split(part, ",")))) for part in _split(value, ";")]


def _split(value: str, sign: str) -> list[str]:
    if "\\" not in value:
        return value.split(sign)
    parts, piece, is_escaped = [], "", False
    for letter in value:
        if letter == sign and not is_escaped:
            parts.append(piece)
            piece = ""
            continue
        piece += letter
        is_escaped = letter == "\\" and not is_escaped
    return [*parts, piece]


def _plain(text: str) -> str:
    if "\\" not in text:
        return text.strip()
    return _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], text).strip()


def _without(value: str, scheme: str) -> str:
    return value[len(scheme) :] if value[: len(scheme)].lower() == scheme else value


def _label(parameters: Iterable[str], kinds: _Kinds, other: str) -> str:
    told = ",".join(parameters).upper().replace("TYPE=", "").replace('"', "").split(",")
    return next((label for kind, label in kinds if kind in told), other)
