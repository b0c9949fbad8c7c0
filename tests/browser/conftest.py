"""One Chromium for all tests of pages; each test has a service of its own, and nobody may complain."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from browser.kit import CHROMIUM, FLAGS, Place, Visitors, open_place, people_in
from playwright.async_api import Browser, async_playwright

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the tests of this folder share the browser's event loop."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with people in it, to be copied."""
    file = tmp_path_factory.mktemp("database") / "people.db"
    await people_in(file)
    return file


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield launched
        await launched.close()


@pytest_asyncio.fixture(loop_scope="session")
async def place(tmp_path: Path, database: Path) -> AsyncIterator[Place]:
    async with open_place(tmp_path, database) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def visitors(browser: Browser, place: Place) -> AsyncIterator[Visitors]:
    """Who opens pages; afterwards no console may have complained."""
    here = Visitors(browser, place)
    yield here
    await here.leave()
    assert here.complaints == []
