"""Time and threads: what is due happens in order, at its own time."""

from __future__ import annotations

import random
from collections.abc import Generator
from functools import partial
from typing import Any

import pytest

from pbxsim.world.kernel import Kernel, Lane


@pytest.fixture
def kernel() -> Kernel:
    return Kernel(chance=random.Random(1), now=100.0)


def test_things_happen_in_the_order_of_time_and_then_of_asking(kernel: Kernel) -> None:
    happened: list[tuple[float, str]] = []
    for seconds, name in ((2.0, "late"), (1.0, "first"), (1.0, "second"), (-5.0, "past")):
        kernel.after(seconds, lambda name=name: happened.append((kernel.now, name)))
    kernel.run(101.5)
    assert happened == [(100.0, "past"), (101.0, "first"), (101.0, "second")]
    assert (kernel.now, kernel.next_at) == (101.5, 102.0)
    kernel.forget()
    assert kernel.next_at is None


def waiter(heard: list[Any], waits: list[float | None]) -> Generator[float | None, Any, None]:
    for wait in waits:
        letter = yield wait
        heard.append(letter)


def test_a_thread_gets_letters_in_order_and_none_when_time_is_up(kernel: Kernel) -> None:
    heard: list[Any] = []
    thread = kernel.thread(waiter(heard, [5.0, 5.0, None, 1.0]))
    kernel.run(101.0)
    kernel.post(thread, "one")
    kernel.post(thread, "two")
    kernel.run(102.0)
    assert heard == ["one", "two"]
    kernel.run(500.0)
    assert heard == ["one", "two"]  # the third wait is for ever
    kernel.post(thread, "three")
    kernel.run(502.0)
    assert heard == ["one", "two", "three", None]
    assert thread.ended
    kernel.post(thread, "to nobody")
    kernel.run(600.0)
    assert len(heard) == 4


def test_a_letter_to_a_thread_that_is_running_waits_for_its_next_pause(kernel: Kernel) -> None:
    heard: list[Any] = []

    def writes_to_itself() -> Generator[float | None, Any, None]:
        kernel.post(thread, "from me")
        heard.append((yield None))

    thread = kernel.thread(writes_to_itself())
    kernel.run(100.0)
    assert heard == ["from me"]


def mixed(kernel: Kernel, *words: str) -> str:
    order: list[str] = []
    lanes: list[Lane] = [[partial(order.append, sign) for sign in word] for word in words]
    kernel.together(*lanes)
    return "".join(order)


def test_lanes_keep_their_order_and_are_mixed_in_many_ways(kernel: Kernel) -> None:
    seen = {mixed(kernel, "ab", "xy", "") for _ in range(200)}
    assert seen == {"abxy", "axby", "axyb", "xaby", "xayb", "xyab"}


def test_a_step_may_begin_further_lanes(kernel: Kernel) -> None:
    order: list[str] = []

    def begin() -> list[Lane]:
        order.append("begin")
        return [[lambda: order.append("behind")], []]

    kernel.together([begin])
    assert order == ["begin", "behind"]
