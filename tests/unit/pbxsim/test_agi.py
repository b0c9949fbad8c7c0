"""The question to the service, as the caller's leg sees it, and what a script may do to the call."""

from __future__ import annotations

import pytest
from unit.pbxsim.exchange_kit import NOW, exchange, kinds, queue, said

from pbxsim.config import Agi
from pbxsim.world.agi import Replied, execute, words
from pbxsim.world.callers import call_in, hang_up
from pbxsim.world.exchange import AGENTS, Moved

ASKED = Agi(host="127.0.0.1", port=4573, patience=0.5)
ANSWER_S = 0.5  # Answer() before the queue waits so long for media


def test_a_call_is_asked_about_before_it_goes_on() -> None:
    world = exchange(agi=ASKED)
    channel = call_in(world, to="5551", number="957212000")
    world.run(NOW + 0.1)
    (question,) = world.questions
    assert (question.channel, question.script) == (channel, "route")
    assert question.arguments == (channel.linkedid, "5551")
    assert question.patience == 0.5
    world.post(channel.thread, Replied("SUCCESS"))
    world.run(NOW + 0.1 + ANSWER_S + 0.01)
    assert channel.variables["AGISTATUS"] == "SUCCESS"
    assert [event["Queue"] for event in said(world, "QueueCallerJoin")] == ["sales"]


def test_a_service_that_says_nothing_costs_its_patience_and_no_more() -> None:
    world = exchange(agi=ASKED)
    channel = call_in(world, to="5551")
    world.run(NOW + 0.25)
    world.post(channel.thread, "a letter about something else")
    world.run(NOW + 20)
    (joined,) = said(world, "QueueCallerJoin")
    assert float(joined["Timestamp"]) == pytest.approx(NOW + 0.5 + ANSWER_S, abs=0.001)


@pytest.mark.parametrize(
    ("variables", "to", "language"),
    [
        ({}, "sales", "en"),
        ({"CENTRALITA_QUEUE": "gold", "CENTRALITA_LANGUAGE": "es_MX"}, "gold", "es_MX"),
        ({"CENTRALITA_QUEUE": "nowhere", "CENTRALITA_LANGUAGE": "es;x"}, "sales", "en"),
    ],
)
def test_what_the_service_set_decides_where_the_call_goes(
    variables: dict[str, str], to: str, language: str
) -> None:
    world = exchange(agi=ASKED, queues=(queue(), queue(name="gold")))
    channel = call_in(world, to="5551")
    world.run(NOW + 0.1)
    channel.variables.update(variables)
    world.post(channel.thread, Replied("SUCCESS"))
    world.run(NOW + 2)
    (joined,) = said(world, "QueueCallerJoin")
    assert (joined["Queue"], joined["Language"]) == (to, language)


@pytest.mark.parametrize(
    "seconds", [0.2, 0.7], ids=["while it is asked about", "while Answer waits for media"]
)
def test_a_caller_who_hangs_up_early(seconds: float) -> None:
    world = exchange(agi=ASKED)
    channel = call_in(world, to="5551")
    world.run(NOW + seconds)
    hang_up(world, channel)
    world.run(NOW + 5)
    told = said(world, "HangupRequest", "QueueCallerJoin", "Hangup")
    # A CANCEL before the answer is 487 and cause 127; a BYE behind it cause 0, as in a recording.
    ending = ("127", "487") if seconds < 0.5 else ("0", None)
    assert [(each["Event"], each.get("Cause"), each.get("TechCause")) for each in told[1:]] == [
        ("Hangup", *ending)
    ]
    assert told[0]["Event"] == "HangupRequest"


@pytest.mark.parametrize(
    "seconds", [0.2, 0.7], ids=["while it is asked about", "while Answer waits for media"]
)
def test_a_caller_who_is_sent_elsewhere_early(seconds: float) -> None:
    world = exchange(agi=ASKED)
    channel = call_in(world, to="5551")
    world.run(NOW + seconds)
    world.post(channel.thread, Moved(channel, AGENTS, "103"))
    world.run(NOW + 10)
    assert [event["DestCallerIDNum"] for event in said(world, "DialBegin")] == ["103"]


