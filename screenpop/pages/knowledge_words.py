"""What is said of articles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from crm_core.domain.knowledge import Stand
from screenpop.i18n import Translator
from screenpop.pages.looks import N_

STANDS: Final[dict[Stand, str]] = {
    "draft": N_("Draft"),
    "published": N_("Published"),
    "retired": N_("Retired"),
}


def filters(t: Translator) -> dict[str, Callable[..., str]]:
    """Return the filters of the pages, in the language of *t*."""
    return {"stand": lambda stand: t.gettext(STANDS[stand])}
