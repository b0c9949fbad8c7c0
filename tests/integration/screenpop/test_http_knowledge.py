"""What we know, by REST; and what everybody may read, where the site shows it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from integration.screenpop.house import House, Person, open_house

ARTICLES, FAQ = "/api/v1/articles", "/api/v1/faq"
COLD = {
    "title_es": "Cámara que no enfría",
    "text_es": "# Limpie\n\n<script>alert(1)</script> [x](javascript:alert(1))",
    "title_en": None,
    "text_en": None,
    "category_id": None,
    "product_line_id": None,
    "stand": "published",
    "is_public": True,
}


@pytest.fixture
async def eva(house: House) -> Person:
    return await house.person("eva")


async def written(somebody: Person, **more: Any) -> dict[str, Any]:
    answer = await somebody.post(ARTICLES, COLD | more)
    assert answer.status == 201, answer.body
    return answer.body  # type: ignore[no-any-return]


async def test_an_article_is_written_changed_and_found(house: House, eva: Person) -> None:
    first = await written(eva)
    assert {name: first[name] for name in COLD} == COLD
    here, ana = f"{ARTICLES}/{first['id']}", await house.person("ana")
    assert (await ana.get(here)).body == first
    after = await eva.ask(
        "PATCH", here, {"title_en": "No cold", "text_en": "Hose"}, headers={"If-Match": '"1"'}
    )
    assert (after.status, after.body["version"], after.headers["ETag"]) == (200, 2, '"2"')
    late = await eva.ask("PATCH", here, {"title_en": "Late"}, headers={"If-Match": '"1"'})
    assert (late.status, late.body["newer"]) == (412, after.body)
    assert (await ana.post(ARTICLES, COLD)).code == "not_allowed"
    house.stage.clock.passes(1)
    await written(eva, title_es="Puerta", text_es="Engrase", stand="draft")
    for params, titles in (
        ({}, ["Puerta", "Cámara que no enfría"]),
        ({"q": "camara"}, ["Cámara que no enfría"]),
        ({"q": "hose", "stand": "draft"}, []),
        ({"stand": "draft"}, ["Puerta"]),
        ({"limit": "1"}, ["Puerta"]),
    ):
        answer = await ana.get(ARTICLES, params=params)
        assert [one["article"]["title_es"] for one in answer.body["items"]] == titles, params
    more = await ana.get(ARTICLES, params={"limit": "1", "cursor": answer.body["next"]})
    assert [one["article"]["id"] for one in more.body["items"]] == [first["id"]]
    (group,) = (await ana.get("/api/v1/search", params={"q": "enfria"})).body["groups"]
    assert (group["kind"], group["items"][0]["id"]) == ("article", first["id"])


async def test_everything_wrong_is_told_at_once(eva: Person) -> None:
    answer = await eva.post(ARTICLES, {"title_es": "x" * 201, "text_es": "\0", "stand": "lost", "colour": 1})
    assert answer.faults == {
        ("title_es", "too_long"),
        ("text_es", "not_text"),
        ("stand", "literal_error"),
        ("colour", "extra_forbidden"),
    }
    answer = await eva.post(ARTICLES, {"title_es": "x", "text_en": "y"})
    assert (answer.status, answer.faults) == (422, {("text_es", "missing"), ("title_en", "missing")})
    answer = await eva.post(ARTICLES, COLD | {"category_id": "00000000-0000-7000-8000-000000000000"})
    assert answer.faults == {("category_id", "unknown")}


async def test_it_helps_with_an_incident(house: House, eva: Person) -> None:
    article = await written(eva)
    ana = await house.person("ana")
    incident = (await ana.post("/api/v1/incidents", {"subject": "La cámara está caliente"})).body["id"]
    here = f"/api/v1/incidents/{incident}/articles"
    assert (await ana.get(here)).body == {"solved_by": [], "suggested": [{"article": article, "helped": 0}]}
    for _ in range(2):
        assert (await ana.ask("PUT", f"{here}/{article['id']}")).status == 204
    assert (await ana.get(here)).body == {"solved_by": [{"article": article, "helped": 1}], "suggested": []}
    assert (await ana.ask("DELETE", f"{here}/{article['id']}")).status == 204
    assert (await ana.get(here)).body["solved_by"] == []
    assert (await ana.ask("PUT", f"{here}/{incident}")).code == "not_found"


async def test_nothing_is_shown_to_everybody_unless_the_site_says_so(house: House, eva: Person) -> None:
    article = await written(eva)
    for path in (FAQ, f"{FAQ}/{article['id']}", "/faq", f"/faq/{article['id']}"):
        assert (await house.stranger().get(path)).status == 404


async def test_everybody_reads_what_is_published_for_everybody(tmp_path: Path, furnished: Path) -> None:
    async with open_house(tmp_path, furnished, public_faq=True) as house:
        eva, stranger = await house.person("eva"), house.stranger()
        shown = await written(eva)
        hidden = [await written(eva, is_public=False), await written(eva, stand="draft")]
        for params in ({}, {"q": "camara"}):
            answer = await stranger.get(FAQ, params=params)
            assert [one["id"] for one in answer.body["items"]] == [shown["id"]]
        assert (await stranger.get(FAQ, params={"q": "puerta"})).body["items"] == []
        assert set((await stranger.get(f"{FAQ}/{shown['id']}")).body) == {
            "id",
            "title_es",
            "text_es",
            "title_en",
            "text_en",
            "updated_at",
        }
        page = (await stranger.get(f"/faq/{shown['id']}")).body.decode()
        assert "<h2>Limpie</h2>" in page
        assert "<script>alert" not in page
        assert 'href="javascript' not in page
        assert shown["title_es"] in (await stranger.get("/faq")).body.decode()
        for one in hidden:
            assert (await stranger.get(f"{FAQ}/{one['id']}")).status == 404
            assert (await stranger.get(f"/faq/{one['id']}")).status == 404
