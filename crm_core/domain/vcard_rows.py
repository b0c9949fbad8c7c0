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

from crm_core.domain.contact_rows import Column, is_language

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
)
BEGIN, END = "BEGIN:VCARD", "END:VCARD"
LONGEST, MOST = 64 << 10, 1_000
"""Signs of a property that is read; properties of a card."""
_READ = frozenset(("N", "FN", "ORG", "TITLE", "TEL", "EMAIL", "LANG", "ADR", "NOTE"))
_ESCAPED = re.compile(r"\\(.)")
_LABELS = (("FAX", "fax"), ("CELL", "mobile"), ("MOBILE", "mobile"), ("HOME", "home"))


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
    given, family = _names(card)
    company = next((_parts(value)[0] for value in _values(card, "ORG")), "")
    full = next(map(_plain, _values(card, "FN")), "")
    place = next((_parts(value) for value in _values(card, "ADR")), [])
    street, city, province, code = (*place, *[""] * 7)[2:6]
    numbers: dict[str, list[str]] = {"work": [], "mobile": [], "home": [], "fax": []}
    for one in card:
        if one.name == "TEL" and one.value:
            numbers[_label(one.parameters)].append(_plain(_without(one.value, "tel:")))
    cells: dict[Column, str] = {
        "given": given,
        "family": family,
        "name": full if not (given or family) and full != company else "",
        "company": company,
        "title": next(map(_plain, _values(card, "TITLE")), ""),
        "email": "\n".join(_plain(_without(value, "mailto:")) for value in _values(card, "EMAIL")),
        "language": next(filter(is_language, map(_plain, _values(card, "LANG"))), ""),
        "street": street,
        "city": city,
        "province": province,
        "postal_code": code,
        "note": "\n".join(map(_plain, _values(card, "NOTE"))),
        "work": "\n".join(numbers["work"]),
        "mobile": "\n".join(numbers["mobile"]),
        "home": "\n".join(numbers["home"]),
        "fax": "\n".join(numbers["fax"]),
    }
    lines = ("work", "mobile", "home", "fax", "email", "note")
    return [cells[column] if column in lines else " ".join(cells[column].split()) for column in CARD_COLUMNS]


def _values(card: Iterable[_Property], name: str) -> Iterator[str]:
    return (one.value for one in card if one.name == name and one.value)


def _names(card: Sequence[_Property]) -> tuple[str, str]:
    parts = next((_parts(value) for value in _values(card, "N")), [])
    family, given, additional = (*parts, "", "", "")[:3]
    return " ".join(filter(None, (given, additional))), family


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


def _label(parameters: Iterable[str]) -> str:
    told = ",".join(parameters).upper().replace("TYPE=", "").replace('"', "").split(",")
    return next((label for kind, label in _LABELS if kind in told), "work")
