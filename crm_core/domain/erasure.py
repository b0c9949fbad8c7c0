"""Erasing a person: what of him stands in records, and what is left when it is gone (pure).

Calls stay, for they are the floor's history, too: under the contact's id, which says nothing without the
contact, with times, queues, agents and outcomes as they were. Numbers, names and texts go.
Source: GDPR art. 17; recital 26 on what is no longer about a person.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec

from crm_core.domain.calls import Call, Match, call_to_json
from crm_core.domain.contacts import Contact, Phone
from crm_core.domain.errors import CrmError
from crm_core.domain.phone import equated, number_of

ErasureState = Literal["asked", "done"]
GONE = "erased"
GRACE = timedelta(minutes=10)
"""How long an erasure that somebody asked for on a page can be taken back."""
FEWEST_DIGITS, SHORTEST_TEXT = 6, 5
_BETWEEN = r"[ .\-/()]{0,2}"
_NO_UNIQUEID = r"(?!\d{10}\.\d{1,7}(?!\d))"
_PERSONAL = frozenset(("ani", "ani_raw", "ani_name", "customer", "number", "notes", "name"))


class LegalHoldError(CrmError):
    """What is asked would destroy records that must be kept; ``reason`` says why they must."""

    code = "legal_hold"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return f"these records must be kept: {self.reason}"


class LegalHold(msgspec.Struct, frozen=True, kw_only=True):
    """A contact's records must be kept, whatever else is asked; who said so, and why."""

    contact_id: str
    reason: str
    by: str
    since: datetime


class Erasure(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody is to be erased from ``due_at`` on, or was (``done_at``)."""

    contact_id: str
    by: str
    asked_at: datetime
    due_at: datetime
    done_at: datetime | None = None

    @property
    def state(self) -> ErasureState:
        """Return how far it is."""
        return "done" if self.done_at else "asked"


class Marks(msgspec.Struct, frozen=True, kw_only=True):
    """By what a person is known in texts: the digits of his numbers, his names and addresses."""

    digits: tuple[str, ...]
    texts: tuple[str, ...]

    def pattern(self) -> re.Pattern[str]:
        """Return what finds them, numbers in any writing; what is longer by a few leading digits, too."""
        numbers = "|".join(_BETWEEN.join(one) for one in self.digits)
        found = [rf"(?<![\d.]){_NO_UNIQUEID}\+?\d{{0,6}}(?:{numbers})(?!\d|\.\d)"] if numbers else []
        found += [re.escape(one) for one in self.texts]
        return re.compile("|".join(found) or r"(?!)", re.IGNORECASE)


def marks_of(contact: Contact, *, heard: Iterable[str | None] = ()) -> Marks:
    """Return by what *contact* is known; *heard* are names that the exchange told with his calls.

    Of numbers the national part counts: it is in every writing of them. A short text says nobody.
    """
    names = {f"{contact.given} {contact.family}".strip(), contact.name, *filter(None, heard)}
    return marks_of_numbers(contact.phones, texts=names | {one.address for one in contact.emails})


def marks_of_numbers(phones: Iterable[Phone], *, texts: Iterable[str]) -> Marks:
    """Return by what somebody with these numbers, who is called by *texts*, is known."""
    phones = tuple(phones)
    digits = {_digits(text) for one in phones for text in (one.e164, one.raw)}
    digits |= {_national(one.e164) for one in phones if one.e164}
    return Marks(
        digits=tuple(sorted((one for one in digits if len(one) >= FEWEST_DIGITS), key=len, reverse=True)),
        texts=tuple(sorted((one for one in texts if len(one) >= SHORTEST_TEXT), key=len, reverse=True)),
    )


def spellings(numbers: Iterable[str]) -> list[str]:
    """Return *numbers* (E.164) in each form in which they may stand in records."""
    return list(dict.fromkeys(one for number in numbers for one in (number, *equated(number))))


def without(value: Any, pattern: re.Pattern[str], *, is_his: bool = False) -> Any:
    """Return *value* (of JSON) without what *pattern* finds; of a record that *is_his* without what is his.

    What is his stands in fields of certain names.
    """
    match value:
        case str():
            return pattern.sub(GONE, value)
        case list():
            return [without(one, pattern, is_his=is_his) for one in value]
        case dict():
            return {
                name: None if is_his and name in _PERSONAL else without(one, pattern, is_his=is_his)
                for name, one in value.items()
            }
    return value


def anonymous(call: Call, pattern: re.Pattern[str]) -> Call:
    """Return *call* with its times, queues, agents and outcome, and nothing of who it was with.

    It is a version further: what was told of it before does not come back.
    """
    plain = msgspec.json.decode(call_to_json(call))
    kept = msgspec.convert(without(plain, pattern), Call)
    kept.ani = kept.ani_raw = kept.ani_name = kept.customer = None
    if kept.direction == "outbound":
        kept.did = None
    kept.match = Match(kind=call.match.kind)
    kept.recordings = []
    kept.id, kept.pbx, kept.linkedid = call.id, call.pbx, call.linkedid
    kept.version = call.version + 1
    return kept


def without_candidate(call: Call, contact_id: str) -> Call:
    """Return *call*, which may be several people's, as it is not *contact_id*'s."""
    left = tuple(one for one in call.match.candidates if one.contact_id != contact_id)
    match = msgspec.structs.replace(call.match, candidates=left)
    return msgspec.structs.replace(call, match=match, version=call.version + 1)


def _digits(text: str | None) -> str:
    return "".join(sign for sign in text or "" if sign.isascii() and sign.isdigit())


def _national(e164: str) -> str:
    read = number_of(e164)
    if read is None:
        return _digits(e164)
    zeros = (read.number_of_leading_zeros or 1) if read.italian_leading_zero else 0
    return "0" * zeros + str(read.national_number)
