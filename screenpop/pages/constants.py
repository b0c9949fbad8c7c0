"""What is the same in every drawing of a template: put in when it is read, not each time it is drawn."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import cast

from jinja2.ext import Extension
from markupsafe import Markup

_CONSTANT = re.compile(
    r"""\{\{\ (?:
        _\((["'])(?P<words>[^"'{}]+)\1\)
      | icon\("(?P<icon>[a-z-]+)"(?:,\ "(?P<size>[a-z]+)")?\)
    )\ \}\}""",
    re.VERBOSE,
)


class Constants(Extension):
    """Puts in words without values and icons, as the ``_`` and ``icon`` of the environment give them."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:  # noqa: ARG002 - jinja2's words
        """Return *source* with its constants in their places."""
        return _CONSTANT.sub(self._text, source)

    def _text(self, found: re.Match[str]) -> str:
        known = cast("dict[str, Callable[..., Markup]]", self.environment.globals)
        if found["words"]:
            return str(known["_"](found["words"]))
        return str(known["icon"](found["icon"], found["size"] or ""))
