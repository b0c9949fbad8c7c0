"""The calls of a company: those of its people, and those of its own lines and numbers that are nobody's.

How much is looked at is bounded: the people who were spoken with last, and so many lines and ranges. Each of
them is a range of an index; the newest of what they give are read whole.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Select, String, func, select, type_coerce

from crm_core.db.schema import call
from crm_core.db.schema_people import contact, did_range, phone
from crm_core.db.statements import behind
from crm_core.ports.places import Place

MOST_PEOPLE, MOST_LINES, MOST_RANGES = 100, 50, 20
LEAST_DIGITS = 8
"""A range of shorter numbers is not one company's: between its ends lie those of whole provinces."""
_Ids = Select[tuple[str, datetime]]
_C = call.c
_AT = type_coerce(_C.started_at, String).concat("")
"""By an expression: else the index of all calls' times is walked for the few that are theirs."""


def ids_of_account(connection: Connection, account_id: str, before: Place | None, limit: int) -> list[str]:
    """Return the ids of a company's calls behind a place, newest first."""
    found = {  # a line may lie in a range, and a range in another
        (row.started_at, row.id)
        for query in _asked(connection, account_id, before)
        for row in connection.execute(query.order_by(_AT.desc(), _C.id.desc()).limit(limit))
    }
    return [key for _, key in sorted(found, reverse=True)[:limit]]


def _asked(connection: Connection, account_id: str, before: Place | None) -> list[_Ids]:
    theirs = select(_C.id, _C.started_at).where(*behind(before, _C.started_at, _C.id))
    nobodys = theirs.where(_C.contact_id.concat("").is_(None))
    asked: list[_Ids] = []
    if people := list(connection.scalars(_people(account_id))):
        asked.append(theirs.where(_C.contact_id.in_(people)))
    if lines := list(connection.scalars(_lines(account_id))):
        asked.append(nobodys.where(_C.customer.in_(lines)))
    for one in connection.execute(_ranges(account_id)).all():
        is_within = (_C.customer.between(one.first, one.last), func.length(_C.customer) == len(one.last))
        asked.append(nobodys.where(*is_within))
    return asked


def _people(account_id: str) -> Select[tuple[str]]:
    last = (contact.c.spoken_at.is_(None), contact.c.spoken_at.desc(), contact.c.id)
    return select(contact.c.id).where(contact.c.account_id == account_id).order_by(*last).limit(MOST_PEOPLE)


def _lines(account_id: str) -> Select[tuple[str]]:
    theirs = (phone.c.account_id == account_id, phone.c.e164.is_not(None))
    return select(phone.c.e164).where(*theirs).order_by(phone.c.id).limit(MOST_LINES)


def _ranges(account_id: str) -> Select[tuple[str, str]]:
    is_long = func.length(did_range.c.first) > LEAST_DIGITS  # the + is one more
    query = select(did_range.c.first, did_range.c.last).where(did_range.c.account_id == account_id, is_long)
    return query.order_by(did_range.c.first).limit(MOST_RANGES)
