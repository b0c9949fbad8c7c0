"""What each role of the rendered configuration may do and hear, as the doctor finds out."""

from __future__ import annotations

import pytest
from lab.floor import SECRETS
from lab.pbx import Asterisk

from centralita.doctor_pbx import examine_exchange
from centralita.settings import Pbx

pytestmark = pytest.mark.asterisk


async def found(asterisk: Asterisk, role: str, **other: object) -> dict[str, str]:
    """Return what the doctor says: text by level and text."""
    pbx = {"host": asterisk.host, "port": asterisk.ami_port, "user": role, "secret": SECRETS[role]}
    findings = await examine_exchange("main", Pbx.model_validate(pbx | other))
    return {finding.what: finding.level for finding in findings}


async def test_the_bridge_lacks_nothing_that_matters(
    asterisk: Asterisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGUAGE", "en")
    told = await found(asterisk, "bridge")
    assert "bad" not in told.values()
    assert told["The manager user lacks write=system (PJSIPShowEndpoints)."] == "warning"
    assert told["Whether the manager user has read=call shows only when somebody calls."] == "unknown"
    assert told["The dialplan asks a FastAGI server who calls."] == "ok"
    assert told["Its clock goes with ours."] == "ok"


async def test_a_reader_may_not_command(asterisk: Asterisk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "en")
    told = await found(asterisk, "recorder")
    assert {what for what, level in told.items() if level == "bad"} == {
        "The manager user lacks write=originate (Originate).",
        "The manager user lacks write=call (Hangup).",
        "The manager user lacks write=agent (QueuePause).",
        "The manager user lacks write=agent (QueueAdd).",
        "The manager user lacks write=agent (QueueRemove).",
    }


async def test_who_only_observes_needs_no_command(
    asterisk: Asterisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGUAGE", "en")
    told = await found(asterisk, "observer", mode="observe")
    assert "bad" not in told.values()
    assert told["It is only observed: no command is ever sent to it."] == "ok"
    assert not any("may give commands" in what for what in told)


async def test_who_only_observes_is_told_of_rights_that_are_too_many(
    asterisk: Asterisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGUAGE", "en")
    told = await found(asterisk, "bridge", mode="observe")
    names = "Hangup, Originate, QueueAdd, QueuePause, QueueRemove, UserEvent"
    assert told[f"The manager user may give commands: {names}."] == "warning"


@pytest.mark.parametrize(
    ("other", "says"),
    [
        pytest.param({"secret": "wrong"}, "refuses the manager user 'bridge'", id="wrong secret"),
        pytest.param({"port": 9}, "No manager interface at 127.0.0.1:9", id="nobody there"),
    ],
)
async def test_what_cannot_be_reached_is_told(
    asterisk: Asterisk, monkeypatch: pytest.MonkeyPatch, other: dict[str, object], says: str
) -> None:
    monkeypatch.setenv("LANGUAGE", "en")
    told = await found(asterisk, "bridge", **other)
    ((what, level),) = told.items()
    assert says in what
    assert level == "bad"
