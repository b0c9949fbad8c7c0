"""What is found when somebody looks for anything."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal, get_args

import msgspec

from crm_core.domain.incidents import State
from crm_core.domain.interactions import Channel
from crm_core.domain.knowledge import Stand
from crm_core.domain.looking import StepName

Kind = Literal["contact", "account", "incident", "article", "asset", "written"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Place = tuple[StepName, int]
"""The last one's step, and its place in the index: where a list goes on."""


class FoundContact(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="contact"):
    """A person; ``number`` is the first of his, in E.164 where it could be read."""

    id: str
    name: str
    company: str | None
    number: str | None
    vip: bool


class FoundAccount(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="account"):
    """A company; ``number`` is its own, nobody's in particular."""

    id: str
    name: str
    number: str | None
    tier: str | None


class FoundIncident(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="incident"):
    """An incident; ``who`` is the customer's name."""

    id: str
    number: str
    subject: str
    state: State
    priority: int
    who: str | None


class FoundArticle(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="article"):
    """Something that we know; titles are those of the languages that it is written in."""

    id: str
    title_es: str | None
    title_en: str | None
    stand: Stand


class FoundAsset(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="asset"):
    """A piece of a product that a customer has; ``who`` is the customer's name."""

    id: str
    serial: str
    product_es: str
    product_en: str
    who: str | None


class FoundWritten(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="written"):
    """What was said with a customer (``who``): its subject, else how it begins."""

    id: str
    contact_id: str | None
    account_id: str | None
    channel: Channel
    at: datetime
    text: str
    who: str | None


Found = FoundContact | FoundAccount | FoundIncident | FoundArticle | FoundAsset | FoundWritten


class FoundOfKind(msgspec.Struct, frozen=True, kw_only=True):
    """The records of one kind, the surest first; ``next`` is where they go on, None where they end."""

    kind: Kind
    items: tuple[Found, ...]
    next: Place | None


def touched(events: Iterable[Any]) -> set[tuple[Kind, str]]:
    """Return which records *events* tell of: those whose type begins with the kind, by their ids in it."""
    return {
        (kind, key)
        for event in events
        for kind in KINDS
        if event.__struct_config__.tag.startswith(f"{kind}.")
        for name in event.__struct_fields__
        if name.endswith(f"{kind}_id") and (key := getattr(event, name))
    }
