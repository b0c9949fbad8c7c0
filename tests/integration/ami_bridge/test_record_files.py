"""Records in files that grow: what was written since an instant, however long the file, and no more of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ami_bridge.domain.errors import NothingWrittenError, RecordsError
from ami_bridge.wire import record_files
from ami_bridge.wire.record_files import RecordFiles

START = datetime(2026, 11, 26, 8, tzinfo=UTC)
EPOCH = int(START.timestamp())


def cel_line(second: float) -> str:
    values = [
        "ANSWER",
        f"{EPOCH + second:.6f}",
        "",
        "",
        "",
        "s",
        "ctx",
        "PJSIP/101-00000001",
        "",
        "",
        f"{EPOCH}.1",
    ]
    return ",".join(f'"{value}"' for value in [*values, f"{EPOCH}.1", "", ""]) + "\n"


def after(second: float) -> datetime:
    return START + timedelta(seconds=second)


def seconds(files: RecordFiles, since: datetime = START, until: datetime | None = None) -> list[float]:
    return [(row.at - START).total_seconds() for row in files.rows(since, until)]


@pytest.fixture
def long(tmp_path: Path) -> Path:
    """A file of 20,000 seconds, a row each."""
    file = tmp_path / "cel.csv"
    file.write_text("".join(map(cel_line, range(20_000))))
    return file


@pytest.mark.parametrize("since", [0, 1, 777, 12_345, 19_999, 20_000])
def test_what_was_written_since_then_is_found(long: Path, since: int) -> None:
    assert seconds(RecordFiles(long), after(since)) == list(range(since, 20_000))


def test_only_the_end_of_a_long_file_is_read(long: Path) -> None:
    files = RecordFiles(long)
    assert seconds(files, after(19_000), after(19_009)) == list(range(19_000, 19_010))
    assert files.told.rows < 2_000


def test_lines_that_are_none_do_not_lead_astray(long: Path) -> None:
    text = long.read_text().splitlines(keepends=True)
    text[9_000:9_060] = ["rubbish\n"] * 60
    long.write_text("".join(text))
    assert seconds(RecordFiles(long), after(15_000)) == list(range(15_000, 20_000))


def test_a_clock_that_was_an_hour_ahead_for_a_while_hides_nothing_of_later(long: Path) -> None:
    text = long.read_text().splitlines(keepends=True)
    ahead = [cel_line(second + 3_600) for second in range(9_000, 9_500)]
    long.write_text("".join([*text[:9_000], *ahead, *text[9_500:11_000]]))
    right = [*range(8_990, 9_000), *range(9_500, 11_000)]
    assert seconds(RecordFiles(long), after(8_990), after(11_010)) == right
    assert seconds(RecordFiles(long), after(9_600), after(11_010)) == list(range(9_600, 11_000))


def test_the_file_before_the_last_rotation_is_read_too(tmp_path: Path) -> None:
    (tmp_path / "cel.csv.1").write_text(cel_line(1) + cel_line(2))
    (tmp_path / "cel.csv").write_text(cel_line(3) + cel_line(4)[:30])
    assert seconds(RecordFiles(tmp_path / "cel.csv"), after(2)) == [2, 3]


def test_queue_log_is_read_since_then(tmp_path: Path) -> None:
    (tmp_path / "queue_log").write_text(
        "".join(f"{EPOCH + n}|{EPOCH}.1|q01|NONE|ENTERQUEUE||957212000|1\n" for n in range(5_000))
    )
    files = RecordFiles(tmp_path / "cel.csv", tmp_path / "queue_log")
    assert [line.at for line in files.lines(after(4_998))] == [after(4_998), after(4_999)]
    assert RecordFiles(tmp_path / "cel.csv").lines() == []


def test_what_cannot_be_read_is_said(tmp_path: Path, long: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NothingWrittenError, match=r"not-yet\.csv: No such file"):
        RecordFiles(tmp_path / "not-yet.csv").rows()
    with pytest.raises(RecordsError, match=r"cel\.csv: No such file") as nowhere:
        RecordFiles(tmp_path / "nowhere" / "cel.csv").rows()
    assert nowhere.type is RecordsError
    with pytest.raises(RecordsError, match="Is a directory"):
        RecordFiles(tmp_path).rows()
    monkeypatch.setattr(record_files, "MOST_ROWS", 1_000)
    with pytest.raises(RecordsError, match="more than 1,000 rows"):
        RecordFiles(long).rows()
