"""Scenes: each is a function that plays and tells what must stand in the ledger; ``ALL`` has them by name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from lab.matrix.expected import Expected
from lab.matrix.office import Wishes
from lab.matrix.play import Play

Told = list[Expected]
Plays = Callable[[Play], Awaitable[Told]]


@dataclass(frozen=True, slots=True)
class Scene:
    """A call to play and what it wants of its office."""

    name: str
    play: Plays
    wishes: Wishes


ALL: dict[str, Scene] = {}


def scene(**wishes: Any) -> Callable[[Plays], Plays]:
    """Take a function into the matrix, with what it wants of its office."""

    def taken(play: Plays) -> Plays:
        ALL[play.__name__] = Scene(play.__name__, play, Wishes(**wishes))
        return play

    return taken
