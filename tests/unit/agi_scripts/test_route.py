"""The flow ``route``: what the dialplan and the bridge are told."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from agi_scripts.ivr.route import Route, did_of, sound_language, told, trunk_of, variables
from agi_scripts.ports import LineLostError, RouteFacts
from agi_scripts.protocol import AgiRequest, Reply

KNOWN = RouteFacts(match="exact", contact="c-1", priority=5, language="es-MX", queue="gold")


class FakeLine:
    """A line that notes what it is told; it is lost after *lives* commands."""

    def __init__(self, *args: str, lives: int = 99, **headers: str) -> None:
        self.said: list[str] = []
        self.is_hung_up = False
        self._lives = lives
        given = {"channel": "PJSIP/provider-0000001a", "callerid": "957212000", "dnid": "5551001", **headers}
        self.request = AgiRequest(headers=given, script="route", query={}, args=args)

    async def command(self, verb: str, *args: str, timeout_s: float = 5.0) -> Reply:
        raise NotImplementedError

    async def set_variable(self, name: str, text: str) -> None:
        self._note(f"{name}={text}")

    async def tell(self, headers: Mapping[str, str]) -> None:
        self._note(" ".join(f"{name}:{text}" for name, text in headers.items()))

    def _note(self, text: str) -> None:
        if len(self.said) == self._lives:
            raise LineLostError("the peer closed the link")
        self.said.append(text)


class FakeLookup:
    """Answers with *facts*, an error, or never."""

    def __init__(self, facts: RouteFacts | Exception | None) -> None:
        self.asked: list[tuple[str, str, str, str, str | None]] = []
        self._facts = facts

    async def __call__(
        self,
        number: str,
        did: str,
        *,
        trunk: str,
        linkedid: str,
        id: str | None = None,  # noqa: A002
    ) -> RouteFacts:
        self.asked.append((number, did, trunk, linkedid, id))
        if self._facts is None:
            await asyncio.get_running_loop().create_future()
        if isinstance(self._facts, Exception):
            raise self._facts
        assert self._facts is not None
        return self._facts


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        pytest.param(
            KNOWN,
            [
                "Kind:route Match:exact Contact:c-1 Priority:5",
                "CENTRALITA_CONTACT=c-1",
                "CENTRALITA_PRIORITY=5",
                "CENTRALITA_LANGUAGE=es_MX",
                "CENTRALITA_QUEUE=gold",
                "CENTRALITA_STATUS=FOUND",
            ],
            id="a customer",
        ),
        pytest.param(
            RouteFacts(match="exact", priority=5),
            ["Kind:route Match:exact Priority:5", "CENTRALITA_PRIORITY=5", "CENTRALITA_STATUS=POSSIBLE"],
            id="one of several",
        ),
        pytest.param(RouteFacts(match="none"), ["CENTRALITA_STATUS=NONE"], id="a stranger"),
        pytest.param(OSError("database away"), ["CENTRALITA_STATUS=ERROR"], id="the look-up fails"),
        pytest.param(None, ["CENTRALITA_STATUS=TIMEOUT"], id="the look-up hangs"),
    ],
)
async def test_what_is_said(facts: RouteFacts | Exception | None, said: list[str]) -> None:
    line = FakeLine("1795311086.0", "5551001")
    await Route(FakeLookup(facts), patience_s=0.01)(line)
    assert line.said == said


@pytest.mark.parametrize(
    ("args", "headers", "asked"),
    [
        pytest.param(
            ("1.0", "5551001"), {}, ("957212000", "5551001", "provider", "1.0", None), id="as rendered"
        ),
        pytest.param(
            ("1.0", "5551001", "42"), {}, ("957212000", "5551001", "provider", "1.0", "42"), id="with an id"
        ),
        pytest.param(
            ("1.0", "", ""), {}, ("957212000", "5551001", "provider", "1.0", None), id="empty arguments"
        ),
        pytest.param(
            (), {"dnid": "unknown", "extension": "99"}, ("957212000", "99", "provider", "", None), id="bare"
        ),
        pytest.param((), {"callerid": "unknown"}, ("", "5551001", "provider", "", None), id="withheld"),
        pytest.param((), {"channel": ""}, ("957212000", "5551001", "", "", None), id="no channel"),
    ],
)
async def test_what_is_asked(
    args: tuple[str, ...], headers: dict[str, str], asked: tuple[str, str, str, str, str | None]
) -> None:
    lookup = FakeLookup(KNOWN)
    await Route(lookup)(FakeLine(*args, **headers))
    assert lookup.asked == [asked]


async def test_a_lost_line_ends_the_flow() -> None:
    line = FakeLine(lives=2)
    with pytest.raises(LineLostError):
        await Route(FakeLookup(KNOWN))(line)
    assert len(line.said) == 2


@pytest.mark.parametrize("queue", ["a,b", "${EXTEN}", "", "x" * 81, "ventas\n"])
def test_a_queue_that_no_dialplan_has_is_not_said(queue: str) -> None:
    assert "CENTRALITA_QUEUE" not in variables(RouteFacts(match="exact", queue=queue))


def test_a_language_that_is_no_tag_is_not_said() -> None:
    assert variables(RouteFacts(match="exact", language="es,x")) == {}


def test_a_priority_is_never_below_zero() -> None:
    facts = RouteFacts(match="exact", priority=-3)
    assert variables(facts) == {"CENTRALITA_PRIORITY": "0"}
    assert told(facts)["Priority"] == "0"


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ("es", "es"),
        ("es-MX", "es_MX"),
        ("en_gb", "en_GB"),
        ("es-419", "es"),
        ("zh-Hant-TW", "zh_TW"),
        ("ast", "ast"),
        ("", None),
        ("e", None),
        ("es,x", None),
    ],
)
def test_a_language_as_asterisk_names_it(tag: str, name: str | None) -> None:
    assert sound_language(tag) == name


@pytest.mark.parametrize(
    ("channel", "trunk"),
    [
        ("PJSIP/provider-0000001a", "provider"),
        ("SIP/mi-trunk-000000ff", "mi-trunk"),
        ("Local/101@from-agents-00000001;1", ""),
        ("DAHDI/i1/957212000-1", "i1/957212000"),
        ("rubbish", ""),
    ],
)
def test_the_trunk_in_a_channels_name(channel: str, trunk: str) -> None:
    assert trunk_of(channel) == trunk


def test_the_number_called_falls_back_to_the_line() -> None:
    assert did_of(FakeLine("1.0").request) == "5551001"
