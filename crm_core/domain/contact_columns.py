"""The columns of a table of people, and how each may be called (pure).

Tables come from spreadsheets, address books and other CRMs, in Spanish or English; a column is known by its
heading, whatever its case, accents and number (``Teléfono 2``, ``E-mail 1 - Value``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Literal, get_args

from crm_core.domain.rows import plain

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
    "prefix",
    "additional",
    "second_family",
    "suffix",
    "role",
    "birthday",
    "vip",
    "lifecycle",
    "channel",
    "time_zone",
    "call_hours",
    "contact_limit",
    "subjects",
    "tags",
    "country",
    "place_label",
    "places",
    "other",
    "home_email",
    "other_email",
    "primary",
    "do_not_call",
    "do_not_write",
    "invalid",
    "uid",
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
        "prefix": "prefix, name prefix, salutation, title before the name, tratamiento, saludo",
        "additional": "additional name, middle name, middle names, otros nombres, segundo nombre",
        "second_family": "second surname, second last name, segundo apellido",
        "suffix": "suffix, name suffix, behind the name, sufijo, tras el nombre",
        "role": "role, part in decisions, rol, papel, papel en las decisiones",
        "birthday": "birthday, birth date, birthdate, date of birth, cumpleanos, fecha de nacimiento,"
        " nacimiento",
        "vip": "vip",
        "lifecycle": "stage, lifecycle, lifecycle stage, lead status, etapa, ciclo de vida",
        "channel": "preferred channel, preferred method of contact, likes to be reached, canal preferido,"
        " prefiere",
        "time_zone": "time zone, timezone, huso horario, zona horaria",
        "call_hours": "may be called, when he may be called, se puede llamar, cuando se le puede llamar",
        "contact_limit": "contact at most, contactar como mucho",
        "subjects": "wants to hear about, interests, le interesa, intereses",
        "tags": "tags, tag, categories, labels, etiquetas, etiqueta, categorias",
        "country": "country, business country, pais",
        "place_label": "kind of address, clase de direccion",
        "places": "other addresses, otras direcciones",
        "other": "other phone, other phones, otro telefono, otros telefonos",
        "home_email": "home e mail, personal e mail, correo particular, correo personal",
        "other_email": "other e mail, other e mails, otro correo, otros correos",
        "primary": "first choice, preferido, preferidos",
        "do_not_call": "do not call, no llamar",
        "do_not_write": "do not write, no escribir",
        "invalid": "does not work, do not work, no funciona, no funcionan",
        "uid": "uid",
    }
)
"""How each column may be called, folded and without digits and signs."""
_COLUMNS: Mapping[str, Column] = MappingProxyType(
    {name.strip(): column for column, names in HEADINGS.items() for name in names.split(",")}
)


def columns_of(headings: Sequence[str]) -> tuple[Column | None, ...]:
    """Return what each column is, by its heading; None for those that are not read."""
    return tuple(_COLUMNS.get(plain(heading)) for heading in headings)
