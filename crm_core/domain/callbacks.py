"""Callbacks: somebody asked to be rung back, and when it is due. Pure."""

from __future__ import annotations

from datetime import datetime

import msgspec
import phonenumbers
from phonenumbers import PhoneNumberType

from crm_core.domain.calls import Call
from crm_core.domain.phone import read_number

COSTLY = frozenset(
    (
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.UAN,
        PhoneNumberType.PERSONAL_NUMBER,
        PhoneNumberType.PAGER,
        PhoneNumberType.VOICEMAIL,
    )
)
"""Numbers that nobody has at home, and that cost whoever dials them."""


class Callback(msgspec.Struct, frozen=True, kw_only=True):
    """A wish to be rung: ``number`` in E.164, ``due_at`` from when; ``call_id`` is where it was asked.

    ``done_at`` is set when the customer was spoken with (``done_by`` None), or when somebody said so.
    """

    id: str
    number: str
    contact_id: str | None = None
    call_id: str | None = None
    did: str | None = None
    asked_at: datetime
    due_at: datetime
    done_at: datetime | None = None
    done_by: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether the customer still waits for it."""
        return self.done_at is None


def caller_number(text: str, *, region: str) -> str | None:
    """Return the E.164 at which the caller *text*, on a trunk in *region*, would be rung; None: at none."""
    number = read_number(text, region=region)
    return number.e164 if number.e164 and not _is_costly(number.e164) else None


def typed_number(digits: str, *, region: str) -> str | None:
    """Return the E.164 of what a caller typed; None when we would not ring it.

    Only numbers of the *region*'s own country are taken: nobody shall make us dial the most expensive
    number of the world by typing it.
    """
    e164 = caller_number(digits, region=region) if digits.isascii() and digits.isdigit() else None
    if e164 is None:
        return None
    country = phonenumbers.country_code_for_region(region)
    return e164 if phonenumbers.parse(e164).country_code == country else None


def spoken_digits(e164: str, *, region: str) -> str:
    """Return the digits of *e164* as they are read out in *region*: at home without the country code."""
    number = phonenumbers.parse(e164)
    if number.country_code != phonenumbers.country_code_for_region(region):
        return e164.removeprefix("+")
    national = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
    return "".join(sign for sign in national if sign.isdigit())


def is_reached(callback: Callback, call: Call) -> bool:
    """Return whether *call* was the talk that the customer waits for: with him, and ended after he asked."""
    return (
        call.customer == callback.number
        and call.answered_at is not None
        and call.ended_at is not None
        and call.ended_at > callback.asked_at
        and bool(call.talk_s)
    )


def _is_costly(e164: str) -> bool:
    return phonenumbers.number_type(phonenumbers.parse(e164)) in COSTLY
