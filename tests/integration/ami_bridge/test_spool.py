"""The spool on the disk: in order, whole, after a kill at any byte, and full without a loss."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from contract.crm_core.kit import a_call

from ami_bridge.spool.file import SpoolFile
from ami_bridge.spool.records import FIRST_RECORD_AT, HEADER_AT, MAGIC, pack_payload, pack_record
from crm_core.domain.batches import Batch
from crm_core.domain.errors import SpoolError
from crm_core.domain.events import StoredEvent

SMALL = FIRST_RECORD_AT + 8192
AT = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)


def batch(n: int) -> Batch:
    """Return call *n* and what happened in it."""
    call = a_call(n)
    return Batch(calls=[call], events=[StoredEvent(type="call.ended", at=AT, call_id=call.id, payload=b"{}")])


def filled(path: Path, *numbers: int, size: int = SMALL) -> SpoolFile:
    spool = SpoolFile(path, size=size)
    for n in numbers:
        spool.append(batch(n))
    return spool


def killed(spool: SpoolFile, to: Path) -> Path:
    """Return what a killed process leaves of *spool*: the file as it is, closed by nobody."""
    shutil.copy(spool.path, to)
    return to


def emptied(spool: SpoolFile) -> list[str]:
    """Return the calls that waited, the oldest first; nothing waits any more."""
    found = []
    while head := spool.head():
        found += [call.id for call in head[1].calls]
        spool.drop()
    return found


def ids(*numbers: int) -> list[str]:
    return [a_call(n).id for n in numbers]


def test_what_waits_comes_back_as_it_was_in_order(tmp_path: Path) -> None:
    spool = filled(tmp_path / "spool", 1, 2)
    first = spool.head()
    assert first is not None
    assert first[1] == batch(1)
    assert spool.find(a_call(2).id) == a_call(2)
    assert spool.find(a_call(3).id) is None
    assert spool.waiting == 2
    assert emptied(spool) == ids(1, 2)
    assert spool.is_empty
    assert spool.waiting == 0


def test_an_empty_one_leaves_nothing_behind_a_filled_one_stays(tmp_path: Path) -> None:
    empty, full = filled(tmp_path / "empty"), filled(tmp_path / "full", 1)
    empty.close()
    full.close()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["full"]
    assert emptied(SpoolFile(tmp_path / "full", size=SMALL)) == ids(1)


def test_a_place_is_known_again_and_never_given_twice(tmp_path: Path) -> None:
    spool = filled(tmp_path / "spool", 1)
    place = spool.head()
    assert place is not None
    spool.drop()
    spool.append(batch(2))
    later = SpoolFile(killed(spool, tmp_path / "again"), size=SMALL).head()
    assert later is not None
    assert (later[0].spool, later[0].n) == (place[0].spool, place[0].n + 1)


def test_it_is_one_process_s_at_a_time(tmp_path: Path) -> None:
    spool = filled(tmp_path / "spool", 1)
    with pytest.raises(SpoolError, match="in use"):
        SpoolFile(tmp_path / "spool", size=SMALL)
    spool.close()
    SpoolFile(tmp_path / "spool", size=SMALL).close()


def test_a_full_one_refuses_and_keeps_what_it_has(tmp_path: Path) -> None:
    room = sum(len(pack_record(n + 1, batch(n))) for n in range(5))
    spool = filled(tmp_path / "spool", *range(5), size=FIRST_RECORD_AT + room)
    with pytest.raises(SpoolError, match="full"):
        spool.append(batch(5))
    assert emptied(spool) == ids(*range(5))
    spool.append(batch(6))
    assert emptied(spool) == ids(6)


def test_emptied_it_is_filled_from_its_begin_and_nothing_old_is_read(tmp_path: Path) -> None:
    spool = filled(tmp_path / "spool", 1, 2, 3)
    emptied(spool)
    spool.append(batch(1))  # as long as the first was: what was the second lies right behind it
    assert emptied(SpoolFile(killed(spool, tmp_path / "again"), size=SMALL)) == ids(1)


@pytest.mark.parametrize("how", ["ends there", "holds nothing from there on", "holds an older filling"])
def test_a_kill_at_any_byte_of_a_record_costs_that_record_alone(tmp_path: Path, how: str) -> None:
    older = filled(tmp_path / "older", 7, 8, 9)
    emptied(older)
    for n in (1, 2):
        older.append(batch(n))
    before = killed(older, tmp_path / "before").read_bytes()
    older.append(batch(3))
    whole = killed(older, tmp_path / "whole").read_bytes()
    changed = [at for at, (one, other) in enumerate(zip(whole, before, strict=True)) if one != other]
    begin, end = changed[0], changed[-1] + 1
    assert end - begin > 100
    cut_file = tmp_path / "cut"
    for cut in range(begin, end):
        rest = {"ends there": b"", "holds nothing from there on": bytes(len(whole) - cut)}
        cut_file.write_bytes(whole[:cut] + rest.get(how, before[cut:]))
        spool = SpoolFile(cut_file, size=SMALL)
        there = [spool.find(call) is not None for call in ids(1, 2, 3)]
        assert (spool.waiting, there) == (2, [True, True, False]), cut
        if cut % 50 == 0:  # the disk is waited for
            spool.append(batch(5))
            assert emptied(spool) == ids(1, 2, 5), cut
        spool.close()


@pytest.mark.parametrize("place", [0, 1])
def test_of_two_headers_one_is_enough(tmp_path: Path, place: int) -> None:
    spool = filled(tmp_path / "spool", 1)
    emptied(spool)  # both headers are written now, the younger one at place 1
    spool.append(batch(2))
    text = bytearray(killed(spool, tmp_path / "again").read_bytes())
    assert text[HEADER_AT[place] :][: len(MAGIC)] == MAGIC
    text[HEADER_AT[place]] ^= 1
    (tmp_path / "again").write_bytes(text)
    expected = ids(2) if place == 0 else []  # the older one asks for another record than lies there
    assert emptied(SpoolFile(tmp_path / "again", size=SMALL)) == expected


def test_a_record_that_is_no_batch_of_ours_is_counted_and_left_out(tmp_path: Path) -> None:
    spool = filled(tmp_path / "spool", 1)
    foreign = pack_payload(2, b"\x93\x01\x02\x03")
    with (tmp_path / "spool").open("r+b") as file:
        size = (tmp_path / "spool").stat().st_size
        end = FIRST_RECORD_AT + len(file.read()[FIRST_RECORD_AT:].rstrip(b"\0"))
        assert end < size
        file.seek(end)
        file.write(foreign)
    again = SpoolFile(killed(spool, tmp_path / "again"), size=SMALL)
    again.append(batch(3))
    assert emptied(again) == ids(1, 3)
    assert again.broken == 1


WRITER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from integration.ami_bridge.test_spool import batch
from ami_bridge.spool.file import SpoolFile
spool = SpoolFile(Path(sys.argv[1]))
for n in range(100_000):
    spool.append(batch(n))
    print(n, flush=True)
"""


