"""Words for what is known of customers as codes: kinds, labels, channels, days; as filters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from babel.dates import format_date

from crm_core.domain.accounts import AccountKind, RelationKind
from crm_core.domain.contacts import Channel, Day, Lifecycle
from crm_core.domain.custom_fields import Entity, FieldType
from screenpop.i18n import Translator
from screenpop.pages.looks import N_
from screenpop.pages.words import reader

LIFECYCLES: Final[dict[Lifecycle, str]] = {
    "lead": N_("Lead"),
    "prospect": N_("Prospect"),
    "customer": N_("Customer"),
    "lost": N_("Lost customer"),
}
CHANNELS: Final[dict[Channel, str]] = {
    "call": N_("By telephone"),
    "email": N_("By e-mail"),
    "sms": N_("By SMS"),
    "chat": N_("By chat"),
    "post": N_("By post"),
}
WAYS: Final = {
    "work": N_("At work"),
    "mobile": N_("Mobile"),
    "home": N_("At home"),
    "fax": N_("Fax"),
    "billing": N_("Invoices"),
    "delivery": N_("Deliveries"),
    "other": N_("Other"),
}
KINDS: Final[dict[AccountKind, str]] = {
    "customer": N_("Customer"),
    "prospect": N_("Prospect"),
    "partner": N_("Partner"),
    "distributor": N_("Distributor"),
    "supplier": N_("Supplier"),
}
RELATIONS: Final[dict[RelationKind, str]] = {
    "partner": N_("Partner"),
    "distributor": N_("Distributor"),
    "supplier": N_("Supplier"),
    "franchise": N_("Franchise"),
    "payer": N_("Pays the invoices"),
    "other": N_("Other"),
}
REVERSED: Final[dict[RelationKind, str]] = {
    "partner": N_("Partner of"),
    "distributor": N_("Distributor of"),
    "supplier": N_("Supplier of"),
    "franchise": N_("Franchise of"),
    "payer": N_("Pays the invoices of"),
    "other": N_("Has to do with"),
}
ENTITIES: Final[dict[Entity, str]] = {
    "contact": N_("Contact"),
    "account": N_("Company"),
    "incident": N_("Incident"),
}
TYPES: Final[dict[FieldType, str]] = {
    "text": N_("Text"),
    "number": N_("A number or an amount"),
    "date": N_("Day"),
    "boolean": N_("Yes or no"),
    "choice": N_("A choice"),
}
DAYS: Final[dict[Day, str]] = {
    "mon": N_("Mon"),
    "tue": N_("Tue"),
    "wed": N_("Wed"),
    "thu": N_("Thu"),
    "fri": N_("Fri"),
    "sat": N_("Sat"),
    "sun": N_("Sun"),
}


def filters(t: Translator) -> dict[str, Callable[..., str]]:
    """Return the filters by name; a code that we have no word for stays as it is."""
    tables: dict[str, Mapping[Any, str]] = {
        "lifecycle": LIFECYCLES,
        "channel": CHANNELS,
        "way": WAYS,
        "account_kind": KINDS,
        "relation": RELATIONS,
        "relation_of": REVERSED,
        "weekday": DAYS,
        "entity": ENTITIES,
        "field_type": TYPES,
    }
    read: dict[str, Callable[..., str]] = {name: reader(table, t) for name, table in tables.items()}
    return read | {"long_date": lambda day: format_date(day, "long", locale=t.language)}
