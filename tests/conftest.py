"""What more than one suite uses: the real Asterisk, started once per session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from lab import chroot, floor
from lab.pbx import Asterisk, Instance


@pytest.fixture(scope="session")
def asterisk() -> Iterator[Asterisk]:
    """A real Asterisk on rendered configuration, with the lab's floor on it."""
    instance = Instance(chroot.ready())
    with Asterisk(floor.settings(instance), instance) as running:
        yield running


@pytest.fixture(scope="session")
def lab_floor(asterisk: Asterisk) -> floor.Floor:
    """Who uses what on that Asterisk: ``with lab_floor.desk() as desk``."""
    return floor.Floor(asterisk.settings)
