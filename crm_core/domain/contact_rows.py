"""A row of a table of people: what is in it (pure)."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any

import msgspec

from crm_core.domain.contact_columns import COLUMNS, Column
from crm_core.domain.contacts import (
    CallHours,
    Channel,
    ContactLimit,
    Lifecycle,
    PostalAddress,
    full_name,
)
from crm_core.domain.custom_fields import FieldDef
from crm_core.domain.foreign_cells import ticked, without_foreign
from crm_core.domain.person_cells import (
    birthday_in,
    channel_in,
    first_place_in,
    hours_in,
    lifecycle_in,
    limit_in,
    places_in,
    subjects_in,
    zone_in,
)
from crm_core.domain.rows import (
    LONGEST_NUMBER,
    RowError,
    RowPhone,
    each_in,
    few,
    numbers_in,
    text_in,
)
from crm_core.domain.typed_cells import DayOrder, OwnValue, is_so, own_values, tags_in
from crm_core.domain.way_marks import marks_in, number_cells
from crm_core.domain.words import folded

_LONGEST: Mapping[str, int] = MappingProxyType(
    {
        "name": 100,
        "given": 100,
        "family": 100,
        "company": 200,
        "title": 100,
        "source": 80,
        "street": 200,
        "postal_code": 20,
        "city": 100,
        "province": 100,
        "note": 4000,
        "prefix": 40,
        "additional": 100,
        "second_family": 100,
        "suffix": 40,
        "role": 100,
        "places": 4000,
        "uid": 200,
    }
)
_NUMBERS = frozenset(("work", "mobile", "home", "fax", "other"))
_LABELS: Mapping[str, str] = {"home_email": "home", "other_email": "other"}
_EMAILS = frozenset(("email", *_LABELS))
_MARKS: Mapping[str, str] = {
    "primary": "primary",
    "invalid": "invalid",
    "do_not_call": "do_not",
    "do_not_write": "do_not",
}
"""Columns that name numbers and addresses of other columns, and what they say of them."""
_TICKED = {"do_not_call": _NUMBERS, "do_not_write": _EMAILS}
_MARKED = {**_MARKS, **_LABELS}
_HAVE_EMAILS = _EMAILS | {"do_not_write", "primary", "invalid"}
_OF_LINES = frozenset((*_NUMBERS, *_EMAILS, *_MARKS, "note", "tags", "subjects", "call_hours", "places"))
LONGEST_ADDRESS = 254
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
LONGEST_LANGUAGE = 35
_NAMES = frozenset(COLUMNS)
_NO_FIELDS: Mapping[str, FieldDef] = MappingProxyType({})


class ContactRow(msgspec.Struct, frozen=True, kw_only=True, tag="contact"):
    """Who stands in a row; at least one number or address is there.

    ``places`` are his addresses behind the first one, ``fields`` the site's own by key; ``marks`` say what is
    special of numbers and addresses. ``uid`` is by what another program knows him.
    """

    prefix: str | None = None
    given: str = ""
    additional: str = ""
    family: str = ""
    second_family: str = ""
    suffix: str | None = None
    company: str | None = None
    note: str | None = None
    title: str | None = None
    role: str | None = None
    source: str | None = None
    language: str | None = None
    time_zone: str | None = None
    birthday: date | None = None
    vip: bool | None = None
    lifecycle: Lifecycle | None = None
    preferred_channel: Channel | None = None
    call_hours: tuple[CallHours, ...] = ()
    contact_limit: ContactLimit | None = None
    subjects: tuple[str, ...] = ()
    address: PostalAddress | None = None
    places: tuple[PostalAddress, ...] = ()
    tags: tuple[str, ...] = ()
    fields: dict[str, OwnValue] = {}
    phones: tuple[RowPhone, ...] = ()
    emails: tuple[str, ...] = ()
    marks: dict[str, tuple[str, ...]] = {}
    uid: str | None = None

    @property
    def name(self) -> str:
        """The name by which the contact will be known."""
        return full_name(self.given, self.additional, self.family, self.second_family, company=self.company)


def read_row(
    columns: Sequence[str | None],
    cells: Sequence[str],
    *,
    region: str,
    order: DayOrder = "ymd",
    fields: Mapping[str, FieldDef] = _NO_FIELDS,
    guessed: Container[str] = (),
) -> ContactRow | None:
    """Return who stands in *cells*, numbers read as in *region*, days in *order*; None when all are empty.

    *fields* are the site's own by key. Of columns that were *guessed* by their headings, words of other
    programs are left out.

    Raises:
        RowError: the row cannot be kept.
    """
    if not any(cell.strip() for cell in cells):
        return None
    if any(cell.strip() for cell in cells[len(columns) :]):
        raise RowError("too_many_cells")
    given = [(column, cell) for column, cell in zip(columns, cells, strict=False) if column]
    ours = ticked([(column, _text(column, cell)) for column, cell in given if column in _NAMES], _TICKED)
    texts = without_foreign({column: text for column, text in reversed(ours) if text}, guessed)
    told: dict[str, Any] = {column: texts[column] for column in _AS_WRITTEN if column in texts}
    told |= {name: read(texts[column], order) for column, name, read in _READ if column in texts}
    row = ContactRow(
        **told,
        **_names(texts),
        address=first_place_in(texts),
        fields=own_values(given, fields, order) if fields else {},
        phones=numbers_in(number_cells(ours, _NUMBERS, _MARKS), region=region),
        emails=few(_emails(ours)),
        marks=marks_in(ours, _MARKED, region=region),
    )
    if not row.name:
        raise RowError("no_name")
    if not row.phones and not row.emails:
        raise RowError("no_reach")
    return row


def _text(column: str, cell: str) -> str:
    return text_in(cell, of=column, longest=_LONGEST.get(column), has_lines=column in _OF_LINES)


def _names(texts: Mapping[str, str]) -> dict[str, Any]:
    """Return the parts of the name. A full name is not taken apart but at its comma: who could tell where?

    A second surname and more given names may stand among the first ones, too, as in vCard (RFC 9554 §2.2).
    """
    name = texts.get("name", "")
    additional, second = texts.get("additional", ""), texts.get("second_family", "")
    given, family = _without(texts.get("given", ""), additional), _without(texts.get("family", ""), second)
    if name and not (given or family or additional or second):
        behind, comma, before = name.partition(",")
        is_parted = comma and before.strip()
        given, family = (before.strip(), behind.strip()) if is_parted else (name, "")
    return {"given": given, "family": family, "additional": additional, "second_family": second}


def _without(names: str, last: str) -> str:
    return names.removesuffix(last).rstrip() if last and names.endswith(f" {last}") else names


def is_language(text: str) -> bool:
    """Return whether *text* is the tag of a language (BCP 47)."""
    return _LANGUAGE.fullmatch(text) is not None and len(text) <= LONGEST_LANGUAGE


def _language(text: str, _order: DayOrder) -> str:
    if not is_language(text):
        raise RowError("bad_language", text[:LONGEST_NUMBER])
    return text


def _emails(cells: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for column, text in cells:
        for address in each_in(text) if column in _HAVE_EMAILS else ():
            if column in ("primary", "invalid") and "@" not in address:
                continue
            if not _ADDRESS.fullmatch(address) or len(address) > LONGEST_ADDRESS:
                raise RowError("bad_email", address[:LONGEST_NUMBER])
            yield folded(address), address


_AS_WRITTEN = ("company", "note", "title", "role", "source", "prefix", "suffix", "uid")
_READ: Sequence[tuple[Column, str, Callable[[str, DayOrder], Any]]] = (
    ("language", "language", _language),
    ("time_zone", "time_zone", lambda text, _: zone_in(text)),
    ("birthday", "birthday", birthday_in),
    ("vip", "vip", lambda text, _: is_so(text)),
    ("lifecycle", "lifecycle", lambda text, _: lifecycle_in(text)),
    ("channel", "preferred_channel", lambda text, _: channel_in(text)),
    ("call_hours", "call_hours", lambda text, _: hours_in(text)),
    ("contact_limit", "contact_limit", lambda text, _: limit_in(text)),
    ("subjects", "subjects", lambda text, _: subjects_in(text)),
    ("places", "places", lambda text, _: places_in(text)),
    ("tags", "tags", lambda text, _: tags_in(text)),
)
"""Columns that hold more than a text: of what, and how it is read."""
