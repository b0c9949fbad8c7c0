"""A small exchange for the tests: three phones, a queue, a number for it and one for a phone, a way out."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

from pbxsim.config import Config, Did, Manner, Phone, Queue, Route, exactly
from pbxsim.world.exchange import Exchange

NOW = 1_795_536_373.25
NEVER = Manner(takes="ignores")
QUICK = Manner(after=exactly(1.0), hang_up_after=exactly(2.0))
STAYS = Manner(after=exactly(1.0))
CONFIG = Config(
    users=(),
    phones=tuple(Phone(extension=each, manners=((1.0, STAYS),)) for each in ("101", "102", "103")),
    queues=(Queue(name="sales", members=("101", "102"), timeout=4.0, max_wait=30.0),),
    dids=(Did(number="5551", to="queue:sales"), Did(number="5552", to="phone:101", ring_for=3.0)),
    routes=(Route(prefix="6", trunk="line", caller_id="957000100", ring_for=5.0, manners=((1.0, QUICK),)),),
)


def exchange(config: Config = CONFIG, *, seed: int = 1, **changes: Any) -> Exchange:
    return Exchange(replace(config, **changes), chance=random.Random(seed), now=NOW)


def queue(**changes: Any) -> Queue:
    return replace(CONFIG.queues[0], **changes)


def manners(world: Exchange, **by_extension: Manner) -> None:
    for extension, manner in by_extension.items():
        world.phones[extension.removeprefix("x")].manners = ((1.0, manner),)


def read(text: str) -> dict[str, str]:
    return dict(line.partition(": ")[::2] for line in text.split("\r\n") if line)


def said(world: Exchange, *kinds: str) -> list[dict[str, str]]:
    """Return what was said since the last time, of these kinds alone if any are given."""
    events = [read(event.text) for event in world.take_events()]
    return [event for event in events if not kinds or event["Event"] in kinds]


def kinds(world: Exchange, *wanted: str) -> list[str]:
    return [event["Event"] for event in said(world, *wanted)]
