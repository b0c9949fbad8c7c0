"""What is asked over the manager interface: in one line each, and its answer whole."""

import asyncio

import pytest

from ami_bridge.domain.errors import (
    ActionRejectedError,
    ActionTimeoutError,
    LinkDownError,
    LoginRefusedError,
    ObserveOnlyError,
    UnsafeValueError,
)
from ami_bridge.wire import actions, pending
from ami_bridge.wire.actions import Value
from ami_bridge.wire.pending import SafeAction

OK = {"response": "Success"}
START = {"response": "Success", "eventlist": "start"}


def action(name: str = "Ping", **values: Value) -> SafeAction:
    return SafeAction(name, values, action_id="c1-1")


async def test_an_action_is_written_line_by_line() -> None:
    asked = action("Originate", Channel="PJSIP/ñ", Variable=["A=1", "B=a: b"])
    assert str(asked).split("\r\n") == [
        "Action: Originate",
        "ActionID: c1-1",
        "Channel: PJSIP/ñ",
        "Variable: A=1",
        "Variable: B=a: b",
        "",
        "",
    ]


UNSAFE = [
    pytest.param("a\r\nAction: Originate", "holds a line break or a NUL", id="another action"),
    pytest.param("a\rb", "holds a line break or a NUL", id="CR"),
    pytest.param("a\nb", "holds a line break or a NUL", id="LF"),
    pytest.param("a\0b", "holds a line break or a NUL", id="NUL"),
    pytest.param("\udcff", "is no text", id="half a character"),
    pytest.param("ñ" * 500, "is longer than 1000 bytes", id="too long in bytes"),
]


@pytest.mark.parametrize(("value", "why"), UNSAFE)
async def test_what_would_not_stay_in_its_line_is_refused(value: str, why: str) -> None:
    for values in ({"CallerID": value}, {"CallerID": ["fine", value]}):
        with pytest.raises(UnsafeValueError) as caught:
            action("Originate", **values)
        assert str(caught.value) == f"CallerID {why}"
        assert caught.value.name == "CallerID"


async def test_a_line_may_be_as_long_as_the_limit() -> None:
    action("Originate", CallerID="x" * (actions.LINE_LIMIT - len("CallerID: ")))


async def test_a_response_is_an_answer() -> None:
    asked = action()
    assert not asked.is_listing
    assert asked.answer(OK, ["a", "b"])
    reply = await asked.future
    assert (reply.headers, reply.items, reply.output) == (OK, (), ("a", "b"))
    assert asked.answer({"response": "Error"})  # said twice: the first counts
    assert (await asked.future) == reply


@pytest.mark.parametrize("word", ["Error", "Fail", "failure"])
@pytest.mark.parametrize(
    ("message", "reason"), [("No such channel", "No such channel"), ("", "no reason given")]
)
async def test_a_refusal_is_an_error(word: str, message: str, reason: str) -> None:
    asked = action("Hangup")
    assert asked.answer({"response": word, "message": message})
    with pytest.raises(ActionRejectedError) as caught:
        await asked.future
    assert (caught.value.action, caught.value.reason) == ("Hangup", reason)


@pytest.mark.parametrize("end", ["Complete", "cancelled"])
async def test_a_list_is_whole_at_its_end(end: str) -> None:
    asked = action("QueueStatus")
    assert not asked.answer(START)
    assert asked.is_listing
    assert not asked.add({"queue": "sales"})
    assert asked.add({"eventlist": end})
    assert not asked.is_listing
    assert (await asked.future).items == ({"queue": "sales"},)


async def test_a_list_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pending, "ITEMS_LIMIT", 2)
    asked = action("QueueStatus")
    asked.answer(START)
    assert [asked.add({}) for _ in range(3)] == [False, False, True]
    with pytest.raises(ActionRejectedError, match="a list of more than 2 items"):
        await asked.future


async def test_a_lost_link_fails_what_waits() -> None:
    asked = action()
    asked.lost("cut")
    asked.answer(OK)  # too late
    with pytest.raises(LinkDownError, match="no link to the exchange: cut"):
        await asked.future


async def test_secrets_are_not_shown() -> None:
    shown = repr(SafeAction("Login", {"Username": "bridge", "Secret": "s3cr3t", "Key": "k3y"}, action_id="1"))
    assert "bridge" in shown
    assert "s3cr3t" not in shown
    assert "k3y" not in shown


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ActionTimeoutError("Ping", 5.0), "no answer to Ping within 5 s"),
        (LoginRefusedError("bridge", "bad"), "the exchange refuses the manager user 'bridge': bad"),
        (ObserveOnlyError("Hangup"), "Hangup was not sent: this exchange is only observed"),
    ],
)
def test_errors_say_what_happened(error: Exception, text: str) -> None:
    assert str(error) == text


async def test_an_action_belongs_to_the_running_loop() -> None:
    assert action().future.get_loop() is asyncio.get_running_loop()
