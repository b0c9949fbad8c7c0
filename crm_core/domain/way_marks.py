"""What tables say of numbers and addresses: which is the first choice, which must not be called (pure)."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from msgspec.structs import replace

from crm_core.domain.contacts import Email, Phone
from crm_core.domain.rows import each_in, numbers_in
from crm_core.domain.words import folded

W = TypeVar("W", Phone, Email)
Marks = Mapping[str, tuple[str, ...]]
"""By a number or an address as it is compared: ``primary``, ``invalid``, ``do_not``, or its label."""


def number_cells(
    cells: Iterable[tuple[str, str]], numbers: Container[str], marks: Container[str]
) -> Iterator[tuple[str, str]]:
    """Yield the cells of columns of *numbers* with their labels; what *marks* alone name is his, too."""
    named: list[str] = []
    for column, text in cells:
        if column in numbers:
            yield column, text
        elif text and column in marks and column != "do_not_write":
            named += [one for one in each_in(text) if "@" not in one or column == "do_not_call"]
    yield from (("work", one) for one in named)


def marks_in(
    cells: Iterable[tuple[str, str]], marks: Mapping[str, str], *, region: str
) -> dict[str, tuple[str, ...]]:
    """Return what columns say of numbers and addresses besides that they are his: *marks* by column.

    Of several first choices the first number counts, and the first address.

    Raises:
        RowError: there is no number in one.
    """
    found: dict[str, tuple[str, ...]] = {}
    has_first: set[type[Phone | Email]] = set()
    for column, text in cells:
        for key in _keys(text, region) if text and column in marks else ():
            if marks[column] == "primary":
                if _kind(key) in has_first:
                    continue
                has_first.add(_kind(key))
            found[key] = (*found.get(key, ()), marks[column])
    return found


def _keys(text: str, region: str) -> Iterator[str]:
    said = list(each_in(text))
    yield from (folded(one) for one in said if "@" in one)
    numbers = numbers_in((("", one) for one in said if "@" not in one), region=region)
    yield from (f"{one.e164};{one.ext}" for one in numbers)


def key_of(way: Phone | Email) -> str:
    """Return a number or an address as it is compared."""
    return f"{way.e164};{way.ext}" if isinstance(way, Phone) else folded(way.address)


def new_marks(ways: Sequence[Phone | Email], marks: Marks, new: Iterable[str]) -> Marks:
    """Return of *marks* those that change something: all of what is *new*; of *ways* only what is more.

    A first choice that somebody made stays.
    """
    fresh, found = frozenset(new), dict[str, tuple[str, ...]]()
    kept = {key_of(one): one for one in ways}
    has = {kind for kind in (Phone, Email) if any(one.is_primary for one in ways if isinstance(one, kind))}
    for key, told in marks.items():
        one = kept.get(key)
        kind = _kind(key)
        left = tuple(
            mark
            for mark in told
            if not (mark == "primary" and kind in has) and (key in fresh or (one and _is_more(one, mark)))
        )
        if left:
            found[key] = left
    return found


def forbidden(ways: Sequence[Phone | Email], marks: Marks) -> Marks:
    """Return of *marks* those that one of *ways* must not be used, and that was not known."""
    kept = {key_of(one) for one in ways}
    told = {key: ("do_not",) for key, told in marks.items() if key in kept and "do_not" in told}
    return new_marks(ways, told, ())


def with_marks(way: W, marks: Marks) -> W:
    """Return a number or an address with what *marks* say of it."""
    return replace(way, **marked(way, told)) if (told := marks.get(key_of(way))) else way


def marked(way: Phone | Email, told: Sequence[str]) -> dict[str, Any]:
    """Return what is other of a number or an address that is marked so."""
    forbidden = "do_not_call" if isinstance(way, Phone) else "do_not_write"
    changes: dict[str, Any] = {}
    for mark in told:
        if mark == "primary":
            changes["is_primary"] = True
        elif mark == "invalid":
            changes["is_valid"] = False
        elif mark == "do_not":
            changes[forbidden] = True
        elif isinstance(way, Email):
            changes["label"] = mark
    return changes


def _kind(key: str) -> type[Phone | Email]:
    return Email if "@" in key else Phone


def _is_more(way: Phone | Email, mark: str) -> bool:
    if mark in ("home", "other"):  # of what he has, somebody said what it is
        return False
    return any(getattr(way, name) != value for name, value in marked(way, (mark,)).items())
