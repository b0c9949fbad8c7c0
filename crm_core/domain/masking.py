"""What of numbers, addresses and papers is shown to whom, and what is left of them where it is not. Pure."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final, Literal, get_args

import msgspec

from crm_core.domain.people import Role

Rule = Literal["shown", "own_queues", "masked"]
Kind = Literal["numbers", "emails", "documents", "personal"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
ROLES: Final[tuple[Role, ...]] = ("agent", "supervisor", "integration", "auditor")
"""Whom something can be kept from; who makes these rules sees everything."""
SIGN: Final = "•"
GONE: Final = SIGN * 3
LONGEST_EXTENSION, FEWEST_IN_TEXT = 5, 9  # digits
_LEFT_OF_NUMBER, _LEFT_OF_DOCUMENT = 3, 2
_DIGIT = re.compile(r"\d")
_LETTER = re.compile(r"[^\W\d_]")
_NUMBER = re.compile(
    r"(?<![\w+])\+(?:[ .\-/()]{0,2}\d){7,15}(?!\d)"  # +34 600 12 36 78
    r"|(?<=[^\W\d])\+\d{7,15}(?!\d|[\w.\-]*@)"  # x+34600123678, and not ana+600123678@empresa.es
    r"|%2[Bb]\d{7,15}"  # as it stands in an address
    r"|(?<![\w.+\-/])\(?\d(?:[ .\-/()]{0,2}\d){8,16}(?![\w\-])(?!\.\d)"  # 600-12-36-78, 0034 600 123 678
)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_EMAIL = re.compile(
    r"(?<![\w.+\-])(?P<sign>[^\s@<>()\[\]\"',;:=&?/%])[^\s@<>()\[\]\"',;:=&?/%]*"
    r"(?P<house>(?:@|%40)[^\s@<>()\[\]\"',;:=&?/%]+\.[^\W\d_][\w\-]*)"
)


class MaskRule(msgspec.Struct, frozen=True, kw_only=True):
    """What people of a role see; ``own_queues``, of numbers alone: those of calls that are theirs.

    ``documents`` are tax numbers, ``personal`` the site's own fields that are flagged so.
    """

    role: Role
    numbers: Rule = "shown"
    emails: Literal["shown", "masked"] = "shown"
    documents: Literal["shown", "masked"] = "shown"
    personal: Literal["shown", "masked"] = "shown"
    version: int = 0
    set_at: datetime | None = None

    @property
    def hides_nothing(self) -> bool:
        """Return whether everything is shown."""
        return all(getattr(self, kind) == "shown" for kind in KINDS)


def masked_number(text: str) -> str:
    """Return what is shown of a number: its last three digits; extensions and short codes are nobody's."""
    digits = _DIGIT.findall(text)
    if SIGN in text or len(digits) <= LONGEST_EXTENSION:
        return text
    return f"{GONE} {GONE} {''.join(digits[-_LEFT_OF_NUMBER:])}"


def masked_email(text: str) -> str:
    """Return what is shown of an address: its first sign and the house; nothing of what is none."""
    if SIGN in text or not text:
        return text
    local, at, house = text.rpartition("@")
    return f"{local[:1]}{GONE}@{house}" if at else GONE


def masked_document(text: str) -> str:
    """Return what is shown of a tax number or a paper: its last two signs, when it has more than five."""
    signs = [sign for sign in text if sign.isalnum()]
    if SIGN in text or not signs:
        return text
    left = "".join(signs[-_LEFT_OF_DOCUMENT:]) if len(signs) > LONGEST_EXTENSION else ""
    return f"{GONE}{left}"


def is_instant(text: str) -> bool:
    """Return whether *text* is an instant of RFC 3339, in UTC."""
    return _INSTANT.fullmatch(text) is not None


def is_written_number(text: str) -> bool:
    """Return whether *text* can be a number: digits, no letters, and no day."""
    return bool(_DIGIT.search(text)) and not (_LETTER.search(text) or _DAY.match(text))


def without_numbers(text: str) -> str:
    """Return *text* with each number in it masked: one with a +, else one of nine digits or more."""
    return _NUMBER.sub(_masked_match, text)


def without_emails(text: str) -> str:
    """Return *text* with each address in it masked."""
    return _EMAIL.sub(_masked_address, text) if "@" in text or "%40" in text else text


def restored_text(sent: str, known: str) -> str:
    """Return *sent*, which was written over what is shown of *known*, with what was masked put back.

    Each is put where it is shown, in their order if that is the same still; one that was taken out stays out.
    """
    hidden = sorted(
        (found.start(), told(found), found[0])
        for pattern, told in ((_EMAIL, _masked_address), (_NUMBER, _masked_match))
        for found in pattern.finditer(known)
    )
    begin = 0
    for _, shown, kept in hidden:
        place = at if (at := sent.find(shown, begin)) >= 0 else sent.find(shown)
        if shown != kept and place >= 0:
            sent = sent[:place] + kept + sent[place + len(shown) :]
            begin = place + len(kept)
    return sent


def digits_in(text: str) -> str:
    """Return the digits of *text*."""
    return "".join(_DIGIT.findall(text))


def _masked_address(found: re.Match[str]) -> str:
    return found[0] if SIGN in found[0] else f"{found['sign']}{GONE}{found['house']}"


def _masked_match(found: re.Match[str]) -> str:
    return found[0] if _DAY.match(found[0]) else masked_number(found[0])
