"""Files in which somebody stands: overwritten in their places, a block at a time."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import Any

import pytest

from centralita.scrubbing import BLOCK, scrub

NAME = b"Zoraida"
PATTERN: Any = re.compile(rb"zoraida", re.IGNORECASE)
LINE = b"Event: Newchannel, CallerIDName: %s\r\n"


class Counting:
    """A pattern that knows the longest text that it was asked about."""

    def __init__(self) -> None:
        self.longest = 0

    def finditer(self, text: Any) -> Any:
        self.longest = max(self.longest, len(text))
        return PATTERN.finditer(text)


def a_capture() -> bytes:
    """Return lines of some blocks, of which each seventh names her, also at the borders of the blocks."""
    return b"".join(LINE % (b"nobody" if n % 7 else NAME) for n in range(BLOCK // 8))


@pytest.mark.parametrize("ending", ["log", "gz"])
def test_each_place_is_overwritten_and_nothing_else(tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"capture.{ending}"
    written: Any = gzip.compress if ending == "gz" else bytes
    read: Any = gzip.decompress if ending == "gz" else bytes
    file.write_bytes(written(a_capture()))
    assert scrub([tmp_path], PATTERN) == 1
    assert read(file.read_bytes()) == a_capture().replace(NAME, b"xxxxxxx")
    assert scrub([file], PATTERN) == 0
    assert list(tmp_path.iterdir()) == [file]


def test_others_have_their_turn_between_blocks(tmp_path: Path) -> None:
    file = tmp_path / "capture"
    file.write_bytes(a_capture())
    pattern: Any = Counting()
    scrub([file], pattern)
    assert 0 < pattern.longest <= BLOCK + len(LINE % NAME)


def test_a_packed_file_that_was_cut_off_is_told_and_stays(tmp_path: Path) -> None:
    file = tmp_path / "capture.gz"
    cut = gzip.compress(a_capture())[:-20]
    file.write_bytes(cut)
    with pytest.raises(OSError, match="is damaged"):
        scrub([file], PATTERN)
    assert file.read_bytes() == cut
    assert list(tmp_path.iterdir()) == [file]


def test_what_is_empty_stays_empty(tmp_path: Path) -> None:
    file = tmp_path / "log"
    file.touch()
    assert scrub([file], PATTERN) == 0
    assert file.read_bytes() == b""
