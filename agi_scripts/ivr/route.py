"""The flow ``route``: who calls, told to the dialplan and to the bridge before the call goes on.

    AGI(agi://host/route,${CHANNEL(linkedid)},${DID}[,ID])

Sets ``CENTRALITA_CONTACT``, ``_PRIORITY``, ``_LANGUAGE``, ``_QUEUE`` and ``_AGENT`` where they are known, and
last of all ``CENTRALITA_STATUS``: FOUND, POSSIBLE (several, or not certain), NONE, TIMEOUT or ERROR.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Literal

import structlog

from agi_scripts.ports import CallerLookup, Line, RouteFacts
from agi_scripts.protocol import AgiRequest

log = structlog.get_logger(__name__)
Status = Literal["FOUND", "POSSIBLE", "NONE", "TIMEOUT", "ERROR"]

LINKEDID, DID, ID = 0, 1, 2
_CHANNEL = re.compile(r"[A-Za-z0-9]+/(.+)-[0-9a-f]+")
_LANGUAGE = re.compile(r"([A-Za-z]{2,3})(?:[-_][A-Za-z]{4})?(?:[-_]([A-Za-z]{2}))?(?:[-_].*)?")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}")


class Route:
    """A ``Flow``: gives the look-up *patience_s* and lets the call go on with what is known then."""

    def __init__(self, lookup: CallerLookup, *, patience_s: float = 0.3) -> None:
        self._lookup, self._patience_s = lookup, patience_s

    async def __call__(self, line: Line) -> None:
        """Look the caller up, set the variables, tell the bridge."""
        status, facts = await self._ask(line.request)
        if facts is not None and facts.match != "none":
            await line.tell(told(facts))
        for name, text in variables(facts).items():
            await line.set_variable(name, text)
        await line.set_variable("CENTRALITA_STATUS", status)

    async def _ask(self, request: AgiRequest) -> tuple[Status, RouteFacts | None]:
        try:
            async with asyncio.timeout(self._patience_s):
                facts = await self._lookup(
                    request.known("callerid"),
                    did_of(request),
                    trunk=trunk_of(request.headers.get("channel", "")),
                    linkedid=request.args[LINKEDID] if request.args else "",
                    id=(request.args[ID] or None) if len(request.args) > ID else None,
                )
        except TimeoutError:
            return "TIMEOUT", None
        except Exception:  # no answer is an answer: the call goes on
            log.exception("the look-up for a route failed")
            return "ERROR", None
        if facts.contact is not None:
            return "FOUND", facts
        return ("NONE" if facts.match == "none" else "POSSIBLE"), facts


def variables(facts: RouteFacts | None) -> dict[str, str]:
    """Return the channel variables that say *facts*, without the status; what is not known is left alone."""
    if facts is None:
        return {}
    found = {
        "CENTRALITA_CONTACT": facts.contact,
        "CENTRALITA_PRIORITY": None if facts.priority is None else str(max(0, facts.priority)),
        "CENTRALITA_LANGUAGE": facts.language and sound_language(facts.language),
        "CENTRALITA_QUEUE": facts.queue if facts.queue and _NAME.fullmatch(facts.queue) else None,
        "CENTRALITA_AGENT": facts.agent if facts.agent and _NAME.fullmatch(facts.agent) else None,
    }
    return {name: text for name, text in found.items() if text}


def told(facts: RouteFacts) -> Mapping[str, str]:
    """Return the headers of our event that say *facts*."""
    headers = {"Kind": "route", "Match": facts.match}
    if facts.contact:
        headers["Contact"] = facts.contact
    if facts.priority is not None:
        headers["Priority"] = str(max(0, facts.priority))
    return headers


def sound_language(tag: str) -> str | None:
    """Return a BCP 47 *tag* as Asterisk names its sounds, ``es`` or ``es_MX``; None when it is no tag."""
    found = _LANGUAGE.fullmatch(tag)
    if not found:
        return None
    return found[1].lower() + (f"_{found[2].upper()}" if found[2] else "")


def did_of(request: AgiRequest) -> str:
    """Return the number that was called: as the dialplan says it, else as the line brought it."""
    if len(request.args) > DID and request.args[DID]:
        return request.args[DID]
    return request.known("dnid") or request.known("extension")


def trunk_of(channel: str) -> str:
    """Return the trunk's name in a channel's, such as ``PJSIP/provider-0000001a``; "" when there is none."""
    found = _CHANNEL.fullmatch(channel)
    return found[1] if found else ""
