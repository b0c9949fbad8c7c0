"""Looking for anything by REST, and the pages that show what is found."""

from __future__ import annotations

import pytest
from integration.screenpop.house import House, Person

SEARCH = "/api/v1/search"


@pytest.fixture
async def ana(house: House) -> Person:
    person = await house.person("ana")
    for given, raw in (("María", "957 21 20 00"), ("Mario", "600 00 20 00"), ("Marina", "951 00 00 01")):
        told = {"given": given, "family": "<b>Fernández</b>", "phones": [{"raw": raw}]}
        answer = await person.post("/api/v1/contacts", told)
        assert answer.status == 201
    first = (await person.get("/api/v1/contacts?q=mar%C3%ADa")).body["items"][0]
    answer = await person.post(
        "/api/v1/incidents", {"subject": "Cámara <i>fría</i>", "contact_id": first["id"]}
    )
    assert answer.status == 201
    return person


async def test_what_is_found_stands_by_kind(ana: Person) -> None:
    answer = await ana.get(f"{SEARCH}?q=mar")

    assert answer.status == 200
    assert [
        (group["kind"], [one.get("name", one.get("number")) for one in group["items"]])
        for group in answer.body["groups"]
    ] == [
        ("contact", ["Marina <b>Fernández</b>", "Mario <b>Fernández</b>", "María <b>Fernández</b>"]),
        ("incident", ["INC-10001"]),
    ]


async def test_a_kind_is_read_on_by_its_cursor(ana: Person) -> None:
    first = (await ana.get(f"{SEARCH}?q=mar&kind=contact&limit=2")).body["groups"][0]
    last = (await ana.get(f"{SEARCH}?q=mar&kind=contact&limit=2&cursor={first['next']}")).body["groups"][0]

    assert [one["name"].split()[0] for one in (*first["items"], *last["items"])] == [
        "Marina",
        "Mario",
        "María",
    ]
    assert last["next"] is None


async def test_nothing_is_found(ana: Person) -> None:
    assert (await ana.get(f"{SEARCH}?q=zzz")).body == {"groups": []}


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        pytest.param("", 422, "invalid", id="without a question"),
        pytest.param("?q=" + "a" * 101, 422, "invalid", id="too long"),
        pytest.param("?q=a&kind=house", 422, "invalid", id="of no kind"),
        pytest.param("?q=a&limit=51", 422, "invalid", id="too many"),
        pytest.param("?q=a&x=1", 422, "invalid", id="an unknown parameter"),
        pytest.param("?q=a%00b", 400, "malformed", id="NUL"),
        pytest.param("?q=a&cursor=d2hvbGUKMQ", 400, "bad_cursor", id="a cursor without a kind"),
        pytest.param("?q=a&kind=contact&cursor=x", 400, "bad_cursor", id="no cursor"),
        pytest.param("?q=a&kind=contact&cursor=b3RoZXIKMQ", 400, "bad_cursor", id="of an unknown step"),
        pytest.param("?q=a&kind=contact&cursor=d2hvbGUKLTE", 400, "bad_cursor", id="a place that is none"),
        pytest.param(
            "?q=a&kind=contact&cursor=d2hvbGUKOTk5OTk5OTk5OTk5OTk5OTk5OTk", 400, "bad_cursor", id="too far"
        ),
    ],
)
async def test_what_cannot_be_asked(ana: Person, query: str, status: int, code: str) -> None:
    answer = await ana.get(SEARCH + query)

    assert (answer.status, answer.code) == (status, code)


async def test_the_page_shows_what_is_found_as_text_and_marks_what_was_asked_for(ana: Person) -> None:
    answer = await ana.get("/search?q=mar%20957")

    text = answer.body.decode()
    assert answer.status == 200
    assert "<mark>Mar</mark>ía &lt;b&gt;Fernández&lt;/b&gt;" in text
    assert "<mark>957</mark> 21 20 00" in text
    assert "<b>" not in text
    options = (await ana.get("/search/options?q=camara")).body.decode()
    assert "<mark>Cámara</mark> &lt;i&gt;fría&lt;/i&gt;" in options


async def test_a_page_of_many_leads_on(ana: Person) -> None:
    for n in range(20):
        await ana.post("/api/v1/contacts", {"given": "Luz", "family": f"Gil{n}"})
    text = (await ana.get("/search?q=luz")).body.decode()
    assert text.count('class="hit plain"') == 20
    assert "kind=contact" not in text

    await ana.post("/api/v1/contacts", {"given": "Luz", "family": "Gil20"})
    text = (await ana.get("/search?q=luz")).body.decode()
    href = text.split('class="btn" href="')[1].split('"')[0].replace("&amp;", "&")
    assert "Gil0" in (await ana.get(href)).body.decode()


@pytest.mark.parametrize("path", ["/search", "/search/options"])
@pytest.mark.parametrize("q", [pytest.param("a" * 101, id="too long"), pytest.param("a%07b", id="no text")])
async def test_a_page_is_asked_for_no_more_than_rest_is(ana: Person, path: str, q: str) -> None:
    assert (await ana.get(f"{path}?q={q}")).status == (await ana.get(f"{SEARCH}?q={q}")).status
    assert (await ana.get(f"{path}?q=")).status == 200


async def test_the_longest_question_is_answered_on_the_page(ana: Person) -> None:
    assert (await ana.get(f"/search?q={'a' * 100}")).status == 200
