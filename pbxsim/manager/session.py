"""What the exchange knows of one connection, and what it may ask for."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

from pbxsim.world.wire import EVERYTHING, rights


@dataclass(slots=True)
class Session:
    """What the exchange knows of one connection; ``waits``: an action of its is not answered yet."""

    read: int = 0
    write: int = 0
    user: str = ""
    wanted: int = EVERYTHING
    challenge: str = ""
    only: list[re.Pattern[str]] = field(default_factory=list)
    never: list[re.Pattern[str]] = field(default_factory=list)
    later: Callable[[str], object] = len
    waits: bool = False

    @property
    def mask(self) -> int:
        """The classes whose events it gets."""
        return self.read & self.wanted

    def hears(self, text: str) -> bool:
        """Return whether its filters let an event through."""
        if self.only and not any(each.search(text) for each in self.only):
            return False
        return not any(each.search(text) for each in self.never)


@cache
def commands() -> dict[str, tuple[str, str, str]]:
    """Return name, rights and synopsis of each action of Asterisk, by its name in lower case."""
    text = resources.files("pbxsim").joinpath("commands.txt").read_text(encoding="utf-8")
    rows = [line.split("|", 2) for line in text.splitlines()]
    return {name.lower(): (name, needs, synopsis) for name, needs, synopsis in rows}


def may(session: Session, needs: str) -> bool:
    """Return whether a session has one of the rights that an action *needs*; an empty list needs none."""
    return not needs or bool(session.write & rights(needs))
