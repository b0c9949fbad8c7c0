"""A number as a row."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from crm_core.domain.contacts import Phone
from crm_core.domain.phone import digits_of_stored, tail_of

NATIONAL_LENGTH = 40


def phone_row(one: Phone, *, contact_id: str | None = None, account_id: str | None = None) -> dict[str, Any]:
    """Return the row of a contact's or a company's number."""
    digits = digits_of_stored(raw=one.raw, e164=one.e164)
    return {
        "id": one.id,
        "contact_id": contact_id,
        "account_id": account_id,
        "raw": one.raw,
        "e164": one.e164,
        "ext": one.ext,
        "national": digits[:NATIONAL_LENGTH] or None,
        "tail": tail_of(digits),
        "label": one.label,
        "is_primary": one.is_primary,
        "is_valid": one.is_valid,
        "do_not_call": one.do_not_call,
    }


def phone_of(row: Row[Any]) -> Phone:
    """Return the number of a row."""
    return Phone(**{name: getattr(row, name) for name in Phone.__struct_fields__})
