"""A copy each night by the service itself: made up for, tried out, the oldest let go, told by the doctor."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from integration.centralita.test_app import house
from lab.desk import until

from centralita.copying import FileCopies
from centralita.doctor_site import examine_records
from centralita.nightly import Nightly, last_time
from centralita.store import open_database
from crm_core.db.copies import CopyError, UntriedError
from crm_core.db.database import Database
from crm_core.domain.contacts import Contact
from crm_core.services import contacts

MADRID = ZoneInfo("Europe/Madrid")
NOW = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "last"),
    [
        pytest.param("2026-11-24T16:00", "2026-11-24T02:00", id="today"),
        pytest.param("2026-11-24T01:59", "2026-11-23T02:00", id="yesterday"),
        pytest.param("2026-11-24T02:00", "2026-11-24T02:00", id="now"),
        pytest.param("2026-07-01T12:00", "2026-07-01T01:00", id="in summer an hour earlier"),
        pytest.param("2026-10-25T12:00", "2026-10-25T02:00", id="the night that the clock goes back"),
    ],
)
def test_when_it_was_three_in_the_morning_last(now: str, last: str) -> None:
    assert last_time(utc(now), at=time(3), zone=MADRID) == utc(last)


def test_a_time_that_a_day_lacks_at_its_end_is_on_the_next() -> None:
    nuuk = ZoneInfo("America/Nuuk")  # on March 28th, 2026 the clock went from 23:00 (UTC-2) to 0:00 (UTC-1)
    for now, last in (
        ("2026-03-29T01:10", "2026-03-28T01:30"),
        ("2026-03-29T01:30", "2026-03-29T01:30"),
        ("2026-03-30T00:30", "2026-03-30T00:30"),
    ):
        assert last_time(utc(now), at=time(23, 30), zone=nuuk) == utc(last)


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await open_database(f"sqlite:///{tmp_path}/centralita.sqlite3")
    contact = Contact(id="ana", given="Ana", created_at=NOW, updated_at=NOW)
    await opened.run(contacts.create, contact=contact, region="ES", by=None, now=NOW)
    yield opened
    await opened.close()


def nightly(db: Database, folder: Path, clock: Clock, *, file: str = "centralita.sqlite3") -> Nightly:
    return Nightly(
        db,
        copying=FileCopies(folder / file),
        folder=folder / "copies",
        at=time(3),
        zone=MADRID,
        keep=2,
        now=clock,
    )


async def three_nights(copying: Nightly, clock: Clock) -> list[Path]:
    """Copy when it is due, and only then; return the copies."""
    made = []
    for _ in range(3):
        assert copying.is_due()
        made.append(await copying.back_up())
        assert not copying.is_due()
        clock.now += timedelta(days=1)
    return made


def names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


def people(file: Path) -> list[str]:
    with sqlite3.connect(file) as connection:
        found = [row[0] for row in connection.execute("SELECT id FROM contact")]
    connection.close()
    return found


async def test_each_night_there_is_a_copy_and_the_oldest_go(db: Database, tmp_path: Path) -> None:
    clock = Clock()
    copying = nightly(db, tmp_path, clock)
    (tmp_path / "copies").mkdir()
    other = tmp_path / "copies" / "centralita-mine.sqlite3"
    other.write_text("somebody else's")
    made = await three_nights(copying, clock)
    assert sorted(copying.copies()) == made[1:]
    assert names(tmp_path / "copies") == sorted(one.name for one in (*made[1:], other))
    assert people(made[-1]) == ["ana"]
    told = {one.about: one.level for one in await examine_records(db, now=clock.now)}
    assert (told["backup"], told["restore test"]) == ("ok", "ok")
    late = {one.about: one.level for one in await examine_records(db, now=clock.now + timedelta(days=9))}
    assert (late["backup"], late["restore test"]) == ("warning", "warning")


async def test_the_last_copy_that_was_tried_out_stays_while_others_cannot_be(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_copy: Path) -> None:
        raise UntriedError("no space left on device")

    clock = Clock()
    clock.now += timedelta(microseconds=1)
    copying = nightly(db, tmp_path, clock)
    made = []
    for night in range(5):
        with monkeypatch.context() as patched:
            if 0 < night < 4:
                patched.setattr("crm_core.db.copies.try_out", fails)
            made.append(await copying.back_up())
        clock.now += timedelta(days=1)
        if night == 3:
            assert sorted(copying.copies()) == [made[0], *made[2:]]
    assert sorted(copying.copies()) == made[3:], "the last one was tried out"


async def test_copies_of_before_a_move_to_another_make_of_database_go_in_their_turn(
    db: Database, tmp_path: Path
) -> None:
    clock = Clock()
    copying = nightly(db, tmp_path, clock)
    (tmp_path / "copies").mkdir()
    for day in (22, 23, 24):
        (tmp_path / "copies" / f"centralita-202611{day}T150000Z.dump").write_text("of before")
    assert copying.is_due(), "of this database there is none"
    one = await copying.back_up()
    assert names(tmp_path / "copies") == ["centralita-20261124T150000Z.dump", one.name]
    clock.now += timedelta(days=1)
    other = await copying.back_up()
    assert sorted(copying.copies()) == [one, other]


async def test_a_copy_that_cannot_be_made_leaves_the_others_and_is_tried_again_in_an_hour(
    db: Database, tmp_path: Path
) -> None:
    clock = Clock()
    kept = await nightly(db, tmp_path, clock).back_up()
    clock.now += timedelta(days=1)
    broken = nightly(db, tmp_path, clock, file="nowhere.sqlite3")
    with pytest.raises(CopyError):
        await broken.back_up()
    await broken._try()
    assert (broken.copies(), broken.is_due()) == ([kept], False)
    clock.now += timedelta(hours=1)
    assert broken.is_due()


async def test_a_copy_that_is_no_good_is_none(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_copy: Path) -> None:
        raise CopyError("damaged")

    monkeypatch.setattr("crm_core.db.copies.try_out", fails)
    copying = nightly(db, tmp_path, Clock())
    with pytest.raises(CopyError, match="damaged"):
        await copying.back_up()
    assert names(tmp_path / "copies") == []


async def test_the_service_makes_up_for_what_was_missed(tmp_path: Path) -> None:
    copies = tmp_path / "copies"
    async with house(tmp_path, backups=str(copies)) as (here, _, _):
        await here.add_contact("María", "957212000")
        await until(lambda: copies.exists() and [one for one in names(copies) if one.endswith(".sqlite3")])
