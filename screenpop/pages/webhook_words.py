"""Why a webhook was not taken, in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from screenpop.i18n import Translator
from screenpop.pages.looks import N_

WHY: Final[dict[str, str]] = {
    "timeout": N_("It did not answer in time"),
    "no_answer": N_("It cannot be reached"),
    "not_allowed": N_("Its address is inside: the settings must allow it"),
    "certificate": N_("Its certificate does not hold"),
    "event_gone": N_("The event log does not keep it any more"),
    "no_secret": N_("Its secret cannot be read: give it a new one"),
    "http_410": N_("It does not want to be told any more"),
}
STATUS: Final = N_("It answered %(status)s")


def filters(t: Translator) -> dict[str, Callable[..., str]]:
    """Return the filter of the page, in the language of *t*."""

    def why(code: str) -> str:
        if code in WHY:
            return t.gettext(WHY[code])
        return t.gettext(STATUS) % {"status": code.removeprefix("http_")}

    return {"webhook_why": why}
