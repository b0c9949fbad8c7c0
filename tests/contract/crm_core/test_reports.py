"""Figures, searches and lost callers: the database counts as the domain does."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from contract.crm_core.conftest import plan_of
from contract.crm_core.kit import NOW, REGION, House, a_call, a_contact, at
from msgspec.structs import replace

from crm_core.domain.calls import Call, Outcome, Visit, VisitOutcome
from crm_core.domain.figures import QueueTally, Tally, tallies_of
from crm_core.domain.lost import LostCaller
from crm_core.domain.people import User
from crm_core.domain.search import Wanted, fits
from crm_core.domain.sla import FIGURES, Figure, Target, Targets
from crm_core.services import reports, users

TARGET = Target()  # 20 s and 5 s
ANA, LEO = "+34957212000", "+34600000001"


def stay(
    second: float, outcome: VisitOutcome, wait_s: float | None, queue: str = "sales", **more: Any
) -> Visit:
    left = at(second + (wait_s or 0))
    return Visit(queue=queue, entered_at=at(second), left_at=left, wait_s=wait_s, outcome=outcome, **more)


def visiting(second: int, *visits: Visit, outcome: Outcome = "abandoned", **more: Any) -> Call:
    return a_call(second, outcome=outcome, visits=list(visits), **more)


def answered(second: int, wait_s: float = 5.0, **more: Any) -> Call:
    there = stay(second, "answered", wait_s, interface="PJSIP/agent101", agent="101")
    return visiting(second, there, outcome="answered", **more)


DAY = (
    answered(0),
    answered(100, 20.0),
    answered(200, 20.5),
    visiting(300, stay(300, "abandoned", 5.0)),
    visiting(400, stay(400, "abandoned", 5.5)),
    visiting(500, stay(500, "abandoned", None)),
    visiting(600, stay(600, "timeout", 120.0), stay(720, "exit_key", 3.0, "support"), outcome="timeout"),
    visiting(700, stay(700, "refused", 0.0), outcome="refused"),
    visiting(800, stay(800, "abandoned", 30.0), pbx="spare"),
    visiting(-10, stay(-9, "abandoned", 30.0)),  # yesterday
    visiting(-1, stay(1, "left_empty", 2.0), outcome="timeout"),  # called yesterday, entered today
)


async def tallies(house: House, since: Any = NOW) -> list[QueueTally]:
    (told,) = await house.db.read(reports.tallies, since=[since], target=TARGET)
    return told


async def found(house: House, *, limit: int = 50, before: Any = None, **wanted: Any) -> list[str]:
    told = await house.db.read(
        reports.find, wanted=Wanted(**wanted), target=TARGET, before=before, limit=limit
    )
    return [one.id for one in told]


async def lost(house: House, **asked: Any) -> list[LostCaller]:
    told: list[LostCaller] = await house.db.read(reports.lost, since=NOW, **asked)
    return told


async def test_a_day_counted_by_hand(house: House) -> None:
    await house.record(*DAY)
    # The first answered call talks from second 5 to 25; the others begin to be answered later than they talk.
    sales = Tally(
        answered=3,
        in_time=2,
        abandoned=2,
        short_abandoned=1,
        left=2,
        refused=1,
        wait_s=45.5,
        longest_s=120.0,
        handled=3,
        handled_s=20.0,
    )
    assert await tallies(house) == [
        QueueTally(pbx="main", queue="sales", tally=sales),
        QueueTally(pbx="main", queue="support", tally=Tally(left=1, longest_s=3.0)),
        QueueTally(pbx="spare", queue="sales", tally=Tally(abandoned=1, longest_s=30.0)),
    ]


async def test_the_figures_of_nothing(house: House) -> None:
    assert await tallies(house) == []


async def test_two_intervals_are_counted_at_once(house: House) -> None:
    await house.record(*DAY)
    day, late = await house.db.read(reports.tallies, since=[NOW, at(690)], target=TARGET)
    assert (len(day), sum(one.tally.refused for one in late)) == (3, 1)
    assert [(one.pbx, one.queue) for one in late] == [
        ("main", "sales"),
        ("main", "support"),
        ("spare", "sales"),
    ]


@pytest.mark.parametrize("figure", FIGURES)
async def test_the_calls_behind_a_figure_are_as_many_as_it_says(house: House, figure: Figure) -> None:
    counts = {"offered": 8, "waited": 8, "answered": 3, "in_time": 2, "abandoned": 2, "short_abandoned": 1}
    counts |= {"left": 2, "refused": 1, "counted": 5}
    await house.record(*DAY)
    assert len(await found(house, pbx="main", queue="sales", figure=figure, since=NOW)) == counts[figure]


LATER = at(1000)
MIXED = (
    answered(0),
    answered(100, customer=LEO, ani=LEO, direction="outbound"),
    visiting(200, stay(200, "timeout", 9.0, "support"), outcome="timeout", agent="102"),
    visiting(300, stay(300, "abandoned", 9.0), customer=None, ani="101", direction="internal"),
)
FIRST, SECOND, THIRD, FOURTH = (one.id for one in MIXED)


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        pytest.param({}, [FOURTH, THIRD, SECOND, FIRST], id="all"),
        pytest.param({"since": at(100), "until": at(300)}, [THIRD, SECOND], id="a period"),
        pytest.param({"queue": "support"}, [THIRD], id="a queue"),
        pytest.param({"queue": "support", "until": at(200)}, [], id="a queue at another time"),
        pytest.param({"numbers": (LEO,)}, [SECOND], id="a number"),
        pytest.param({"digits": "101"}, [FOURTH], id="an extension"),
        pytest.param({"agent": "101"}, [SECOND, FIRST], id="an agent"),
        pytest.param({"agent": "101", "until": at(50)}, [FIRST], id="an agent in a period"),
        pytest.param({"agent": "101", "missed": True}, [], id="missed by an agent"),
        pytest.param({"missed": True}, [THIRD], id="taken by nobody"),
        pytest.param({"direction": "outbound"}, [SECOND], id="a direction"),
        pytest.param({"outcome": "timeout"}, [THIRD], id="an outcome"),
        pytest.param({"pbx": "spare"}, [], id="another exchange"),
        pytest.param({"contact_ids": ()}, [], id="nobody's"),
        pytest.param({"contact_ids": ("nobody",)}, [], id="a contact without calls"),
        pytest.param({"queue": "sales", "figure": "answered", "direction": "inbound"}, [FIRST], id="several"),
    ],
)
async def test_calls_are_found(house: House, wanted: dict[str, Any], ids: list[str]) -> None:
    await house.record(*[replace(one, visits=one.visits) for one in MIXED])
    assert await found(house, **wanted) == ids


SOME = [None, "answered", "abandoned", "timeout", "exit_key", "refused", "left_empty", "cut"]


def any_call(chance: Random, second: int) -> Call:
    """A call as it may be: to either of two queues, or one after the other, of anybody to anybody."""
    stays = [
        stay(
            second + n * 60,
            chance.choice(SOME),
            chance.choice([None, 0.0, 4.9, 5.0, 19.5, 20.0, 20.5]),
            queue,
        )
        for n, queue in enumerate(chance.sample(["sales", "support"], chance.randint(0, 2)))
    ]
    answered = any(one.outcome == "answered" for one in stays)
    return visiting(
        second,
        *stays,
        outcome="answered" if answered else chance.choice(["abandoned", "timeout", "cut", "busy"]),
        pbx=chance.choice(["main", "spare"]),
        direction=chance.choice(["inbound", "outbound"]),
        agent=chance.choice(["101", "102"]),
        customer=chance.choice([ANA, LEO, None]),
    )


async def test_the_database_counts_and_finds_as_the_domain_does(house: House) -> None:
    """The domain's own functions, which the live floor uses, over the same calls."""
    chance = Random(7)
    told = [any_call(chance, n * 150) for n in range(120)]
    await house.record(*told)
    since = at(3_000)
    assert await tallies(house, since) == tallies_of(told, Targets(of_all=TARGET), since=since, now=since)
    for _ in range(60):
        wanted: dict[str, Any] = {
            name: chance.choice(values)
            for name, values in {
                "queue": ["sales", "support"],
                "figure": FIGURES,
                "agent": ["101", "102"],
                "missed": [False, True],
                "direction": ["inbound", "outbound"],
                "outcome": ["answered", "abandoned"],
                "pbx": ["main", "spare"],
                "numbers": [(ANA,), (ANA, LEO)],
                "since": [at(2_000), at(9_000)],
                "until": [at(12_000), at(16_000)],
            }.items()
            if chance.random() < 0.25
        }
        fitting = [one.id for one in told if fits(one, Wanted(**wanted), Targets(of_all=TARGET))]
        assert await found(house, limit=200, **wanted) == fitting[::-1], wanted


