"""Figures, lost callers, searches and their file: over REST and as pages, live calls with past ones."""

from __future__ import annotations

import asyncio
import csv
import dataclasses
import io
from datetime import timedelta
from typing import Any

import pytest
from integration.screenpop.calls import past_call
from integration.screenpop.house import House, Person
from msgspec.structs import replace
from unit.screenpop.fakes import START

from crm_core.domain.calls import Anomaly, Call, Segment, Transfer, Visit
from crm_core.domain.contacts import Contact, Phone
from crm_core.domain.lines import Line
from crm_core.services import audit, calls, contacts, incidents
from screenpop.floor_figures import SharedFigures
from screenpop.pages import sent_table
from screenpop.scope import EVERYTHING

CALLS, FIGURES, LOST = "/api/v1/calls", "/api/v1/figures", "/api/v1/lost-callers"
NUMBER = "+34957212000"
NASTY = "=HYPERLINK(\"http://x\")<script>alert('x')</script>"


@pytest.fixture
async def eva(house: House) -> Person:
    return await house.person("eva")


async def record(house: House, *told: Call) -> None:
    await house.db.run(calls.record, calls=told, events=[])


async def add_contact(house: House, name: str = "María") -> str:
    contact = Contact(
        id="c0000000-0000-7000-8000-000000000001",
        family=name,
        created_at=START,
        updated_at=START,
        phones=(Phone(id="p", raw=NUMBER),),
    )
    await house.db.run(contacts.create, contact=contact, region="ES", by=None, now=START)
    return contact.id


def live(house: House, outcome: Any, wait_s: float | None = 30.0) -> Call:
    """Put a call on the floor that is in the queue, or was until *wait_s* after its entry."""
    call = house.stage.call()
    visit = Visit(queue="sales", entered_at=START - timedelta(seconds=60), outcome=outcome, wait_s=wait_s)
    call.visits, call.customer = [visit], "+34600000009"
    call.answered_at = START if outcome == "answered" else None
    return call


async def test_figures_add_what_is_kept_and_what_goes_on(house: House, eva: Person) -> None:
    early = replace(past_call(), visits=[replace(past_call().visits[0], entered_at=START)])
    await record(house, early, past_call(1, outcome="abandoned"), past_call(2, outcome="abandoned"))
    house.stage.floor.live.clear()
    live(house, "answered")
    body = (await eva.get(FIGURES)).body
    (queue,) = body["queues"]
    # Kept: answered after 10 s, two abandoned after 10 s. Live: answered after 30 s, late for 20 s.
    assert queue["today"] == {
        "offered": 4,
        "answered": 2,
        "in_time": 1,
        "abandoned": 2,
        "short_abandoned": 0,
        "left": 0,
        "refused": 0,
        "service_level": 0.25,
        "abandonment": 0.5,
        "asa_s": 20.0,
        "aht_s": 0.0,
        "longest_wait_s": 30.0,
    }
    assert (body["today"], body["recent"], body["lost"]) == (queue["today"], queue["recent"], 1)
    assert (body["within_s"], body["short_abandon_s"]) == (20.0, 5.0)


async def test_the_last_half_hour_is_shorter_than_the_day(house: House, eva: Person) -> None:
    house.stage.floor.live.clear()
    await record(house, past_call())
    house.stage.clock.passes(30 * 60 + 1)
    live(house, None, None)
    body = (await eva.get(FIGURES)).body
    assert (body["today"]["offered"], body["recent"]["offered"]) == (1, 0)
    assert body["recent"]["service_level"] is None
    assert body["recent"]["longest_wait_s"] is None  # he came before that, too
    assert body["today"]["longest_wait_s"] == 60 + 30 * 60 + 1
    assert body["recent_since"] == "2026-11-24T16:00:01Z"
    assert body["today_since"] == "2026-11-24T00:00:00Z"


class Counting:
    """Records that count how often they are read."""

    def __init__(self, db: Any) -> None:
        self.db, self.reads = db, 0

    async def read(self, fn: Any, /, **kw: Any) -> Any:
        self.reads += 1
        return await self.db.read(fn, **kw)


async def test_many_who_ask_at_once_are_counted_for_once(house: House) -> None:
    db = Counting(house.db)
    shared = SharedFigures(dataclasses.replace(house.context, db=db))
    await asyncio.gather(*(shared.now(EVERYTHING) for _ in range(10)))
    first = db.reads
    house.stage.clock.passes(0.5)
    await shared.now(EVERYTHING)
    assert db.reads == 2 * first


async def test_a_queue_without_calls_has_figures_too(house: House, eva: Person) -> None:
    house.stage.floor.live.clear()
    body = (await eva.get(FIGURES)).body
    assert [one["today"]["offered"] for one in body["queues"]] == [0] * len(house.stage.floor.queues())