@pytest.mark.parametrize(
    ("line", "heard"),
    [
        ('SET VARIABLE "A" "one two"', ["SET", "VARIABLE", "A", "one two"]),
        (r'SET VARIABLE A "say \"no\\\""', ["SET", "VARIABLE", "A", 'say "no\\"']),
        ('EXEC UserEvent ""', ["EXEC", "UserEvent", ""]),
        ("   ", []),
    ],
)
def test_words_of_a_command(line: str, heard: list[str]) -> None:
    assert words(line) == heard


USAGE = "520-Invalid command syntax.  Proper usage follows:\nSET VARIABLE\n520 End of proper usage."
DEAD = "511 Command Not Permitted on a dead channel or intercept routine"


@pytest.mark.parametrize(
    ("line", "answer", "when_gone"),
    [
        ('set variable A "1"', "200 result=1", "200 result=1"),
        ("SET VARIABLE A", USAGE, USAGE),
        ("GET VARIABLE CALLERID(num)", "200 result=1 (957212000)", "200 result=1 (957212000)"),
        ("GET VARIABLE NOTHING", "200 result=0", "200 result=0"),
        ("CHANNEL STATUS", "200 result=4", "200 result=-1"),
        ("ANSWER", "200 result=0", DEAD),
        ("HANGUP", "200 result=1", DEAD),
        ('EXEC NoOp "x"', "200 result=0", DEAD),
        ("SET PRIORITY 7", "200 result=0", "200 result=0"),
        ("SET PRIORITY label", "200 result=0", "200 result=0"),
        ("VERBOSE hello 1", "200 result=1", "200 result=1"),
        ("REBOOT", "510 Invalid or unknown command", "510 Invalid or unknown command"),
        ("", "510 Invalid or unknown command", "510 Invalid or unknown command"),
    ],
)
def test_commands_and_their_answers(line: str, answer: str, when_gone: str) -> None:
    world = exchange()
    channel = call_in(world, to="5551", number="957212000")
    assert execute(world, channel, line) == answer
    channel.gone = True
    assert execute(world, channel, line) == when_gone


def test_variables_and_priority_are_set() -> None:
    world = exchange()
    channel = call_in(world, to="5551")
    execute(world, channel, 'SET VARIABLE "X" "a\r\nb"')
    execute(world, channel, 'SET VARIABLE CHANNEL(language) "es"')
    execute(world, channel, "SET PRIORITY 7")
    assert (channel.variables["X"], channel.language, channel.priority) == ("ab", "es", 7)


def test_a_script_may_hang_up() -> None:
    world = exchange(agi=ASKED)
    channel = call_in(world, to="5551")
    world.run(NOW + 0.1)
    assert execute(world, channel, "HANGUP") == "200 result=1"
    world.run(NOW + 0.2)
    assert channel.gone


def test_a_user_event_tells_the_leg_and_no_line_of_its_own() -> None:
    world = exchange()
    channel = call_in(world, to="5551", number="957212000")
    world.take_events()
    execute(world, channel, 'EXEC UserEvent "Centralita,Kind: route,Contact: c-1\r\nEvent: Hangup"')
    (event,) = said(world)
    assert (event["UserEvent"], event["Kind"]) == ("Centralita", "route")
    assert event["Contact"] == "c-1Event: Hangup"
    assert (event["Linkedid"], event["CallerIDNum"]) == (channel.linkedid, "957212000")


def test_variables_are_told_to_those_who_read_the_dialplan() -> None:
    world = exchange(verbosity="all", agi=ASKED)
    channel = call_in(world, to="5551")
    world.run(NOW + 0.1)
    world.take_events()
    world.set_variable(channel, "CENTRALITA_STATUS", "FOUND")
    assert kinds(world) == ["VarSet"]
