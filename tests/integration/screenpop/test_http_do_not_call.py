"""Who must not be called: the list by REST, and a warning before he is dialled by hand."""

from __future__ import annotations

from integration.screenpop.house import Answer, House, Person

V1 = "/api/v1"
LIST = f"{V1}/do-not-call"
NUMBER = "+34957212001"
WHY = {"number": "957 21 20 01", "why": "asked by telephone"}


async def lifted(who: Person, why: str = "asked again") -> Answer:
    return await who.ask("DELETE", f"{LIST}/{NUMBER}", params={"why": why})


async def test_why_a_number_is_not_called(house: House) -> None:
    ana, eva = await house.person("ana"), await house.person("eva")
    await ana.post(LIST, WHY)
    assert (await lifted(ana)).code == "not_allowed"
    assert (await lifted(eva, why=" ")).faults == {("why", "string_too_short")}
    await lifted(eva)
    told = (await ana.get(f"{LIST}/957 21 20 01")).body
    assert (told["number"], told["is_forbidden"], told["excluded"]) == (NUMBER, False, None)
    assert [(one["by"], one["why"]) for one in told["lifted"]] == [("u-eva", "asked again")]
    assert (await ana.get(f"{LIST}/112")).faults == {("number", "number_emergency")}


async def test_a_list_is_read_and_given_out_again(house: House) -> None:
    eva = await house.person("eva")
    rows = "phone\n957 21 20 01\n112\n=1+1\n957212001\n+33 1 42 68 53 00\n"
    query = {"why": "law <b>7</b>"}

    async def sent(text: str = rows, **more: str) -> Answer:
        return await eva.ask(
            "POST",
            f"{LIST}/list",
            params=query | more,
            data=text.encode(),
            headers={"Content-Type": "text/csv"},
        )

    dry = (await sent(dry_run="true")).body
    assert (dry["numbers"], dry["added"]) == (2, 0)
    done = (await sent()).body
    assert (done["numbers"], done["added"]) == (2, 2)
    assert [(one["line"], one["reason"]) for one in done["rejected"]] == [
        (3, "bad_number"),
        (4, "bad_number"),
        (5, "duplicate_in_file"),
    ]
    assert (await sent()).body["added"] == 0
    assert (await sent("name\nAna\n")).faults == {("file", "no_number_column")}
    assert (await sent(why="")).faults == {("why", "string_too_short")}

    table = (await eva.get("/do-not-call.csv")).body.decode()
    assert [line.split(",")[0] for line in table.splitlines()[:2]] == ["phone", "0033142685300"]
    assert (await sent(table)).body["numbers"] == 2


async def test_only_who_may_lifts_the_mark_at_a_phone(house: House) -> None:
    ana, eva = await house.person("ana"), await house.person("eva")
    new = {"given": "Zoe", "phones": [{"raw": "957212001", "do_not_call": True}]}
    zoe = (await ana.post(f"{V1}/contacts", new)).body
    here = f"{V1}/contacts/{zoe['id']}"
    phone = f"{here}/phones/{zoe['phones'][0]['id']}"
    headers = {"If-Match": '"1"'}
    marked = (await ana.get(f"{LIST}/957212001")).body
    assert (marked["is_forbidden"], marked["marked"]) == (True, [zoe["id"]])
    for ask in (
        ana.ask("PATCH", phone, {"do_not_call": False}, headers=headers),
        ana.ask("DELETE", phone, headers=headers),
        ana.ask("PATCH", here, {"phones": []}, headers=headers),
    ):
        assert (await ask).faults == {("phones", "may_not_lift")}
    assert (await ana.ask("PATCH", here, {"given": "Zoé"}, headers=headers)).status == 200
    left = await eva.ask("PATCH", phone, {"do_not_call": False}, headers={"If-Match": '"2"'})
    assert (left.status, left.body["phones"][0]["do_not_call"]) == (200, False)
    (deed,) = (await house.system("auditor").get(f"{V1}/audit", params={"record_id": zoe["id"]})).body[
        "items"
    ]
    assert (deed["who"], deed["what"]) == ("u-eva", "number readmitted")


async def test_only_who_may_lifts_the_mark_at_a_company(house: House) -> None:
    ana, eva = await house.person("ana"), await house.person("eva")
    new = {"name": "Aceites Zoe", "phones": [{"raw": "957212009", "do_not_call": True}]}
    company = (await ana.post(f"{V1}/accounts", new)).body
    here, headers = f"{V1}/accounts/{company['id']}", {"If-Match": '"1"'}
    (phone,) = company["phones"]
    for phones in ([], [{"id": phone["id"], "raw": "957212009", "do_not_call": False}]):
        refused = await ana.ask("PATCH", here, {"phones": phones}, headers=headers)
        assert refused.faults == {("phones", "may_not_lift")}
    lifted = await eva.ask("PATCH", here, {"phones": []}, headers=headers)
    assert (lifted.status, lifted.body["phones"]) == (200, [])


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
    assert (await lifted(eva)).status == 204
    assert (await lifted(eva)).status == 404


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
