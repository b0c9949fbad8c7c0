"""What the process keeps of the memory that it does not use."""

from __future__ import annotations

import ctypes
from pathlib import Path

from centralita.process import give_back

PIECES, OF_BYTES = 10_000, 4_096


def resident() -> int:
    """Return the bytes that this process holds itself."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon:")) * 1024


def test_what_nobody_uses_is_given_back_though_something_above_it_is_used() -> None:
    libc = ctypes.CDLL(None)
    libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, (ctypes.c_size_t,)
    libc.free.argtypes = (ctypes.c_void_p,)
    pieces = [libc.malloc(OF_BYTES) for _ in range(PIECES)]
    for piece in pieces:
        ctypes.memset(piece, 1, OF_BYTES)
    used = pieces.pop()
    for piece in pieces:
        libc.free(piece)
    before = resident()
    give_back()
    assert before - resident() > PIECES * OF_BYTES // 2
    libc.free(used)
