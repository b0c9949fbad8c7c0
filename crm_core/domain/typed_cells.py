"""Cells that hold more than a text: days, yes or no, numbers, one of several; the site's own fields (pure).

What can be read in two ways is refused, never guessed: a day is ISO, or in the order that was chosen.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Final, Literal, TypeVar, get_args

from crm_core.domain.cells import NumberCell, plain_cell, written_number
from crm_core.domain.custom_fields import EXACT, FieldDef, values_of
from crm_core.domain.errors import ManyInvalidError
from crm_core.domain.rows import LONGEST_NUMBER, RowError, plain, text_in
from crm_core.domain.words import each_once, folded

DayOrder = Literal["ymd", "dmy", "mdy"]
"""In which order the parts of a day stand; ``ymd`` is ISO 8601, which is read in every case."""
DAY_ORDERS: tuple[DayOrder, ...] = get_args(DayOrder)
OwnValue = bool | int | float | str
C = TypeVar("C", bound=str)
OWN = "field:"
"""What stands before the key of an own field in place of the name of a column."""
MOST_TAGS, LONGEST_TAG = 20, 40
_ISO = re.compile(r"(\d{4}-\d\d-\d\d)([T ]00:00(:00)?)?")
_PARTED = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})")
_NO_DAY = re.compile(r"0{1,4}([./-])0{1,2}\1(0{4}|0{1,2})([T ]00:00(:00)?)?")
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?")
_MAYBE_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")
_TRUE = frozenset(("yes", "y", "true", "1", "x", "si", "s", "verdadero"))
_FALSE = frozenset(("no", "n", "false", "0", "falso"))
_ONE = re.compile(r"(?:\\[\\;,|]|[^;,\n|])+")
_BETWEEN: Final = str.maketrans({sign: f"\\{sign}" for sign in "\\;,|"})
_NO_TAG = re.compile(r"[#,]")


def is_no_day(text: str) -> bool:
    """Return whether *text* is what some programs write where no day is known: zeros."""
    return _NO_DAY.fullmatch(text) is not None


def day_in(text: str, order: DayOrder) -> date:
    """Return the day that *text* says.

    Raises:
        RowError: it is none, or not written in this order.
    """
    try:
        if iso := _ISO.fullmatch(text):
            return date.fromisoformat(iso[1])
        if order != "ymd" and (parts := _PARTED.fullmatch(text)):
            first, second, year = int(parts[1]), int(parts[3]), int(parts[4])
            day, month = (first, second) if order == "dmy" else (second, first)
            return date(year, month, day)
    except ValueError:  # there is no such day
        pass
    raise RowError("bad_date", text[:LONGEST_NUMBER])


def is_so(text: str) -> bool:
    """Return whether *text* says yes.

    Raises:
        RowError: it says neither yes nor no.
    """
    if (says := yes_or_no(text)) is None:
        raise RowError("bad_yes", text[:LONGEST_NUMBER])
    return says


def yes_or_no(text: str) -> bool | None:
    """Return whether *text* says yes; None when it says neither yes nor no."""
    said = folded(text)
    return said in _TRUE if said in _TRUE or said in _FALSE else None


def one_of(text: str, called: Mapping[str, C]) -> C:
    """Return what *text* is by the words *called*, which are plain.

    Raises:
        RowError: it is none of them.
    """
    if (found := called.get(plain(text))) is None:
        raise RowError("bad_choice", text[:LONGEST_NUMBER])
    return found


def names_of(words: Mapping[C, str]) -> dict[str, C]:
    """Return codes by what they are called: *words* has their names with commas between."""
    return {name.strip(): code for code, names in words.items() for name in names.split(",")}


def several_in(text: str) -> tuple[str, ...]:
    """Return each of several words in one cell, with commas, semicolons or lines between; each once.

    A sign behind a backslash is of the word.
    """
    words = _ONE.findall(text)
    if "\\" in text:
        words = [re.sub(r"\\([\\;,|])", r"\1", one) for one in words]
    return each_once(word for one in words if (word := plain_cell(" ".join(one.split()))))


def written_several(words: Iterable[str]) -> str:
    """Return words as a cell from which ``several_in`` reads them again."""
    return "; ".join(one.translate(_BETWEEN) for one in words)


def tags_in(text: str) -> tuple[str, ...]:
    """Return the tags of a cell, as a form takes them.

    Raises:
        RowError: they are more than 20, or one is too long or no tag.
    """
    tags = several_in(text)
    if len(tags) > MOST_TAGS:
        raise RowError("too_many_tags")
    for one in tags:
        if len(one) > LONGEST_TAG or _NO_TAG.search(one):
            raise RowError("bad_tag", one[:LONGEST_NUMBER])
    return tags


def new_tags(kept: Iterable[str], told: Iterable[str]) -> tuple[str, ...]:
    """Return those of *told* that are not among the tags that are *kept*.

    Raises:
        RowError: with them there would be more than 20.
    """
    has = {folded(one) for one in kept}
    new = tuple(one for one in told if folded(one) not in has)
    if new and len(has) + len(new) > MOST_TAGS:
        raise RowError("too_many_tags")
    return new


def fitting_tags(tags: Iterable[str]) -> list[str]:
    """Return those of *tags* that ``tags_in`` reads, the first ones of too many."""
    kept, count = list[str](), 0
    for one in tags:
        try:
            found = len(tags_in("\n".join((*kept, one))))
        except RowError:
            continue
        if found > count:
            kept.append(one)
            count = found
    return kept


def own_key(column: str) -> str:
    """Return the key of the own field that a column is; "" of every other column."""
    return column[len(OWN) :] if column.startswith(OWN) else ""


def own_column(heading: str, fields: Sequence[FieldDef]) -> str | None:
    """Return the column of the own field that a table calls *heading*: by its key, or a label; else None."""
    said = folded(heading)
    ways = ((one, (one.key, OWN + one.key, folded(one.label_es), folded(one.label_en))) for one in fields)
    found = next((one for one, names in ways if said in names), None)
    return None if found is None else OWN + found.key


def own_values(
    cells: Sequence[tuple[str, str]], fields: Mapping[str, FieldDef], order: DayOrder
) -> dict[str, OwnValue]:
    """Return the values of own fields among *cells* (column and text) by key; typed, as a form keeps them.

    Raises:
        RowError: one cannot be kept; ``text`` names the field and what was written.
    """
    found: dict[str, OwnValue] = {}
    for column, cell in cells:
        one = fields.get(own_key(column))
        if one is None or not cell or one.key in found:
            continue
        text = text_in(cell, of=column, longest=None, has_lines=False)
        if one.type == "date" and is_no_day(text):
            continue
        if one.type == "number" and _MAYBE_THOUSANDS.fullmatch(text) and not isinstance(cell, NumberCell):
            raise RowError("bad_own", _told(one, text))
        found[one.key] = _own_value(one, text, order)
    return found


def lacks_own(fields: Sequence[FieldDef], values: Mapping[str, object]) -> bool:
    """Return whether *values*, all that stand in a record, lack one that must be there."""
    return any(one.is_required and values.get(one.key) in (None, "") for one in fields)


def _own_value(one: FieldDef, text: str, order: DayOrder) -> OwnValue:
    told = _told(one, text)
    try:
        value = _READ[one.type](one, text, order)
        values_of([one], {one.key: value})
    except ManyInvalidError as error:
        is_too_long = error.faults[0].fault == "string_too_long"
        raise (RowError("too_long", OWN + one.key) if is_too_long else RowError("bad_own", told)) from error
    except RowError:
        raise RowError("bad_own", told) from None
    return value


def _told(one: FieldDef, text: str) -> str:
    return f"{one.key}: {text[:LONGEST_NUMBER]}"


def _number(_one: FieldDef, text: str, _order: DayOrder) -> OwnValue:
    if not _NUMBER.fullmatch(text):
        raise RowError("bad_own")
    value = float(text.replace(",", "."))
    return int(value) if value.is_integer() and abs(value) < EXACT else value


def _choice(one: FieldDef, text: str, _order: DayOrder) -> OwnValue:
    if text in one.options:
        return text
    alike = [option for option in one.options if folded(option) == folded(text)]
    return alike[0] if len(alike) == 1 else text


_READ: Mapping[str, Callable[[FieldDef, str, DayOrder], OwnValue]] = {
    "text": lambda _one, text, _order: text,
    "number": _number,
    "boolean": lambda _one, text, _order: is_so(text),
    "choice": _choice,
    "date": lambda _one, text, order: day_in(text, order).isoformat(),
}


def written(value: OwnValue | None, *, has_comma: bool, yes: str, no: str) -> str:
    """Return the value of an own field as a cell from which it is read again."""
    match value:
        case None:
            return ""
        case bool():
            return yes if value else no
        case float():
            text = written_number(value)
            text = f"{text}0" if _MAYBE_THOUSANDS.fullmatch(text) else text
            return text.replace(".", "," if has_comma else ".")
    return str(value)
