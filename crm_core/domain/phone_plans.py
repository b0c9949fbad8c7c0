"""What the library does not know: how trunks and people write numbers, and plans of yesterday.

Each rule gives another spelling of the same number; a spelling counts only when a numbering plan holds it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

ITALY = "39"
_TRUNK_ZERO = re.compile(r"^(\+|00)[\s.-]*(\d{1,3})[\s.-]*\(0\)", re.ASCII)
_OTHER_END = re.compile(r"^(.{6,}?)\s*/.*$")
_PUNCTUATION = re.compile(r"[\s().\-]")
_DIALLED = re.compile(r"\+?[0-9]+", re.ASCII)

# (what it looks like, digits only and + for 00; in which region, None for all; how it is written today; why)
_PLANS: tuple[tuple[re.Pattern[str], str | None, str, str], ...] = (
    (re.compile(r"^\+521(\d{10})$"), None, r"+52\1", "Mexico: no 1 before mobiles since 2019"),
    (re.compile(r"^(?:044|045|01|1)(\d{10})$"), "MX", r"+52\1", "Mexico: no 01, 044, 045 or 1 since 2019"),
    (re.compile(r"^03?(3\d{9})$"), "CO", r"+57\1", "Colombia: no 0 or 03 before mobiles since 2021"),
    (re.compile(r"^\+57([1-8]\d{7})$"), None, r"+5760\1", "Colombia: landlines begin with 60 since 2021"),
    (re.compile(r"^([1-8]\d{7})$"), "CO", r"+5760\1", "Colombia: landlines begin with 60 since 2021"),
    (
        re.compile(r"^\+55(\d\d)([6-9]\d{7})$"),
        None,
        r"+55\g<1>9\2",
        "Brazil: mobiles begin with 9 since 2016",
    ),
    (re.compile(r"^0?(\d\d)([6-9]\d{7})$"), "BR", r"+55\g<1>9\2", "Brazil: mobiles begin with 9 since 2016"),
    (
        re.compile(r"^0?\d\d(\d\d)([6-9]\d{7})$"),
        "BR",
        r"+55\g<1>9\2",
        "Brazil: mobiles begin with 9 since 2016",
    ),
    (re.compile(r"^([1-9]\d{9,14})$"), None, r"+\1", "country code without a plus"),
)


def spellings(text: str, region: str) -> Iterator[tuple[str, str]]:
    """Yield *text* as written and in other spellings, likeliest first, each with the rule that gave it."""
    for written, rule in _as_written(text):
        yield written, rule
        plain = without_punctuation(written)
        if plain is None:
            continue
        full = f"+{plain[2:]}" if plain.startswith("00") else plain
        if full is not plain:
            yield full, "00 before the country code"
        bare = () if full[0] in "+0" else (f"+{full}",)  # a country code may stand there without its plus
        for digits in (full, *bare):
            for pattern, where, today, why in _PLANS:
                if where in (None, region) and pattern.match(digits):
                    yield pattern.sub(today, digits), why


def without_punctuation(text: str) -> str | None:
    """Return *text* as digits with at most a + before them; None when it holds more than punctuation."""
    digits = _PUNCTUATION.sub("", text)
    return digits if _DIALLED.fullmatch(digits) else None


def _as_written(text: str) -> Iterator[tuple[str, str]]:
    """Yield *text* without a ``(0)`` that is not dialled from abroad, and without what follows a slash."""
    zero = _TRUNK_ZERO.match(text)
    if zero and zero[2] != ITALY:  # in Italy the 0 is part of the number
        text = text[: zero.end() - 3] + text[zero.end() :]
        yield text, "(0) is not dialled after a country code"
    elif "/" in text:
        yield text.replace("/", ""), "slash between area and number"
        if found := _OTHER_END.match(text):
            yield found[1], "first of several numbers"
    else:
        yield text, "as written"


def equated(e164: str) -> tuple[str, ...]:
    """Return the other spellings in E.164 under which the same line may be stored or delivered.

    Mexico ``+521…`` and ``+52…``; Argentine mobiles with and without the 9; Brazilian mobiles with eight
    and nine digits.
    """
    for pattern, other in _EQUATED:
        if pattern.match(e164):
            return (pattern.sub(other, e164),)
    return ()


_EQUATED = (
    (re.compile(r"^\+521(\d{10})$"), r"+52\1"),
    (re.compile(r"^\+52(\d{10})$"), r"+521\1"),
    (re.compile(r"^\+549(\d{10})$"), r"+54\1"),
    (re.compile(r"^\+54(\d{10})$"), r"+549\1"),
    (re.compile(r"^\+55(\d\d)9([6-9]\d{7})$"), r"+55\1\2"),
    (re.compile(r"^\+55(\d\d)([6-9]\d{7})$"), r"+55\g<1>9\2"),
)