@pytest.mark.parametrize("wanted", [{}, {"agent": "101"}, {"queue": "sales"}], ids=str)
async def test_calls_are_found_page_by_page(house: House, wanted: dict[str, Any]) -> None:
    await house.record(*(answered(n) for n in range(5)))
    first = await found(house, limit=2, **wanted)
    rest = await found(house, before=(at(3), first[-1]), **wanted)
    assert first + rest == [answered(n).id for n in (4, 3, 2, 1, 0)]


async def test_a_contacts_calls_are_found(house: House) -> None:
    await house.record(*MIXED)
    await house.add(a_contact("leo", numbers=[LEO]))
    assert await found(house, contact_ids=("leo",)) == [SECOND]


async def test_contacts_are_looked_for_by_their_names(house: House) -> None:
    await house.add(a_contact("ana", numbers=[ANA]))
    asked = {"wanted": Wanted(queue="sales"), "region": REGION}
    assert await house.db.read(reports.named, text="ana rui", **asked) == Wanted(
        queue="sales", contact_ids=("ana",)
    )
    assert (await house.db.read(reports.named, text="nobody", **asked)).contact_ids == ()


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        pytest.param("957 21 20 00", {"numbers": (ANA,)}, id="as at home"),
        pytest.param("0034-957212000", {"numbers": (ANA,)}, id="from abroad"),
        pytest.param("101", {"digits": "101"}, id="an extension"),
        pytest.param("+52 1 55 1234 5678", {"numbers": ("+525512345678", "+5215512345678")}, id="two forms"),
    ],
)
def test_a_number_in_any_writing(text: str, asked: dict[str, Any]) -> None:
    wanted = reports.with_number(Wanted(queue="sales"), text, region=REGION)
    assert wanted == Wanted(queue="sales", **asked)


