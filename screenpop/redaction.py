"""What is kept from somebody is taken out of all that goes to him: one walk for all of it (pure).

A field is known by its name, wherever it stands: the table here says what each holds. Whatever else is text
is searched for what looks like a number or an address, so a field that nobody thought of keeps nothing open.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal

import msgspec
from pydantic import BaseModel

from crm_core.domain.masking import (
    GONE,
    LONGEST_EXTENSION,
    digits_in,
    is_instant,
    is_written_number,
    masked_document,
    masked_email,
    masked_number,
    without_emails,
    without_numbers,
)
from screenpop.identity import Identity
from screenpop.masks import Masks

Held = Literal["number", "email", "document", "any", "address", "fields", "ours"]
FIELDS: Final[Mapping[str, Held]] = {
    **dict.fromkeys(
        (
            "ani",
            "ani_name",
            "ani_raw",
            "customer",
            "digits",
            "e164",
            "first",
            "forwarded_to",
            "last",
            "number",
            "numbers",
            "phone",
            "phones",
            "raw",
            "to",
        ),
        "number",
    ),
    **dict.fromkeys(("email", "emails", "mail"), "email"),
    **dict.fromkeys(("tax_id", "document"), "document"),
    **dict.fromkeys(("shared", "beside"), "any"),
    "address": "address",
    "fields": "fields",
    **dict.fromkeys(
        (
            "caller_id",
            "code",
            "cursor",
            "did",
            "dids",
            "etag",
            "gone",
            "html",
            "id",
            "ids",
            "interface",
            "joined",
            "linkedid",
            "merged_ids",
            "next",
            "own_number",
            "pbx",
            "queue",
            "ref",
            "seq",
            "serial",
            "text_en",
            "text_es",
            "title_en",
            "title_es",
        ),
        "ours",
    ),
}
"""What fields hold, by their names.

``any`` is one of all, ``address`` one of a person or of a machine; ``ours`` are the house's own numbers and
names of things, and what it writes in articles.
"""
_OWN_DIGITS: Final = 9  # by so many at the end two writings of a number are the same
_PLAIN = frozenset((int, float, bool, type(None), datetime, date, timedelta, bytes))
_KEPT = (str, BaseModel, Identity)  # a str that is no plain one is drawn by us, or one of a set of words
_SHORTEST: Final = 6
"""Signs: a shorter text holds no number with more digits than an extension, and no address."""


def redacted(value: Any, masks: Masks) -> Any:
    """Return *value* without what *masks* keep from somebody; what holds nothing of it is the same object."""
    return _Walk(masks).of(value, "", frozenset())


def name_of_own(key: str) -> str:
    """Return the name by which the site's own field *key* is searched: none of ours opens it."""
    return "" if FIELDS.get(key) in {"ours", "address"} else key


