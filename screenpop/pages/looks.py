"""How states and stretches of a call look and what they are called; for templates and, as JSON, for scripts.

One table for both, so that a chip drawn by the server and one drawn by a script are the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

import msgspec

from ami_bridge.domain.events import AgentStateName
from crm_core.domain.calls import SegmentKind
from screenpop.i18n import Translator


def N_(text: str) -> str:  # noqa: N802 - the name by which words are gathered that are translated later
    """Return *text*, which is translated where it is shown."""
    return text


class Look(msgspec.Struct, frozen=True):
    """A class of the style sheet, an icon's name, and the word."""

    css: str
    icon: str
    word: str


AGENT_STATES: dict[AgentStateName, Look] = {
    "unreachable": Look("k-danger", "unplug", N_("Unreachable")),
    "wrap_up": Look("k-wrap", "pencil-line", N_("Wrap-up")),
    "reserved": Look("k-ring", "bell-ring", N_("Ringing")),
    "holding": Look("k-hold", "pause", N_("On hold")),
    "consulting": Look("k-consult", "messages-square", N_("Consulting")),
    "ready": Look("k-ready", "circle", N_("Ready")),
    "talking": Look("k-talk", "message-circle", N_("Talking")),
    "dialling": Look("k-talk", "phone-outgoing", N_("Dialling")),
    "paused": Look("k-pause", "coffee", N_("Paused")),
    "logged_out": Look("k-out", "circle-dashed", N_("Signed out")),
}
"""In the order in which a supervisor should look at them."""

SEGMENTS: dict[SegmentKind, Look] = {
    "setup": Look("g-ivr", "phone-outgoing", N_("Dialling")),
    "ivr": Look("g-ivr", "keyboard", N_("Menu")),
    "wait": Look("g-wait", "hourglass", N_("In queue")),
    "ring": Look("g-ring", "bell-ring", N_("Ringing")),
    "talk": Look("g-talk", "message-circle", N_("Talking")),
    "hold": Look("g-hold", "pause", N_("On hold")),
    "park": Look("g-hold", "pause", N_("Parked")),
    "conference": Look("g-talk", "users", N_("Conference")),
    "voicemail": Look("g-ivr", "phone-missed", N_("Voicemail")),
    "consult": Look("g-consult", "messages-square", N_("Consulting")),
    "wrap_up": Look("g-wrap", "pencil-line", N_("Wrap-up")),
    "spy": Look("g-ivr", "headset", N_("Listening")),
}


class Span(Protocol):
    """A segment of a call, live or past."""

    kind: SegmentKind
    at: datetime
    until: datetime | None


def clock(seconds: float) -> str:
    """Return a running time: ``06:42``, from an hour on ``1:06:42``."""
    minutes, rest = divmod(int(max(0, seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes:02}:{rest:02}"


def for_scripts(t: Translator) -> dict[str, dict[str, Look]]:
    """Return both tables in the words of *t*."""
    tables: dict[str, Mapping[Any, Look]] = {"agent": AGENT_STATES, "segment": SEGMENTS}
    return {
        name: {key: Look(look.css, look.icon, t.gettext(look.word)) for key, look in table.items()}
        for name, table in tables.items()
    }
