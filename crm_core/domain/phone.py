"""How a number is read: what kind it is, its E.164, and by which rule.

Classify first; only then is anything taken for an outside number. The rules that the metadata of
``phonenumbers`` does not hold are named here, each with its reason; ``rule`` says which one spoke.
Source: ITU-T E.164; https://github.com/google/libphonenumber
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal, NamedTuple

import msgspec
import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat

Kind = Literal["number", "anonymous", "internal", "short", "emergency", "uri", "invalid"]

LONGEST = 200
NOBODY = frozenset(
    "anonymous unknown withheld private restricted unavailable asterisk blocked hidden oculto desconocido "
    "privado anonimo anónimo <unknown> s".split()
)
EMERGENCY = {
    "ES": frozenset(("112", "091", "092", "062", "061", "080", "085", "088", "016")),
    "GB": frozenset(("112", "999", "101", "111")),
    "MX": frozenset(("911", "089")),
    "AR": frozenset(("911", "100", "101", "107")),
    "CO": frozenset(("123", "112")),
    "US": frozenset(("911", "988")),
}
_URI = re.compile(r"^(?:sips?|h323|iax2?|mailto|im|xmpp):", re.IGNORECASE)
_TEL = re.compile(r"^tel:", re.IGNORECASE)
_TRUNK_ZERO = re.compile(r"^(\+|00)(\d{1,3})[ .-]*\(0\)")
_RANGE = re.compile(r"^(?P<first>[+\d][\d ().-]{6,})/(?P<last>\d{1,3})$")
_EXTENSION = re.compile(r"[#,;]\s*(?:ext\.?\s*)?(\d{1,8})$")
_INVISIBLE = {"Cf", "Cc", "Zs"}


class ReadNumber(msgspec.Struct, frozen=True, kw_only=True):
    """A number as read: ``e164`` for kind "number" only; ``rule`` names what decided."""

    raw: str
    kind: Kind
    e164: str | None = None
    ext: str | None = None
    rule: str


class TrunkRules(msgspec.Struct, frozen=True, kw_only=True):
    """What a trunk adds to numbers, and which digits are extensions of the house."""

    prefixes: tuple[str, ...] = ()
    extension_digits: tuple[int, int] = (2, 5)


PLAIN = TrunkRules()


class _Text(NamedTuple):
    raw: str
    clean: str
    ext: str | None
    rule: str


def read_number(text: str, *, region: str, trunk: TrunkRules = PLAIN) -> ReadNumber:
    """Return how *text*, as it came over a trunk in *region* (ISO 3166-1), is read. Never raises.

    Only kind "number" may match a customer; everything else is somebody of the house, a service, or nobody.
    """
    raw = text[:LONGEST]
    clean = _visible(raw)
    if not clean or clean.lower() in NOBODY:
        return ReadNumber(raw=raw, kind="anonymous", rule="nobody")
    if _URI.match(clean) or ("@" in clean and not _TEL.match(clean)):
        return ReadNumber(raw=raw, kind="uri", rule="address")
    if len(text) > LONGEST:
        return ReadNumber(raw=raw, kind="invalid", rule="too long")
    return _read_digits(_unwrapped(raw, clean, trunk), region, trunk)


def _visible(text: str) -> str:
    """Return *text* without marks that are not seen, wide digits made narrow."""
    narrow = unicodedata.normalize("NFKC", text)
    kept = "".join(" " if unicodedata.category(c) in _INVISIBLE else c for c in narrow)
    return " ".join(kept.split())


def _unwrapped(raw: str, clean: str, trunk: TrunkRules) -> _Text:
    """Undo what trunks and writers put around a number."""
    rule, ext = "library", None
    clean = _TEL.sub("", clean)
    if found := _RANGE.match(clean):
        clean, rule = found["first"], "first of a range"
    if found := _EXTENSION.search(clean):
        clean, ext, rule = clean[: found.start()], found[1], "extension cut off"
    for prefix in trunk.prefixes:
        if prefix and clean.startswith(prefix):
            clean, rule = clean.removeprefix(prefix), f"trunk prefix {prefix}"
            break
    if _TRUNK_ZERO.match(clean):
        clean, rule = _TRUNK_ZERO.sub(r"\1\2", clean), "(0) after the country code"
    return _Text(raw, clean.strip(), ext, rule)


def _read_digits(text: _Text, region: str, trunk: TrunkRules) -> ReadNumber:
    digits = re.sub(r"[ ().\-]", "", text.clean)
    if digits in EMERGENCY.get(region, frozenset(("112",))):
        return ReadNumber(raw=text.raw, kind="emergency", rule="emergency number of the region")
    shortest, longest = trunk.extension_digits
    if digits.isascii() and digits.isdigit() and len(digits) <= longest:
        if _is_short(digits, region):
            return ReadNumber(raw=text.raw, kind="short", rule="short number of the region")
        if len(digits) >= shortest:
            return ReadNumber(raw=text.raw, kind="internal", rule=f"{shortest} to {longest} digits")
        return ReadNumber(raw=text.raw, kind="invalid", rule="too few digits")
    parsed, rule = _parsed(digits, region)
    if parsed is None:
        short = digits.isascii() and digits.isdigit() and _is_short(digits, region)
        return ReadNumber(raw=text.raw, kind="short" if short else "invalid", rule="no number of any plan")
    return ReadNumber(
        raw=text.raw,
        kind="number",
        e164=phonenumbers.format_number(parsed, PhoneNumberFormat.E164),
        ext=text.ext or parsed.extension or None,
        rule=rule if text.rule == "library" else text.rule,
    )


def _is_short(digits: str, region: str) -> bool:
    try:
        number = phonenumbers.parse(digits, region)
    except NumberParseException:
        return False
    return phonenumbers.is_valid_short_number_for_region(number, region)


def _parsed(digits: str, region: str) -> tuple[PhoneNumber | None, str]:
    """Return the valid number that *digits* are, and the rule that found it."""
    for candidate, rule in _spellings(digits, region):
        try:
            number = phonenumbers.parse(candidate, region)
        except NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return number, rule
    return None, ""


def _spellings(digits: str, region: str) -> list[tuple[str, str]]:
    """Return *digits* as written, then as older and lazier habits mean it."""
    plus = digits if digits.startswith("+") else ""
    international = digits[2:] if digits.startswith("00") else ""
    whole = plus[1:] or international
    found = [(digits, "library")]
    if international:
        found.append((f"+{international}", "00 before the country code"))
    if whole.startswith("521"):
        found.append((f"+52{whole[3:]}", "Mexico: the 1 for mobiles is gone since 2019"))
    if region == "MX" and digits.startswith(("044", "045")):
        found.append((f"+52{digits[3:]}", "Mexico: 044 and 045 are gone since 2019"))
    if region == "MX" and digits.startswith("1") and len(digits) == 11:  # noqa: PLR2004
        found.append((f"+52{digits[1:]}", "Mexico: the 1 for mobiles is gone since 2019"))
    if region == "CO" and digits.startswith("03") and len(digits) == 11:  # noqa: PLR2004
        found.append((f"+57{digits[1:]}", "Colombia: 0 before a mobile from a fixed line, until 2021"))
    if whole.startswith("55") and len(whole) == 12:  # noqa: PLR2004
        found.append((f"+{whole[:4]}9{whole[4:]}", "Brazil: mobiles have a 9 in front since 2016"))
    if not whole and digits.isdigit():
        found.append((f"+{digits}", "country code without a plus"))
    return found


def equated(e164: str) -> tuple[str, ...]:
    """Return the other spellings in E.164 under which the same line may be stored or delivered.

    Mexico ``+521…`` and ``+52…``; Argentine mobiles with and without the 9; Brazilian mobiles with eight and nine digits.
    """
    if e164.startswith("+521") and len(e164) == 14:  # noqa: PLR2004
        return (f"+52{e164[4:]}",)
    if e164.startswith("+52") and len(e164) == 13:  # noqa: PLR2004
        return (f"+521{e164[3:]}",)
    if e164.startswith("+549") and len(e164) == 14:  # noqa: PLR2004
        return (f"+54{e164[4:]}",)
    if e164.startswith("+54") and len(e164) == 13:  # noqa: PLR2004
        return (f"+549{e164[3:]}",)
    if e164.startswith("+55") and len(e164) == 14 and e164[5] == "9":  # noqa: PLR2004
        return (f"{e164[:5]}{e164[6:]}",)
    if e164.startswith("+55") and len(e164) == 13 and e164[5] in "6789":  # noqa: PLR2004
        return (f"{e164[:5]}9{e164[5:]}",)
    return ()


def national_digits(e164: str) -> str | None:
    """Return the national significant number of *e164*; None when it is no number."""
    try:
        number = phonenumbers.parse(e164)
    except NumberParseException:
        return None
    return phonenumbers.national_significant_number(number)


class DialRoute(msgspec.Struct, frozen=True, kw_only=True):
    """How a PBX wants to be asked for an outside number: its region and the digit for an outside line."""

    region: str
    access: str = ""
    international: Literal["00", "+"] = "00"


def dialable(e164: str, *, route: DialRoute) -> str:
    """Return what to dial for *e164* over *route*: national inside the region, else 00 or + and the country code.

    Raises:
        ValueError: *e164* is no valid number.
    """
    try:
        number = phonenumbers.parse(e164)
    except NumberParseException as error:
        raise ValueError(f"{e164!r} is not E.164") from error
    if not phonenumbers.is_valid_number(number):
        raise ValueError(f"{e164!r} is not a number of any plan")
    if phonenumbers.region_code_for_country_code(number.country_code or 0) == route.region:
        national = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
        return route.access + re.sub(r"\D", "", national)
    return route.access + route.international + e164.removeprefix("+")