class _Walk:
    """One walk; ``shown`` are the ends of numbers that may be seen, ``EVERY`` in a call that is his."""

    EVERY: Final = frozenset(("every",))

    def __init__(self, masks: Masks) -> None:
        self._masks = masks

    def of(self, value: Any, name: str, shown: frozenset[str]) -> Any:
        kind = type(value)
        if kind is str:
            return self._text(value, name, shown)
        if isinstance(value, list | tuple | set | frozenset):
            return self._items(value, name, shown)
        if kind in _PLAIN or isinstance(value, _KEPT):
            return value
        if isinstance(value, msgspec.Raw):
            return self._raw(value, name, shown)
        if isinstance(value, Mapping):
            return self._mapping(value, name, shown)
        return self._record(value, shown)

    def _record(self, value: Any, shown: frozenset[str]) -> Any:
        if isinstance(value, msgspec.Struct):
            names: Iterable[str] = value.__struct_fields__
            replace: Callable[..., Any] = msgspec.structs.replace
        elif dataclasses.is_dataclass(value) and not isinstance(value, type):
            names, replace = [one.name for one in dataclasses.fields(value) if one.init], dataclasses.replace
        else:
            return value
        now = {name: getattr(value, name) for name in names}
        changed = self._changed(now, shown)
        return replace(value, **changed) if changed else value

    def _mapping(self, value: Mapping[Any, Any], name: str, shown: frozenset[str]) -> Any:
        if FIELDS.get(name) == "fields" and self._masks.fields:
            value = {key: GONE if key in self._masks.fields and one else one for key, one in value.items()}
        changed = self._changed(value, shown, is_own=FIELDS.get(name) == "fields")
        spelt = (key for key in value if isinstance(key, str) and not key.isidentifier())
        keys = {key: told for key in spelt if (told := self._text(key, "", shown)) is not key}
        if not changed and not keys:
            return value
        return {keys.get(key, key): changed.get(key, one) for key, one in value.items()}

    def _changed(
        self, now: Mapping[Any, Any], shown: frozenset[str], *, is_own: bool = False
    ) -> dict[Any, Any]:
        """Return those of the parts *now* of a record that are to be others; *is_own*: the site's fields."""
        inside = self._shown_in(now, shown) if self._masks.numbers == "own_queues" else shown
        changed = {}
        for key, one in now.items():
            if type(one) in _PLAIN:
                continue
            name = key if isinstance(key, str) else ""
            after = self.of(one, name_of_own(name) if is_own else name, inside)
            if after is not one:
                changed[key] = after
        return changed

    def _items(self, value: Any, name: str, shown: frozenset[str]) -> Any:
        after = [self.of(one, name, shown) for one in value]
        if all(one is was for one, was in zip(after, value, strict=True)):
            return value
        return type(value)(*after) if hasattr(value, "_fields") else type(value)(after)

    def _raw(self, value: msgspec.Raw, name: str, shown: frozenset[str]) -> Any:
        now = msgspec.json.decode(value)
        after = self.of(now, name, shown)
        return value if after is now else msgspec.Raw(msgspec.json.encode(after))

    # --- texts

    def _text(self, text: str, name: str, shown: frozenset[str]) -> str:
        held = FIELDS.get(name)
        if held == "ours" or (held is None and (len(text) < _SHORTEST or is_instant(text))):
            return text
        if held == "email" and self._masks.has_emails:
            return masked_email(text)
        if self._masks.has_documents and (held == "document" or (held == "any" and _is_paper(text))):
            return masked_document(text)
        after = without_emails(text) if self._masks.has_emails else text
        if self._masks.numbers == "shown" or shown is self.EVERY or held == "address":
            return after
        if held == "number" and is_written_number(text):
            return text if digits_in(text)[-_OWN_DIGITS:] in shown else masked_number(text)
        return after if shown and _is_of(shown, after) else without_numbers(after)

    # --- calls that are his

    def _shown_in(self, now: Mapping[Any, Any], shown: frozenset[str]) -> frozenset[str]:
        """Return which numbers are shown in a record with the parts *now*."""
        if shown is self.EVERY or self._is_his(now):
            return self.EVERY
        calls = (_parts(now.get(name)) for name in ("call", "record"))
        his = [call for call in calls if call and self._is_his(call)]
        numbers = (call.get(name) for call in his for name in ("customer", "ani"))
        return shown | {digits_in(one)[-_OWN_DIGITS:] for one in numbers if one}

    def _is_his(self, now: Mapping[Any, Any]) -> bool:
        """Return whether this is a call, or a line about one, of his queues or at his phone."""
        pbx, scope = now.get("pbx"), self._masks.scope
        if not isinstance(pbx, str) or not {"ani", "number", "customer"} & now.keys():
            return False
        if scope.is_everything or any(self._masks.shows_queue(pbx, queue) for queue in _queues(now)):
            return True
        return self._masks.agent is not None and self._masks.agent in _agents(now)


def _is_paper(text: str) -> bool:
    """Return whether *text*, which may be a name or a number too, is a tax number by its look."""
    return len(digits_in(text)) > LONGEST_EXTENSION and not ({" ", "+", "@"} & set(text))


def _is_of(shown: frozenset[str], text: str) -> bool:
    return digits_in(text)[-_OWN_DIGITS:] in shown and is_written_number(text)


def _parts(value: Any) -> Mapping[str, Any] | None:
    """Return the parts of a record by name; None of what is none."""
    if isinstance(value, msgspec.Raw):
        value = msgspec.json.decode(value)
    if isinstance(value, Mapping):
        return value
    if isinstance(value, msgspec.Struct):
        return {name: getattr(value, name) for name in value.__struct_fields__}
    return None


def _queues(now: Mapping[str, Any]) -> set[str]:
    """Return the queues that a call, or a line about one, names."""
    visits = (_parts(one) or {} for one in now.get("visits") or ())
    named = (now.get("queue"), *(now.get("queues") or ()), *(one.get("queue") for one in visits))
    return {one for one in named if isinstance(one, str)}


def _agents(now: Mapping[str, Any]) -> set[str]:
    """Return the agents at whose phones a call was or rings."""
    visits = [_parts(one) or {} for one in now.get("visits") or ()]
    rung = [one for part in (now, *visits) for one in part.get("attempts") or ()]
    parts = (_parts(one) or {} for one in (*rung, *(now.get("segments") or ())))
    return {one["agent"] for one in (*parts, *visits) if one.get("agent")}
