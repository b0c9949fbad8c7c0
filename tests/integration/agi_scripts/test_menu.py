"""The menu over a real link: what Asterisk is asked to play, and what becomes of trouble."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from integration.agi_scripts.conftest import Exchange, House, Open

from agi_scripts.ivr.self_service import SelfService
from agi_scripts.menus import Caller, Found, NobodyFound, ReadOut
from agi_scripts.ports import Status

NOW = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
KEYS = '"0123456789*#"'
DONE, NOTHING, GONE = b"200 result=1\n", b"200 result=0 endpos=8000\n", b"200 result=-1 endpos=0\n"
TOLD = 'EXEC "UserEvent" "Centralita,Kind: menu_{}"'
KNOWN = b"200 result=1 (es)\n"


class Desk:
    """A ``Reception`` with one customer."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str | None]] = []
        self.kept: list[tuple[str, str, str]] = []
        self.is_away = False

    def now(self) -> datetime:
        return NOW

    def caller(self, number: str) -> Caller:
        return Caller(
            number=f"+34{number}" if number else None,
            region="ES",
            is_open=True,
            until=NOW + timedelta(minutes=5),
        )

    async def incidents(self, number: str, *, typed: str | None) -> Status:
        self.asked.append((number, typed))
        if self.is_away:
            raise ConnectionError("the database is away")
        if typed is None:
            return Status(heard=NobodyFound())
        one = ReadOut(number="INC-10001", state="pending", opened_at=NOW - timedelta(hours=5))
        return Status(heard=Found((one,)), contact="c-1")

    async def keep_callback(self, number: str, *, linkedid: str, did: str) -> None:
        self.kept.append((number, linkedid, did))


def key(pressed: str) -> bytes:
    return f"200 result={ord(pressed)} endpos=800\n".encode()


def sound(name: str, keys: str = KEYS) -> str:
    return f'STREAM FILE "centralita/{name}" {keys}'


async def play(house: House, *answers: bytes) -> list[str]:
    """Answer the menu's commands that follow those by which the language is known and set; return them."""
    async with house.call() as exchange:
        await exchange.ask("menu")
        heard = await exchange.converse(DONE, KNOWN, DONE, DONE, *answers, then=NOTHING)
    assert heard[:4] == [
        TOLD.format("entered"),
        'GET VARIABLE "CENTRALITA_LANGUAGE"',
        'SET VARIABLE "CHANNEL(language)" "es"',
        'SET VARIABLE "CENTRALITA_LANGUAGE" "es"',
    ]
    return heard[4:]


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
async def menu(house: Open, desk: Desk) -> House:
    return await house({"menu": SelfService(desk, default="es")})


PERSON = sound("to-a-person", '""')


async def test_a_key_cuts_the_question_short(menu: House) -> None:
    assert await play(menu, key("0")) == [sound("for-status"), PERSON]


async def test_silence_is_waited_for_and_asked_again_once(menu: House) -> None:
    main = [sound("for-status"), sound("for-callback"), sound("for-person"), 'WAIT FOR DIGIT "6000"']
    assert await play(menu) == [*main, sound("not-heard"), *main, PERSON]


async def test_who_types_his_incident_hears_of_it_and_the_bridge_is_told(menu: House, desk: Desk) -> None:
    typed = map(key, "10001#")
    heard = await play(menu, key("1"), *typed, DONE, DONE, NOTHING, NOTHING, NOTHING, NOTHING, key("0"))
    assert desk.asked == [("957212000", None), ("957212000", "10001")]
    told = heard[heard.index('WAIT FOR DIGIT "4000"') + 5 :]
    assert told[:7] == [
        'EXEC "UserEvent" "Centralita,Kind: menu,Match: ivr_id,Contact: c-1"',
        TOLD.format("served"),
        sound("incident"),
        f'SAY DIGITS "10001" {KEYS}',
        sound("state-pending"),
        sound("opened-before"),
        f'SAY NUMBER "5" {KEYS}',
    ]
    assert heard[-1] == PERSON


async def test_a_callback_is_kept_and_the_call_is_over(menu: House, desk: Desk) -> None:
    heard = await play(menu, key("2"), NOTHING, NOTHING, key("1"))
    assert desk.kept == [("+34957212000", "1795311086.0", "5551001")]
    assert heard[1:] == [
        sound("call-you-at"),
        f'SAY DIGITS "957212000" {KEYS}',
        sound("is-it-right"),
        TOLD.format("served"),
        'SET VARIABLE "CENTRALITA_NEXT" "hangup"',
        sound("will-call", '""'),
        sound("goodbye", '""'),
    ]


async def test_records_that_are_away_are_a_person_s_work(menu: House, desk: Desk) -> None:
    desk.is_away = True
    assert await play(menu, key("1")) == [sound("for-status"), PERSON]


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"200 result=0 endpos=0\n", id="a sound is missing"),
        pytest.param(GONE, id="the caller hung up"),
        pytest.param(b"511 Command Not Permitted on a dead channel\n", id="the channel is gone"),
        pytest.param(b"200 result=7\n", id="no key"),
        pytest.param(b"200 result=999999999\n", id="no sign at all"),
        pytest.param(b"520 Invalid command syntax\n", id="refused"),
    ],
)
async def test_whatever_goes_wrong_ends_the_flow_and_nothing_says_hang_up(menu: House, answer: bytes) -> None:
    assert await play(menu, answer) == [sound("for-status")]
    assert (menu.server.answered, menu.server.failed) == (0, 1)


async def test_a_hang_up_between_two_commands_is_no_answer(menu: House) -> None:
    assert await play(menu, b"HANGUP\n" + GONE) == [sound("for-status")]


async def test_who_types_on_and_on_is_cut(menu: House, desk: Desk) -> None:
    await play(menu, key("1"), *[key("9")] * 40)
    assert desk.asked[1] == ("957212000", "9" * 15)


async def test_a_stay_may_be_longer_than_a_question(house: Open, desk: Desk) -> None:
    running = await house({"menu": SelfService(desk, default="es")}, stays={"menu": 30.0}, flow_s=0.2)
    async with running.call() as exchange:
        await exchange.ask("menu")
        await slowly(exchange)
    assert running.server.answered == 1


async def slowly(exchange: Exchange) -> None:
    """Let the first sound last for longer than a question may take."""
    for answer in (DONE, KNOWN, DONE, DONE):
        await exchange.command()
        await exchange.say(answer)
    await exchange.command()
    await asyncio.sleep(0.4)
    await exchange.say(key("0"))
    await exchange.converse(then=NOTHING)
