"""Whatever two contacts held: made one and two again, all is as it was."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import count
from typing import Any

from contract.crm_core.kit import House, a_call, a_contact, at
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_core.domain.consents import PURPOSES, SAID, Consent
from crm_core.domain.contacts import CHANNELS, CallHours, ContactLimit, PostalAddress
from crm_core.domain.duplicates import not_same
from crm_core.domain.merges import Sides
from crm_core.domain.merging import CONTACT_FIELDS
from crm_core.services import consents, contacts, duplicates, erasure, merging, unmerging

NUMBERS = ["957212001", "957212002", "600000123", "957 21 20 01 ext. 7"]
WHO = {"by": "eva", "address": None}
_runs: Iterator[int] = count()

PERSON = st.fixed_dictionaries(
    {"given": st.sampled_from(["Ana", "Anna", ""]), "family": st.sampled_from(["Ruiz", "Gil"])},
    optional={
        "company": st.sampled_from(["Acme", "Sur"]),
        "numbers": st.lists(st.sampled_from(NUMBERS), unique=True),
        "emails": st.lists(st.sampled_from(["a@x.es", "A@x.es", "b@x.es"]), unique_by=str.lower),
        "tags": st.lists(st.sampled_from(["gold", "Gold", "vip"]), unique_by=str.lower).map(tuple),
        "title": st.sampled_from(["Buyer", None]),
        "birthday": st.just(date(1980, 2, 29)),
        "vip": st.booleans(),
        "note": st.sampled_from(["Pays late", "Likes tea"]),
        "call_hours": st.just((CallHours(days=("mon",), begin="09:00", end="14:00"),)),
        "contact_limit": st.just(ContactLimit(times=1, days=7)),
        "addresses": st.just((PostalAddress(city="Córdoba"),)),
    },
)
TOLD = st.lists(
    st.tuples(
        st.integers(0, 1), st.sampled_from(PURPOSES), st.sampled_from(CHANNELS[:2]), st.sampled_from(SAID)
    ),
    max_size=5,
)
CHOICES = st.dictionaries(st.sampled_from(CONTACT_FIELDS), st.sampled_from(["stays", "goes"]), max_size=4)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    people=st.tuples(PERSON, PERSON),
    told=TOLD,
    choices=CHOICES,
    calls=st.lists(st.sampled_from(["+34957212001", "+34957212002", "+34600000123"]), max_size=4),
    owners=st.lists(st.integers(0, 1), max_size=2),
    held=st.sets(st.integers(0, 1)),
    is_apart=st.booleans(),
)
async def test_two_again_they_are_as_they_were(
    house: House,
    people: tuple[dict[str, Any], dict[str, Any]],
    told: list[tuple[int, Any, Any, Any]],
    choices: dict[str, Any],
    calls: list[str],
    owners: list[int],
    held: set[int],
    is_apart: bool,
) -> None:
    run = next(_runs)
    keys = [f"{run}-a", f"{run}-b"]
    for key, facts in zip(keys, people, strict=True):
        await house.add(a_contact(key, **of_run(run, facts)))
    numbers = [own_number(run, number) for number in calls]
    await house.record(*(a_call(run * 10 + n, customer=number) for n, number in enumerate(numbers)))
    for n, owner in enumerate(owners):
        await house.incident(f"{run}-{n}", contact_id=keys[owner])
    for n, (whose, purpose, channel, status) in enumerate(told):
        one = Consent(
            id=f"{run}-c{n}",
            contact_id=keys[whose],
            purpose=purpose,
            channel=channel,
            basis="consent",
            status=status,
            source="x",
            at=at(n),
            noted_at=at(n),
        )
        await house.db.run(consents.note, consent=one, now=at(n))
    for whose in held:
        await house.db.run(erasure.hold, contact_id=keys[whose], reason=f"suit {whose}", now=at(9), **WHO)
    if is_apart:
        pair = not_same("contact", *keys)
        await house.db.run(duplicates.set_apart, pair=pair, now=at(9), **WHO)
    before = await state(house, keys, run)

    sides = Sides(stays=keys[0], goes=keys[1], stays_version=1, goes_version=1)
    one = await house.db.run(merging.merge_contacts, sides=sides, choices=choices, now=at(5_000), **WHO)
    await house.db.run(unmerging.undo, merge_id=one.id, now=at(5_001), **WHO)
    assert await state(house, keys, run) == before


def of_run(run: int, facts: dict[str, Any]) -> dict[str, Any]:
    """Return *facts* that nobody of another run shares: all runs of a database stand side by side."""
    own = dict(facts)
    if "company" in own:
        own["company"] += f" {run}"
    own["numbers"] = [own_number(run, number) for number in own.get("numbers", ())]
    own["emails"] = [f"{run}{address}" for address in own.get("emails", ())]
    return own


def own_number(run: int, number: str) -> str:
    line = f"{200 + run:03}"
    spaced = f"957 {line[:2]} {line[2]}0"
    return number.replace("957 21 20", spaced).replace("957212", f"957{line}").replace("600000", f"600{line}")


async def state(house: House, keys: list[str], run: int) -> list[Any]:
    """All that can be asked about them, without what counts every change."""

    def read(uow: Any) -> list[Any]:
        told: list[Any] = [uow.merges.apart("contact", keys)]
        for key in keys:
            one = uow.contacts.get(key)
            told += [
                {
                    name: getattr(one, name)
                    for name in one.__struct_fields__
                    if name not in ("version", "updated_at")
                },
                [
                    (item.kind, item.call, item.incident and item.incident.id)
                    for item in contacts.timeline(uow, contact_id=key, limit=50)
                ],
                consents.said(uow, contact_id=key),
                uow.privacy.hold(key),
                uow.merges.spoken_at(key),
                duplicates.of_contact(uow, contact_id=key),
            ]
        for number in ("+34957212001", "+34600000123"):
            found = uow.phone_book.exactly([own_number(run, number)])
            told.append(sorted(entry.contact_id for entry in found))
        return told

    found: list[Any] = await house.db.read(read)
    return found