@pytest.mark.parametrize("after", [1, 30])
def test_what_was_told_as_kept_outlives_a_kill(tmp_path: Path, after: int) -> None:
    tests = str(Path(__file__).parents[2])
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path / "spool"), tests], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        for told in writer.stdout:
            if int(told) >= after:
                os.kill(writer.pid, signal.SIGKILL)
                break
        last = [after, *map(int, writer.stdout)][-1]
    assert writer.returncode == -signal.SIGKILL
    found = emptied(SpoolFile(tmp_path / "spool"))
    assert len(found) > last
    assert found == ids(*range(len(found)))


ON_A_SMALL_DISK = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from integration.ami_bridge.test_spool import SMALL, batch, emptied
from ami_bridge.spool.file import SpoolFile
from crm_core.domain.errors import SpoolError
disk = Path(sys.argv[1])
try:
    SpoolFile(disk / "spool")
except SpoolError as error:
    print(error.why.partition(": ")[2])
spool = SpoolFile(disk / "small", size=SMALL)
try:
    with (disk / "ballast").open("wb", buffering=0) as ballast:
        while True:
            ballast.write(bytes(4096))
except OSError as error:
    print(error.strerror)
spool.append(batch(1))
print(emptied(spool))
"""


def test_room_is_taken_at_the_begin_or_not_at_all(tmp_path: Path) -> None:
    """On a tmpfs of 1 MiB: a large spool cannot be had; a small one works when the disk is full."""
    as_root = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    script = 'mount -t tmpfs -o size=1m small "$0" && exec "$@"'
    alone = ["unshare", "--mount", "--propagation", "private", *as_root]  # the mount ends with its process
    there = [sys.executable, "-c", ON_A_SMALL_DISK, str(tmp_path), str(Path(__file__).parents[2])]
    done = subprocess.run(
        [*alone, "sh", "-c", script, str(tmp_path), *there],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.stdout.splitlines() == ["No space left on device"] * 2 + [str(ids(1))], done.stderr
