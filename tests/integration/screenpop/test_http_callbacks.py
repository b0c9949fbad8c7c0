"""Callbacks over REST: listed first due first, taken off the list."""

from __future__ import annotations

from datetime import timedelta

from integration.screenpop.house import House
from unit.screenpop.fakes import START

from crm_core.domain.callbacks import Callback
from crm_core.services import callbacks

PATH = "/api/v1/callbacks"


async def ask(house: House, number: str, *, due_s: float = 0) -> Callback:
    kept: Callback = await house.db.run(
        callbacks.ask,
        number=number,
        call_id=None,
        did="5551001",
        due_at=START + timedelta(seconds=due_s),
        now=START,
    )
    return kept


async def test_who_waits_is_listed_page_by_page(house: House) -> None:
    numbers = ["+34957212001", "+34957212002", "+34957212003"]
    for number, due_s in zip(numbers, (30, 10, 20), strict=True):
        await ask(house, number, due_s=due_s)
    ana = await house.person()

    page = (await ana.get(f"{PATH}?limit=2")).body
    rest = (await ana.get(f"{PATH}?limit=2&cursor={page['next']}")).body

    assert [one["number"] for one in page["items"] + rest["items"]] == [numbers[n] for n in (1, 2, 0)]
    assert rest["next"] is None


async def test_who_need_not_be_rung_is_taken_off_and_twice_is_once(house: House) -> None:
    kept = await ask(house, "+34957212001")
    ana, eva = await house.person(), await house.person("eva")

    done = await ana.ask("PUT", f"{PATH}/{kept.id}/done")
    again = await eva.ask("PUT", f"{PATH}/{kept.id}/done")

    assert (done.status, done.body["done_by"]) == (200, "u-ana")
    assert again.body == done.body
    assert (await ana.get(PATH)).body["items"] == []


async def test_what_is_not_there_is_not_found(house: House) -> None:
    ana = await house.person()
    answer = await ana.ask("PUT", f"{PATH}/00000000-0000-7000-8000-000000000000/done")
    assert (answer.status, answer.code) == (404, "not_found")


async def test_who_only_reads_takes_nobody_off(house: House) -> None:
    kept = await ask(house, "+34957212001")
    auditor = house.system("auditor")

    assert len((await auditor.get(PATH)).body["items"]) == 1
    assert (await auditor.ask("PUT", f"{PATH}/{kept.id}/done")).status == 403
