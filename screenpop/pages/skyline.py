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
    """Return the bar of a call; *is_lost* marks that the customer hung up while waiting.

    *size* is "xl" for a bar that fills a page. Widths come from ``data-s`` by script, since a page allows no
    inline style.
    """
    told, pieces = [], []
    for one in spans:
        css, word = _look(language, one.kind)
        if one.until is None:
            told.append(word.lower())
            pieces.append(f'<i class="{css}" data-grows="{one.at.isoformat()}" title="{word}"></i>')
            continue
        seconds = max(0.0, (one.until - one.at).total_seconds())
        told.append(f"{word.lower()} {clock(seconds)}")
        pieces.append(f'<i class="{css}" data-s="{seconds:.1f}" title="{word} {clock(seconds)}"></i>')
    if is_lost:
        told.append(escape(translator(language).gettext("hung up")))
        pieces.append('<i class="g-lost"></i>')
    kind = f"seg {size}".strip()
    drawn = f'<div class="{kind}" role="img" aria-label="{", ".join(told)}">{"".join(pieces)}</div>'
    return Markup(drawn)  # noqa: S704 - classes, numbers and escaped words of ours


@cache
def _look(language: str, kind: SegmentKind) -> tuple[str, str]:
    look = SEGMENTS[kind]
    return look.css, str(escape(translator(language).gettext(look.word)))
