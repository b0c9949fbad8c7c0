"""Walks through the menu: what the caller does, and what is said to him or done for him in return."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from agi_scripts.menus import (
    Ask,
    Away,
    Caller,
    Digits,
    End,
    Found,
    Heard,
    Keep,
    Kept,
    Look,
    NobodyFound,
    Number,
    Pressed,
    Prompt,
    ReadOut,
    Sound,
    Step,
    advance,
    begin,
    read_out,
)

NOW = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
HOME = "+34957212000"
NONE, NOBODY, KEPT, AWAY = Found(()), NobodyFound(), Kept(), Away()
LANGUAGE = "for-spanish for-english"
MAIN = "for-status for-callback for-person"
CONFIRM = "call-you-at 957212000 is-it-right"
PERSON = "to-a-person > person"
TYPE = "type-reference (15)"


def caller(*, number: str | None = HOME, is_open: bool = True) -> Caller:
    return Caller(number=number, region="ES", is_open=is_open, until=NOW + timedelta(minutes=5))


def spoken(prompts: tuple[Prompt, ...]) -> str:
    words = {Sound: "name", Digits: "text", Number: "value"}
    return " ".join(str(getattr(one, words[type(one)])) for one in prompts)


def told(step: Step) -> str:
    match step:
        case Ask(prompts=prompts, most=1):
            return spoken(prompts)
        case Ask(prompts=prompts, most=most):
            return f"{spoken(prompts)} ({most})"
        case Look(typed):
            return f"look {typed or 'by number'}"
        case Keep(number):
            return f"keep {number}"
        case End(prompts=prompts, to=to):
            return f"{spoken(prompts)} > {to}"


def walk(who: Caller, *done: str | Heard, language: str | None = "es", now: datetime = NOW) -> list[str]:
    """Return what follows at each turn; a text stands for the keys."""
    turn = begin(who, language=language, default="es")
    heard = [told(turn.step)]
    for one in done:
        assert not isinstance(turn.step, End)
        turn = advance(who, turn.state, Pressed(one) if isinstance(one, str) else one, now=now)
        heard.append(told(turn.step))
    return heard


@pytest.mark.parametrize(
    ("done", "follows"),
    [
        pytest.param(["0"], [PERSON], id="a person"),
        pytest.param(["1", NONE], ["look by number", f"none-open {MAIN}"], id="nothing is open"),
        pytest.param(["1", NOBODY], ["look by number", TYPE], id="a stranger is asked who he is"),
        pytest.param(
            ["1", NOBODY, "10001", NONE],
            ["look by number", TYPE, "look 10001", f"none-open {MAIN}"],
            id="he types a number that is known",
        ),
        pytest.param(
            ["1", NOBODY, "9", NOBODY, "8", NOBODY],
            ["look by number", TYPE, "look 9", f"not-found {TYPE}", "look 8", PERSON],
            id="he types two that are not",
        ),
        pytest.param(
            ["1", NOBODY, "", "8", NOBODY],
            ["look by number", TYPE, f"not-heard {TYPE}", "look 8", PERSON],
            id="silence counts like a wrong number",
        ),
        pytest.param(["1", NOBODY, "0"], ["look by number", TYPE, PERSON], id="0 instead of a number"),
        pytest.param(["1", AWAY], ["look by number", PERSON], id="the records are away"),
        pytest.param(
            ["2", "1", KEPT],
            [CONFIRM, f"keep {HOME}", "will-call goodbye > nobody"],
            id="a callback where he calls from",
        ),
        pytest.param(
            ["2", "2", "612345678", "1", KEPT],
            [
                CONFIRM,
                "type-number (15)",
                "call-you-at 612345678 is-it-right",
                "keep +34612345678",
                "will-call goodbye > nobody",
            ],
            id="a callback elsewhere",
        ),
        pytest.param(
            ["2", "2", "806000000", "00231770123456"],
            [CONFIRM, "type-number (15)", "not-callable type-number (15)", PERSON],
            id="numbers that we would pay for",
        ),
        pytest.param(["2", "1", AWAY], [CONFIRM, f"keep {HOME}", PERSON], id="it cannot be kept"),
        pytest.param(["2", "0"], [CONFIRM, PERSON], id="0 when asked whether it is right"),
        pytest.param(["2", "9", "9"], [CONFIRM, f"wrong-key {CONFIRM}", PERSON], id="wrong there twice"),
        pytest.param(["", ""], [f"not-heard {MAIN}", PERSON], id="two silences"),
        pytest.param(["9", "#"], [f"wrong-key {MAIN}", PERSON], id="two wrong keys"),
        pytest.param(["*", ""], [f"wrong-key {MAIN}", PERSON], id="one of each"),
        pytest.param(
            ["9", "1", NONE, "9", "9"],
            [f"wrong-key {MAIN}", "look by number", f"none-open {MAIN}", f"wrong-key {MAIN}", PERSON],
            id="what was wrong is forgiven by what is right",
        ),
    ],
)
def test_during_opening_hours(done: list[str | Heard], follows: list[str]) -> None:
    assert walk(caller(), *done) == [MAIN, *follows]


CLOSED = "for-callback-when-open for-status"


@pytest.mark.parametrize(
    ("done", "follows"),
    [
        pytest.param(["0"], [PERSON], id="a person, also then"),
        pytest.param(
            ["2", "1", KEPT],
            [CONFIRM, f"keep {HOME}", "will-call-when-open goodbye > nobody"],
            id="a callback",
        ),
        pytest.param(["1", NONE], ["look by number", f"none-open {CLOSED}"], id="incidents"),
        pytest.param(
            ["", ""], [f"not-heard {CLOSED}", "closed goodbye > nobody"], id="silence ends the call"
        ),
        pytest.param(["1", AWAY], ["look by number", PERSON], id="the records are away"),
    ],
)
def test_outside_opening_hours(done: list[str | Heard], follows: list[str]) -> None:
    assert walk(caller(is_open=False), *done) == [f"closed {CLOSED}", *follows]


@pytest.mark.parametrize(
    ("language", "asked"),
    [
        ("es", False),
        ("en", False),
        ("es_MX", False),
        ("en-GB", False),
        ("EN", False),
        (None, True),
        ("", True),
        ("fr", True),
        ("est", True),
    ],
)
def test_the_language_is_asked_for_when_it_is_not_known(language: str | None, *, asked: bool) -> None:
    assert walk(caller(), language=language) == [LANGUAGE if asked else MAIN]


@pytest.mark.parametrize(
    ("keys", "language", "follows"),
    [
        (["1"], "es", MAIN),
        (["2"], "en", MAIN),
        (["3", "2"], "en", MAIN),
        (["3"], "es", f"wrong-key {LANGUAGE}"),
        (["0"], "es", PERSON),
        (["", ""], "es", PERSON),
    ],
)
def test_the_language_goes_by_key(keys: list[str], language: str, follows: str) -> None:
    turn = begin(caller(), language=None, default="es")
    for key in keys:
        turn = advance(caller(), turn.state, Pressed(key), now=NOW)
    assert (turn.state.language, told(turn.step)) == (language, follows)


def test_who_withholds_his_number_types_one() -> None:
    assert walk(caller(number=None), "2") == [MAIN, "type-number (15)"]


def test_nobody_stays_longer_than_he_may() -> None:
    who = caller()
    assert walk(who, "9", now=who.until) == [MAIN, PERSON]
    assert walk(who, "1", now=who.until - timedelta(seconds=1)) == [MAIN, "look by number"]


def one(number: str = "INC-10001", state: str = "in_progress", **age: float) -> ReadOut:
    return ReadOut(number=number, state=state, opened_at=NOW - timedelta(**age))


@pytest.mark.parametrize(
    ("age", "said"),
    [
        ({"minutes": 0}, "less-than-an-hour"),
        ({"minutes": -5}, "less-than-an-hour"),
        ({"minutes": 59}, "less-than-an-hour"),
        ({"minutes": 60}, "an-hour"),
        ({"minutes": 119}, "an-hour"),
        ({"hours": 2}, "2 hours"),
        ({"hours": 23.9}, "23 hours"),
        ({"hours": 24}, "a-day"),
        ({"hours": 47.9}, "a-day"),
        ({"days": 2}, "2 days"),
        ({"days": 999}, "999 days"),
        ({"days": 4000}, "999 days"),
    ],
)
def test_how_long_ago(age: dict[str, float], said: str) -> None:
    assert spoken(read_out([one(**age)], NOW)) == f"incident 10001 state-in_progress opened-before {said}"


def test_three_are_read_out_and_more_are_told_of() -> None:
    listed = [one(f"INC-{number}", hours=1) for number in range(10001, 10006)]
    assert spoken(read_out(listed[:3], NOW)).count("opened-before") == 3
    assert "there-are-more" not in spoken(read_out(listed[:3], NOW))
    assert spoken(read_out(listed, NOW)).endswith(
        "10003 state-in_progress opened-before an-hour there-are-more"
    )
