"""Another time for one process: Debian's libfaketime; the machine's own clock is never touched."""

from __future__ import annotations

import shutil
import time
from datetime import datetime
from pathlib import Path

from lab.chroot import LabError
from lab.pbx import Instance

NAME = "libfaketimeMT.so.1"


def begins_at(instance: Instance, at: datetime, zone: str) -> list[str]:
    """Return the words before a command of *instance* that lets it begin *at* that instant, in *zone*.

    Only the calendar is another: what counts seconds goes on as it does. The library is of the exchange's own
    system when it has one (an old one cannot load ours), else this machine's.

    Raises:
        LabError: the library is not installed.
    """
    places = (instance.root / "usr/lib", Path("/usr/lib"))
    found = next((path for place in places for path in place.glob(f"*/faketime/{NAME}")), None)
    if found is None:
        raise LabError("libfaketime is missing (tools/test-system installs it as root)")
    shutil.copy(found, instance.outside / NAME)
    return [
        "env",
        f"LD_PRELOAD={instance.inside / NAME}",
        f"TZ={zone}",
        f"FAKETIME={at.timestamp() - time.time():+.0f}s",
        "FAKETIME_DONT_FAKE_MONOTONIC=1",
    ]
