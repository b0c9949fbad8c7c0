"""People as a table for spreadsheets, which ``contacts import`` reads, too."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

from crm_core.domain.contact_columns import Column
from crm_core.domain.contacts import Contact, Email, Phone, PostalAddress
from crm_core.domain.custom_fields import FieldDef
from crm_core.domain.imports import Kind, columns_by_heading
from crm_core.domain.person_cells import written_hours, written_limit, written_places
from crm_core.domain.typed_cells import OWN, own_column, written, written_several
from screenpop.i18n import Translator
from screenpop.pages.customer_words import CHANNELS, LIFECYCLES, WAYS
from screenpop.pages.import_words import COLUMNS as CALLED

OUT: Final[tuple[Column, ...]] = (
    *("given", "family", "company", "work", "mobile", "home", "fax", "email", "note", "title", "source"),
    *("street", "postal_code", "city", "province", "language"),
    *("prefix", "additional", "second_family", "suffix", "role", "birthday", "vip", "lifecycle", "channel"),
    *("time_zone", "call_hours", "contact_limit", "subjects", "tags", "country", "place_label", "places"),
    *("other", "home_email", "other_email", "primary", "do_not_call", "do_not_write", "invalid"),
)
"""The columns in their order; those that came later stand behind, before the site's own fields."""
Safe = Callable[[str], str]
BETWEEN: Final = " | "


def headings(t: Translator, own: Sequence[FieldDef]) -> list[str]:
    """Return what the columns are called; *own* are the site's fields."""
    return [*(t.gettext(CALLED[column]) for column in OUT), *own_headings(t, own, "contacts")]


def own_headings(t: Translator, own: Sequence[FieldDef], kind: Kind) -> Iterator[str]:
    """Yield what the columns of own fields are called: as people do, unless another column is read so."""
    for one in own:
        label, others = one.label(t.language), [other for other in own if other is not one]
        is_ours = columns_by_heading(kind, [label]) != (None,)
        yield OWN + one.key if is_ours or own_column(label, others) else label


def cells(one: Contact, t: Translator, own: Sequence[FieldDef], *, safe: Safe = str) -> list[str]:
    """Return the row of a person; *safe* keeps a text from becoming a formula."""
    told = _texts(one, t) | _ways(one, safe)
    row = [told[column] if column in _MADE_SAFE else safe(told[column]) for column in OUT]
    return [*row, *(safe(cell) for cell in own_cells(one.fields, t, own))]


def own_cells(values: dict[str, Any], t: Translator, own: Sequence[FieldDef]) -> Iterator[str]:
    """Yield the cells of own fields."""
    has_comma, yes, no = t.language == "es", t.gettext("Yes"), t.gettext("No")
    return (written(values.get(one.key), has_comma=has_comma, yes=yes, no=no) for one in own)


def _texts(one: Contact, t: Translator) -> dict[str, str]:
    place = one.addresses[0] if one.addresses else None
    has = place or PostalAddress()
    return {
        "given": _joined(one.given, one.additional),
        "family": _joined(one.family, one.second_family),
        "additional": one.additional,
        "second_family": one.second_family,
        "prefix": one.prefix,
        "suffix": one.suffix,
        "company": one.company or "",
        "note": one.note or "",
        "title": one.title or "",
        "role": one.role or "",
        "source": one.source or "",
        "language": one.language or "",
        "time_zone": one.time_zone or "",
        "birthday": one.birthday.isoformat() if one.birthday else "",
        "vip": t.gettext("Yes") if one.vip else "",
        "lifecycle": t.gettext(LIFECYCLES[one.lifecycle]) if one.lifecycle else "",
        "channel": t.gettext(CHANNELS[one.preferred_channel]) if one.preferred_channel else "",
        "call_hours": written_hours(one.call_hours),
        "contact_limit": written_limit(one.contact_limit),
        "subjects": written_several(one.subjects),
        "tags": written_several(one.tags),
        "street": has.street,
        "postal_code": has.postal_code,
        "city": has.city,
        "province": has.province,
        "country": has.country or "",
        "place_label": t.gettext(WAYS[place.label]) if place else "",
        "places": written_places(one.addresses[1:]),
    }


_LABELS: Final = {"work": "work", "mobile": "mobile", "home": "home", "fax": "fax", "other": "other"}
_EMAILS: Final = {"work": "email", "home": "home_email", "other": "other_email"}
_MADE_SAFE: Final = frozenset((*_LABELS.values(), *_EMAILS.values(), "primary", "invalid", "do_not_call"))


def _ways(one: Contact, safe: Safe) -> dict[str, str]:
    ways: Sequence[Phone | Email] = (*one.phones, *one.emails)
    told = {
        column: _several((way for way in one.phones if way.label == label), safe)
        for label, column in _LABELS.items()
    }
    told |= {
        column: _several((way for way in one.emails if way.label == label), safe)
        for label, column in _EMAILS.items()
    }
    return told | {
        "primary": _several((way for way in ways if way.is_primary), safe),
        "invalid": _several((way for way in ways if not way.is_valid), safe),
        "do_not_call": _several((way for way in one.phones if way.do_not_call), safe),
        "do_not_write": _several((way for way in one.emails if way.do_not_write), str),
    }


def _several(ways: Iterable[Phone | Email], safe: Safe) -> str:
    return BETWEEN.join(written_way(way, safe) for way in ways)


def written_way(way: Phone | Email, safe: Safe = str) -> str:
    """Return a number or an address; one that was read stays as it is: a + and digits are no formula."""
    if isinstance(way, Email):
        return safe(way.address)
    number = way.e164 or safe(way.raw)
    return f"{number} ext. {way.ext}" if way.ext and way.e164 else number


def _joined(*names: str) -> str:
    return " ".join(filter(None, names))
