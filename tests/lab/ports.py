"""Free ports on the loopback, below the range the kernel gives away by itself.

A port is chosen long before it is bound (it stands in a configuration first), so trying to bind it is not
enough: each process has a block of ports to itself, by a lock that the kernel lifts when the process is gone.
"""

from __future__ import annotations

import fcntl
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import IO

FIRST, BLOCK, BLOCKS = 4000, 2800, 10
FEW = 1800  # of a block, for those who need little room: all scenes of the matrix at once
# A SIPp at port P has its audio at P + 1 and its video at P + 3.
ROOM = 4
_given: set[int] = set()
_last = 0


def free_port(*, room: int = ROOM) -> int:
    """Return the first, an even one, of *room* neighbouring ports that are free for UDP and TCP.

    They stay taken until they are given back, and come last in turn then: what was on its way to their old
    owner does not reach a new one. Much room is looked for from the end on, where few ports do not scatter.

    Raises:
        OSError: there are none.
    """
    global _last  # noqa: PLW0603 - the ports of a process are one resource
    start, _ = _block()
    is_much = room > ROOM
    in_turn = ((_last + step) % FEW for step in range(0, FEW, 2))
    for offset in range(BLOCK - room, -1, -2) if is_much else in_turn:
        ports = range(start + offset, start + offset + room)
        if _given.isdisjoint(ports) and all(map(_is_free, ports)):
            _given.update(ports)
            _last = _last if is_much else offset + room
            return ports.start
    raise OSError("no free port in this process's block")


def give_back(first: int, *, room: int = ROOM) -> None:
    """Let others have the ports again."""
    _given.difference_update(range(first, first + room))


@contextmanager
def port() -> Iterator[int]:
    """Give a port for the time of the block."""
    taken = free_port()
    try:
        yield taken
    finally:
        give_back(taken)


@cache
def _block() -> tuple[int, IO[str]]:
    folder = Path(tempfile.gettempdir()) / "centralita-lab-ports"
    folder.mkdir(exist_ok=True)
    for number in range(BLOCKS):
        file = (folder / f"{number}.lock").open("w")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            continue
        return FIRST + number * BLOCK, file
    raise OSError(f"{BLOCKS} laboratories are running already")


def _is_free(port: int) -> bool:
    try:
        for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
            with socket.socket(socket.AF_INET, kind) as probe:
                probe.bind(("127.0.0.1", port))
    except OSError:
        return False
    return True
