"""A row of a table of customers: what its columns are called, and what is in it.

Tables come from spreadsheets, address books and other CRMs, in Spanish or English; a column is known by its
heading, whatever its case, accents and number (``Teléfono 2``, ``E-mail 1 - Value``).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Literal, TypeVar, get_args

import msgspec
from msgspec.structs import replace

from crm_core.domain.cells import plain_cell
from crm_core.domain.contacts import Contact, Email, Phone, PostalAddress
from crm_core.domain.phone import read_number
from crm_core.domain.words import folded

T = TypeVar("T")
Column = Literal[
    "name",
    "given",
    "family",
    "company",
    "work",
    "mobile",
    "home",
    "fax",
    "email",
    "title",
    "source",
    "street",
    "postal_code",
    "city",
    "province",
    "note",
]
COLUMNS: tuple[Column, ...] = get_args(Column)
Fault = Literal[
    "too_many_cells",
    "no_name",
    "no_reach",
    "bad_number",
    "bad_email",
    "too_long",
    "no_text",
    "too_many",
    "full",
    "erased",
    "no_row",
]
HEADINGS: Mapping[Column, str] = MappingProxyType(
    {
        "name": "name, full name, display name, contact, customer, client, nombre completo,"
        " nombre y apellidos, apellidos y nombre, contacto, cliente, razon social",
        "given": "given, given name, first name, nombre, nombre de pila",
        "family": "family, family name, last name, surname, apellido, apellidos",
        "company": "company, company name, organization, organization name, organisation, account, empresa,"
        " compania, organizacion, sociedad",
        "note": "note, notes, nota, notas, observaciones, comentarios",
        "work": "phone, phones, phone number, phone value, telephone, number, numbers, business phone,"
        " work phone, tel, tlf, telefono, telefonos, numero, numeros, telefono fijo, fijo,"
        " telefono del trabajo",
        "mobile": "mobile, mobile phone, cell, cell phone, movil, telefono movil, celular",
        "home": "home phone, home, telefono particular, particular, telefono de casa",
        "fax": "fax, business fax",
        "email": "email, emails, e mail, e mails, mail, email address, e mail address, email value,"
        " e mail value, correo, correos, correo electronico, correos electronicos, direccion de correo",
        "title": "job title, position, cargo, puesto",
        "source": "source, source of the data, lead source, origen, origen de los datos, procedencia",
        "street": "address, street, street address, business street, direccion, calle, domicilio",
        "postal_code": "postal code, zip, zip code, business postal code, codigo postal, cp, c p",
        "city": "city, town, business city, ciudad, poblacion, localidad, municipio",
        "province": "province, business state, provincia",
    }
)
"""How each column may be called, folded and without digits and signs."""
_COLUMNS: Mapping[str, Column] = MappingProxyType(
    {name.strip(): column for column, names in HEADINGS.items() for name in names.split(",")}
)
_LONGEST: Mapping[Column, int] = MappingProxyType(
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
    }
)
_NOWHERE = PostalAddress()
_OF_LINES = frozenset(("note", "work", "mobile", "home", "fax", "email"))
_LINES_ALLOWED = frozenset("\n\r\t")
_NUMBERS = ("work", "mobile", "home", "fax")
MOST = 20
LONGEST_NUMBER, LONGEST_ADDRESS = 60, 254
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
# Several in one cell: each on its line, or with a sign between. RFC 3966 has ";ext=" within a number.
_BETWEEN = re.compile(r"\s*(?:[\n\r|]|:::|\s/\s|;(?!ext=|phone-context=))\s*")


class RowError(Exception):
    """A row cannot be kept: ``fault`` says why, ``text`` is the cell or the column that it is about."""

    def __init__(self, fault: Fault, text: str = "") -> None:
        super().__init__(fault, text)
        self.fault, self.text = fault, text


class RowPhone(msgspec.Struct, frozen=True, kw_only=True):
    """A number of a row, read."""

    raw: str
    e164: str
    ext: str | None
    label: str


class ContactRow(msgspec.Struct, frozen=True, kw_only=True):
    """Who stands in a row; at least one number or address is there."""

    given: str = ""
    family: str = ""
    company: str | None = None
    note: str | None = None
    title: str | None = None
    source: str | None = None
    address: PostalAddress | None = None
    phones: tuple[RowPhone, ...] = ()
    emails: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name by which the contact will be known."""
        return " ".join(filter(None, (self.given, self.family))) or self.company or ""


def columns_of(headings: Sequence[str]) -> tuple[Column | None, ...]:
    """Return what each column is, by its heading; None for those that are not read."""
    return tuple(_COLUMNS.get(_plain(heading)) for heading in headings)


def _plain(heading: str) -> str:
    return " ".join(re.sub(r"[^a-z]+", " ", folded(heading)).split())


def read_row(columns: Sequence[Column | None], cells: Sequence[str], *, region: str) -> ContactRow | None:
    """Return who stands in *cells*, the numbers read as in *region*; None when all of them are empty.

    Raises:
        RowError: the row cannot be kept.
    """
    if not any(cell.strip() for cell in cells):
        return None
    if any(cell.strip() for cell in cells[len(columns) :]):
        raise RowError("too_many_cells")
    given_as = [(column, _text(column, cell)) for column, cell in zip(columns, cells, strict=False) if column]
    texts = {column: text for column, text in reversed(given_as) if text}
    given, family = _names(texts)
    row = ContactRow(
        given=given,
        family=family,
        company=texts.get("company"),
        note=texts.get("note"),
        title=texts.get("title"),
        source=texts.get("source"),
        address=_place(texts),
        phones=_few(_phones(given_as, region)),
        emails=_few(_emails(given_as)),
    )
    if not row.name:
        raise RowError("no_name")
    if not row.phones and not row.emails:
        raise RowError("no_reach")
    return row


