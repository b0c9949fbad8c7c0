"""What the doctor asks of an exchange before Asterisk 12: does it name calls, and whom its queues call."""

from __future__ import annotations

import asyncio

import pytest
from integration.ami_bridge.scripted import ANSWERS, SECRET, Asked, exchange, refusal, success
from lab.desk import until

from ami_bridge.wire.client import AmiClient, AmiSettings
from centralita.clock import utc_now
from centralita.doctor_elder import CALLS_NAMED, QUEUES_TELL, examine_elder
from centralita.doctor_pbx import Ear
from centralita.findings import Finding

NAMED = ("ok", "New channels say of which call they are.", None)
UNNAMED = ("warning", "New channels do not say of which call they are.", CALLS_NAMED)
TOLD = ("ok", "The queues tell whom they call.", None)
TELLS = ("eventwhencalled=vars", "eventmemberstatus = yes")
GENERAL: dict[str, tuple[str, ...]] = {"general": ("enabled=yes",)}
LINKED = {"general": ("enabled=yes", "channelvars => DIALSTATUS,CHANNEL(linkedid)")}


def silent(*queues: str) -> tuple[str, str, str]:
    return ("warning", f"These queues do not tell whom they call: {', '.join(queues)}.", QUEUES_TELL)


def unseen(what: str, change: str, file: str) -> tuple[str, str, str]:
    return ("unknown", f"Whether {what} cannot be seen: {file} may not be read.", change)


@pytest.fixture(autouse=True)
def in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "en")


def conf(asked: Asked, categories: dict[str, tuple[str, ...]]) -> bytes:
    """Answer GetConfig as Asterisk does: categories and their lines, numbered."""
    lines = []
    for n, (category, said) in enumerate(categories.items()):
        lines.append(f"Category-{n:06}: {category}")
        lines += [f"Line-{n:06}-{m:06}: {line}" for m, line in enumerate(said)]
    return success(asked, *lines)


async def found(
    version: str,
    manager: dict[str, tuple[str, ...]] | None = None,
    queues: dict[str, tuple[str, ...]] | None = None,
) -> tuple[list[Finding], list[Asked]]:
    """Return what the doctor says if the files hold that (None: they may not be read), and what he asks."""
    files = {"manager.conf": manager, "queues.conf": queues}

    def answer(asked: Asked) -> bytes:
        held = files[asked["Filename"]]
        return refusal(asked, "Permission denied") if held is None else conf(asked, held)

    ear = Ear()
    greeting = f"Asterisk Call Manager/{version}\r\n".encode()
    async with exchange(greeting=greeting, answers={**ANSWERS, "GetConfig": answer}) as pbx:
        settings = AmiSettings(host="127.0.0.1", port=pbx.port, user="u", secret=SECRET, only_reads=True)
        client = AmiClient(settings, sink=ear, now=utc_now)
        link = asyncio.create_task(client.run())
        try:
            await until(lambda: ear.is_up)
            findings = await examine_elder("pbx.main", client)
        finally:
            link.cancel()
            await asyncio.wait([link])
        return findings, [asked for asked in pbx.asked if asked["Action"] == "GetConfig"]


@pytest.mark.parametrize(
    ("manager", "queues", "expected"),
    [
        pytest.param(LINKED, {"sales": TELLS}, [NAMED, TOLD], id="both are told"),
        pytest.param(
            GENERAL,
            {"general": TELLS, "sales": TELLS[:1], "support": TELLS, "night": ()},
            [UNNAMED, silent("night", "sales")],
            id="neither",
        ),
        pytest.param(
            {}, {"sales": ("eventwhencalled=no", TELLS[1])}, [UNNAMED, silent("sales")], id="switched off"
        ),
        pytest.param(
            None,
            {"general": ()},
            [
                unseen("new channels say of which call they are", CALLS_NAMED, "manager.conf"),
                unseen("the queues tell whom they call", QUEUES_TELL, "queues.conf"),
            ],
            id="it may not be read, and queues stand elsewhere",
        ),
    ],
)
async def test_what_the_configuration_says(
    manager: dict[str, tuple[str, ...]] | None,
    queues: dict[str, tuple[str, ...]] | None,
    expected: list[tuple[str, str, str | None]],
) -> None:
    findings, asked = await found("1.3", manager, queues)
    assert [(one.level, one.what, one.change) for one in findings] == expected
    assert asked[0]["Category"] == "general"  # the secrets of others are not asked for


async def test_asterisk_1_4_has_no_name_for_a_call() -> None:
    findings, asked = await found("1.0", None, {"sales": TELLS})
    assert [(one.level, one.what, one.change) for one in findings] == [TOLD]
    assert [one["Filename"] for one in asked] == ["queues.conf"]


async def test_later_ones_always_tell_and_are_not_asked() -> None:
    assert await found("11.0.0") == ([], [])
