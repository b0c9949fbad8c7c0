"""Fields that a site adds to its records: what may stand in them, and whether it does. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, Literal, get_args

import msgspec
from pydantic_core import SchemaError, SchemaValidator
from pydantic_core.core_schema import str_schema

from crm_core.domain.errors import InvalidError, ManyInvalidError

Entity = Literal["contact", "account", "incident"]
FieldType = Literal["text", "number", "date", "boolean", "choice"]
ENTITIES: tuple[Entity, ...] = get_args(Entity)
TYPES: tuple[FieldType, ...] = get_args(FieldType)
MOST_FIELDS, LONGEST_TEXT = 50, 500
EXACT = 1e15  # larger numbers are not the same after a way through JSON
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)


class FieldDef(msgspec.Struct, frozen=True, kw_only=True):
    """A field: ``key`` names it in REST, the labels on pages; ``pii`` says that it is personal data.

    A text fits ``regex`` as a whole, a choice is one of ``options``. What ``is_required`` must stand there
    whenever the record's fields are written. With ``category_ids`` it is asked, and required, only of
    incidents of these categories and of what is under them.
    """

    id: str
    entity: Entity
    key: str
    type: FieldType
    label_es: str
    label_en: str
    is_required: bool = False
    options: tuple[str, ...] = ()
    regex: str | None = None
    pii: bool = False
    category_ids: tuple[str, ...] = ()
    position: int = 0
    version: int = 1

    def label(self, language: str) -> str:
        """Return what people call it."""
        return self.label_es if language.startswith("es") else self.label_en


CHANGEABLE = frozenset(
    ("label_es", "label_en", "is_required", "options", "regex", "pii", "category_ids", "position")
)


def checked(one: FieldDef) -> FieldDef:
    """Return *one* when it can be kept.

    Raises:
        InvalidError: naming what cannot.
    """
    if not _KEY.fullmatch(one.key):
        raise InvalidError("key", "a small letter, then small letters, digits and _", fault="bad_key")
    if (one.type == "choice") != bool(one.options):
        raise InvalidError("options", "a choice has options, and nothing else has", fault="bad_options")
    if one.category_ids and one.entity != "incident":
        raise InvalidError("category_ids", "only incidents have categories", fault="bad_categories")
    if one.regex is not None and one.type != "text":
        raise InvalidError("regex", "only a text has one", fault="bad_regex")
    if one.regex is not None:
        try:
            _matcher(one.regex)
        except SchemaError:
            raise InvalidError("regex", "cannot be read, or is too large", fault="bad_regex") from None
    return one


def changed(one: FieldDef, changes: Mapping[str, Any]) -> FieldDef:
    """Return the next version of *one*; its record, key and type stay, for values of it are kept.

    Raises:
        InvalidError: naming what cannot be.
    """
    for field in sorted(changes):
        if field not in CHANGEABLE:
            raise InvalidError(field, "cannot be changed")
    return checked(msgspec.structs.replace(one, version=one.version + 1, **changes))


def impersonal(defs: Sequence[FieldDef]) -> frozenset[str]:
    """Return the keys of fields in which nothing of a person can stand.

    What anybody can write into a text, nobody can tell: texts are none of them, however they are flagged.
    """
    return frozenset(one.key for one in defs if not one.pii and one.type != "text")


def asked_in(defs: Iterable[FieldDef], category_path: Collection[str]) -> list[FieldDef]:
    """Return the fields that are asked where the category and what it is under have these ids."""
    return [
        one for one in defs if not one.category_ids or any(key in category_path for key in one.category_ids)
    ]


def demand_newly_asked(
    values: Mapping[str, Any], *, asked: Iterable[FieldDef], asked_before: Collection[FieldDef]
) -> None:
    """Look that what another category requires stands there.

    Raises:
        ManyInvalidError: with every field that is empty.
    """
    empty = [
        _missing(one)
        for one in asked
        if one.is_required and one.key not in values and one not in asked_before
    ]
    if empty:
        raise ManyInvalidError(empty)


def values_of(defs: Sequence[FieldDef], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return *given* as it is kept: by key, without what is empty.

    Raises:
        ManyInvalidError: with everything that is wrong.
    """
    known = {one.key: one for one in defs}
    faults = [
        InvalidError(f"fields.{key}", "there is no such field", fault="not_found")
        for key in sorted(given)
        if key not in known
    ]
    kept: dict[str, Any] = {}
    for one in defs:
        value = given.get(one.key)
        if value is None or value == "":
            if one.is_required:
                faults.append(_missing(one))
        elif fault := _fault(one, value):
            faults.append(InvalidError(f"fields.{one.key}", fault[1], fault=fault[0]))
        else:
            kept[one.key] = value
    if faults:
        raise ManyInvalidError(faults)
    return kept


def _missing(one: FieldDef) -> InvalidError:
    return InvalidError(f"fields.{one.key}", "something must stand here", fault="missing")


_WRONG: dict[FieldType, tuple[str, str]] = {
    "boolean": ("bool_type", "true or false"),
    "number": ("no_number_value", "a number"),
    "choice": ("literal_error", "one of the options"),
    "date": ("date_parsing", "a day such as 2026-11-24"),
}


def _fault(one: FieldDef, value: Any) -> tuple[str, str] | None:
    """Return the name of what is wrong with *value*, and its words; None when it fits."""
    match one.type:
        case "text":
            return _fault_of_text(one, value)
        case "boolean":
            fits = isinstance(value, bool)
        case "number":
            fits = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < EXACT
        case "choice":
            fits = value in one.options
        case "date":
            fits = isinstance(value, str) and _is_date(value)
    return None if fits else _WRONG[one.type]


def _fault_of_text(one: FieldDef, value: Any) -> tuple[str, str] | None:
    if not isinstance(value, str):
        return "string_type", "a text"
    if len(value) > LONGEST_TEXT:
        return "string_too_long", f"at most {LONGEST_TEXT} signs"
    if one.regex is not None and not _matcher(one.regex).isinstance_python(value):
        return "string_pattern_mismatch", "not written as it must be"
    return None


@lru_cache(maxsize=64)
def _matcher(regex: str) -> SchemaValidator:
    """Return what tells whether a text fits *regex* as a whole, in time that grows with the text alone.

    Python's own engine goes back and tries again: ``(a+)+b`` would hold a thread of the database for ever. So
    patterns are those of Rust's regex, which have no look-around and no back-references.
    Source: https://docs.rs/regex/latest/regex/#untrusted-input

    Raises:
        SchemaError: it cannot be read, or is too large.
    """
    SchemaValidator(str_schema(pattern=regex))  # alone, so that it cannot close the group around it
    return SchemaValidator(str_schema(pattern=rf"\A(?:{regex})\z"))


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
