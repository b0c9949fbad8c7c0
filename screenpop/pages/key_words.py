"""What scopes of a key give, in words, and how a key stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from screenpop.i18n import Translator
from screenpop.pages.looks import N_

SCOPE_WORDS: Final[dict[str, str]] = {
    "calls:read": N_("Read and export calls"),
    "calls:write": N_("Write notes and outcomes of calls"),
    "contacts:read": N_("Read customers, and look up numbers"),
    "contacts:write": N_("Change customers"),
    "exports:read": N_("Export companies and incidents; with contacts:read, customers too"),
    "imports:write": N_("Bring in customers from a table"),
    "incidents:read": N_("Read incidents, tasks and articles"),
    "incidents:write": N_("Change incidents and tasks"),
    "knowledge:write": N_("Write articles"),
    "campaigns:write": N_("Run campaigns"),
    "events:read": N_("Read the event log"),
    "floor:read": N_("See the floor"),
    "floor:write": N_("Pause agents or sign them out"),
    "webhooks:write": N_("Set up webhooks"),
    "metrics:read": N_("Read the service's own figures"),
    "audit:read": N_("Read the audit"),
    "privacy:write": N_("Hand out and erase what is kept of a person"),
    "settings:write": N_("Change settings: lines, incidents, fields, the exchange"),
    "users:write": N_("Manage users and teams: all that an administrator may, in the end"),
}
STANDS: Final[dict[str, tuple[str, str]]] = {
    "holds": ("k-ready", N_("In force")),
    "expired": ("plain", N_("Has expired")),
    "revoked": ("k-danger", N_("Revoked")),
}
"""By how a key stands: the chip's colour, and its word."""


def filters(t: Translator) -> dict[str, Callable[..., str]]:
    """Return the filters of the page, in the language of *t*."""
    return {
        "scope": lambda scope: t.gettext(SCOPE_WORDS[scope]) if scope in SCOPE_WORDS else scope,
        "key_stand": lambda stand: t.gettext(STANDS[stand][1]),
        "key_chip": lambda stand: STANDS[stand][0],
    }