async def test_who_is_lost_and_who_is_not_any_more(house: House, eva: Person) -> None:
    house.stage.floor.live.clear()
    maria = await add_contact(house)
    await record(house, past_call(0, outcome="abandoned"), past_call(1, outcome="abandoned"))
    (one,) = (await eva.get(LOST)).body["items"]
    assert (one["customer"], one["name"], one["contact_id"], one["tries"]) == (NUMBER, "María", maria, 2)
    call = live(house, "answered")
    call.customer = NUMBER
    assert (await eva.get(LOST)).body["items"] == []
    house.stage.floor.live.clear()
    assert len((await eva.get(LOST)).body["items"]) == 1
    await record(house, past_call(5))
    assert (await eva.get(LOST)).body["items"] == []


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("number=957%2021%2020%2000", 2),
        ("number=600000000", 0),
        ("queue=sales&figure=abandoned", 1),
        ("queue=other", 0),
        ("agent=101&direction=inbound", 2),
        ("outcome=answered&since=2026-11-24T16:00:00Z&until=2026-11-24T16:01:00Z", 1),
        ("since=2026-11-24T17:01:00%2B01:00", 1),
        ("missed=true", 1),
    ],
)
async def test_calls_are_searched(house: House, eva: Person, query: str, count: int) -> None:
    await record(house, past_call(0), past_call(1, outcome="abandoned"))
    assert len((await eva.get(f"{CALLS}?{query}")).body["items"]) == count


@pytest.mark.parametrize(
    "query", ["since=yesterday", "since=2026-11-24T16:00:00", "since=0001-01-01T00:00:00Z", "figure=x"]
)
async def test_a_search_that_makes_no_sense(eva: Person, query: str) -> None:
    assert (await eva.get(f"{CALLS}?{query}")).code == "invalid"


async def test_a_search_finds_what_was_written(house: House, eva: Person) -> None:
    call = past_call()
    await record(house, call)
    wrote = {"call_id": call.id, "agent": "101", "notes": "x", "disposition": "Sold"}
    await house.db.run(calls.save_work, **wrote, now=START)
    (found,) = (await eva.get(f"{CALLS}?number={NUMBER[1:]}&queue=sales")).body["items"] or [None]
    assert found["work"][0]["disposition"] == "Sold"


async def shown(person: Person, path: str) -> str:
    answer = await person.get(path)
    assert answer.status == 200, answer.body
    text: str = answer.body.decode()
    return text


async def test_the_page_of_calls_lists_live_ones_before_past_ones(house: House, eva: Person) -> None:
    house.stage.floor.live.clear()
    going_on = live(house, None, None)
    await record(house, past_call(1))
    text = await shown(eva, "/calls")
    assert 0 < text.index(going_on.id) < text.index(past_call(1).id)
    assert going_on.id not in await shown(eva, "/calls?figure=answered")


async def test_older_calls_are_a_page_further(house: House, eva: Person) -> None:
    house.stage.floor.live.clear()
    told = [past_call(n) for n in range(51)]
    await record(house, *told)
    text = await shown(eva, "/calls?queue=sales")
    assert (told[50].id in text, told[0].id in text) == (True, False)
    address = text.split('id="older" href="')[1].split('"')[0].replace("&amp;", "&")
    older = await shown(eva, address)
    assert (told[50].id in older, told[0].id in older, 'id="older"' in older) == (False, True, False)


@pytest.mark.parametrize(
    ("query", "is_there"),
    [
        ("", True),
        ("from=2026-11-24&to=2026-11-24", True),
        ("from=2026-11-25", False),
        ("to=2026-11-23", False),
        ("who=&number=&queue=&agent=&direction=&outcome=", True),
        ("who=957212000", True),
        ("who=mar%C3%ADa", True),
        ("who=nobody", False),
        ("from=2026-11-24&since=2026-11-24T18:00:00Z", False),
    ],
)
async def test_days_are_asked_for(house: House, eva: Person, query: str, *, is_there: bool) -> None:
    house.stage.floor.live.clear()
    await add_contact(house)
    await record(house, past_call())
    assert (past_call().id in await shown(eva, f"/calls?{query}")) is is_there


async def test_without_a_time_the_last_days_are_looked_through(house: House) -> None:
    eva = house.system("supervisor")
    house.stage.floor.live.clear()
    await record(house, past_call())
    house.stage.clock.passes(7 * 86_400)
    assert past_call().id not in await shown(eva, "/calls")
    assert past_call().id in await shown(eva, "/calls?number=957212000")


async def test_a_page_of_calls_that_makes_no_sense(eva: Person) -> None:
    for query in ("from=x", "figure=x", "cursor=x", "what=1", "from=99999-01-01"):
        assert (await eva.get(f"/calls?{query}")).status in {400, 422}


