"""Lines: what our numbers and queues are called, how one greets there, and which page of another CRM opens.

A brand is what a caller believes to have called. The number that he dialled says it; where the number says
nothing, the queue does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Final, Literal, get_args
from urllib.parse import quote, urlsplit

import msgspec

from crm_core.domain.calls import Call
from crm_core.domain.errors import InvalidError
from crm_core.domain.sla import Target

LineKind = Literal["did", "queue"]
Colour = Literal["green", "orange", "blue", "magenta", "gold", "cyan", "indigo", "grey"]
CrmMode = Literal["tab", "frame"]
LineKey = tuple[str, LineKind, str]
COLOURS: Final[tuple[Colour, ...]] = get_args(Colour)
PLACEHOLDERS: Final = ("number", "contact_id", "call_id", "did", "queue")
OF_QUEUES: Final = ("within_s", "short_abandon_s", "team_id")
_PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}")
_DIALABLE: Final = re.compile(r"\+?[0-9]{2,20}")


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A number of ours (``code`` is what the exchange says was dialled) or a queue (its name there).

    ``caller_id`` is what a customer sees when we call him for this line, in the writing that the trunk
    wants; ``crm_url`` holds placeholders in braces. A queue may belong to a team, and promise what others do
    not: answers within ``within_s``; who hangs up within ``short_abandon_s`` is not counted.
    """

    pbx: str
    kind: LineKind
    code: str
    version: int = 1
    name: str
    colour: Colour | None = None
    greeting_es: str | None = None
    greeting_en: str | None = None
    caller_id: str | None = None
    crm_url: str | None = None
    crm_mode: CrmMode = "tab"
    within_s: int | None = None
    short_abandon_s: int | None = None
    team_id: str | None = None

    @property
    def key(self) -> LineKey:
        """What no other line has."""
        return self.pbx, self.kind, self.code


class Brand(msgspec.Struct, frozen=True, kw_only=True):
    """What a call is for. ``number`` and ``queue`` are the names of the two, None where they have none."""

    name: str | None = None
    colour: Colour | None = None
    greetings: tuple[tuple[str, str], ...] = ()
    caller_id: str | None = None
    crm_url: str | None = None
    crm_mode: CrmMode = "tab"
    number: str | None = None
    queue: str | None = None

    def greeting(self, *languages: str | None) -> str | None:
        """Return how to greet in the first of *languages* that has a greeting, else in any."""
        known = dict(self.greetings)
        wanted = [(language or "").partition("-")[0] for language in languages]
        return next((known[one] for one in (*wanted, *known) if one in known), None)


def checked(line: Line) -> Line:
    """Return *line* when it can be kept.

    Raises:
        InvalidError: naming the field that cannot be.
    """
    if not line.name.strip():
        raise InvalidError("name", "a name is needed")
    if line.caller_id is not None and not _DIALABLE.fullmatch(line.caller_id):
        raise InvalidError("caller_id", "digits, with a + before them where the trunk wants it")
    if line.crm_url is not None:
        _check_address(line.crm_url)
    for field in OF_QUEUES:
        if line.kind != "queue" and getattr(line, field) is not None:
            raise InvalidError(field, "a number has none: a queue does")
    return line


def brand_of(call: Call, lines: Mapping[LineKey, Line]) -> Brand:
    """Return what *call* is for, each fact from the number that was dialled, else from the last queue."""
    number = lines.get((call.pbx, "did", call.did or "")) if call.direction == "inbound" else None
    queue = lines.get((call.pbx, "queue", call.visits[-1].queue)) if call.visits else None
    told = [one for one in (number, queue) if one]
    crm = next((one for one in told if one.crm_url), None)
    return Brand(
        name=told[0].name if told else None,
        colour=next((one.colour for one in told if one.colour), None),
        greetings=next((said for one in told if (said := _greetings(one))), ()),
        caller_id=next((one.caller_id for one in told if one.caller_id), None),
        crm_url=crm.crm_url if crm else None,
        crm_mode=crm.crm_mode if crm else "tab",
        number=number.name if number else None,
        queue=queue.name if queue else None,
    )


def target_of(line: Line, of_all: Target) -> Target:
    """Return what the queue *line* promises; where it says nothing, what all queues do."""
    within, short = line.within_s, line.short_abandon_s
    return Target(
        within=of_all.within if within is None else timedelta(seconds=within),
        short_abandon=of_all.short_abandon if short is None else timedelta(seconds=short),
    )


def crm_address(template: str, facts: Mapping[str, str | None]) -> str:
    """Return *template* with its placeholders filled, percent-encoded (RFC 3986); unknown ones are empty."""
    return _PLACEHOLDER.sub(lambda found: quote(facts.get(found[1]) or "", safe=""), template)


def origin_of(address: str) -> str | None:
    """Return the origin of *address*, as a content security policy names it; None when it is no address."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return f"{parts.scheme}://{parts.netloc}".lower()


def _greetings(line: Line) -> tuple[tuple[str, str], ...]:
    said = (("es", line.greeting_es), ("en", line.greeting_en))
    return tuple((language, text) for language, text in said if text)


def _check_address(template: str) -> None:
    """Demand an address of the web in which no placeholder says where it leads.

    Raises:
        InvalidError: it is none.
    """
    for name in _PLACEHOLDER.findall(template):
        if name not in PLACEHOLDERS:
            raise InvalidError("crm_url", f"{{{name}}} is none of {', '.join(PLACEHOLDERS)}")
    try:
        parts = urlsplit(template)
        host = parts.hostname
    except ValueError:
        host = None
    if not host or parts.scheme not in ("https", "http"):
        raise InvalidError("crm_url", "an address that begins with https:// or http://")
    if not re.fullmatch(r"[a-z0-9.\-]+(:[0-9]{1,5})?|\[[0-9a-f:.]+\](:[0-9]{1,5})?", parts.netloc.lower()):
        raise InvalidError("crm_url", "the host has neither placeholders nor a user")
    if re.search(r"[\s\x00-\x1f\x7f\\\"<>]", template) or re.search(r"[{}]", _PLACEHOLDER.sub("", template)):
        raise InvalidError("crm_url", "there are signs in it that an address cannot have")
