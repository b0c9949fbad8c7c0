"""Texts that people write in Markdown, as HTML that can do no harm (pure).

HTML in them is text, pictures are none of it, and links lead to pages and mailboxes alone.
"""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from functools import lru_cache
from typing import Any, Final

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererProtocol
from markdown_it.token import Token
from markupsafe import Markup
from yarl import URL

SCHEMES: Final = frozenset(("http", "https", "mailto"))
DEEPEST: Final = 6
KEPT: Final = 64
REL: Final = "noopener noreferrer"


class _Reader(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: N802 - the library's name
        """Return whether *url* leads to a page or a mailbox."""
        try:
            read = URL(url)
        except ValueError:
            return False
        return read.scheme in SCHEMES or (not read.scheme and not read.authority and url[:1] in {"/", "#"})


@lru_cache(maxsize=KEPT)
def prose(text: str) -> Markup:
    """Return *text* as HTML; its headings are beneath that of the page."""
    return Markup(_reader().render(text))  # noqa: S704 - HTML in it is escaped, and the rest is ours


@lru_cache(maxsize=1)
def _reader() -> MarkdownIt:
    made = _Reader("commonmark", {"html": False, "breaks": True})
    made.disable(["image", "html_block", "html_inline"])
    made.add_render_rule("link_open", _link)
    for rule in ("heading_open", "heading_close"):
        made.add_render_rule(rule, _heading)
    return made


def _link(
    renderer: RendererProtocol,
    tokens: Sequence[Token],
    index: int,
    options: Any,
    _environment: MutableMapping[str, Any],
) -> str:
    tokens[index].attrSet("rel", REL)
    return _drawn(renderer, tokens, index, options)


def _heading(
    renderer: RendererProtocol,
    tokens: Sequence[Token],
    index: int,
    options: Any,
    _environment: MutableMapping[str, Any],
) -> str:
    level = int(tokens[index].tag[1:])
    tokens[index].tag = f"h{min(level + 1, DEEPEST)}"
    return _drawn(renderer, tokens, index, options)


def _drawn(renderer: Any, tokens: Sequence[Token], index: int, options: Any) -> str:
    text: str = renderer.renderToken(tokens, index, options, {})
    return text
