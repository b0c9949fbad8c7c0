"""Looking for anything by what people type: names, numbers in any spelling, incidents, beginnings, slips.

A record is found by its words: folded, of letters and digits alone, each once. A number is there as its
digits, with and without the country's code, and backwards, so that its end is a beginning, too.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Literal

import msgspec

from crm_core.domain.phone import digits_of, read_number
from crm_core.domain.words import folded

StepName = Literal["whole", "typed", "begun", "meant"]
MOST_TERMS, LONGEST_WORD, MOST_WORDS = 8, 40, 2_000
FEWEST_AT_END = 4  # digits: "the one that ends with 2000"
SHORTEST_SPELT = 4  # letters: of three each is near to too many
BACKWARDS = "x"
_WORD = re.compile(r"[^\W_]+")
_DIGITS = re.compile(r"\d+", re.ASCII)
_PIECE = re.compile(
    r"inc[- ]?(?P<incident>[0-9]{1,9})(?![^\W_])"
    r"|(?P<number>\+?\(?[0-9](?:[0-9 ().\-/]*[0-9])?)(?![^\W_])"
    r"|(?P<word>[^\W_]+)"
)


class Token(msgspec.Struct, frozen=True):
    """A word that a record has, or that one of its words begins with."""

    text: str
    is_beginning: bool = False


Way = tuple[Token, ...]
"""All of these."""
Term = tuple[Way, ...]
"""In any of these ways."""
Terms = tuple[Term, ...]
"""Each of these."""


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was typed: in how many ways it may stand in a record.

    What ``is_whole`` stands there as it is, or not at all.
    """

    spellings: tuple[tuple[str, ...], ...]
    ends: tuple[str, ...] = ()
    word: str | None = None  # when it is one that may be misspelt
    is_whole: bool = False

    def whole(self) -> Term:
        """Return that it stands there as it was typed."""
        return tuple(tuple(Token(text) for text in one) for one in self.spellings)

    def begun(self) -> Term:
        """Return that something there begins with it, or is a number that ends with it."""
        if self.is_whole:
            return self.whole()
        begins = tuple(tuple(Token(text, is_beginning=True) for text in one) for one in self.spellings)
        return begins + tuple((Token(BACKWARDS + text[::-1], is_beginning=True),) for text in self.ends)

    def meant(self, near: Sequence[str]) -> Term:
        """Return that something there begins with it, or is one of the words that are *near* to it."""
        return self.begun() + tuple((Token(text),) for text in near)


def words_in(*texts: str | None) -> list[str]:
    """Return the words of *texts*, each once, in the order of their first coming."""
    found = (word[:LONGEST_WORD] for text in texts if text for word in _WORD.findall(folded(text)))
    return list(dict.fromkeys(found))[:MOST_WORDS]


def number_words(*, digits: str, e164: str | None) -> Iterator[str]:
    """Yield the words of a number; *digits* are those without the country's code."""
    yield digits
    yield BACKWARDS + digits[::-1]
    if e164:
        yield e164.removeprefix("+")


def incident_words(number: str) -> Iterator[str]:
    """Yield the words of an incident's number: with letters and without."""
    yield "".join(_WORD.findall(folded(number)))
    yield from _DIGITS.findall(number)


def serial_words(serial: str) -> Iterator[str]:
    """Yield the words of a serial number: in one, its parts, and what it ends with."""
    parts = _WORD.findall(folded(serial))
    whole = "".join(parts)[:LONGEST_WORD]
    yield from dict.fromkeys((whole, *(part[:LONGEST_WORD] for part in parts)))
    yield from (BACKWARDS + part[::-1] for part in dict.fromkeys((whole, *parts)) if _DIGITS.fullmatch(part))


def pieces_of(q: str, *, region: str, whole: bool = False) -> list[Piece]:
    """Return what somebody asks for with *q*, in its order; numbers are read as in *region*.

    *whole*: what has digits in it is looked for as it is, never as how something begins or ends.
    """
    found = [_piece(match, region) for match in _PIECE.finditer(folded(q))][:MOST_TERMS]
    if not whole:
        return found
    return [msgspec.structs.replace(one, is_whole=True) if _has_digits(one) else one for one in found]


def _has_digits(piece: Piece) -> bool:
    return any(sign.isdigit() for one in piece.spellings for word in one for sign in word)


def _piece(match: re.Match[str], region: str) -> Piece:
    if match["incident"]:
        return Piece(spellings=((f"inc{match['incident']}",),))
    if match["number"]:
        return _number(match["number"], region)
    word = match["word"][:LONGEST_WORD]
    return Piece(spellings=((word,),), word=word if is_spelt(word) else None)


def _number(text: str, region: str) -> Piece:
    groups = _DIGITS.findall(text)
    typed = "".join(groups)
    read = read_number(text, region=region)
    one = [typed, typed.lstrip("0")]
    if read.e164:
        one += [read.e164.removeprefix("+"), digits_of(read)]
    digits = [each[:LONGEST_WORD] for each in dict.fromkeys(one) if each]
    apart = [tuple(each[:LONGEST_WORD] for each in groups)] if len(groups) > 1 else []
    return Piece(
        spellings=tuple((each,) for each in digits) + tuple(apart),
        ends=tuple(each for each in digits if len(each) >= FEWEST_AT_END),
    )


def terms_at(step: StepName, pieces: Sequence[Piece], near: Mapping[str, Sequence[str]]) -> Terms | None:
    """Return what is looked for at a step; None where it would find nothing that the one before does not."""
    if step == "whole":
        return tuple(one.whole() for one in pieces)
    if step == "typed":
        return (*(one.whole() for one in pieces[:-1]), *(one.begun() for one in pieces[-1:]))
    if step == "begun":
        return tuple(one.begun() for one in pieces) if len(pieces) > 1 else None
    if not any(near.values()):
        return None
    return tuple(one.meant(near.get(one.word or "", ())) for one in pieces)


def fits(words: Collection[str], terms: Terms) -> bool:
    """Return whether a record with these words has each of *terms*."""
    return all(any(all(_has(words, one) for one in way) for way in term) for term in terms)


def _has(words: Collection[str], token: Token) -> bool:
    return any(word.startswith(token.text) for word in words) if token.is_beginning else token.text in words


# --- slips


def is_spelt(word: str) -> bool:
    """Return whether *word* is of letters, and long enough to be known when one of them is wrong."""
    return len(word) >= SHORTEST_SPELT and word.isalpha()


def slips_of(word: str) -> list[str]:
    """Return *word* and what it becomes with one letter left out: two words with one slip have one in common.

    Source: symmetric deletes, https://github.com/wolfgarbe/SymSpell
    """
    return list(dict.fromkeys((word, *(word[:n] + word[n + 1 :] for n in range(len(word))))))


def is_near(one: str, other: str) -> bool:
    """Return whether a letter is wrong, missing, too many, or changed places with its neighbour."""
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    n = next((n for n, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), None)
    if n is None:
        return True  # a letter more at the end
    a, b = one[n:], other[n:]
    return a[1:] in (b[1:], b) or a == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])


def spelt(words: Iterable[str]) -> list[str]:
    """Return those of *words* that may be misspelt."""
    return [word for word in words if is_spelt(word)]
