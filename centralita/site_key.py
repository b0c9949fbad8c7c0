"""The key by which secrets are sealed that must be read again: a file beside the database, not in it.

So a copy of the records alone opens nobody's second factor.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from centralita.errors import UnusableError
from crm_core.db.in_use import beside
from screenpop.sealing import Sealer, new_key

NAME = "sign-in.key"


class SiteKeyError(UnusableError):
    """The key cannot be read or made."""

    def __init__(self, file: Path, why: str) -> None:
        super().__init__(file, why)
        self.file, self.why = file, why

    def __str__(self) -> str:
        return f"{self.file}: {self.why}"


def file_beside(url: str) -> Path:
    """Return where the key of the database *url* is kept."""
    return beside(url).with_name(NAME)


def of(url: str) -> str:
    """Return the key of the database *url*; the first time it is made, for its owner's eyes.

    Raises:
        SiteKeyError: it cannot be read or made, or holds something else.
    """
    file = file_beside(url)
    try:
        key = _read(file) or _made(file)
        Sealer(key)
    except (OSError, ValueError) as error:
        raise SiteKeyError(file, str(error)) from error
    return key


def _read(file: Path) -> str | None:
    try:
        return file.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return None


def _made(file: Path) -> str:
    """Keep a new key, unless somebody just did; return the one that is kept."""
    key = new_key()
    handle, part = tempfile.mkstemp(prefix=f"{file.name}.", dir=file.parent)  # for its owner's eyes
    with os.fdopen(handle, "w", encoding="ascii") as out:
        out.write(f"{key}\n")
        out.flush()
        os.fsync(out.fileno())
    try:
        os.link(part, file)
    except FileExistsError:
        key = file.read_text(encoding="ascii").strip()
    finally:
        Path(part).unlink()
    return key
