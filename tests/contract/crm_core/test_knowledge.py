"""What we know is kept, found, proposed beside incidents, and counted where it helped."""

from __future__ import annotations

from typing import Any

import pytest
from contract.crm_core.kit import NOW, REGION, House, a_contact, at

from crm_core.domain.errors import InvalidError, NotFoundError, VersionConflictError
from crm_core.domain.events import ArticleChanged, IncidentSolvedBy
from crm_core.domain.found import FoundArticle
from crm_core.domain.knowledge import Article, Listed, Wanted
from crm_core.services import audit, knowledge, search, service_levels


async def write(house: House, key: str, title: str, text: str = "Limpie el filtro.", **more: Any) -> Article:
    facts: dict[str, Any] = {"created_at": NOW, "created_by": "eva", "updated_at": NOW, "stand": "published"}
    made: Article = await house.db.run(
        knowledge.add, article=Article(id=key, title_es=title, text_es=text, **facts | more), now=NOW
    )
    return made


async def change(house: House, article: Article, seconds: int = 5, **changes: Any) -> Article:
    after: Article = await house.db.run(
        knowledge.change,
        article_id=article.id,
        version=article.version,
        changes=changes,
        by="tom",
        now=at(seconds),
    )
    return after


async def listed(house: House, **more: Any) -> list[str]:
    wanted = Wanted(**more)
    return [one.article.id for one in await house.db.read(knowledge.find, wanted=wanted, limit=9)]


async def found(house: House, q: str, **more: Any) -> list[str]:
    rows = await house.db.read(knowledge.having, q=q, wanted=Wanted(**more), region=REGION)
    return [one.article.id for one in rows]


async def test_it_is_kept_changed_and_told(house: House) -> None:
    first = await write(house, "a", "No enfría", stand="draft")
    assert await house.db.read(knowledge.get, article_id="a") == first
    after = await change(
        house, first, stand="published", is_public=True, title_en="No cold", text_en="Clean it."
    )
    assert await house.db.read(knowledge.get, article_id="a") == after
    assert await change(house, after, title_en="No cold") == after
    with pytest.raises(VersionConflictError) as raised:
        await change(house, first, title_es="x")
    assert raised.value.newer == after
    with pytest.raises(NotFoundError):
        await house.db.read(knowledge.get, article_id="b")
    told = [one for one in house.heard if isinstance(one, ArticleChanged)]
    assert told == [
        ArticleChanged(at=NOW, by="eva", article_id="a", version=1),
        ArticleChanged(at=at(5), by="tom", article_id="a", version=2),
    ]
    (noted,) = await house.db.read(audit.last, limit=9)
    assert (noted.who, noted.what, noted.record_id) == ("tom", "article published", "a")
    assert noted.changes == {"stand": ("draft", "published"), "is_public": ("False", "True")}


async def test_who_was_changed_last_comes_first(house: House) -> None:
    for key in ("a", "b", "c"):
        await write(house, key, f"Title {key}")
    await change(house, await house.db.read(knowledge.get, article_id="b"), title_es="Other")
    assert await listed(house) == ["b", "c", "a"]
    rest = await house.db.read(knowledge.find, wanted=Wanted(), place=(NOW, "c"), limit=9)
    assert [one.article.id for one in rest] == ["a"]


async def test_which_are_looked_for(house: House) -> None:
    ids: dict[str, str] = {}
    for name, kind, parent in (
        ("Cold", "category", None),
        ("Room", "category", "Cold"),
        ("X", "product_line", None),
    ):
        fields = {"kind": kind, "name_es": name, "name_en": name, "parent_id": ids.get(parent or "")}
        ids[name] = (await house.db.run(service_levels.add_choice, fields=fields, by="eva", now=NOW)).id
    await write(house, "a", "Cámara fría", category_id=ids["Room"], product_line_id=ids["X"], is_public=True)
    await write(house, "b", "Cámara tibia", stand="draft", is_public=True)
    for ask in (listed, lambda house, **more: found(house, "camara", **more)):
        assert await ask(house) == ["b", "a"]
        assert await ask(house, category_ids=(ids["Cold"],)) == ["a"]
        assert await ask(house, product_line_id=ids["X"]) == ["a"]
        assert await ask(house, stand="draft") == ["b"]
        assert await ask(house, is_for_everybody=True) == ["a"]
    with pytest.raises(InvalidError):
        await write(house, "c", "Puerta", category_id=ids["X"])


async def test_it_is_found_by_its_words_until_it_is_retired(house: House) -> None:
    one = await write(
        house, "a", "Cámara frigorífica", "Limpie el condensador.", title_en="Cold room", text_en="Hose"
    )
    for q in ("frigo", "condensador", "cold", "hose"):
        (group,) = await house.db.read(search.everywhere, q=q, kinds=["article"], limit=9, region=REGION)
        assert group.items == (
            FoundArticle(id="a", title_es="Cámara frigorífica", title_en="Cold room", stand="published"),
        )
    after = await change(house, one, stand="retired")
    assert await found(house, "frigo") == []
    await change(house, after, stand="draft")
    assert await found(house, "frigo") == ["a"]


async def test_it_is_proposed_by_the_words_of_an_incident(house: House) -> None:
    for key, title in (("a", "Cámara ruidosa"), ("b", "Cámara con hielo"), ("c", "Compresor bloqueado")):
        await write(house, key, title)
    await write(house, "d", "Compresor de la cámara", stand="draft")
    incident = await house.incident(subject="El compresor de la cámara ha bloqueado")
    rows = await house.db.read(knowledge.suggested, incident=incident, limit=2)
    assert [one.article.id for one in rows] == ["c", "a"]
    other = await house.incident("k2", subject="No va")
    assert await house.db.read(knowledge.suggested, incident=other, limit=2) == []


async def test_it_counts_how_often_it_helped(house: House) -> None:
    article = await write(house, "a", "Cámara ruidosa")
    one, other = await house.incident("k1", subject="Cámara"), await house.incident("k2", subject="Cámara")
    for incident, second in ((one, 1), (other, 2), (other, 3)):
        await house.db.run(knowledge.link, article_id="a", incident_id=incident.id, by="ana", now=at(second))
    assert await house.db.read(knowledge.solved_by, incident_id=one.id) == [Listed(article=article, helped=2)]
    assert await house.db.read(knowledge.helped, article_id="a", limit=9) == [other, one]
    assert await house.db.read(knowledge.suggested, incident=one, limit=9) == []
    for _ in range(2):
        await house.db.run(knowledge.unlink, article_id="a", incident_id=other.id, by="ana", now=at(4))
    assert [row.helped for row in await house.db.read(knowledge.find, wanted=Wanted(), limit=9)] == [1]
    told = [one for one in house.heard if isinstance(one, IncidentSolvedBy)]
    assert [(event.incident_id, event.is_so) for event in told] == [
        (one.id, True),
        (other.id, True),
        (other.id, False),
    ]
    with pytest.raises(NotFoundError):
        await house.db.run(knowledge.link, article_id="b", incident_id=one.id, by="ana", now=NOW)


async def test_that_it_helped_stays_when_who_asked_is_erased(house: House) -> None:
    await house.add(a_contact("ana", numbers=["957212001"]))
    await write(house, "a", "Cámara ruidosa")
    incident = await house.incident(contact_id="ana", subject="Cámara")
    await house.db.run(knowledge.link, article_id="a", incident_id=incident.id, by="ana", now=NOW)
    await house.db.run(lambda uow: uow.privacy.forget("ana", ["+34957212001"]))
    (row,) = await house.db.read(knowledge.find, wanted=Wanted(), limit=9)
    assert row.helped == 1
