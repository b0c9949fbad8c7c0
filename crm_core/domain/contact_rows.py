"""A row of a table of customers: what its columns are called, and what is in it.

Tables come from spreadsheets, address books and other CRMs, in Spanish or English; a column is known by its
heading, whatever its case, accents and number (``Teléfono 2``, ``E-mail 1 - Value``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Literal, get_args

import msgspec
from msgspec.structs import replace

from crm_core.domain.contacts import Contact, Email, Phone, PostalAddress
from crm_core.domain.rows import (
    LONGEST_NUMBER,
    MOST,
    RowError,
    RowPhone,
    each_in,
    few,
    numbers_in,
    place_in,
    plain,
    text_in,
)
from crm_core.domain.words import folded

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
    "language",
    "street",
    "postal_code",
    "city",
    "province",
    "note",
]
COLUMNS: tuple[Column, ...] = get_args(Column)
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
        "language": "language, preferred language, idioma, lengua",
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
_OF_LINES = frozenset(("note", "work", "mobile", "home", "fax", "email"))
_NUMBERS = ("work", "mobile", "home", "fax")
LONGEST_ADDRESS = 254
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
LONGEST_LANGUAGE = 35


class ContactRow(msgspec.Struct, frozen=True, kw_only=True, tag="contact"):
    """Who stands in a row; at least one number or address is there."""

    given: str = ""
    family: str = ""
    company: str | None = None
    note: str | None = None
    title: str | None = None
    source: str | None = None
    language: str | None = None
    address: PostalAddress | None = None
    phones: tuple[RowPhone, ...] = ()
    emails: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name by which the contact will be known."""
        return " ".join(filter(None, (self.given, self.family))) or self.company or ""


def columns_of(headings: Sequence[str]) -> tuple[Column | None, ...]:
    """Return what each column is, by its heading; None for those that are not read."""
    return tuple(_COLUMNS.get(plain(heading)) for heading in headings)


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
    texts: dict[str, str] = {column: text for column, text in reversed(given_as) if text}
    given, family = _names(texts)
    row = ContactRow(
        given=given,
        family=family,
        company=texts.get("company"),
        note=texts.get("note"),
        title=texts.get("title"),
        source=texts.get("source"),
        language=_language(texts.get("language")),
        address=place_in(texts),
        phones=numbers_in(((column, text) for column, text in given_as if column in _NUMBERS), region=region),
        emails=few(_emails(given_as)),
    )
    if not row.name:
        raise RowError("no_name")
    if not row.phones and not row.emails:
        raise RowError("no_reach")
    return row


def _text(column: Column, cell: str) -> str:
    return text_in(cell, of=column, longest=_LONGEST.get(column), has_lines=column in _OF_LINES)


def _names(texts: Mapping[str, str]) -> tuple[str, str]:
    """Return given and family name. A full name is not taken apart but at its comma: who could tell where?"""
    given, family, name = texts.get("given", ""), texts.get("family", ""), texts.get("name", "")
    if given or family or not name:
        return given, family
    behind, comma, before = name.partition(",")
    return (before.strip(), behind.strip()) if comma and before.strip() else (name, "")


def is_language(text: str) -> bool:
    """Return whether *text* is the tag of a language (BCP 47)."""
    return _LANGUAGE.fullmatch(text) is not None and len(text) <= LONGEST_LANGUAGE


def _language(text: str | None) -> str | None:
    if text is not None and not is_language(text):
        raise RowError("bad_language", text[:LONGEST_NUMBER])
    return text


def _emails(cells: Iterable[tuple[Column, str]]) -> Iterator[tuple[str, str]]:
    for column, text in cells:
        for address in each_in(text) if column == "email" else ():
            if not _ADDRESS.fullmatch(address) or len(address) > LONGEST_ADDRESS:
                raise RowError("bad_email", address[:LONGEST_NUMBER])
            yield folded(address), address


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
        language=None if contact.language else row.language,
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
        language=row.language if row.language != contact.language else None,
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
