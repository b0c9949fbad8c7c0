"""Lines: kept by exchange, kind and code; a change is told with the line, one by who knew less is refused."""

from __future__ import annotations

from typing import Any

import pytest
from contract.crm_core.kit import NOW, House
from msgspec.structs import replace

from crm_core.domain.errors import InvalidError, NotFoundError, VersionConflictError
from crm_core.domain.events import LineChanged, LineRemoved
from crm_core.domain.lines import Line
from crm_core.services import lines

SALES = Line(pbx="main", kind="queue", code="sales", name="Ventas")
NUMBER = Line(
    pbx="main",
    kind="did",
    code="5551001",
    name="Hostelería Sur",
    colour="blue",
    greeting_es="Hostelería Sur, dígame",
    greeting_en="Hostelería Sur, good morning",
    caller_id="+34957000200",
    crm_url="https://crm.example.com/find?phone={number}",
    crm_mode="frame",
)


async def put(house: House, line: Line, version: int | None = None) -> Line:
    kept: Line = await house.db.run(lines.put, line=line, version=version, by="eva", now=NOW)
    return kept


async def test_what_is_kept_is_read_back_in_order(house: House) -> None:
    other = replace(NUMBER, pbx="far")
    for line in (SALES, NUMBER, other):
        assert await put(house, line) == line

    assert await house.db.read(lines.every) == [other, NUMBER, SALES]
    assert await house.db.read(lines.get, key=("main", "did", "5551001")) == NUMBER


async def test_a_change_makes_the_next_version_and_is_told(house: House) -> None:
    await put(house, SALES)
    changed = await put(house, replace(SALES, name="Ventas Sur"), version=1)

    assert (changed.name, changed.version) == ("Ventas Sur", 2)
    assert house.heard[-1] == LineChanged(at=NOW, by="eva", line=changed)
    assert await house.db.read(lines.every) == [changed]


async def test_what_changes_nothing_is_told_to_nobody(house: House) -> None:
    kept = await put(house, SALES)

    assert await put(house, SALES, version=1) == kept
    assert len(house.heard) == 1


@pytest.mark.parametrize(
    ("known", "is_there"),
    [
        pytest.param(None, True, id="made by two"),
        pytest.param(7, True, id="changed meanwhile"),
        pytest.param(1, False, id="removed meanwhile"),
    ],
)
async def test_who_knew_less_is_told_what_is_kept(house: House, known: int | None, *, is_there: bool) -> None:
    if is_there:
        await put(house, SALES)

    with pytest.raises(VersionConflictError) as told:
        await put(house, replace(SALES, name="Other"), version=known)
    assert told.value.newer == (SALES if is_there else None)


async def test_a_line_is_forgotten(house: House) -> None:
    await put(house, SALES)
    asked: dict[str, Any] = {"key": SALES.key, "by": "eva", "now": NOW}

    with pytest.raises(VersionConflictError):
        await house.db.run(lines.remove, version=3, **asked)
    await house.db.run(lines.remove, version=1, **asked)

    assert house.heard[-1] == LineRemoved(at=NOW, by="eva", line=SALES)
    with pytest.raises(NotFoundError):
        await house.db.run(lines.remove, version=1, **asked)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        pytest.param("name", " ", id="no name"),
        pytest.param("caller_id", "+34 957", id="a blank in the caller's number"),
        pytest.param("caller_id", '"Bank" <1>', id="a name beside it"),
        pytest.param("caller_id", "957\r\nAction: Logoff", id="a line more"),
        pytest.param("crm_url", "javascript:alert(1)", id="a script"),
        pytest.param("crm_url", "//crm.example.com", id="no scheme"),
        pytest.param("crm_url", "https://{number}.example.com", id="the caller says which host"),
        pytest.param("crm_url", "https://user@crm.example.com", id="a user"),
        pytest.param("crm_url", "https://crm.example.com/{name}", id="a placeholder nobody knows"),
        pytest.param("crm_url", "https://crm.example.com/{number", id="a brace left open"),
        pytest.param("crm_url", "https://crm.example.com/a b", id="a blank"),
        pytest.param("crm_url", "https://[::1", id="half a host"),
        pytest.param("crm_url", "https://crm.example.com;frame-src", id="a policy in the host"),
    ],
)
async def test_what_cannot_be_is_not_kept(house: House, field: str, value: str) -> None:
    with pytest.raises(InvalidError) as told:
        await put(house, replace(SALES, **{field: value}))
    assert told.value.field == field
    assert await house.db.read(lines.every) == []
