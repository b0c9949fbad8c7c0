"""A place on the floor is given back as it was taken: no call on it, nobody paused, no member added.

What a test leaves behind, above all one that failed, would otherwise be the next one's trouble.
"""

from __future__ import annotations

import itertools
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from lab.pbx import Asterisk

PATIENCE_S = 5.0
ITSELF_S = 1.0  # so long what ends anyway may take
Block = dict[str, str]


@dataclass(frozen=True, slots=True)
class Place:
    """What belongs to it: endpoints (``agent101``), numbers dialled from outside, a queue and its members."""

    endpoints: frozenset[str]
    numbers: frozenset[str] = frozenset()
    queue: str = ""
    members: frozenset[str] = frozenset()

    def has(self, channel: Block) -> bool:
        """Return whether a channel (``CoreShowChannel``) is of a call at this place."""
        endpoint = channel["Channel"].partition("/")[2].rpartition("-")[0]
        waits = channel["Application"] == "Queue" and channel["ApplicationData"].split(",")[0] == self.queue
        return waits or endpoint in self.endpoints or channel["Exten"] in self.numbers


@dataclass(slots=True)
class Manager:
    """A manager connection that is asked one thing after the other, the loop of the test standing still."""

    connection: socket.socket
    _rest: bytes = b""
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def ask(self, action: str, **headers: str) -> list[Block]:
        """Return the response and what belongs to it."""
        action_id = f"broom-{next(self._numbers)}"
        lines = [
            f"{name}: {text}" for name, text in ({"Action": action, "ActionID": action_id} | headers).items()
        ]
        self.connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        answer: list[Block] = []
        while not answer or not _is_whole(answer):
            answer += [block for block in self._read() if block.get("ActionID") == action_id]
        return answer

    def _read(self) -> list[Block]:
        data = self.connection.recv(65536)
        if not data:
            raise ConnectionResetError
        *whole, self._rest = (self._rest + data).split(b"\r\n\r\n")
        return [_block(text.decode(errors="replace")) for text in whole]


def _block(text: str) -> Block:
    lines = (line.partition(":") for line in text.split("\r\n"))
    return {name: value.strip() for name, colon, value in lines if colon}


def _is_whole(answer: list[Block]) -> bool:
    is_list = answer[0].get("EventList") == "start"
    return not is_list or answer[-1].get("EventList") in {"Complete", "cancelled"}


@contextmanager
def _manager(pbx: Asterisk, user: str, secret: str) -> Iterator[Manager]:
    with socket.create_connection((pbx.host, pbx.ami_port), timeout=PATIENCE_S) as connection:
        manager = Manager(connection)
        manager.ask("Login", Username=user, Secret=secret, Events="off")
        yield manager


def sweep(pbx: Asterisk, place: Place, *, user: str, secret: str) -> list[str]:
    """End the calls of a *place* and undo what was done to its queue's members; return what there was to do.

    Raises:
        TimeoutError: a call does not end.
    """
    with _manager(pbx, user, secret) as manager:
        left = _calls_left(manager, place)
        return left + (_members_put_right(manager, place) if place.queue else [])


def _calls_left(manager: Manager, place: Place) -> list[str]:
    def live() -> list[Block]:
        channels = [one for one in manager.ask("CoreShowChannels") if one.get("Event") == "CoreShowChannel"]
        calls = {one["Linkedid"] for one in channels if place.has(one)}
        return [one for one in channels if one["Linkedid"] in calls]

    if not (left := _after(live, ITSELF_S)):
        return []
    for channel in left:
        manager.ask("Hangup", Channel=channel["Channel"])
    if still := _after(live, PATIENCE_S):
        raise TimeoutError(f"channels that do not end: {still}")
    return [f"a call: {one['Channel']} in {one['Application']}({one['ApplicationData']})" for one in left]


def _after(live: Callable[[], list[Block]], within: float) -> list[Block]:
    """Return what is live still when nothing is, or after so many seconds."""
    deadline = time.monotonic() + within
    while (found := live()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return found


def _members_put_right(manager: Manager, place: Place) -> list[str]:
    members = [
        one for one in manager.ask("QueueStatus", Queue=place.queue) if one.get("Event") == "QueueMember"
    ]
    done = []
    for member in members:
        interface = member["Location"]
        if interface not in place.members:
            manager.ask("QueueRemove", Queue=place.queue, Interface=interface)
            done.append(f"a member added: {interface}")
        elif member["Paused"] == "1":
            manager.ask("QueuePause", Interface=interface, Paused="false", Queue=place.queue)
            done.append(f"a pause: {interface} {member['PausedReason']}".rstrip())
    return done
