"""Words for what people agree to: purposes, what was said; as filters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from crm_core.domain.consents import Purpose, Standing
from screenpop.i18n import Translator
from screenpop.pages.looks import N_

PURPOSES: Final[dict[Purpose, str]] = {
    "marketing": N_("Offers and news"),
    "recording": N_("Recording of calls"),
    "profiling": N_("Profiling"),
}
STANDING: Final[dict[Standing, str]] = {
    "given": N_("Agreed"),
    "refused": N_("Refused"),
    "withdrawn": N_("Withdrawn"),
    "expired": N_("Expired"),
    "unknown": N_("Never said"),
}
LOOKS: Final[dict[Standing, str]] = {
    "given": "k-ready",
    "refused": "k-danger",
    "withdrawn": "k-danger",
    "expired": "k-pause",
    "unknown": "plain",
}


def filters(t: Translator) -> dict[str, Callable[..., str]]:
    """Return the filters by name; a code that we have no word for stays as it is."""

    def word(words: Mapping[Any, str]) -> Callable[[str], str]:
        return lambda code: t.gettext(words[code]) if code in words else code

    return {
        "purpose": word(PURPOSES),
        "standing": word(STANDING),
        "standing_css": lambda code: LOOKS.get(code, "plain"),
    }
