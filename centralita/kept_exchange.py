"""The exchange that was connected by the page: a file beside the database, readable to the service alone."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from crm_core.db.in_use import beside

NAME = "exchange.json"


def file_beside(url: str) -> Path:
    """Return where the exchange is kept for the database *url*."""
    return beside(url).with_name(NAME)


def read(file: Path) -> dict[str, Any] | None:
    """Return what is kept in *file*; None when nothing is.

    Raises:
        OSError, ValueError: it cannot be read, or holds something else.
    """
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    if not isinstance(kept, dict):
        raise ValueError("it holds no exchange")  # noqa: TRY004 - of the file, not of an argument
    return kept


def write(file: Path, kept: dict[str, Any]) -> None:
    """Keep an exchange in *file*: whole or not at all, and for its owner's eyes.

    Raises:
        OSError: it cannot be written.
    """
    part = file.with_name(f"{file.name}.part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        json.dump(kept, out)
        out.flush()
        os.fsync(out.fileno())
    part.replace(file)
