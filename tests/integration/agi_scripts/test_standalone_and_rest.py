"""The stand-alone script asks the REST API itself, with a key of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from integration.agi_scripts.pipe import one_call, status
from integration.screenpop.house import House, furnish, open_house

from crm_core.db.migrate import upgrade


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    file = tmp_path / "house.db"
    upgrade(f"sqlite:///{file}")
    await furnish(file)
    async with open_house(tmp_path, file) as opened:
        yield opened


def settings(house: House, folder: Path) -> tuple[Path, str]:
    """Return a file with a key that the house knows, and the key."""
    key = house.system().headers["Authorization"].removeprefix("Bearer ")
    conf = folder / "agi.conf"
    conf.touch(mode=0o600)
    conf.write_text(f"[centralita]\nurl = {house.origin}\ntoken = {key}\n")
    return conf, key


async def test_a_customer_of_the_house_is_found(house: House, tmp_path: Path) -> None:
    new = {"given": "María", "language": "es-MX", "vip": True, "phones": [{"raw": "957212000"}]}
    contact = (await house.system().post("/api/v1/contacts", new)).body["id"]
    conf, _ = settings(house, tmp_path)
    assert await one_call(conf) == [
        f'EXEC UserEvent "Centralita,Kind: route,Match: exact,Contact: {contact},Priority: 10"',
        f'SET VARIABLE "CENTRALITA_CONTACT" "{contact}"',
        'SET VARIABLE "CENTRALITA_PRIORITY" "10"',
        'SET VARIABLE "CENTRALITA_LANGUAGE" "es_MX"',
        *status("FOUND"),
    ]


async def test_a_stranger_is_told_as_one_and_a_key_of_nobody_as_a_fault(house: House, tmp_path: Path) -> None:
    conf, key = settings(house, tmp_path)
    assert await one_call(conf) == status("NONE")
    conf.write_text(conf.read_text().replace(key, "nobodys-key"))
    assert await one_call(conf) == status("CONFIG")
