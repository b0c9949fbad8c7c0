"""A call's record as it is kept: nothing is lost, little room is taken, what was kept before is read."""

from __future__ import annotations

import pytest
from contract.crm_core.kit import House, a_call

from crm_core.db.call_record import packed, unpacked
from crm_core.domain.calls import Anomaly, call_to_json
from crm_core.ports import UnitOfWork


def test_a_record_is_the_call() -> None:
    for told in (
        a_call(0),
        a_call(60, outcome="abandoned"),
        a_call(0, anomalies=[Anomaly(at=a_call(0).started_at, kind="ñ")]),
    ):
        assert unpacked(packed(told)) == told


def test_a_record_takes_a_quarter_of_its_text_at_most() -> None:
    assert len(packed(a_call(0))) * 4 < len(call_to_json(a_call(0)))


def test_a_record_of_before_is_plain() -> None:
    assert unpacked(call_to_json(a_call(0))) == a_call(0)


def test_a_record_of_a_newer_version_is_told() -> None:
    with pytest.raises(ValueError, match="begins with"):
        unpacked(b"\x02x")


def test_a_damaged_record_is_none() -> None:
    with pytest.raises(ValueError, match="Error -3"):
        unpacked(b"\x01" + b"\xff" * 9)


async def test_a_call_that_was_kept_plain_is_found_and_kept_anew(house: House) -> None:
    told = a_call(0)
    await house.record(told)
    await house.db.run(_made_plain, text=call_to_json(told))

    assert (await house.call(told.id)).segments == told.segments


def _made_plain(uow: UnitOfWork, *, text: bytes) -> None:
    connection = uow.contacts._connection  # type: ignore[attr-defined]
    cursor = connection.connection.cursor()
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    cursor.execute(f"UPDATE call SET record = {mark} WHERE id = {mark}", (text, a_call(0).id))  # noqa: S608
