"""A hub behind a real websocket server, and the web application over a real database, on loopback."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from integration.screenpop.desk import Desk, served
from integration.screenpop.house import House, furnish, open_house

from crm_core.db import database
from crm_core.db.migrate import upgrade


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for a disk that stalls: when a database counts as away is tried on the database itself."""
    monkeypatch.setattr(database, "AWAY_S", 20.0)


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        yield bound


@pytest.fixture
async def desk(listener: socket.socket) -> AsyncIterator[Desk]:
    async with served(listener) as opened:
        yield opened


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with people and keys in it."""
    file = tmp_path_factory.mktemp("database") / "furnished.db"
    upgrade(f"sqlite:///{file}")
    asyncio.run(furnish(file))
    return file


@pytest.fixture
async def house(tmp_path: Path, furnished: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path, furnished) as opened:
        yield opened
