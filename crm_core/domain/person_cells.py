"""Cells about how and when a person is reached: hours, how often, where, and marks of his numbers (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final
from zoneinfo import available_timezones

from crm_core.domain.contacts import (
    DAYS,
    CallHours,
    Channel,
    ContactLimit,
    Day,
    Lifecycle,
    PlaceLabel,
    PostalAddress,
)
from crm_core.domain.countries import country_called
from crm_core.domain.rows import LONGEST_NUMBER, RowError, place_in, plain
from crm_core.domain.typed_cells import DayOrder, day_in, is_no_day, names_of, one_of, several_in

EARLIEST_BIRTH: Final = date(1850, 1, 1)
MOST_HOURS, MOST_SUBJECTS, LONGEST_SUBJECT, MOST_PLACES = 14, 20, 60, 10
MOST_TIMES, LONGEST_TIME = 100, 366
LIFECYCLES: Final[Mapping[str, Lifecycle]] = names_of(
    {
        "lead": "lead, posible cliente, contacto inicial",
        "prospect": "prospect, interesado, cliente potencial, prospecto, potencial",
        "customer": "customer, client, cliente",
        "lost": "lost, lost customer, cliente perdido, perdido",
    }
)
CHANNELS: Final[Mapping[str, Channel]] = names_of(
    {
        "call": "call, phone, telephone, by telephone, telefono, llamada, por telefono",
        "email": "email, e mail, mail, by e mail, correo, correo electronico, por correo electronico",
        "sms": "sms, by sms, por sms, mensaje",
        "chat": "chat, by chat, por chat, whatsapp",
        "post": "post, letter, by post, por correo postal, correo postal, carta",
    }
)
_PLACES: Final[Mapping[str, PlaceLabel]] = names_of(
    {
        "work": "work, at work, business, trabajo",
        "home": "home, at home, casa, particular",
        "billing": "billing, invoices, facturas, facturacion",
        "delivery": "delivery, deliveries, shipping, entregas, envio",
        "other": "other, otro, otra",
    }
)
_DAYS: Final[Mapping[str, Day]] = names_of(
    {
        "mon": "mon, monday, lun, lunes, l",
        "tue": "tue, tuesday, mar, martes, m",
        "wed": "wed, wednesday, mie, miercoles, x",
        "thu": "thu, thursday, jue, jueves, j",
        "fri": "fri, friday, vie, viernes, v",
        "sat": "sat, saturday, sab, sabado, s",
        "sun": "sun, sunday, dom, domingo, d",
    }
)
_ZONES: Final = frozenset(available_timezones())
_HOURS = re.compile(
    r"(?P<days>[^\d:]+?)\s*(?P<begin>\d{1,2}:\d\d)\s*[-–a]\s*(?P<end>\d{1,2}:\d\d)", re.IGNORECASE
)
_LIMIT = re.compile(r"(\d{1,3})\D+(\d{1,3})\D*")
_PARTS = ("label", "street", "postal_code", "city", "province", "country")
_LONGEST_PART: Final = {"street": 200, "postal_code": 20, "city": 100, "province": 100}
_ESCAPED: Final = str.maketrans({"\\": "\\\\", ";": "\\;", "\n": " "})
_PART = re.compile(r"((?:\\.|[^;\\])*)(?:;|$)")


def lifecycle_in(text: str) -> Lifecycle:
    """Return how far somebody is a customer.

    Raises:
        RowError: it is no word for that.
    """
    return one_of(text, LIFECYCLES)


def channel_in(text: str) -> Channel:
    """Return by which channel somebody likes to be reached.

    Raises:
        RowError: it is no word for that.
    """
    return one_of(text, CHANNELS)


def birthday_in(text: str, order: DayOrder) -> date | None:
    """Return when somebody was born; None of zeros, as some programs write what they do not know.

    Raises:
        RowError: it is no day, or one on which nobody was born who lives.
    """
    if is_no_day(text):
        return None
    day = day_in(text, order)
    if day < EARLIEST_BIRTH:
        raise RowError("bad_date", text[:LONGEST_NUMBER])
    return day


def is_zone(text: str) -> bool:
    """Return whether *text* is an IANA time zone."""
    return text in _ZONES


def zone_in(text: str) -> str:
    """Return an IANA time zone.

    Raises:
        RowError: it is none.
    """
    if text not in _ZONES:
        raise RowError("bad_zone", text[:LONGEST_NUMBER])
    return text


def country_in(text: str) -> str:
    """Return the code of a country (ISO 3166-1 alpha-2), by its code or its name in Spanish or English.

    Raises:
        RowError: it is none.
    """
    if (code := country_called(text)) is None:
        raise RowError("bad_country", text[:LONGEST_NUMBER])
    return code


def place_label_in(text: str) -> PlaceLabel:
    """Return the kind of an address.

    Raises:
        RowError: it is no word for that.
    """
    return one_of(text, _PLACES)


def subjects_in(text: str) -> tuple[str, ...]:
    """Return what somebody wants to be approached about.

    Raises:
        RowError: too much.
    """
    found = several_in(text)
    if len(found) > MOST_SUBJECTS or any(len(one) > LONGEST_SUBJECT for one in found):
        raise RowError("too_long", "subjects")
    return found


def hours_in(text: str) -> tuple[CallHours, ...]:
    """Return when somebody may be called, as ``mon tue 09:00-14:00; sat 10:00-12:00``.

    Raises:
        RowError: it is not written so.
    """
    found = tuple(_hours(one) for one in re.split(r"[;\n|]", text) if one.strip())
    if len(found) > MOST_HOURS:
        raise RowError("bad_hours", text[:LONGEST_NUMBER])
    return found


def written_hours(hours: Iterable[CallHours]) -> str:
    """Return hours as ``hours_in`` reads them."""
    return "; ".join(f"{' '.join(one.days)} {one.begin}-{one.end}" for one in hours)


def limit_in(text: str) -> ContactLimit:
    """Return how often somebody wants to be approached, as ``2 in 7``: twice in seven days.

    Raises:
        RowError: it is not written so.
    """
    told = _LIMIT.fullmatch(text)
    times, days = (int(told[1]), int(told[2])) if told else (0, 0)
    if not (1 <= times <= MOST_TIMES and 1 <= days <= LONGEST_TIME):
        raise RowError("bad_limit", text[:LONGEST_NUMBER])
    return ContactLimit(times=times, days=days)


def written_limit(limit: ContactLimit | None) -> str:
    """Return how often, as ``limit_in`` reads it."""
    return f"{limit.times} in {limit.days}" if limit else ""


def places_in(text: str) -> tuple[PostalAddress, ...]:
    """Return more addresses, each on its line: kind; street; postal code; city; province; country.

    Raises:
        RowError: one is not written so.
    """
    found = tuple(_place(line) for line in text.splitlines() if line.strip())
    if len(found) >= MOST_PLACES:
        raise RowError("bad_place", text[:LONGEST_NUMBER])
    return found


def written_places(places: Iterable[PostalAddress]) -> str:
    """Return addresses as ``places_in`` reads them."""
    parts = ([str(getattr(one, name) or "").translate(_ESCAPED) for name in _PARTS] for one in places)
    return "\n".join("; ".join(one) for one in parts)


def first_place_in(texts: Mapping[str, str]) -> PostalAddress | None:
    """Return the address among *texts* by column; None when there is nothing of one.

    Raises:
        RowError: its kind or its country is none.
    """
    label, country = texts.get("place_label"), texts.get("country")
    return place_in(
        texts,
        label=place_label_in(label) if label else "work",
        country=country_in(country) if country else None,
    )


def _hours(text: str) -> CallHours:
    told = _HOURS.fullmatch(text.strip())
    if told is None:
        raise RowError("bad_hours", text[:LONGEST_NUMBER])
    days = [_DAYS.get(plain(one)) for one in re.split(r"[\s,]+", told["days"]) if one]
    begin, end = told["begin"].rjust(5, "0"), told["end"].rjust(5, "0")
    if None in days or not days or not "00:00" <= begin < end <= "24:00" or max(begin[3:], end[3:]) > "59":
        raise RowError("bad_hours", text[:LONGEST_NUMBER])
    known: tuple[Day, ...] = tuple(one for one in DAYS if one in days)
    return CallHours(days=known, begin=begin, end=end)


def _place(line: str) -> PostalAddress:
    parts = [re.sub(r"\\(.)", r"\1", one).strip() for one in _PART.findall(line)]
    label, street, postal_code, city, province, country, *rest = (*parts, *[""] * 6)
    told = {"street": street, "postal_code": postal_code, "city": city, "province": province}
    if any(rest) or any(len(told[name]) > most for name, most in _LONGEST_PART.items()):
        raise RowError("bad_place", line[:LONGEST_NUMBER])
    return PostalAddress(
        label=place_label_in(label) if label else "other",
        country=country_in(country) if country else None,
        **told,
    )
