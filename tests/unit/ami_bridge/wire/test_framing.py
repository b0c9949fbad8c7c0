"""Blocks out of bytes, however the reads fall, and within bounds whatever comes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ami_bridge.wire.parse import Framer

STREAM = "A: 1\r\nName: Zoë\r\n\r\nB: 2\r\n\r\n\r\n\r\nC: \r\n\r\nD: not yet whole".encode()
BLOCKS = ["A: 1\r\nName: Zoë".encode(), b"B: 2", b"", b"C: "]


def test_a_cut_anywhere_changes_nothing() -> None:
    for cut in range(len(STREAM) + 1):
        framer = Framer()
        assert framer.feed(STREAM[:cut]) + framer.feed(STREAM[cut:]) == BLOCKS, cut


def test_one_byte_a_read() -> None:
    framer = Framer()
    assert [block for byte in STREAM for block in framer.feed(bytes([byte]))] == BLOCKS


@given(st.lists(st.sampled_from([b"\r", b"\n", b"\r\n", b"x", b"\r\n\r\n", b"A: b\r\n", b""])))
def test_any_reads_give_what_one_read_gives(reads: list[bytes]) -> None:
    framer = Framer()
    assert [block for read in reads for block in framer.feed(read)] == b"".join(reads).split(b"\r\n\r\n")[:-1]


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 100])
def test_a_block_that_is_too_long_is_thrown_away_and_counted(size: int) -> None:
    stream = b"A: 1\r\n\r\n" + b"x" * 64 + b"\r\n\r\nB: 2\r\n\r\n" + b"y" * 64 + b"\r\n\r\nC: 3\r\n\r\n"
    framer = Framer(limit=20)
    blocks = [
        block
        for start in range(0, len(stream), size)
        for block in framer.feed(stream[start : start + size])
        if len(block) <= 20
    ]
    assert blocks == [b"A: 1", b"B: 2", b"C: 3"]
    assert framer.take_too_long() == (2 if size < 64 else 0)  # a read may hold it whole
    assert framer.take_too_long() == 0
