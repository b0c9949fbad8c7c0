"""Who must not be called: the list by REST, and a warning before he is dialled by hand."""

from __future__ import annotations

from integration.screenpop.house import House

V1 = "/api/v1"
LIST = f"{V1}/do-not-call"
NUMBER = "+34957212001"
WHY = {"number": "957 21 20 01", "why": "asked by telephone"}


async def test_the_list(house: House) -> None:
    ana, eva = await house.person("ana"), await house.person("eva")
    added = await ana.post(LIST, WHY)
    assert (added.status, added.body["number"], added.body["by"]) == (201, NUMBER, "u-ana")
    await ana.post(LIST, WHY | {"number": "957212002"})
    first = (await eva.get(LIST, params={"limit": "1"})).body
    assert [one["number"] for one in first["items"]] == [NUMBER]
    rest = (await eva.get(LIST, params={"cursor": first["next"]})).body
    assert ([one["number"] for one in rest["items"]], rest["next"]) == (["+34957212002"], None)
    assert (await eva.get(LIST, params={"begin": "+33"})).body["items"] == []
    assert (await eva.ask("DELETE", f"{LIST}/{NUMBER}")).status == 204
    assert (await eva.ask("DELETE", f"{LIST}/{NUMBER}")).status == 404


async def test_what_cannot_be_on_it(house: House) -> None:
    ana = await house.person("ana")
    wrong = await ana.post(LIST, {"number": "", "why": "", "more": 1})
    assert wrong.faults == {
        ("number", "string_too_short"),
        ("why", "string_too_short"),
        ("more", "extra_forbidden"),
    }
    assert (await ana.post(LIST, WHY | {"number": "112"})).faults == {("number", "number_emergency")}
    assert (await (await house.person("eva")).get(LIST, params={"begin": "957"})).status == 422


async def test_who_dials_by_hand_is_warned_and_may(house: House) -> None:
    ana = await house.person("ana")
    await ana.post(LIST, WHY)
    for writing in ("957212001", "+34 957 21 20 01"):
        answer = await ana.post(f"{V1}/calls", {"number": writing})
        assert (answer.status, answer.code) == (409, "do_not_call")
    assert house.control.asked == []
    assert (await ana.post(f"{V1}/calls", {"number": "957212001", "regardless": True})).status == 202
    assert (await ana.post(f"{V1}/calls", {"number": "957212009"})).status == 202
    assert len(house.control.asked) == 2
