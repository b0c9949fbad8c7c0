"""Numbers as they are kept: as written, and as read."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count

from msgspec.structs import replace

from crm_core.domain.contacts import Phone
from crm_core.domain.errors import InvalidError
from crm_core.domain.phone import read_number


def read_phones(phones: Iterable[Phone], *, region: str, path: str = "phones.{}.raw") -> tuple[Phone, ...]:
    """Return *phones* read as in *region*, each number once; what has its E.164 already is taken as it is.

    A number that cannot be read is kept as written: it may still be found by its digits.

    Raises:
        InvalidError: there is no number in one; *path* names the field.
    """
    kept: dict[tuple[str, str | None], Phone] = {}
    for phone, n in zip(phones, count(), strict=False):
        read = phone if phone.e164 else _read(phone, region, path.format(n))
        kept.setdefault((read.e164 or read.raw, read.ext), read)
    return tuple(kept.values())


def _read(phone: Phone, region: str, field: str) -> Phone:
    number = read_number(phone.raw, region=region)
    if number.kind == "anonymous":
        raise InvalidError(field, "there is no number in it")
    return replace(phone, raw=number.raw, e164=number.e164, ext=number.ext)
