"""What a log line holds, and what it must not."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from centralita import logs


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    yield io.StringIO()
    structlog.reset_defaults()
    logging.basicConfig(handlers=[logging.NullHandler()], force=True)


@pytest.mark.parametrize(
    ("level", "shown"),
    [pytest.param("info", "…000", id="info"), pytest.param("debug", "+34957212000", id="debug")],
)
def test_numbers_are_whole_for_debugging_only(written: io.StringIO, level: str, shown: str) -> None:
    logs.set_up(level, stream=written)
    structlog.get_logger().warning("a call", number="+34957212000", did="5551001", ani=None)
    line = json.loads(written.getvalue())
    assert (line["event"], line["level"], line["number"]) == ("a call", "warning", shown)
    assert line["did"] == "5551001"


def test_secrets_never_get_there(written: io.StringIO) -> None:
    logs.set_up("debug", stream=written)
    structlog.get_logger().info("logging in", secret="s3cr3t", password="p4ss")
    assert "s3cr3t" not in written.getvalue()
    assert "p4ss" not in written.getvalue()


def test_what_is_below_the_level_is_not_written(written: io.StringIO) -> None:
    logs.set_up("warning", stream=written)
    structlog.get_logger().info("nothing to worry about")
    assert written.getvalue() == ""


def test_libraries_are_heard_from_warning_on(written: io.StringIO) -> None:
    logs.set_up("info", stream=written)
    logging.getLogger("aiohttp").info("chatter")
    logging.getLogger("aiohttp").warning("trouble with %s", "a peer")
    (line,) = written.getvalue().splitlines()
    assert json.loads(line)["event"] == "trouble with a peer"


def test_an_exception_is_one_line(written: io.StringIO) -> None:
    logs.set_up("info", stream=written)
    try:
        _ = {}["missing"]
    except KeyError:
        structlog.get_logger().exception("a part failed")
    (line,) = written.getvalue().splitlines()
    assert "KeyError: 'missing'" in json.loads(line)["exception"]


class Terminal(io.StringIO):
    """Where a person reads along."""

    def isatty(self) -> bool:
        return True


def test_before_a_person_an_exception_is_a_plain_traceback() -> None:
    """A drawn one, with the values of all names, keeps the event loop for seconds."""
    screen = Terminal()
    logs.set_up("info", stream=screen)
    try:
        _ = {}["missing"]
    except KeyError:
        structlog.get_logger().exception("a part failed")
    assert "KeyError: 'missing'" in screen.getvalue()
    assert "─" not in screen.getvalue()
