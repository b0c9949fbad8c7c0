"""What the demo's database is filled with at its first start: customers, their calls, who signs in."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from centralita.demo_equipment import sell
from centralita.demo_history import past_calls
from centralita.demo_people import Person, people
from centralita.demo_work import note_tasks, open_incident, set_up, write_down
from crm_core.domain.contacts import Contact, Phone
from crm_core.domain.ids import new_id
from crm_core.domain.people import Role, User
from crm_core.ports import UnitOfWork
from crm_core.services import calls, contacts, users

PEOPLE, REGION = 400, "ES"
PASSWORD = "centralita"  # noqa: S105 - it is printed at each start


def N_(text: str) -> str:  # noqa: N802 - the name by which tools/messages finds words
    """Return *text*, which is translated where it is shown."""
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """Somebody who may sign in to the demo."""

    name: str
    full_name: str
    role: Role
    extension: str | None
    what: str


SIGN_INS = (
    SignIn(
        name="ana", full_name="Ana Ortega", role="agent", extension="101", what=N_("agent at extension 101")
    ),
    SignIn(
        name="luis", full_name="Luis Peña", role="agent", extension="102", what=N_("agent at extension 102")
    ),
    SignIn(
        name="eva",
        full_name="Eva Ibáñez",
        role="supervisor",
        extension=None,
        what=N_("supervisor: the floor"),
    ),
    SignIn(
        name="raul",
        full_name="Raúl Vidal",
        role="administrator",
        extension=None,
        what=N_("administrator: the exchange"),
    ),
)


def fill(
    uow: UnitOfWork, *, seed: int, language: str, password_hash: str, now: datetime
) -> dict[str, str] | None:
    """Fill a new database and return its queues' teams; None when it is not new, and nothing was done."""
    if users.user_named(uow, name=SIGN_INS[0].name):
        return None
    chance = random.Random(seed)  # noqa: S311 - made-up people need no secrecy
    customers = [(person, contact_of(person, now=now, chance=chance)) for person in people(PEOPLE, seed=seed)]
    made = [contact for _, contact in customers]
    contacts.add_many(uow, contacts=made, region=REGION, now=now)
    signing_in = list(_users(language, password_hash, now=now, chance=chance))
    for user in signing_in:
        users.add_user(uow, user=user)
    work = set_up(uow, people=signing_in, language=language, chance=chance, now=now)
    for person, contact in customers:
        if person.incident:
            open_incident(uow, work, contact, person.incident)
    note_tasks(uow, work, made, language=language)
    products, lines = work.words["products"], work.choices
    sell(uow, products=products, lines=lines, customers=made, language=language, chance=chance, now=now)
    past = [call for contact in made for call in past_calls(contact, chance=chance, now=now)]
    calls.record(uow, calls=past, events=())
    write_down(uow, work, [one for one in made if one.company] or made, language=language)
    return work.queues


def contact_of(person: Person, *, now: datetime, chance: random.Random) -> Contact:
    """Return a made-up person as a contact."""
    made = now - timedelta(days=chance.uniform(10, 900))
    phone = Phone(id=new_id(made, chance.randbytes(10)), raw=person.number, is_primary=True)
    return Contact(
        id=new_id(made, chance.randbytes(10)),
        given=person.given,
        family=person.family,
        company=person.company,
        language=person.language,
        vip=person.vip,
        note=person.note,
        created_at=made,
        updated_at=made,
        phones=(phone,),
    )


def _users(language: str, hashed: str, *, now: datetime, chance: random.Random) -> Iterator[User]:
    for one in SIGN_INS:
        yield User(
            id=new_id(now, chance.randbytes(10)),
            name=one.name,
            full_name=one.full_name,
            role=one.role,
            language=language,
            agent=one.extension,
            seat=one.extension and f"main:PJSIP/agent{one.extension}",
            password_hash=hashed,
        )
