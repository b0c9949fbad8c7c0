"""Marks in what was found: the letters and digits that somebody looked for (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from markupsafe import Markup, escape

from crm_core.domain.words import folded

_WORD = re.compile(r"[^\W_]+")
_MARK = Markup("<mark>{}</mark>")
FEWEST_DIGITS = 3  # shorter ones would be marked everywhere


def marked(text: str, asked: Iterable[str]) -> Markup:
    """Return *text* with the beginnings of words that were asked for marked; everything else is escaped."""
    return Markup("").join(_marked(text, sorted(set(asked), key=len, reverse=True)))


def marked_number(written: str, asked: Iterable[str]) -> Markup:
    """Return a number as it is written, with the digits marked with which it begins or ends."""
    places = [n for n, sign in enumerate(written) if sign.isdigit()]
    digits = "".join(written[n] for n in places)
    for one in sorted(set(asked), key=len, reverse=True):
        if len(one) < FEWEST_DIGITS or not one.isdigit():
            continue
        begin = 0 if digits.startswith(one) else len(digits) - len(one) if digits.endswith(one) else -1
        if begin >= 0:
            first, last = places[begin], places[begin + len(one) - 1] + 1
            return escape(written[:first]) + _MARK.format(written[first:last]) + escape(written[last:])
    return escape(written)


def _marked(text: str, asked: Sequence[str]) -> Iterator[Markup]:
    done = 0
    for word in _WORD.finditer(text):
        plain = folded(word[0])
        begin = next((one for one in asked if plain.startswith(one)), None)
        if begin is None or len(plain) != len(word[0]):  # signs that fold into two are left alone
            continue
        yield escape(text[done : word.start()])
        done = word.start() + len(begin)
        yield _MARK.format(text[word.start() : done])
    yield escape(text[done:])
