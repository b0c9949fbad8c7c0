"""A customer with everything: names, ways, hours, a company, calls."""

from __future__ import annotations

from datetime import date

from browser.calls_scene import MARIA, fill_day
from browser.kit import Place
from unit.screenpop.fakes import START

from crm_core.domain.accounts import NumberRange, Relation, WholeAccount
from crm_core.domain.contacts import CallHours, Contact, ContactLimit, Email, Phone, PostalAddress
from crm_core.services import accounts, calls, contacts

ACME, SUPPLIER = "a0000000-0000-7000-8000-000000000001", "a0000000-0000-7000-8000-000000000002"
ACME_NAME = "Hostelería Guadalquivir, S.L."
LANDLINE = "957 40 00 12"
HOSTILE = '<script>alert("x")</script> <b>&amp;'


async def fill(place: Place) -> Contact:
    """Put a day's calls into the records, and all that can be known of one of its customers."""
    told = await fill_day(place)
    for key, name, kind in ((SUPPLIER, "Frío Sur", "supplier"), (ACME, ACME_NAME, "customer")):
        whole = WholeAccount(
            id=key,
            name=name,
            kind=kind,
            legal_name=f"{name} (legal)",
            tax_id="B14000001",
            tier="oro",
            preferred_queue="vip",
            preferred_agent="101",
            website="https://guadalquivir.example",
            phones=(Phone(id="", raw=LANDLINE),) if key == ACME else (),
            ranges=(NumberRange(first="+34957400000", last="+34957400099"),) if key == ACME else (),
            relations=(Relation(kind="supplier", account_id=SUPPLIER),) if key == ACME else (),
        )
        await place.db.run(accounts.create, account=whole, region="ES", by=None, now=START)
    changes = {
        "second_family": "Ruiz",
        "company": ACME_NAME,
        "title": "Jefa de compras",
        "vip": True,
        "lifecycle": "customer",
        "language": "es",
        "time_zone": "Europe/Madrid",
        "birthday": date(1980, 2, 29),
        "preferred_channel": "email",
        "call_hours": (CallHours(days=("mon", "tue"), begin="09:00", end="14:00"),),
        "contact_limit": ContactLimit(times=2, days=30),
        "subjects": ("ofertas", "averías"),
        "source": "feria",
        "addresses": (PostalAddress(street="Gran Vía 1", postal_code="14001", city="Córdoba", country="ES"),),
        "note": HOSTILE,
        "phones": (
            Phone(id="", raw="957 21 20 00"),
            Phone(id="", raw="600 00 01 23", label="mobile", is_primary=True),
            Phone(id="", raw="957 00 00 01", label="home", is_valid=False, do_not_call=True),
        ),
        "emails": (Email(id="", address="mc.fernandez@hosteleria-guadalquivir.example"),),
    }
    kept: Contact = await place.db.run(
        contacts.change, contact_id=MARIA, version=1, changes=changes, region="ES", by=None, now=START
    )
    for one in told[:1]:
        one.contact_id, one.version = MARIA, one.version + 1
        await place.db.run(calls.record, calls=[one], events=[])
    return kept
