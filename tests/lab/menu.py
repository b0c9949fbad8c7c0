"""What callers hear who serve themselves, and several of them at once.

What is said to them is seen by the AGI commands that Asterisk carried out, told by its own events.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack

from lab.ami_tap import Block, Tap
from lab.floor import Floor

NUMBER = "957212000"
TALK = ("STREAM FILE", "SAY DIGITS", "SAY NUMBER")


def spoken(ear: Tap, event: str, number: str = NUMBER) -> list[Block]:
    """Return the begins or the ends of what was said to the caller with this number."""
    return [
        block
        for block in ear.blocks
        if block.get("Event") == event
        and block["CallerIDNum"] == number
        and block["Command"].startswith(TALK)
    ]


def said(ear: Tap, number: str = NUMBER) -> list[str]:
    """Return what was said so far: our sounds by name, digits and numbers as they are."""
    names = [block["Command"].split('"')[1] for block in spoken(ear, "AGIExecStart", number)]
    return [name.removeprefix("centralita/") for name in names]


def saying(name: str) -> Callable[[Block], bool]:
    """Return whether a block is the begin of a sound."""
    return lambda block: (
        block.get("Event") == "AGIExecStart" and f'"centralita/{name}"' in block.get("Command", "")
    )


def joined(block: Block, *, number: str = NUMBER) -> bool:
    return block.get("Event") == "QueueCallerJoin" and block["CallerIDNum"] == number


Play = Callable[..., Awaitable[None]]


async def side_by_side(lab_floor: Floor, play: Play, *cases: Sequence[str]) -> None:
    """Play the cases at once, each with a desk and a caller's number of its own before its own words."""
    with ExitStack() as stack:
        desks = [stack.enter_context(lab_floor.desk()) for _ in cases]
        numbers = [f"95721200{turn}" for turn in range(len(cases))]
        async with asyncio.TaskGroup() as group:
            for desk, number, case in zip(desks, numbers, cases, strict=True):
                group.create_task(play(desk, number, *case))
