"""What Schemathesis has to be told to ask our API: loaded by its own process, see ``schemathesis.toml``."""

from __future__ import annotations

import re
import secrets
from typing import Any

import schemathesis

from screenpop.api.twice import HEADER, KEY_PATTERN


@schemathesis.serializer("text/csv", "application/octet-stream")
def as_it_is(_context: Any, value: Any) -> bytes:
    """Send a file as its text."""
    return str(value).encode(errors="surrogatepass")


@schemathesis.hook
def before_call(_context: Any, case: schemathesis.Case, _options: dict[str, Any]) -> None:
    """Let each request be one of its own: with a key that was there before it would be answered as then."""
    key = (case.headers or {}).get(HEADER)
    if isinstance(key, str) and re.match(KEY_PATTERN, key):
        case.headers[HEADER] = secrets.token_hex(8)
