"""Time and threads of the simulated exchange.

Asterisk runs a thread for each call in the dialplan; here each is a generator. It yields how long it is
ready to wait in seconds (None: for ever) and gets back the next message for it, or None when time is up.
"""

from __future__ import annotations

import heapq
import itertools
from collections import deque
from collections.abc import Callable, Generator, Iterable
from typing import Any

from pbxsim.config import Chance

Flow = Generator[float | None, Any, None]
Step = Callable[[], Any]
Lane = list[Step]


class Thread:
    """A running flow and its letter-box."""

    __slots__ = ("ended", "flow", "letters", "waiting")

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.letters: deque[Any] = deque()
        self.waiting = 0
        self.ended = False


class Kernel:
    """Runs what is due in the order of time, and of asking where the time is the same."""

    def __init__(self, *, chance: Chance, now: float) -> None:
        self.chance = chance
        self.now = now
        self._due: list[tuple[float, int, Callable[..., object], tuple[Any, ...]]] = []
        self._order = itertools.count(1)

    @property
    def next_at(self) -> float | None:
        """When something is due next; None when nothing ever is."""
        return self._due[0][0] if self._due else None

    def at(self, when: float, do: Callable[..., object], *words: Any) -> None:
        """Do something at *when*, at once if that is past."""
        heapq.heappush(self._due, (max(when, self.now), next(self._order), do, words))

    def after(self, seconds: float, do: Callable[..., object], *words: Any) -> None:
        """Do something in so many seconds."""
        self.at(self.now + seconds, do, *words)

    def run(self, until: float) -> None:
        """Let everything happen that is due up to *until*, each thing at its own time."""
        due = self._due
        while due and due[0][0] <= until:
            self.now, _, do, words = heapq.heappop(due)
            do(*words)
        self.now = max(self.now, until)

    def forget(self) -> None:
        """Drop everything that was still to come."""
        self._due.clear()

    def thread(self, flow: Flow) -> Thread:
        """Start a flow; it begins within this instant, when what is going on has ended."""
        thread = Thread(flow)
        self.at(self.now, self._resume, thread, None)
        return thread

    def post(self, thread: Thread, letter: Any) -> None:
        """Give a thread a letter; it reads it when its turn comes, within this instant."""
        if thread.ended:
            return
        thread.letters.append(letter)
        if thread.waiting:
            self.at(self.now, self._deliver, thread)

    def _deliver(self, thread: Thread) -> None:
        if thread.waiting and thread.letters:
            self._resume(thread, thread.letters.popleft())

    def _time_up(self, thread: Thread, wait: int) -> None:
        if thread.waiting == wait:
            self._resume(thread, None)

    def _resume(self, thread: Thread, letter: Any) -> None:
        thread.waiting = 0
        try:
            wait = thread.flow.send(letter)
            while thread.letters:
                wait = thread.flow.send(thread.letters.popleft())
        except StopIteration:
            thread.ended = True
            return
        thread.waiting = next(self._order)
        if wait is not None:
            self.after(wait, self._time_up, thread, thread.waiting)

    def together(self, *lanes: Lane) -> None:
        """Take the steps of several lanes: each lane in its order, the lanes mixed by chance.

        This is how Asterisk's threads publish: a step may return further lanes, which begin behind it.
        """
        running = [deque(lane) for lane in lanes if lane]
        draw = self.chance.random
        while running:
            place = int(draw() * len(running)) if len(running) > 1 else 0
            lane = running[place]
            more: Iterable[Lane] | None = lane.popleft()()
            if not lane:
                running.pop(place)
            if more:
                running.extend(deque(each) for each in more if each)