async def test_text_from_outside_is_text_on_every_page(house: House, eva: Person) -> None:
    house.stage.floor.live.clear()
    await add_contact(house, NASTY)
    call = past_call(outcome="abandoned")
    call = replace(call, visits=[replace(call.visits[0], queue=NASTY)], ani_name=NASTY, did=NASTY)
    call.transfers = [Transfer(kind="blind", by=NASTY, to=NASTY, started_at=START)]
    call.anomalies = [Anomaly(at=START, kind=NASTY, detail=NASTY)]
    await record(house, call)
    await house.db.run(
        calls.save_work, call_id=call.id, agent="101", notes=NASTY, disposition=NASTY, now=START
    )
    for path in ("/calls", f"/calls/{call.id}", "/lost", "/lost/list"):
        text = await shown(eva, path)
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert" in text


async def test_the_page_of_a_call(house: House, eva: Person) -> None:
    await add_contact(house)
    call = past_call()
    call.transfers = [
        Transfer(
            kind="blind", by="PJSIP/agent101", agent="101", to="102", started_at=START, result="completed"
        )
    ]
    call.anomalies = [Anomaly(at=START, kind="doubled")]
    call.attempts = call.visits[0].attempts
    await record(house, call)
    await house.db.run(
        calls.save_work, call_id=call.id, agent="102", notes="Hola", disposition="Vendido", now=START
    )
    opened = {"contact_id": None, "subject": "Sin sonido", "description": None, "priority": 3, "key": "k"}
    await house.db.run(incidents.open_incident, call_id=call.id, **opened, by="u-ana", now=START)
    text = await shown(eva, f"/calls/main:{call.linkedid}")
    told = (
        "María",
        "Ana Ruiz",
        "Luis Gil",
        "sales",
        "Vendido",
        "Hola",
        "Sin sonido",
        "INC-",
        'class="seg xl"',
    )
    assert [one for one in told if one not in text] == []


async def test_the_page_of_a_live_call(house: House) -> None:
    call = house.stage.call()
    call.segments = [Segment(kind="wait", party="customer", at=START)]
    ana = await house.person("ana")
    assert "data-since" in await shown(ana, f"/calls/{call.id}")
    assert (await ana.get("/calls/00000000-0000-7000-8000-000000000000")).status == 404


async def test_who_sits_at_a_phone_can_ring_back(house: House, eva: Person) -> None:
    house.stage.floor.live.clear()
    await record(house, past_call(outcome="abandoned"))
    assert "data-dial" not in await shown(eva, "/lost/list")
    assert "957 21 20 00" in await shown(eva, "/lost/list")


async def test_queues_are_called_by_their_names(house: House, eva: Person) -> None:
    house.stage.floor.live.clear()
    await record(house, past_call(outcome="abandoned"))
    house.context.lines.learn([Line(pbx="main", kind="queue", code="sales", name="Tienda")])
    for path in ("/calls", "/lost", f"/calls/{past_call().id}"):
        assert "Tienda" in await shown(eva, path)
    assert (await rows(eva))[1][5] == "Tienda"
    assert (await eva.get(FIGURES)).body["queues"][0]["name"] == "Tienda"


async def rows(person: Person, query: str = "", **options: Any) -> list[list[str]]:
    answer = await person.get(f"/calls.csv?{query}", **options)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="calls-2026-11-24.csv"')
    text = answer.body.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text), delimiter=";"))


async def test_a_file_holds_what_was_found_and_its_reader_is_noted(house: House, eva: Person) -> None:
    await add_contact(house, NASTY)
    await record(house, past_call(), past_call(1, outcome="abandoned"))
    raw = (await eva.get("/calls.csv")).body
    assert raw.startswith(b"\xef\xbb\xbf")
    head, first, second = await rows(eva)
    assert head[0:3] == ["Empezó", "Sentido", "Número"]
    assert (first[7], second[7]) == ("Colgó en cola", "Atendida")
    assert second[3].startswith("'=HYPERLINK")
    assert (second[9], second[11], second[13], second[14]) == ("0:00:10", "0:01:00", "0:01:10", "10,0")
    assert len(await rows(eva, "figure=answered&queue=sales")) == 2
    noted = (await house.db.read(audit.last, limit=1))[0]
    assert (noted.who, noted.what) == ("u-eva", "exported_calls figure=answered&queue=sales")


async def test_a_file_of_nothing_has_a_head(eva: Person) -> None:
    assert len(await rows(eva, "number=600000000")) == 1


async def test_a_long_file_is_read_part_by_part_and_cut_where_it_says(
    house: House, eva: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sent_table, "AT_ONCE", 3)
    monkeypatch.setattr(sent_table, "MOST", 9)
    await record(house, *(past_call(n) for n in range(8)))
    assert len(await rows(eva)) == 1 + 8
    await record(house, *(past_call(n) for n in range(10)))
    told = await rows(eva)
    assert (len(told), told[-1]) == (1 + 9 + 1, ["Cortado aquí: elige menos días."])


@pytest.mark.parametrize(("role", "status"), [("agent", 403), ("integration", 403), ("auditor", 200)])
async def test_who_may_have_a_file(house: House, role: str, status: int) -> None:
    assert (await house.system(role).get("/calls.csv")).status == status
