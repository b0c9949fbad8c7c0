"""Free ports on the loopback, below the range the kernel gives away by itself."""

from __future__ import annotations

import random
import socket

_given: set[int] = set()


def free_port(*, room: int = 1) -> int:
    """Return the first of *room* neighbouring ports that are free for UDP and TCP; none is given twice.

    Raises:
        OSError: there is none.
    """
    for _ in range(200):
        first = random.randrange(11000, 31000 - room, 2)
        ports = range(first, first + room)
        if _given.isdisjoint(ports) and all(map(_is_free, ports)):
            _given.update(ports)
            return first
    raise OSError("no free port found on the loopback")


def _is_free(port: int) -> bool:
    try:
        for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
            with socket.socket(socket.AF_INET, kind) as probe:
                probe.bind(("127.0.0.1", port))
    except OSError:
        return False
    return True
