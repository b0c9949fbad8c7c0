"""Campaigns and preview dialling: loaded, taken, dialled by the gate's leave, settled, counted."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from contract.crm_core.kit import NOW, REGION, House, a_call, a_contact

from crm_core.domain.calls import Attempt as Rung
from crm_core.domain.calls import Call
from crm_core.domain.campaigns import Campaign, DialAttempt, Lead
from crm_core.domain.contacts import Phone
from crm_core.domain.dial_gate import Rules
from crm_core.domain.errors import AlreadyExistsError, CrmError, InvalidError, NotFoundError
from crm_core.domain.events import AttemptSettled, CampaignChanged
from crm_core.domain.funnel import Funnel
from crm_core.domain.list_rows import read_list
from crm_core.services import campaigns, preview
from crm_core.services.preview import Preview

ANA, EVA, LUIS = "957212001", "957212002", "957212003"
E164 = {name: f"+34{number}" for name, number in (("Ana", ANA), ("Eva", EVA), ("Luis", LUIS))}
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


class Floor:
    """A campaign and who works on it; the day is a Tuesday, 17:00 in Spain."""

    def __init__(self, house: House, campaign: Campaign) -> None:
        self.house, self.campaign, self.calls = house, campaign, 0

    async def load(self, *rows: str, heading: str = "name;phone;phone2;city") -> campaigns.Loaded:
        text = "\n".join((heading, *rows))
        loaded: campaigns.Loaded = await self.house.db.run(
            campaigns.load,
            campaign_id=self.campaign.id,
            found=read_list(text.encode(), region=REGION),
            by="eva",
            now=NOW,
        )
        return loaded

    async def next(self, agent: str = "101", *, now: datetime = NOW, **where: Any) -> Preview | None:
        where = {"campaign_id": None} | where
        found: Preview | None = await self.house.db.run(preview.next_lead, agent=agent, now=now, **where)
        return found

    async def named(self, agent: str = "101", *, now: datetime = NOW) -> str | None:
        found = await self.next(agent, now=now)
        return found.lead.name if found else None

    async def dial(
        self, lead: Lead, agent: str = "101", *, now: datetime = NOW, number: str | None = None
    ) -> DialAttempt:
        attempt: DialAttempt = await self.house.db.run(
            preview.ask_to_dial, lead_id=lead.id, agent=agent, number=number, now=now
        )
        return attempt

    async def ends(self, attempt: DialAttempt, result: str, *, now: datetime = NOW) -> None:
        """The exchange tells what became of the line."""
        self.calls += 1
        rung = [
            Rung(interface="PJSIP/agent101", started_at=now, result="answered"),
            Rung(interface="PJSIP/line", started_at=now, result=result),
        ]
        answered = now if result == "answered" else None
        told = a_call(1000 + self.calls, outcome="answered" if answered else "no_answer", attempts=rung)
        told.answered_at, told.ended_at = answered, now
        told.attempt_id, told.direction = attempt.id, "outbound"
        await self.house.record(told)

    async def says(
        self, attempt: DialAttempt, outcome: str, agent: str = "101", *, now: datetime = NOW, **how: Any
    ) -> Lead:
        how = {"callback_at": None, "is_own": False, "note": None} | how
        lead: Lead = await self.house.db.run(
            preview.finish, attempt_id=attempt.id, agent=agent, outcome=outcome, now=now, **how
        )
        return lead

    async def tried(self, result: str, told: str | None = None, *, now: datetime = NOW, **how: Any) -> Lead:
        """Take the next lead, dial it, let the line end so, tell the outcome."""
        found = await self.next(now=now)
        assert found
        attempt = await self.dial(found.lead, now=now)
        await self.ends(attempt, result, now=now)
        if told:
            await self.says(attempt, told, now=now, **how)
        return await self.lead(found.lead.id)

    async def lead(self, lead_id: str) -> Lead:
        lead: Lead = await self.house.db.read(lambda uow: uow.leads.get(lead_id))
        return lead

    async def funnel(self) -> Funnel:
        told = await self.house.db.read(campaigns.figures, campaign_id=self.campaign.id)
        figures: Funnel = told.funnel
        return figures


async def made(house: House, name: str = "Autumn", **rules: int) -> Campaign:
    campaign: Campaign = await house.db.run(
        campaigns.create, name=name, region=REGION, rules=Rules(**rules), by="eva", now=NOW
    )
    return campaign


@pytest.fixture
async def floor(house: House) -> Floor:
    return Floor(house, await made(house))


# --- campaigns and lists


async def test_a_campaign_is_made_once(house: House) -> None:
    autumn = await made(house, " Autumn ")
    assert autumn.name == "Autumn"
    assert house.heard == [CampaignChanged(at=NOW, by="eva", campaign_id=autumn.id)]
    assert await house.db.read(campaigns.named, name="Autumn") == autumn
    with pytest.raises(AlreadyExistsError):
        await made(house, "Autumn")


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "},
        {"name": "x" * 81},
        {"region": "XX"},
        {"rules": Rules(in_a_day=0)},
        {"rules": Rules(at_all=51)},
    ],
)
async def test_what_cannot_be_a_campaign_is_none(house: House, wrong: dict[str, Any]) -> None:
    asked = {"name": "Autumn", "region": REGION, "rules": Rules()} | wrong
    with pytest.raises(InvalidError):
        await house.db.run(campaigns.create, by=None, now=NOW, **asked)


async def test_a_list_is_loaded_without_who_is_on_it_and_who_must_not_be_called(floor: Floor) -> None:
    marked = Phone(id="p", raw=LUIS, do_not_call=True)
    contact = a_contact("luis", "Luis")
    await floor.house.add(contact)
    await floor.house.db.run(
        lambda uow: uow.contacts.add_phone(
            "luis", Phone(id="p", raw=marked.raw, e164=E164["Luis"], do_not_call=True)
        )
    )
    await floor.load(f"Ana;{ANA};;Córdoba")
    again = await floor.load(f"Ana;{ANA}", f"Eva;{EVA}", f"Luis;{LUIS}", "Nobody;x")

    assert again.leads == 1
    assert [(one.line, one.reason) for one in again.rejected] == [
        (2, "already_on_list"),
        (4, "do_not_call"),
        (5, "bad_number"),
    ]
    assert (await floor.funnel()).loaded == 2


async def test_a_list_of_exclusion_closes_who_is_on_a_list_already(floor: Floor) -> None:
    await floor.load(f"Ana;{ANA}", f"Eva;{EVA}")
    numbers = [E164["Ana"], E164["Luis"], E164["Ana"]]
    asked = {"numbers": numbers, "why": "robinson.csv", "by": "eva", "now": NOW}
    assert await floor.house.db.run(campaigns.exclude, **asked) == 2
    assert await floor.house.db.run(campaigns.exclude, **asked) == 0
    assert await floor.named() == "Eva"
    assert (await floor.funnel()).blocked == {"do_not_call": 1}


async def test_a_dry_run_tells_the_same_and_does_nothing(floor: Floor) -> None:
    found = read_list(f"name;phone\nAna;{ANA}\nAna;{ANA}\n".encode(), region=REGION)
    told = await floor.house.db.read(campaigns.check, campaign_id=floor.campaign.id, found=found)
    assert (told.leads, [one.reason for one in told.rejected], told.is_dry_run) == (
        1,
        ["duplicate_in_file"],
        True,
    )
    assert (await floor.funnel()).loaded == 0
    with pytest.raises(NotFoundError):
        await floor.house.db.read(campaigns.check, campaign_id="none", found=found)


# --- whose turn it is


async def test_leads_come_in_the_order_of_the_list_each_to_one_agent(floor: Floor) -> None:
    await floor.load(f"Ana;{ANA};;Córdoba", f"Eva;{EVA}")
    first = await floor.next("101")
    assert first
    assert (first.lead.name, first.lead.fields, first.campaign.name) == ("Ana", {"city": "Córdoba"}, "Autumn")
    assert [(one.number, one.verdict.reason) for one in first.numbers] == [(E164["Ana"], "allowed")]
    assert [await floor.named("102"), await floor.named("103"), await floor.named("101")] == [
        "Eva",
        None,
        "Ana",
    ]


async def test_many_agents_at_once_get_each_another(floor: Floor) -> None:
    await floor.load(*(f"P{n};95721{n:04}" for n in range(20)))
    names = await asyncio.gather(*(floor.named(f"1{n:02}") for n in range(20)))
    assert sorted(filter(None, names)) == sorted(f"P{n}" for n in range(20))


async def test_a_claim_runs_out(floor: Floor) -> None:
    await floor.load(f"Ana;{ANA}")
    found = await floor.next("101")
    assert found
    assert await floor.named("102", now=NOW + 14 * MINUTE) is None
    assert await floor.named("102", now=NOW + 15 * MINUTE) == "Ana"
    with pytest.raises(preview.NotYoursError):
        await floor.dial(found.lead, now=NOW + 15 * MINUTE)


async def test_a_lead_given_back_is_offered_later(floor: Floor) -> None:
    await floor.load(f"Ana;{ANA}")
    found = await floor.next()
    assert found
    await floor.house.db.run(preview.release, lead_id=found.lead.id, agent="101", now=NOW)
    assert [await floor.named(now=NOW + 14 * MINUTE), await floor.named(now=NOW + 15 * MINUTE)] == [
        None,
        "Ana",
    ]


async def test_a_paused_campaign_gives_nobody_and_dials_nobody(floor: Floor) -> None:
    await floor.load(f"Ana;{ANA}", f"Eva;{EVA}")
    found = await floor.next()
    assert found
    change = {"campaign_id": floor.campaign.id, "by": "eva", "now": NOW}
    await floor.house.db.run(campaigns.set_state, state="paused", **change)
    assert await floor.named("102") is None
    with pytest.raises(preview.CampaignPausedError):
        await floor.dial(found.lead)
    await floor.house.db.run(campaigns.set_state, state="running", **change)
    await floor.house.db.run(campaigns.set_state, state="running", **change)
    assert await floor.named("102") == "Eva"
    assert len([one for one in floor.house.heard if isinstance(one, CampaignChanged)]) == 4


# --- the gate


async def test_who_may_not_be_called_now_is_put_aside_until_he_may(floor: Floor) -> None:
    paris = "+33142685300"
    await floor.load(f"Noon in Paris;{paris}", f"Ana;{ANA}")
    noon = NOW.replace(day=25, hour=11)  # in Paris; an hour later they are at lunch
    assert await floor.named(now=noon + HOUR) == "Ana"
    assert (await floor.funnel()).blocked == {"hours": 1}
    lunch_is_over = noon + 2 * HOUR
    assert [await floor.named(agent, now=lunch_is_over) for agent in ("102", "103")] == [
        "Ana",
        "Noon in Paris",
    ]
    assert (await floor.funnel()).blocked == {}


async def test_the_gate_is_asked_again_at_the_instant_of_dialling(floor: Floor) -> None:
    await floor.load(f"Ana;{ANA}", f"Eva;{EVA}")
    found = await floor.next()
    assert found
    await floor.house.db.run(
        lambda uow: uow.do_not_call.add([E164["Ana"]], by="eva", why="asked by letter", now=NOW)
    )
    attempt = await floor.dial(found.lead)
    assert (attempt.verdict, attempt.until, attempt.result, attempt.outcome) == (
        "do_not_call",
        None,
        None,
        None,
    )
    lead = await floor.lead(found.lead.id)
    assert (lead.state, lead.blocked, lead.attempts, lead.claimed_by) == ("done", "do_not_call", 0, None)
    funnel = await floor.funnel()
    assert (funnel.refused, funnel.blocked, funnel.called, funnel.dials) == (
        {"do_not_call": 1},
        {"do_not_call": 1},
        0,
        {},
    )
    assert await floor.named() == "Eva"


async def test_nobody_rings_after_hours_because_the_agent_s_phone_rang_long(floor: Floor) -> None:
    await floor.load(f"Ana;{ANA}")
    late = NOW.replace(hour=19, minute=59, second=40)  # 20 s before 21:00 in Spain
    found = await floor.next(now=late)
    assert found
    attempt = await floor.dial(found.lead, now=late)
    assert (attempt.verdict, attempt.until) == ("hours", NOW.replace(hour=8) + timedelta(days=1))


async def test_a_number_s_dials_count_in_all_campaigns(floor: Floor) -> None:
    other = Floor(floor.house, await made(floor.house, "Winter", in_a_day=2))
    await floor.load(f"Ana;{ANA}")
    await other.load(f"Ana;{ANA}")
    for hour in (0, 3):
        found = await floor.next(now=NOW + hour * HOUR, campaign_id=floor.campaign.id)
        assert found
        attempt = await floor.dial(found.lead, now=NOW + hour * HOUR)
        await floor.ends(attempt, "no_answer", now=NOW + hour * HOUR)
    assert await other.next(campaign_id=other.campaign.id, now=NOW + 3 * HOUR) is None
    assert (await other.funnel()).blocked == {"attempts_today": 1}


async def test_another_number_of_the_lead_may_be_dialled(floor: Floor) -> None:
    await floor.load(f"Ana;{ANA};{EVA}")
    found = await floor.next()
    assert found
    with pytest.raises(InvalidError):
        await floor.dial(found.lead, number=E164["Luis"])
    attempt = await floor.dial(found.lead, number=E164["Eva"])
    assert attempt.number == E164["Eva"]
    with pytest.raises(preview.UnderWayError):
        await floor.dial(found.lead)
    with pytest.raises(preview.UnderWayError):
        await floor.house.db.run(preview.release, lead_id=found.lead.id, agent="101", now=NOW)


# --- what came of it


@pytest.mark.parametrize(
    ("result", "told", "outcome", "state", "again"),
    [
        pytest.param("busy", None, "busy", "waiting", 20 * MINUTE, id="busy, by the line"),
        pytest.param("no_answer", None, "no_answer", "waiting", 3 * HOUR, id="no answer, by the line"),
        pytest.param("rejected", None, "rejected", "waiting", 3 * HOUR, id="rejected, by the line"),
        pytest.param("unreachable", None, "unreachable", "waiting", 3 * HOUR, id="not found, by the line"),
        pytest.param("answered", "success", "success", "done", None, id="success"),
        pytest.param("answered", "no_interest", "no_interest", "done", None, id="no interest"),
        pytest.param("answered", "refused", "refused", "done", None, id="refused"),
        pytest.param("answered", "voicemail", "voicemail", "waiting", 3 * HOUR, id="a machine"),
        pytest.param("answered", "wrong_number", "wrong_number", "done", None, id="wrong number"),
        pytest.param(
            "unreachable", "wrong_number", "wrong_number", "done", None, id="the line's word corrected"
        ),
    ],
)
async def test_what_follows(
    floor: Floor, result: str, told: str | None, outcome: str, state: str, again: timedelta | None
) -> None:
    await floor.load(f"Ana;{ANA}")
    lead = await floor.tried(result, told)
    assert (lead.outcome, lead.state, lead.attempts) == (outcome, state, 1)
    assert lead.is_reached is (outcome in {"success", "no_interest", "refused"})
    later = NOW + (again or timedelta(days=90, hours=1))
    assert await floor.named("102", now=later - MINUTE) is None or not again
    assert await floor.named("102", now=later) == ("Ana" if again else None)
    settled = [one for one in floor.house.heard if isinstance(one, AttemptSettled)]
    assert (settled[-1].outcome, settled[-1].by) == (outcome, "101" if told else None)


async def test_who_refused_is_called_by_no_campaign_on_no_number(floor: Floor) -> None:
    other = Floor(floor.house, await made(floor.house, "Winter"))
    await floor.load(f"Ana;{ANA};{EVA}")
    await other.load(f"Ana;{EVA}")
    await floor.tried("answered", "refused")
    assert await other.next(campaign_id=other.campaign.id) is None
    assert (await other.funnel()).blocked == {"do_not_call": 1}
    assert (await other.load(f"Again;{ANA}")).rejected[0].reason == "do_not_call"


async def test_a_wrong_number_is_dropped_and_the_next_one_tried(floor: Floor) -> None:
    await floor.load(f"Ana;{ANA};{EVA}")
    lead = await floor.tried("answered", "wrong_number")
    assert (lead.numbers, lead.state) == ((E164["Eva"],), "waiting")
    found = await floor.next()
    assert found
    assert [one.number for one in found.numbers] == [E164["Eva"]]
    assert [(one.number, one.outcome) for one in found.tries] == [(E164["Ana"], "wrong_number")]


async def test_a_callback_of_one_s_own_is_kept_for_a_day(floor: Floor) -> None:
    await floor.load(f"Ana;{ANA}", f"Eva;{EVA}", f"Luis;{LUIS}")
    at = NOW + 2 * HOUR
    lead = await floor.tried("answered", "callback", callback_at=at, is_own=True, note="after seven")
    assert (lead.state, lead.due_at, lead.reserved_for, lead.is_reached) == ("promised", at, "101", True)
    assert await floor.named("102", now=at) == "Eva"
    assert await floor.named("101", now=at) == "Ana"  # before the list goes on
    found = await floor.next("101", now=at)
    assert found
    assert found.tries[0].note == "after seven"
    nine = NOW.replace(hour=8) + timedelta(days=2)
    assert await floor.named("103", now=nine) == "Ana"  # its agent did not come, so it is anyone's


async def test_anyone_s_callback_goes_to_who_is_free(floor: Floor) -> None:
    await floor.load(f"Ana;{ANA}", f"Eva;{EVA}")
    await floor.tried("answered", "callback", callback_at=NOW + HOUR)
    assert [await floor.named("102"), await floor.named("103", now=NOW + HOUR)] == ["Eva", "Ana"]


async def test_the_last_try_closes_a_lead(house: House) -> None:
    floor = Floor(house, await made(house, at_all=2))
    await floor.load(f"Ana;{ANA}")
    await floor.tried("busy")
    lead = await floor.tried("busy", now=NOW + HOUR)
    assert (lead.state, lead.outcome, lead.blocked, lead.attempts) == ("done", "busy", "attempts_used_up", 2)


async def test_when_the_agent_s_own_phone_is_not_answered_nobody_was_called(floor: Floor) -> None:
    await floor.load(f"Ana;{ANA}")
    found = await floor.next()
    assert found
    attempt = await floor.dial(found.lead)
    await floor.house.db.run(preview.not_asked, attempt_id=attempt.id, now=NOW)
    again = await floor.next()
    assert again
    assert (again.lead.id, again.lead.attempts, again.attempt) == (found.lead.id, 0, None)
    assert (await floor.funnel()).dials == {"not_dialled": 1}
    with pytest.raises(CrmError):
        await floor.says(attempt, "success")
    assert (await floor.dial(again.lead)).verdict == "allowed"


async def test_an_outcome_is_told_once_and_by_who_dialled(floor: Floor) -> None:
    await floor.load(f"Ana;{ANA}")
    found = await floor.next()
    assert found
    attempt = await floor.dial(found.lead)
    for wrong, error in (
        ({"outcome": "success", "agent": "102"}, NotFoundError),
        ({"outcome": "callback"}, InvalidError),
        ({"outcome": "success", "callback_at": NOW + HOUR}, InvalidError),
        ({"outcome": "callback", "callback_at": NOW - HOUR}, InvalidError),
        ({"outcome": "callback", "callback_at": NOW + timedelta(days=181)}, InvalidError),
        ({"outcome": "success", "note": "x" * 2001}, InvalidError),
    ):
        with pytest.raises(error):
            await floor.says(attempt, **wrong)
    lead = await floor.says(attempt, "success")
    assert await floor.says(attempt, "success") == lead
    with pytest.raises(preview.NotYoursError):
        await floor.says(attempt, "no_interest")
    await floor.ends(attempt, "answered")  # the line ends after the outcome was told
    kept: DialAttempt = await floor.house.db.read(lambda uow: uow.attempts.get(attempt.id))
    assert (kept.outcome, kept.result, kept.told_by) == ("success", "answered", "101")
    assert kept.call_id


async def test_a_call_told_twice_settles_once(floor: Floor) -> None:
    await floor.load(f"Ana;{ANA}")
    found = await floor.next()
    assert found
    attempt = await floor.dial(found.lead)
    await floor.ends(attempt, "busy")
    await floor.ends(attempt, "no_answer")
    lead = await floor.lead(found.lead.id)
    assert (lead.outcome, lead.version) == ("busy", 4)
    stray: Call = a_call(5)
    stray.attempt_id = "none of ours"
    await floor.house.record(stray)


async def test_the_figures_add_up(floor: Floor) -> None:
    await floor.load(*(f"P{n};95721{n:04}" for n in range(9)), "Paris;+33142685300")
    await floor.tried("busy")
    await floor.tried("answered", "success")
    await floor.tried("answered", "refused")
    await floor.tried("answered", "callback", callback_at=NOW + timedelta(days=1))
    await floor.tried("no_answer")
    now = NOW.replace(hour=19, minute=30)  # Paris is closed
    for agent in ("102", "103", "104", "105", "106", "107"):
        await floor.next(agent, now=now)
    funnel = await floor.funnel()
    assert (funnel.loaded, funnel.waiting, funnel.blocked, funnel.called) == (10, 4, {"hours": 1}, 5)
    assert funnel.outcomes == {"busy": 1, "success": 1, "refused": 1, "callback": 1, "no_answer": 1}
    assert (funnel.reached, funnel.done) == (3, 2)
    assert funnel.dials == {"busy": 1, "answered": 3, "no_answer": 1}
    assert funnel.loaded == funnel.waiting + sum(funnel.blocked.values()) + funnel.called
    assert sum(funnel.outcomes.values()) == funnel.called


async def test_what_comes_next_is_listed(floor: Floor) -> None:
    await floor.load(f"Ana;{ANA}", f"Eva;{EVA}", f"Luis;{LUIS}")
    await floor.tried("answered", "callback", callback_at=NOW + HOUR)
    asked = {"campaign_id": floor.campaign.id, "limit": 1}
    (first,) = await floor.house.db.read(campaigns.coming, state="waiting", **asked)
    place = (first.due_at, first.place)
    (second,) = await floor.house.db.read(campaigns.coming, state="waiting", after=place, **asked)
    (promised,) = await floor.house.db.read(campaigns.coming, state="promised", **asked)
    assert [first.name, second.name, promised.name] == ["Eva", "Luis", "Ana"]
    (told,) = await floor.house.db.read(campaigns.listed)
    assert (told.campaign.name, told.funnel.called) == ("Autumn", 1)


async def test_a_list_of_the_closed_is_walked_in_steps_and_ends(floor: Floor) -> None:
    await floor.load(*(f"P{n};95721{n:04}" for n in range(120)))
    assert await floor.named(now=NOW.replace(hour=22)) is None
    assert (await floor.funnel()).blocked == {"hours": 120}
