"""What more than one suite uses: a real Asterisk and PostgreSQL, once per session; nothing may be skipped."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator

import hypothesis
import pytest
import structlog
from lab import chroot, floor
from lab.pbx import Asterisk, Instance
from lab.postgresql import Server, postgresql

# A busy machine is no fault of the code.
hypothesis.settings.register_profile("busy", deadline=None)
hypothesis.settings.load_profile("busy")
LEFT: list[str] = []


@pytest.fixture(scope="session")
def asterisk() -> Iterator[Asterisk]:
    """A real Asterisk on rendered configuration, with the lab's floor on it."""
    instance = Instance(chroot.ready())
    with Asterisk(floor.settings(instance), instance) as running:
        yield running


@pytest.fixture(scope="session")
def one_floor(asterisk: Asterisk) -> floor.Floor:
    return floor.Floor(asterisk.settings, asterisk)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL without databases of ours."""
    with postgresql() as running:
        yield running


@pytest.fixture
def lab_floor(one_floor: floor.Floor, request: pytest.FixtureRequest) -> Iterator[floor.Floor]:
    """Who uses what on that Asterisk: ``with lab_floor.desk() as desk``; what a test leaves there is told."""
    yield one_floor
    LEFT.extend(f"{request.node.nodeid} left {what}" for what in one_floor.left)
    one_floor.left.clear()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell which tests left something on the floor of the laboratory, above all those that failed."""
    for line in LEFT:
        terminalreporter.write_line(line, yellow=True)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let several runs side by side share a suite."""
    parser.addoption("--share", metavar="K/N", help="run every N-th test only, from the K-th on")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what needs Asterisk, PostgreSQL or a browser, so that it can be left out; take our share."""
    for item in items:
        if "asterisk" in getattr(item, "fixturenames", ()):
            item.add_marker("asterisk")
        if "postgres" in getattr(item, "fixturenames", ()):
            item.add_marker("postgresql")
        if "browser" in item.path.parts:
            item.add_marker("browser")
    if share := config.getoption("share"):
        first, of = (int(number) for number in share.split("/"))
        items[:] = [
            item
            for place, item in enumerate(items)
            if place % of == first - 1 or item.get_closest_marker("each_share")
        ]


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run of continuous integration in which a test was skipped."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") == "true" and reporter is not None and reporter.stats.get("skipped"):
        reporter.write_line("skipped tests count as failed under CI=true", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    """Log to who reads the test; undo what a command set up: its logs go to a stream that ends with its test.

    Tracebacks are plain, as ``centralita.logs`` has them: a drawn one keeps the loop for seconds.
    """
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    *before, _ = structlog.get_config()["processors"]
    draw = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*before, draw])
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)