async def test_what_the_people_of_calls_are_called(house: House) -> None:
    await house.add(a_contact("ana", numbers=[ANA]))
    await house.db.run(
        users.add_user, user=User(id="u", name="eva", full_name="Eva Sanz", role="agent", agent="101")
    )
    await house.record(*MIXED)
    calls = [await house.call(FIRST), await house.call(THIRD)]
    assert await house.db.read(reports.names, calls=calls) == ({"ana": "Ana Ruiz"}, {"101": "Eva Sanz"})
    assert await house.db.read(reports.names, calls=[]) == ({}, {})


ABANDONED = visiting(10, stay(10, "abandoned", 40.0))


@pytest.mark.parametrize(
    ("later", "tries"),
    [
        pytest.param([], 1, id="nothing since"),
        pytest.param([visiting(100, stay(100, "timeout", 9.0), outcome="timeout")], 2, id="again in vain"),
        pytest.param([answered(100)], None, id="got through"),
        pytest.param([visiting(100, direction="outbound", outcome="answered")], None, id="was rung back"),
        pytest.param([visiting(100, direction="outbound", outcome="no_answer")], 1, id="did not answer us"),
        pytest.param([answered(100, customer=LEO)], 1, id="somebody else got through"),
        pytest.param([visiting(100, stay(100, "exit_key", 9.0))], None, id="left by a key"),
        pytest.param([answered(0)], 1, id="was served before"),
        pytest.param([answered(100), visiting(200, stay(200, "abandoned", 1.0))], 1, id="lost once more"),
    ],
)
async def test_who_is_lost(house: House, later: list[Call], tries: int | None) -> None:
    await house.record(ABANDONED, *later)
    assert [one.tries for one in await lost(house)] == ([] if tries is None else [tries])


