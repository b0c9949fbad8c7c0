"""The dial gate, by hand calculation from the laws it cites and from the time zones' rules.

2026: 24 November is a Tuesday; in Europe summer time ends on 25 October and begins on 29 March (01:00 UTC),
in New York it ends on 1 November (06:00 UTC). Spain's national holidays of the time: 12 October, 8 December.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from crm_core.domain.consents import Basis, Standing
from crm_core.domain.dial_gate import Question, Reason, Rules, Verdict, region_of, verdict, zones_of

CORDOBA, CANARIES, MOBILE = "+34957212000", "+34928123456", "+34600123456"  # one zone, one, two
PARIS, NEW_YORK, CALIFORNIA, LISBON = "+33142685300", "+12125550123", "+14155550123", "+351213456789"
MADRID, ATLANTIC = ZoneInfo("Europe/Madrid"), ZoneInfo("Atlantic/Canary")
TUESDAY = "2026-11-24T16:00"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def holidays(region: str, day: date) -> bool:
    return (region, day.isoformat()) in {
        ("ES", "2026-10-12"),
        ("ES", "2026-12-08"),
        ("FR", "2026-11-11"),
        ("US", "2026-11-26"),
        ("PT", "2026-12-01"),
    }


def asked(number: str, at: str, **more: object) -> Verdict:
    return verdict(Question(number=number, **more), rules=Rules(), is_holiday=holidays, now=utc(at))


@pytest.mark.parametrize(
    ("number", "at", "until"),
    [
        # Spain: Monday to Friday from 9 to 21, no holidays; Madrid is UTC+1 in winter, +2 in summer
        pytest.param(CORDOBA, TUESDAY, None, id="an ordinary afternoon"),
        pytest.param(CORDOBA, "2026-11-24T07:59", "2026-11-24T08:00", id="a minute before nine"),
        pytest.param(CORDOBA, "2026-11-24T08:00", None, id="nine sharp"),
        pytest.param(CORDOBA, "2026-11-24T19:59", None, id="a minute before twenty-one"),
        pytest.param(CORDOBA, "2026-11-24T20:00", "2026-11-25T08:00", id="twenty-one sharp"),
        pytest.param(CORDOBA, "2026-11-24T23:30", "2026-11-25T08:00", id="after midnight there"),
        pytest.param(CORDOBA, "2026-11-27T20:00", "2026-11-30T08:00", id="Friday evening: Monday"),
        pytest.param(CORDOBA, "2026-11-28T11:00", "2026-11-30T08:00", id="Saturday"),
        pytest.param(CORDOBA, "2026-11-29T11:00", "2026-11-30T08:00", id="Sunday"),
        pytest.param(CORDOBA, "2026-12-08T11:00", "2026-12-09T08:00", id="a holiday"),
        pytest.param(CORDOBA, "2026-12-07T20:30", "2026-12-09T08:00", id="the eve of a holiday, late"),
        pytest.param(CORDOBA, "2026-10-09T20:00", "2026-10-13T07:00", id="a long weekend, in summer time"),
        # the clock is put back in the night to 25 October, forward in the night to 29 March
        pytest.param(CORDOBA, "2026-10-23T07:00", None, id="nine on the last Friday of summer"),
        pytest.param(
            CORDOBA, "2026-10-23T19:30", "2026-10-26T08:00", id="Monday nine is an hour later in UTC"
        ),
        pytest.param(CORDOBA, "2026-10-26T07:30", "2026-10-26T08:00", id="half past eight, in winter time"),
        pytest.param(
            CORDOBA, "2026-03-27T20:30", "2026-03-30T07:00", id="Monday nine is an hour earlier in UTC"
        ),
        pytest.param(CORDOBA, "2026-03-30T07:30", None, id="half past nine, in summer time"),
        # the Canaries are an hour behind
        pytest.param(CANARIES, "2026-11-24T08:30", "2026-11-24T09:00", id="half past eight on the islands"),
        pytest.param(CANARIES, "2026-11-24T20:30", None, id="half past twenty on the islands"),
        # a mobile may be on the mainland or on the islands: lawful everywhere, from 10 to 21 in Madrid
        pytest.param(MOBILE, "2026-11-24T08:30", "2026-11-24T09:00", id="a mobile: not yet on the islands"),
        pytest.param(MOBILE, "2026-11-24T09:00", None, id="a mobile: nine on the islands"),
        pytest.param(MOBILE, "2026-11-24T19:59", None, id="a mobile: a minute before twenty-one in Madrid"),
        pytest.param(MOBILE, "2026-11-24T20:00", "2026-11-25T09:00", id="a mobile: too late in Madrid"),
        pytest.param(
            MOBILE, "2026-11-27T20:30", "2026-11-30T09:00", id="a mobile: Monday, nine on the islands"
        ),
        # France: 10-13 and 14-20, Monday to Friday, no holidays
        pytest.param(PARIS, "2026-11-24T08:59", "2026-11-24T09:00", id="Paris before ten"),
        pytest.param(PARIS, "2026-11-24T11:59", None, id="Paris before lunch"),
        pytest.param(PARIS, "2026-11-24T12:00", "2026-11-24T13:00", id="Paris at lunch"),
        pytest.param(PARIS, "2026-11-24T13:00", None, id="Paris after lunch"),
        pytest.param(PARIS, "2026-11-24T19:00", "2026-11-25T09:00", id="Paris at twenty"),
        pytest.param(PARIS, "2026-11-10T19:30", "2026-11-12T09:00", id="Paris before Armistice Day"),
        # United States: 8 to 21 at the called party, every day
        pytest.param(NEW_YORK, "2026-11-24T12:59", "2026-11-24T13:00", id="New York before eight"),
        pytest.param(NEW_YORK, "2026-11-29T14:00", None, id="New York on a Sunday"),
        pytest.param(
            NEW_YORK, "2026-11-26T14:00", None, id="New York on Thanksgiving: the rule has no holidays"
        ),
        pytest.param(NEW_YORK, "2026-10-31T12:00", None, id="New York at eight, the last day of summer time"),
        pytest.param(NEW_YORK, "2026-11-01T12:00", "2026-11-01T13:00", id="New York at seven, the day after"),
        pytest.param(
            CALIFORNIA, "2026-11-24T15:30", "2026-11-24T16:00", id="California is three hours behind"
        ),
        # countries whose law we do not know: Monday to Friday from 9 to 20, no holidays
        pytest.param(LISBON, "2026-11-24T08:59", "2026-11-24T09:00", id="Lisbon before nine"),
        pytest.param(LISBON, "2026-11-24T19:59", None, id="Lisbon before twenty"),
        pytest.param(LISBON, "2026-11-30T20:00", "2026-12-02T09:00", id="Lisbon before a holiday"),
    ],
)
def test_hours(number: str, at: str, until: str | None) -> None:
    said = asked(number, at)
    assert (said.reason, said.until) == (("hours", utc(until)) if until else ("allowed", utc(at)))


def ago(**how: float) -> datetime:
    return utc(TUESDAY) - timedelta(**how)


@pytest.mark.parametrize(
    ("number", "facts", "reason", "until"),
    [
        pytest.param(CORDOBA, {"is_do_not_call": True}, "do_not_call", None, id="do not call: never"),
        pytest.param(CORDOBA, {"used": 7}, "allowed", TUESDAY, id="the eighth try"),
        pytest.param(CORDOBA, {"used": 8}, "attempts_used_up", None, id="eight tries are enough"),
        pytest.param(CORDOBA, {"dials": [ago(hours=1)] * 2}, "allowed", TUESDAY, id="the third today"),
        pytest.param(
            CORDOBA,
            {"dials": [ago(hours=1), ago(hours=2), ago(hours=6)]},
            "attempts_today",
            "2026-11-25T10:00",
            id="three today: when the oldest is a day old",
        ),
        pytest.param(
            CORDOBA,
            {"dials": [ago(hours=23, minutes=59), ago(hours=1), ago(hours=2)]},
            "attempts_today",
            "2026-11-24T16:01",
            id="three today: in a minute",
        ),
        pytest.param(
            CORDOBA,
            {"dials": [ago(hours=24), ago(hours=1), ago(hours=2)]},
            "allowed",
            TUESDAY,
            id="a day ago",
        ),
        pytest.param(
            CORDOBA,
            {"dials": [ago(hours=9), ago(hours=10), ago(hours=12)]},
            "attempts_today",
            "2026-11-25T08:00",
            id="three today: at four in the night, so at nine",
        ),
        pytest.param(
            CORDOBA, {"not_before": utc("2026-11-24T17:20")}, "too_soon", "2026-11-24T17:20", id="busy lately"
        ),
        pytest.param(
            CORDOBA,
            {"not_before": utc("2026-11-24T21:00")},
            "too_soon",
            "2026-11-25T08:00",
            id="too late then",
        ),
        pytest.param(CORDOBA, {"not_before": utc(TUESDAY)}, "allowed", TUESDAY, id="just in time"),
        pytest.param(
            PARIS,
            {"dials": [ago(days=2), ago(days=8), ago(days=9), ago(days=29)]},
            "attempts_in_law",
            "2026-11-25T16:00",
            id="France: four in thirty days",
        ),
        pytest.param(
            CORDOBA,
            {"dials": [ago(days=2), ago(days=8), ago(days=9), ago(days=29)]},
            "allowed",
            TUESDAY,
            id="Spain does not count by month",
        ),
        pytest.param("+88213012345", {}, "place_unknown", None, id="a satellite phone is in no country"),
        pytest.param(
            MOBILE, {"zone": "Atlantic/Canary"}, "allowed", TUESDAY, id="the list knows where the mobile is"
        ),
    ],
)
def test_counts_and_lists(number: str, facts: dict[str, object], reason: str, until: str | None) -> None:
    said = asked(number, TUESDAY, **facts)
    assert (said.reason, said.until) == (reason, utc(until) if until else None)


def test_who_lives_on_the_islands_by_the_list_is_called_until_twenty_one_there() -> None:
    assert asked(MOBILE, "2026-11-24T20:30").reason == "hours"
    assert asked(MOBILE, "2026-11-24T20:30", zone="Atlantic/Canary").is_allowed


def test_the_first_reason_counts_and_names_its_source() -> None:
    night = "2026-11-24T23:00"
    assert asked(CORDOBA, night, is_do_not_call=True, used=9).reason == "do_not_call"
    assert asked(CORDOBA, night).source == "RDL 1/2007, art. 96.2"
    assert asked(PARIS, night).source.endswith("D223-9")


@pytest.mark.parametrize("number", [CORDOBA, MOBILE, PARIS, NEW_YORK, LISBON])
@pytest.mark.parametrize("hour", range(0, 24, 5))
def test_when_it_may_be_dialled_it_may_be_dialled(number: str, hour: int) -> None:
    for day in range(10):
        now = utc("2026-10-22T00:30") + timedelta(days=day, hours=hour)
        until = verdict(Question(number=number), rules=Rules(), is_holiday=holidays, now=now).until
        assert until
        assert verdict(Question(number=number), rules=Rules(), is_holiday=holidays, now=until).is_allowed


def test_where_a_number_is() -> None:
    assert zones_of(CORDOBA) == zones_of(MOBILE, "Europe/Madrid") == (MADRID,)
    assert zones_of(CANARIES) == (ATLANTIC,)
    assert set(zones_of(MOBILE)) == {MADRID, ATLANTIC}
    assert (region_of(CANARIES), region_of(NEW_YORK), region_of("+88213012345")) == ("ES", "US", None)


def test_a_country_that_is_always_on_holiday_has_no_next_time() -> None:
    said = verdict(
        Question(number=CORDOBA), rules=Rules(), is_holiday=lambda _region, _day: True, now=utc(TUESDAY)
    )
    assert (said.reason, said.until) == ("hours", None)


@pytest.mark.parametrize(
    ("basis", "standing", "reason"),
    [
        # GDPR art. 6(1)(a): by consent only who gave it
        ("consent", "given", "allowed"),
        ("consent", "unknown", "no_consent"),
        ("consent", "expired", "no_consent"),
        ("consent", "refused", "consent_refused"),
        ("consent", "withdrawn", "consent_refused"),
        # art. 21(2)-(3): who objects to marketing is not called for it; until then the house answers
        ("legitimate_interests", "unknown", "allowed"),
        ("legitimate_interests", "expired", "allowed"),
        ("legitimate_interests", "given", "allowed"),
        ("legitimate_interests", "refused", "consent_refused"),
        ("legitimate_interests", "withdrawn", "consent_refused"),
        # no marketing: art. 6(1)(b)-(e)
        ("contract", "withdrawn", "allowed"),
        ("legal_obligation", "refused", "allowed"),
        ("vital_interests", "refused", "allowed"),
        ("public_task", "unknown", "allowed"),
    ],
)
def test_what_the_customer_said_counts_by_the_ground(
    basis: Basis, standing: Standing, reason: Reason
) -> None:
    question = Question(number=CORDOBA, standing=standing)
    said = verdict(question, rules=Rules(basis=basis), is_holiday=holidays, now=utc(TUESDAY))
    assert said.reason == reason
    assert said.until == (utc(TUESDAY) if said.is_allowed else None)
