"""Settings from a file, configuration files into a folder."""

from __future__ import annotations

import os
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from asterisk_conf.model import Settings


class SettingsError(Exception):
    """The settings cannot be used; ``faults`` has a line for each key that is wrong."""

    def __init__(self, path: Path, faults: list[str]) -> None:
        super().__init__(path, faults)
        self.path, self.faults = path, faults

    def __str__(self) -> str:
        return "\n".join(f"{self.path}: {fault}" for fault in self.faults)


def load(path: Path) -> Settings:
    """Return the exchange that the TOML file at *path* describes.

    ``secret_file`` beside or instead of a ``secret`` names the file it stands in, relative to *path*.

    Raises:
        SettingsError: the file cannot be read, is no TOML, or has wrong keys: all of them at once.
    """
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
        return Settings.model_validate(_with_secrets(given, beside=path.parent))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(path, [str(error)]) from error
    except ValidationError as error:
        raise SettingsError(path, [_fault(**fault) for fault in error.errors()]) from error


def _fault(*, loc: tuple[int | str, ...], msg: str, **_: Any) -> str:
    key = ".".join(str(part) for part in loc)
    return f"{key}: {msg}" if key else msg


def _with_secrets(given: Any, *, beside: Path) -> Any:
    if isinstance(given, list):
        return [_with_secrets(each, beside=beside) for each in given]
    if not isinstance(given, dict):
        return given
    whole = {key: _with_secrets(each, beside=beside) for key, each in given.items()}
    if isinstance(file := whole.pop("secret_file", None), str):
        whole["secret"] = (beside / file).read_text(encoding="utf-8").strip()
    return whole


def write(rendered: Mapping[str, str], out_dir: Path) -> list[str]:
    """Write the files that differ from what lies in *out_dir* and return their names.

    Each file is replaced whole or not at all and readable by its owner and group only (there are secrets
    inside); what is the same already is not touched.
    """
    out_dir.mkdir(parents=True, exist_ok=True)
    changed = [name for name, text in sorted(rendered.items()) if not _holds(out_dir / name, text)]
    for name in changed:
        _replace(out_dir / name, rendered[name])
    return changed


def _holds(path: Path, text: str) -> bool:
    try:
        return path.read_bytes() == text.encode()
    except FileNotFoundError:
        return False


def _replace(path: Path, text: str) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode())
            _keep_owner(path, file.fileno())
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _keep_owner(path: Path, descriptor: int) -> None:
    """Give the new file the old one's owner, or its folder's: Asterisk does not run as root."""
    owner = path.stat() if path.exists() else path.parent.stat()
    os.fchmod(descriptor, 0o640)
    if os.geteuid() == 0:
        os.fchown(descriptor, owner.st_uid, owner.st_gid)