def _text(column: Column, cell: str) -> str:
    text = plain_cell(cell.strip())
    if not text.isprintable():  # most are, and then there is nothing to look for
        _demand_text(column, text)
    if len(text) > _LONGEST.get(column, len(text)):
        raise RowError("too_long", column)
    return text


def _demand_text(column: Column, text: str) -> None:
    allowed = _LINES_ALLOWED if column in _OF_LINES else frozenset("\t")
    for sign in text:
        if unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp") and sign not in allowed:
            raise RowError("no_text", column)


def _names(texts: Mapping[Column, str]) -> tuple[str, str]:
    """Return given and family name. A full name is not taken apart but at its comma: who could tell where?"""
    given, family, name = texts.get("given", ""), texts.get("family", ""), texts.get("name", "")
    if given or family or not name:
        return given, family
    behind, comma, before = name.partition(",")
    return (before.strip(), behind.strip()) if comma and before.strip() else (name, "")


def _place(texts: Mapping[Column, str]) -> PostalAddress | None:
    place = PostalAddress(
        street=texts.get("street", ""),
        postal_code=texts.get("postal_code", ""),
        city=texts.get("city", ""),
        province=texts.get("province", ""),
    )
    return place if place != _NOWHERE else None


def _phones(cells: Iterable[tuple[Column, str]], region: str) -> Iterator[tuple[str, RowPhone]]:
    for column, text in cells:
        for raw in _each(text) if column in _NUMBERS else ():
            number = read_number(raw, region=region)
            if number.e164 is None or len(raw) > LONGEST_NUMBER:
                raise RowError("bad_number", raw[:LONGEST_NUMBER])
            yield (
                f"{number.e164};{number.ext}",
                RowPhone(raw=number.raw, e164=number.e164, ext=number.ext, label=column),
            )


def _emails(cells: Iterable[tuple[Column, str]]) -> Iterator[tuple[str, str]]:
    for column, text in cells:
        for address in _each(text) if column == "email" else ():
            if not _ADDRESS.fullmatch(address) or len(address) > LONGEST_ADDRESS:
                raise RowError("bad_email", address[:LONGEST_NUMBER])
            yield folded(address), address


def _each(text: str) -> Iterator[str]:
    return filter(None, _BETWEEN.split(text))


def _few(found: Iterable[tuple[str, T]]) -> tuple[T, ...]:
    kept: dict[str, T] = {}
    for key, value in found:
        kept.setdefault(key, value)
        if len(kept) > MOST:
            raise RowError("too_many")
    return tuple(kept.values())


def is_same(contact: Contact, row: ContactRow) -> bool:
    """Return whether *row* is about *contact*: the same name, and a number or an address in common."""
    if folded(contact.name) != folded(row.name):
        return False
    numbers = {(phone.e164, phone.ext) for phone in contact.phones}
    addresses = {folded(email.address) for email in contact.emails}
    return any((phone.e164, phone.ext) in numbers for phone in row.phones) or any(
        folded(address) in addresses for address in row.emails
    )


def lacking(contact: Contact, row: ContactRow) -> ContactRow:
    """Return what *row* knows of *contact* that is not kept yet; what is kept is never written over.

    Raises:
        RowError: with it he would have too many numbers or addresses.
    """
    numbers = {(phone.e164, phone.ext) for phone in contact.phones}
    addresses = {folded(email.address) for email in contact.emails}
    phones = tuple(one for one in row.phones if (one.e164, one.ext) not in numbers)
    emails = tuple(one for one in row.emails if folded(one) not in addresses)
    if len(contact.phones) + len(phones) > MOST or len(contact.emails) + len(emails) > MOST:
        raise RowError("full")
    return ContactRow(
        company=None if contact.company else row.company,
        note=None if contact.note else row.note,
        title=None if contact.title else row.title,
        source=None if contact.source else row.source,
        address=None if contact.addresses else row.address,
        phones=phones,
        emails=emails,
    )


def differing(contact: Contact, row: ContactRow) -> ContactRow:
    """Return what *row* says of *contact* otherwise than what is kept, and what is not kept yet.

    Raises:
        RowError: as with ``lacking``.
    """
    has = contact.addresses[0] if contact.addresses else None
    return replace(
        lacking(contact, row),
        company=row.company if folded(row.company or "") != folded(contact.company or "") else None,
        note=row.note if row.note != contact.note else None,
        title=row.title if row.title != contact.title else None,
        source=row.source if row.source != contact.source else None,
        address=row.address if row.address != has else None,
    )


def phones_of(row: ContactRow, ids: Iterable[str]) -> tuple[Phone, ...]:
    """Return the numbers of *row* to be kept, each with the next of *ids*."""
    return tuple(
        Phone(id=key, raw=one.raw, e164=one.e164, ext=one.ext, label=one.label)
        for one, key in zip(row.phones, ids, strict=False)
    )


def emails_of(row: ContactRow, ids: Iterable[str]) -> tuple[Email, ...]:
    """Return the addresses of *row* to be kept, each with the next of *ids*."""
    return tuple(Email(id=key, address=one) for one, key in zip(row.emails, ids, strict=False))
