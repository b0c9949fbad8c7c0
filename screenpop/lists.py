"""Lists whose filters can be kept as views: where each is, what may be asked of it, and who may."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from pydantic import ValidationError

from crm_core.domain.saved_views import ListPage, Reader
from screenpop.api.exchange import Id, Input
from screenpop.identity import Identity
from screenpop.permissions import Permission

NONE: Final = "none"
PLACES: Final = frozenset(("cursor", "saved"))
"""What an address says besides its filters: how far one went, and which view is open."""


class AskedList(Input):
    """What the address of a list says besides its filters: which saved view is open.

    ``saved=none`` is the list as it is, without the view that it else begins with.
    """

    saved: Id | Literal["none"] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptList:
    """A list: its path, the model of its address, and who may open it."""

    path: str
    asked: type[Input]
    permission: Permission


LISTS: Final[dict[ListPage, KeptList]] = {}
"""By the name of the page; pages put themselves here (``pages/saved_views.py``)."""


def reader(me: Identity) -> Reader:
    """Return who asks for views: he sees those of the lists that he may open."""
    pages = frozenset(name for name, one in LISTS.items() if me.may(one.permission))
    return Reader(user=me.user, pages=pages, may_share=me.may(Permission.WRITE_KNOWLEDGE))


def filters(name: ListPage, given: Mapping[str, str]) -> dict[str, str]:
    """Return what *given* asks for that the list would not show by itself.

    Raises:
        ValidationError: with everything that its page would not read.
    """
    asked = {key: text.strip() for key, text in given.items() if text.strip() and key not in PLACES}
    told = LISTS[name].asked.model_validate(asked).model_dump(by_alias=True, exclude_defaults=True)
    return {key: text for key, text in asked.items() if key in told}


def readable(name: ListPage, given: Mapping[str, str]) -> dict[str, str]:
    """Return of *given* what the page reads: what it knew once and does not any more is left out."""
    try:
        return filters(name, given)
    except ValidationError as error:
        wrong = {str(fault["loc"][0]) for fault in error.errors() if fault["loc"]}
    left = {key: text for key, text in given.items() if key not in wrong}
    return readable(name, left) if len(left) < len(given) else {}
