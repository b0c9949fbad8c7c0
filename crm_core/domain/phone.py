"""How a number is read: what kind it is, its E.164, and by which rule.

Classify first; only then is anything taken for an outside number. What the metadata of ``phonenumbers`` does
not know of (trunks, older plans) is tried as another spelling, see ``phone_plans``; ``rule`` says which.
Sources: ITU-T E.164; RFC 3966; https://github.com/google/libphonenumber
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

import msgspec
import phonenumbers
from phonenumbers import (
    COUNTRY_CODE_TO_REGION_CODE,
    NumberParseException,
    PhoneNumber,
    PhoneNumberFormat,
    ValidationResult,
    shortnumberinfo,
)

from crm_core.domain.matching import FEWEST_DIGITS
from crm_core.domain.phone_plans import equated, spellings, without_punctuation
from crm_core.domain.phone_text import cleaned, is_nobody, is_uri, unlabelled, unwrapped, without_extension

__all__ = ["DialRoute", "Kind", "ReadNumber", "TrunkRules", "dialable", "digits_of", "equated", "read_number"]
Kind = Literal["number", "anonymous", "internal", "short", "emergency", "uri", "invalid"]
LONGEST, KEPT, LONGEST_SHORT = 250, 128, 6
REMEMBERED = 4_096  # a caller's number is read by the ledger, for the route and for the card
_BEHIND_CODE = (2, 3, 4)
_E164 = re.compile(r"\+[1-9][0-9]{3,14}", re.ASCII)


class ReadNumber(msgspec.Struct, frozen=True, kw_only=True):
    """A number as read: ``e164`` for kind "number" only, ``ext`` behind it (or the extension itself)."""

    raw: str
    kind: Kind
    e164: str | None = None
    ext: str | None = None
    rule: str


class TrunkRules(msgspec.Struct, frozen=True, kw_only=True):
    """What a trunk puts before numbers (the first that fits is cut off), and how long extensions are."""

    prefixes: tuple[str, ...] = ()
    extension_digits: tuple[int, int] = (2, 5)


PLAIN = TrunkRules()


def read_number(text: str, *, region: str, trunk: TrunkRules = PLAIN) -> ReadNumber:
    """Return how *text*, as it came over a trunk in *region* (ISO 3166-1), is read. Never raises.

    Only kind "number" may match a customer; everything else is somebody of the house, a service, or nobody.
    ``raw`` holds the first 128 characters of *text*.
    """
    if len(text) > LONGEST:
        return ReadNumber(raw=text[:KEPT], kind="invalid", rule="longer than any number")
    return _read(text, region, trunk)


@lru_cache(maxsize=REMEMBERED)
def _read(text: str, region: str, trunk: TrunkRules) -> ReadNumber:
    raw = text[:KEPT]
    clean = unwrapped(cleaned(text))
    if is_nobody(clean):
        return ReadNumber(raw=raw, kind="anonymous", rule="hidden or missing")
    if is_uri(clean):
        return ReadNumber(raw=raw, kind="uri", rule="an address, not a number")
    number, rule = _without_prefix(unlabelled(clean), trunk)
    number, ext = without_extension(number)
    return _of_house(raw, number, region, trunk) or _outside(raw, number, region=region, rule=rule, ext=ext)


def _without_prefix(text: str, trunk: TrunkRules) -> tuple[str, str | None]:
    for prefix in trunk.prefixes:
        if prefix and text.startswith(prefix):
            return text.removeprefix(prefix), f"trunk prefix {prefix}"
    return text, None


def _of_house(raw: str, text: str, region: str, trunk: TrunkRules) -> ReadNumber | None:
    """Return *text* as an emergency or short number or an extension; None when it is neither."""
    if text[:1] in ("*", "#"):
        return ReadNumber(raw=raw, kind="short", rule="service code")
    digits = without_punctuation(text)
    if digits is None or digits.startswith("+"):
        return None
    shortest, longest = trunk.extension_digits
    if len(digits) <= max(longest, LONGEST_SHORT):
        if shortnumberinfo.is_emergency_number(digits, region):
            return ReadNumber(raw=raw, kind="emergency", rule="emergency number of the region")
        if _is_short(digits, region):
            return ReadNumber(raw=raw, kind="short", rule="short number of the region")
    if shortest <= len(digits) <= longest:
        return ReadNumber(
            raw=raw, kind="internal", ext=digits, rule=f"extension of {shortest} to {longest} digits"
        )
    return None


def _is_short(digits: str, region: str) -> bool:
    try:
        number = phonenumbers.parse(digits, region)
    except NumberParseException:
        return False
    return shortnumberinfo.is_valid_short_number_for_region(number, region)


def _outside(raw: str, text: str, *, region: str, rule: str | None, ext: str | None) -> ReadNumber:
    """Return *text* as an outside number: the first spelling that a numbering plan holds."""
    for spelling, why in spellings(text, region):
        number = _parsed(spelling, region)
        if number and phonenumbers.is_valid_number(number):
            return ReadNumber(raw=raw, kind="number", e164=_e164(number), ext=ext, rule=rule or why)
    number = _parsed(text, region) if text.startswith("+") else None
    if number and phonenumbers.is_possible_number_with_reason(number) == ValidationResult.IS_POSSIBLE:
        # Plans grow faster than the library: written in full and as long as it must be, it may exist.
        return ReadNumber(
            raw=raw, kind="number", e164=_e164(number), ext=ext, rule="of a range not yet known"
        )
    return ReadNumber(raw=raw, kind="invalid", rule="no number of any plan")


def _e164(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def _parsed(text: str, region: str) -> PhoneNumber | None:
    digits = without_punctuation(text)
    if digits is None:
        return None
    try:
        return phonenumbers.parse(digits, region)
    except NumberParseException:
        return None


def digits_of(number: ReadNumber) -> str:
    """Return the digits that *number* is compared by when one of two numbers could not be read in full.

    Of a read number the national significant number; else the digits as written, without zeros in front.
    """
    return digits_of_stored(raw=number.raw, e164=number.e164)


def digits_of_stored(*, raw: str, e164: str | None) -> str:
    """Return ``digits_of`` for a number that was read before."""
    if e164 and (national := national_digits(e164)):
        return national
    return "".join(sign for sign in cleaned(raw) if "0" <= sign <= "9").lstrip("0")


def tail_of(digits: str) -> str | None:
    """Return the last eight digits: numbers that agree share them. None when there are fewer."""
    return digits[-FEWEST_DIGITS:] if len(digits) >= FEWEST_DIGITS else None


def national_digits(e164: str) -> str | None:
    """Return the national significant number of *e164*; None when it is no number.

    It is all that stands behind the country code, of which none begins with another (ITU-T E.164 §6.2).
    """
    split = _split(e164)
    return split[1] if split else None


def number_of(e164: str) -> PhoneNumber | None:
    """Return *e164* as ``phonenumbers`` has it, without a search for what it may mean; None: no number."""
    split = _split(e164)
    if split is None:
        return None
    code, digits = split
    zeros = len(digits) - len(digits[:-1].lstrip("0") + digits[-1])
    return PhoneNumber(
        country_code=code,
        national_number=int(digits),
        italian_leading_zero=True if zeros else None,
        number_of_leading_zeros=zeros if zeros > 1 else None,
    )


def _split(e164: str) -> tuple[int, str] | None:
    """Return the country code and the national significant number of *e164*; None when it is no number."""
    if not _E164.fullmatch(e164):
        return None
    codes = ((int(e164[1:behind]), e164[behind:]) for behind in _BEHIND_CODE)
    return next((split for split in codes if split[0] in COUNTRY_CODE_TO_REGION_CODE), None)


class DialRoute(msgspec.Struct, frozen=True, kw_only=True):
    """How an exchange wants to be asked for an outside number.

    ``access`` is dialled first for an outside line; numbers of ``region`` are dialled as at home there,
    all others with ``international`` and the country code.
    """

    region: str
    access: str = ""
    international: Literal["00", "011", "+"] = "00"


def dialable(e164: str, *, route: DialRoute) -> str:
    """Return what to dial for *e164* over *route*: digits, with a leading + at most.

    Raises:
        ValueError: *e164* is not E.164; then there is nothing that may be dialled.
    """
    number = _parsed(e164, "ZZ") if _E164.fullmatch(e164) else None
    if number is None:
        raise ValueError(f"{e164[:KEPT]!r} is not E.164")
    if phonenumbers.country_code_for_region(route.region) != number.country_code:
        return route.access + route.international + e164.removeprefix("+")
    national = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
    return route.access + re.sub(r"[^0-9]", "", national)
