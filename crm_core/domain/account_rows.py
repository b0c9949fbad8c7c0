"""A row of a table of companies: what its columns are called, and what is in it (pure)."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal, get_args

import msgspec

from crm_core.domain.accounts import Account, AccountKind, NumberRange, tax_key
from crm_core.domain.contacts import Phone, PostalAddress
from crm_core.domain.custom_fields import FieldDef
from crm_core.domain.foreign_cells import ticked, without_foreign
from crm_core.domain.person_cells import country_in, first_place_in, places_in
from crm_core.domain.rows import (
    LONGEST_NUMBER,
    MOST,
    RowError,
    RowPhone,
    each_in,
    numbers_in,
    plain,
    text_in,
)
from crm_core.domain.typed_cells import DayOrder, OwnValue, new_tags, own_values, tags_in
from crm_core.domain.way_marks import Marks, marks_in, number_cells, with_marks
from crm_core.domain.words import folded

AccountColumn = Literal[
    "name",
    "legal_name",
    "tax_id",
    "kind",
    "parent",
    "tier",
    "work",
    "fax",
    "website",
    "street",
    "postal_code",
    "city",
    "province",
    "note",
    "tags",
    "country",
    "place_label",
    "places",
    "other",
    "region",
    "ranges",
    "do_not_call",
    "invalid",
    "primary",
]
ACCOUNT_COLUMNS: tuple[AccountColumn, ...] = get_args(AccountColumn)
HEADINGS: Mapping[AccountColumn, str] = MappingProxyType(
    {
        "name": "name, account name, account, company, company name, organization, organization name,"
        " organisation, customer, client, nombre, nombre comercial, empresa, compania, organizacion, cliente",
        "legal_name": "legal name, registered name, razon social, nombre fiscal, denominacion social",
        "tax_id": "tax id, tax number, tax no, vat, vat number, vat id, vat reg no, nif, cif, nif cif,"
        " cif nif, n i f, c i f, ruc, rfc, cuit, rut, nit, identificacion fiscal,"
        " numero de identificacion fiscal,"
        " cedula ruc",
        "kind": "kind, type, account type, company type, clase, tipo, tipo de cliente, tipo de empresa",
        "parent": "parent, parent company, parent account, parent organization, member of, belongs to,"
        " empresa matriz, matriz, pertenece a, grupo",
        "tier": "tier, value, rating, value tier, valor, clasificacion",
        "work": "phone, phones, phone number, telephone, tel, office phone, phone office, business phone,"
        " main phone, telefono, telefonos, tlf, numero, telefono fijo, telefono principal",
        "fax": "fax, business fax, phone fax",
        "website": "website, web, web site, url, homepage, pagina web, sitio web",
        "street": "address, street, street address, billing address street, billing street, business street,"
        " direccion, calle, domicilio",
        "postal_code": "postal code, zip, zip code, billing address postalcode, billing postal code,"
        " codigo postal, cp, c p",
        "city": "city, town, billing address city, billing city, ciudad, poblacion, localidad, municipio",
        "province": "province, state, billing address state, billing state, provincia",
        "note": "note, notes, description, nota, notas, observaciones, comentarios, descripcion",
        "tags": "tags, tag, categories, labels, etiquetas, etiqueta, categorias",
        "country": "country, billing address country, billing country, pais",
        "place_label": "kind of address, clase de direccion",
        "places": "other addresses, otras direcciones",
        "other": "other phone, other phones, otro telefono, otros telefonos",
        "region": "country of its numbers, pais de sus numeros",
        "ranges": "ranges of numbers, rangos de numeros",
        "do_not_call": "do not call, no llamar",
        "invalid": "does not work, do not work, no funciona, no funcionan",
        "primary": "first choice, preferido, preferidos",
    }
)
"""How each column may be called, folded and without digits and signs."""
_COLUMNS: Mapping[str, AccountColumn] = MappingProxyType(
    {name.strip(): column for column, names in HEADINGS.items() for name in names.split(",")}
)
_LONGEST: Mapping[str, int] = MappingProxyType(
    {
        "name": 200,
        "legal_name": 200,
        "tax_id": 40,
        "kind": 80,
        "parent": 200,
        "tier": 40,
        "website": 200,
        "street": 200,
        "postal_code": 20,
        "city": 100,
        "province": 100,
        "note": 4000,
        "places": 4000,
    }
)
_NUMBERS = frozenset(("work", "fax", "other"))
_MARKS: Mapping[str, str] = MappingProxyType(
    {"primary": "primary", "invalid": "invalid", "do_not_call": "do_not"}
)
_TICKED = {"do_not_call": _NUMBERS}
_OF_LINES = frozenset((*_NUMBERS, *_MARKS, "note", "tags", "places", "ranges"))
_COLUMN_NAMES = frozenset(ACCOUNT_COLUMNS)
_NO_FIELDS: Mapping[str, FieldDef] = MappingProxyType({})
_RANGE = re.compile(r"(\+[1-9]\d{5,14})\s*[-–]\s*(\+[1-9]\d{5,14})")
MOST_RANGES = 50
_KINDS: Mapping[AccountKind, str] = MappingProxyType(
    {
        "customer": "customer, client, cliente",
        "prospect": "prospect, lead, potential customer, cliente potencial, prospecto, potencial, interesado",
        "partner": "partner, socio, colaborador",
        "distributor": "distributor, reseller, dealer, distribuidor, revendedor",
        "supplier": "supplier, vendor, proveedor",
    }
)
_KIND_CALLED: Mapping[str, AccountKind] = MappingProxyType(
    {name.strip(): kind for kind, names in _KINDS.items() for name in names.split(",")}
)
_WEBSITE = re.compile(r"https?://[^\s\"<>]+", re.IGNORECASE)
_BARE_SITE = re.compile(r"[\w-]+(\.[\w-]+)+(:\d+)?(/[^\s\"<>]*)?")
_TEXTS = ("legal_name", "tax_id", "tier", "website", "note", "region")


class AccountRow(msgspec.Struct, frozen=True, kw_only=True, tag="account"):
    """Which company stands in a row; ``parent`` is the name of the one above it.

    ``places``, ``fields`` and ``marks`` are as of a person.
    """

    name: str
    legal_name: str | None = None
    tax_id: str | None = None
    kind: AccountKind | None = None
    parent: str | None = None
    tier: str | None = None
    website: str | None = None
    note: str | None = None
    address: PostalAddress | None = None
    places: tuple[PostalAddress, ...] = ()
    region: str | None = None
    ranges: tuple[NumberRange, ...] = ()
    tags: tuple[str, ...] = ()
    fields: dict[str, OwnValue] = {}
    phones: tuple[RowPhone, ...] = ()
    marks: dict[str, tuple[str, ...]] = {}


def account_columns_of(headings: Sequence[str]) -> tuple[AccountColumn | None, ...]:
    """Return what each column is, by its heading; None for those that are not read."""
    return tuple(_COLUMNS.get(plain(heading)) for heading in headings)


def read_account_row(
    columns: Sequence[str | None],
    cells: Sequence[str],
    *,
    region: str,
    order: DayOrder = "ymd",
    fields: Mapping[str, FieldDef] = _NO_FIELDS,
    guessed: Container[str] = (),
) -> AccountRow | None:
    """Return which company stands in *cells*, numbers read as in *region*; None when all are empty.

    *order*, *fields* and *guessed* are as of people.

    Raises:
        RowError: the row cannot be kept.
    """
    if not any(cell.strip() for cell in cells):
        return None
    if any(cell.strip() for cell in cells[len(columns) :]):
        raise RowError("too_many_cells")
    told = [(column, cell) for column, cell in zip(columns, cells, strict=False) if column]
    ours = ticked(
        [(column, _text(column, cell)) for column, cell in told if column in _COLUMN_NAMES], _TICKED
    )
    texts = without_foreign({column: text for column, text in reversed(ours) if text}, guessed)
    name = texts.get("name") or texts.get("legal_name")
    if not name:
        raise RowError("no_company")
    parent = texts.get("parent")
    if parent and folded(parent) == folded(name):
        raise RowError("above_itself", parent)
    return AccountRow(
        name=" ".join(name.split()),
        legal_name=texts.get("legal_name"),
        tax_id=texts.get("tax_id"),
        tier=texts.get("tier"),
        note=texts.get("note"),
        kind=_kind(texts.get("kind")),
        parent=" ".join(parent.split()) if parent else None,
        website=_website(texts.get("website")),
        address=first_place_in(texts),
        places=places_in(texts.get("places", "")),
        region=country_in(texts["region"]) if "region" in texts else None,
        ranges=_ranges(texts.get("ranges", "")),
        tags=tags_in(texts.get("tags", "")),
        fields=own_values(told, fields, order) if fields else {},
        phones=numbers_in(number_cells(ours, _NUMBERS, _MARKS), region=region),
        marks=marks_in(ours, _MARKS, region=region),
    )


def _ranges(text: str) -> tuple[NumberRange, ...]:
    found: list[NumberRange] = []
    for one in each_in(text) if text else ():
        told = _RANGE.fullmatch(one)
        if told is None or len(told[1]) != len(told[2]) or told[1] > told[2] or len(found) >= MOST_RANGES:
            raise RowError("bad_range", one[:LONGEST_NUMBER])
        found.append(NumberRange(first=told[1], last=told[2]))
    return tuple(found)


def written_ranges(ranges: Iterable[NumberRange]) -> str:
    """Return ranges of numbers as a cell from which they are read again."""
    return " | ".join(f"{one.first}-{one.last}" for one in ranges)


def _text(column: str, cell: str) -> str:
    return text_in(cell, of=column, longest=_LONGEST.get(column), has_lines=column in _OF_LINES)


def _kind(text: str | None) -> AccountKind | None:
    if text is None:
        return None
    if (kind := _KIND_CALLED.get(plain(text))) is None:
        raise RowError("bad_kind", text[:LONGEST_NUMBER])
    return kind


def _website(text: str | None) -> str | None:
    if text is None or _WEBSITE.fullmatch(text):
        return text
    if not _BARE_SITE.fullmatch(text) or len(text) > _LONGEST["website"] - len("https://"):
        raise RowError("bad_website", text[:LONGEST_NUMBER])
    return f"https://{text}"


def is_same_account(account: Account, row: AccountRow) -> bool:
    """Return whether *row* is about *account*: the same tax number; where one has none, the same name."""
    ours, told = tax_key(account.tax_id or ""), tax_key(row.tax_id or "")
    if ours and told:
        return ours == told
    return folded(account.name) == folded(row.name)


def changes_told(account: Account, row: AccountRow, *, counts: bool) -> dict[str, Any]:
    """Return what *row* says of *account* that is not kept yet; if it *counts*, also what is kept otherwise.

    Its numbers and who is above it are told apart: ``lacking_numbers``.

    Raises:
        RowError: with them it would have too many tags.
    """
    told: dict[str, Any] = {name: getattr(row, name) for name in _TEXTS}
    if row.address or row.places:
        first = (row.address,) if row.address else account.addresses[:1]
        told["addresses"] = (*first, *(row.places or account.addresses[1:]))
    changes = {
        name: value
        for name, value in told.items()
        if value and value != getattr(account, name) and (counts or not getattr(account, name))
    }
    if tags := new_tags(account.tags, row.tags) if row.tags else ():
        changes["tags"] = (*account.tags, *tags)
    new = {
        k: v
        for k, v in row.fields.items()
        if v != account.fields.get(k) and (counts or k not in account.fields)
    }
    if new:
        changes["fields"] = account.fields | new
    if counts and row.name != account.name:
        changes["name"] = row.name
    if counts and row.kind and row.kind != account.kind:
        changes["kind"] = row.kind
    return changes


def lacking_numbers(phones: Sequence[Phone], row: AccountRow) -> tuple[RowPhone, ...]:
    """Return the numbers of *row* that a company with *phones* does not have.

    Raises:
        RowError: with them it would have more than 20.
    """
    known = {(phone.e164, phone.ext) for phone in phones}
    new = tuple(one for one in row.phones if (one.e164, one.ext) not in known)
    if len(phones) + len(new) > MOST:
        raise RowError("full")
    return new


def lines_of(phones: Iterable[RowPhone], ids: Iterable[str], marks: Marks) -> tuple[Phone, ...]:
    """Return numbers as they are kept, each with the next of *ids*, and what is special of it."""
    lines = (
        Phone(id=key, raw=one.raw, e164=one.e164, ext=one.ext, label=one.label)
        for one, key in zip(phones, ids, strict=False)
    )
    return tuple(with_marks(one, marks) for one in lines) if marks else tuple(lines)
