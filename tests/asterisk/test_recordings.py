"""The recordings are whole: each scene has its bytes, its times and its truth."""

from __future__ import annotations

import gzip
import json

import pytest
from lab.record import FOLDER
from lab.scenarios import ALL


def test_every_scene_is_recorded() -> None:
    assert {path.name.removesuffix(".ami.gz") for path in FOLDER.glob("*.ami.gz")} == set(ALL)


@pytest.mark.parametrize("name", ALL)
def test_bytes_times_and_truth_belong_together(name: str) -> None:
    raw = gzip.decompress((FOLDER / f"{name}.ami.gz").read_bytes())
    rows = gzip.decompress((FOLDER / f"{name}.idx.gz").read_bytes()).decode().splitlines()
    index = [(int(offset), float(arrival)) for offset, arrival in (row.split() for row in rows)]
    calls = json.loads((FOLDER / f"{name}.truth.json").read_text())["calls"]
    assert raw.startswith(b"Asterisk Call Manager/")
    assert raw.endswith(b"\r\n\r\n")
    assert index == sorted(index)
    assert (index[0][0], index[-1][0] < len(raw)) == (0, True)
    assert [
        call for call in calls if not index[0][1] < call["started_at"] < call["ended_at"] < index[-1][1] + 0.1
    ] == []
