"""What ways of talking with customers are called, and how they look."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from crm_core.domain.interactions import Channel, Direction
from screenpop.i18n import Translator
from screenpop.pages.looks import N_

SAID: Final[dict[tuple[Channel, Direction | None], str]] = {
    ("note", None): N_("Note"),
    ("email", "inbound"): N_("E-mail received"),
    ("email", "outbound"): N_("E-mail sent"),
    ("chat", "inbound"): N_("Chat that they began"),
    ("chat", "outbound"): N_("Chat that we began"),
    ("sms", "inbound"): N_("SMS received"),
    ("sms", "outbound"): N_("SMS sent"),
    ("visit", "inbound"): N_("They came to us"),
    ("visit", "outbound"): N_("We visited them"),
    ("letter", "inbound"): N_("Letter received"),
    ("letter", "outbound"): N_("Letter sent"),
    ("social", "inbound"): N_("Message from a social network"),
    ("social", "outbound"): N_("Answer in a social network"),
    ("web", "inbound"): N_("Message from the website"),
    ("web", "outbound"): N_("Answer by the website"),
}
"""In the order in which they are offered."""
ICONS: Final[dict[Channel, str]] = {
    "note": "pencil-line",
    "email": "mail",
    "chat": "messages-square",
    "sms": "smartphone",
    "visit": "map-pin",
    "letter": "mail-open",
    "social": "share-2",
    "web": "globe",
}


def filters(t: Translator) -> dict[str, Callable[..., str]]:
    """Return the filters by name."""
    return {
        "said_icon": lambda channel: ICONS[channel],
        "said_as": lambda way: t.gettext(SAID[way]),
    }
