"""What the doctor says of an exchange's own records: one fault at a time, and none."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from centralita.doctor_history import ENOUGH_LEGS, examine_history
from centralita.findings import Finding
from centralita.settings import Pbx

TABLE = (Path(__file__).parents[2] / "fixtures" / "cel" / "queue_call.csv").read_text()
BORN, ENDED = 1795721779, datetime.fromtimestamp(1795721783, UTC)
NOW = ENDED + timedelta(minutes=30)
MADRID = ZoneInfo("Europe/Madrid")
GAPS = "Calls that come or end while nobody listens never get into the history."


@pytest.fixture(autouse=True)
def in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "en")


def many(rows: str) -> str:
    """Return as many calls as it takes to miss what never comes: two legs each, a second after the other."""

    def later(seconds: int) -> str:
        return re.sub(r"17957217\d\d(?=\.)", lambda found: str(int(found[0]) + seconds), rows)

    return "".join(map(later, range(ENOUGH_LEGS // 2)))


def without(*kinds: str) -> str:
    lines = TABLE.splitlines(keepends=True)
    return many("".join(line for line in lines if line.split('"')[1] not in kinds))


def local(zone: ZoneInfo) -> str:
    """Return the table with times as they are without an epoch: those of the place, in whole seconds."""

    def written(found: re.Match[str]) -> str:
        return f"{datetime.fromtimestamp(int(found[1]), zone):%Y-%m-%d %H:%M:%S}"

    return re.sub(r'(?<=",")(\d{10})\.\d{6}(?=")', written, many(TABLE))


LEGS = f"{ENOUGH_LEGS} legs were written down lately."
CASES = [
    pytest.param(many(TABLE), [("ok", LEGS, None)], id="all is well"),
    pytest.param(TABLE, [("ok", "2 legs were written down lately.", None)], id="a quiet day"),
    pytest.param(
        "", [("unknown", "No call was written down in the last day.", "enable = yes")], id="nothing"
    ),
    pytest.param(
        '"one","two"\n"three"\n',
        [("bad", "None of its 2 lines is understood.", "columns =")],
        id="other columns",
    ),
    pytest.param(
        without("LINKEDID_END", "CHAN_END"),
        [("warning", "CEL never tells CHAN_END, LINKEDID_END.", "events = ALL"), ("ok", LEGS, None)],
        id="not all events",
    ),
    pytest.param(
        without("APP_START"),
        [("warning", "CEL never tells APP_START.", "apps = queue,dial"), ("ok", LEGS, None)],
        id="no queue",
    ),
    pytest.param(
        local(MADRID),
        [("warning", "Its times are whole seconds.", "without dateformat"), ("ok", LEGS, None)],
        id="a dateformat",
    ),
    pytest.param(
        local(ZoneInfo("America/Bogota")),
        [
            ("bad", "Its times are -360 minutes from when the legs were born.", "[pbx.main] time_zone"),
            ("warning", "Its times are whole seconds.", "without dateformat"),
            ("ok", LEGS, None),
        ],
        id="another zone",
    ),
    pytest.param(
        local(ZoneInfo("Asia/Tokyo")),
        [
            ("bad", "Its times are +480 minutes from when the legs were born.", "[pbx.main] time_zone"),
            ("warning", "Its times are whole seconds.", "without dateformat"),
            ("ok", LEGS, None),
        ],
        id="a zone that is ahead",
    ),
]


async def found(cel: str, **other: str) -> list[Finding]:
    pbx = Pbx.model_validate({"time_zone": str(MADRID), "records": {"cel": cel, **other}})
    return await examine_history("main", pbx, now=NOW)


def told(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(one.level, one.what) for one in findings]


@pytest.mark.parametrize(("rows", "expected"), CASES)
async def test_what_stands_in_the_records_tells_what_is_wrong(
    tmp_path: Path, rows: str, expected: list[tuple[str, str, str | None]]
) -> None:
    cel = tmp_path / "cel.csv"
    cel.write_text(rows)
    findings = await found(f"file:{cel}", queue_log=f"file:{cel}")
    assert told(findings) == [(level, what) for level, what, _change in expected]
    for finding, (level, _what, change) in zip(findings, expected, strict=True):
        assert (change or "") in (finding.change or "")
        assert bool(finding.why) == (level != "ok")


async def test_records_that_are_not_there_and_that_nobody_named(tmp_path: Path) -> None:
    (finding,) = await found(f"file:{tmp_path}/none.csv")
    assert told([finding]) == [("bad", f"{tmp_path}/none.csv: No such file or directory")]
    assert finding.why == GAPS
    (finding,) = await examine_history("north", Pbx(), now=NOW)
    assert (finding.level, finding.about, finding.why) == ("warning", "pbx.north.records", GAPS)
    assert (finding.change or "").startswith("[pbx.north.records] cel = ")


async def test_queue_log_is_asked_for(tmp_path: Path) -> None:
    cel = tmp_path / "cel.csv"
    cel.write_text(TABLE)
    assert told(await found(f"file:{cel}"))[-1] == ("warning", "queue_log is not read.")
