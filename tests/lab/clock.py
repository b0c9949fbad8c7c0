"""A clock for one process, set while it runs: Debian's libfaketime; the machine's own is never touched."""

from __future__ import annotations

import shutil
from pathlib import Path

from lab.chroot import LabError
from lab.elsewhen import NAME

LOOKED_AT_EACH_S = 1


class Clock:
    """The calendar of who runs with ``environment``; what counts seconds goes on as it does.

    *folder* is where the process sees the files that lie in *outside*, another path in a built system.
    """

    def __init__(self, outside: Path, folder: Path | None = None) -> None:
        found = next(Path("/usr/lib").glob(f"*/faketime/{NAME}"), None)
        if found is None:
            raise LabError("libfaketime is missing (tools/test-system installs it as root)")
        shutil.copy(found, outside / NAME)
        self._file = outside / "clock"
        self.set(0.0)
        inside = folder or outside
        self.environment = {
            "LD_PRELOAD": str(inside / NAME),
            "FAKETIME_TIMESTAMP_FILE": str(inside / self._file.name),
            "FAKETIME_CACHE_DURATION": str(LOOKED_AT_EACH_S),
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    def words(self) -> list[str]:
        """Return the words before a command that lets it live by this clock."""
        return ["env", *(f"{name}={text}" for name, text in self.environment.items())]

    def set(self, by_s: float) -> None:
        """Let it differ from the machine's by so many seconds, from the next look at the file on."""
        new = self._file.with_suffix(".new")
        new.write_text(f"{by_s:+.0f}\n")
        new.replace(self._file)
