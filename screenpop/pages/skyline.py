"""A past call as a skyline: the bar that ``parts.html`` draws for live ones, written at once.

A card holds some dozens of pieces and is drawn while a phone rings; this is ten times as quick as a macro.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from markupsafe import Markup, escape

from crm_core.domain.calls import SegmentKind
from screenpop.i18n import translator
from screenpop.pages.looks import SEGMENTS, Span, clock


def skyline(spans: Iterable[Span], *, language: str, is_lost: bool, size: str = "") -> Markup:
    """Return the bar of a call that is over; *is_lost* marks that the customer hung up while waiting.

    *size* is "xl" for a bar that fills a page. Widths come from ``data-s`` by script, since a page allows no
    inline style.
    """
    told, pieces = [], []
    for one in spans:
        seconds = (one.until - one.at).total_seconds() if one.until else 0.0
        time, (css, word) = clock(seconds), _look(language, one.kind)
        told.append(f"{word.lower()} {time}")
        pieces.append(f'<i class="{css}" data-s="{max(0.0, seconds):.1f}" title="{word} {time}"></i>')
    if is_lost:
        told.append(escape(translator(language).gettext("hung up")))
        pieces.append('<i class="g-lost"></i>')
    css = f"seg {size}".strip()
    drawn = f'<div class="{css}" role="img" aria-label="{", ".join(told)}">{"".join(pieces)}</div>'
    return Markup(drawn)  # noqa: S704 - classes, numbers and escaped words of ours


@cache
def _look(language: str, kind: SegmentKind) -> tuple[str, str]:
    look = SEGMENTS[kind]
    return look.css, str(escape(translator(language).gettext(look.word)))