async def test_who_is_answered_in_the_second_queue_of_a_call_is_not_lost(house: House) -> None:
    there = [stay(0, "timeout", 4.0), stay(4, "answered", 1.0, "support")]
    await house.record(visiting(0, *there, outcome="answered"))
    assert await lost(house) == []


async def test_what_is_told_of_who_is_lost(house: House) -> None:
    await house.add(a_contact("ana", numbers=[ANA]))
    other = visiting(5, stay(5, "cut", None, "support"), customer=LEO, outcome="cut")
    hidden = visiting(6, stay(6, "abandoned", 9.0), customer=None)
    yesterday = visiting(-100, stay(-100, "abandoned", 9.0), customer="+34600000009")
    await house.record(ABANDONED, other, hidden, yesterday)
    assert await lost(house) == [
        LostCaller(
            customer=LEO,
            contact_id=None,
            call=other.id,
            pbx="main",
            queue="support",
            at=at(5),
            wait_s=None,
            tries=1,
        ),
        LostCaller(
            customer=ANA,
            contact_id="ana",
            name="Ana Ruiz",
            call=ABANDONED.id,
            pbx="main",
            queue="sales",
            at=at(10),
            wait_s=40.0,
            tries=1,
        ),
    ]
    assert [one.customer for one in await lost(house, but=[LEO])] == [ANA]


async def test_a_period_may_be_longer_than_a_call(house: House) -> None:
    await house.record(visiting(0, stay(3600 * 20, "answered", 3.0), outcome="answered"))
    assert await found(house, queue="sales", since=at(3600 * 19)) == [visiting(0).id]
    assert await found(house, queue="sales", since=NOW + timedelta(days=2)) == []


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        pytest.param({"since": NOW}, "ix_call_started_at", id="a period"),
        pytest.param({"since": NOW, "queue": "sales"}, "ix_call_started_at", id="a queue"),
        pytest.param({"since": NOW, "numbers": (ANA,)}, "ix_call_customer", id="a number"),
        pytest.param({"since": NOW, "numbers": (ANA, LEO)}, "ix_call_customer", id="a number in two forms"),
        pytest.param({"since": NOW, "contact_ids": ("c", "d")}, "ix_call_contact_id", id="contacts"),
        pytest.param({"since": NOW, "agent": "101"}, "PRIMARY KEY (agent=? AND started_at>?)", id="an agent"),
        pytest.param({"agent": "101", "missed": True}, "ix_call_agent_is_missed", id="missed by an agent"),
    ],
)
async def test_an_index_serves_a_search(
    asked: list[str], sqlite: House, empty_database: Path, wanted: dict[str, Any], index: str
) -> None:
    asked.clear()
    await found(sqlite, **wanted)
    assert index in steps(asked, empty_database)


async def test_an_index_serves_the_figures_and_the_lost(
    asked: list[str], sqlite: House, empty_database: Path
) -> None:
    asked.clear()
    await tallies(sqlite)
    assert "COVERING INDEX ix_call_visit_entered_at (entered_at>?)" in steps(asked, empty_database)
    asked.clear()
    await lost(sqlite)
    told = steps(asked, empty_database)
    assert "INDEX ix_call_visit_entered_at (entered_at>?)" in told
    assert "ix_call_customer (customer=? AND started_at>?)" in told


def steps(asked: list[str], file: Path) -> str:
    return "\n".join(step for statement in asked for step in plan_of(statement, file))
