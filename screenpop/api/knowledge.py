"""What we know: articles, what they helped with, and the questions and answers that everybody may read."""

from __future__ import annotations

import secrets
from datetime import datetime
from http import HTTPStatus
from typing import Any

import msgspec
from aiohttp import web
from pydantic import ConfigDict, Field

from crm_core.domain.errors import NotFoundError
from crm_core.domain.ids import new_id
from crm_core.domain.incidents import PROSE_LENGTH, SUBJECT_LENGTH
from crm_core.domain.knowledge import Article, Listed, Stand, Wanted
from crm_core.services import incidents, knowledge
from screenpop.api.exchange import (
    Id,
    Input,
    Line,
    PageQuery,
    Prose,
    all_stays,
    answer,
    cursor_after,
    read_body,
    read_query,
    read_time_cursor,
    version_wanted,
)
from screenpop.api.operation import operation
from screenpop.auth import identity_of
from screenpop.context import CONTEXT
from screenpop.permissions import Permission
from screenpop.places import region_of

routes = web.RouteTableDef()
LONGEST_QUESTION, MOST_QUESTIONS, LIKELY = 100, 200, 5


class _Article(Input):
    title_es: Line | None = Field(default=None, max_length=SUBJECT_LENGTH)
    text_es: Prose | None = Field(default=None, max_length=PROSE_LENGTH)
    title_en: Line | None = Field(default=None, max_length=SUBJECT_LENGTH)
    text_en: Prose | None = Field(default=None, max_length=PROSE_LENGTH)
    category_id: Id | None = None
    product_line_id: Id | None = None
    stand: Stand = "draft"
    is_public: bool = False


class NewArticle(_Article):
    """An article in Markdown, in Spanish or English or both; each text has its title."""


class ArticleChange(_Article):
    """What to change; what is not named stays."""

    model_config = ConfigDict(json_schema_extra=all_stays)


class ArticleFilter(Input):
    """Which articles; a category stands for those beneath it, ``q`` are words of them."""

    q: Line = Field(default="", max_length=LONGEST_QUESTION)
    stand: Stand | None = None
    category_id: Id | None = None
    product_line_id: Id | None = None

    def wanted(self) -> Wanted:
        """Return what is looked for."""
        return Wanted(
            stand=self.stand,
            category_ids=(self.category_id,) if self.category_id else (),
            product_line_id=self.product_line_id,
        )


class ArticlesQuery(ArticleFilter, PageQuery):
    """Which articles; with ``q`` at most 50, the surest first, and nothing follows."""


class Questions(Input):
    """Words of what is looked for; all without."""

    q: Line = Field(default="", max_length=LONGEST_QUESTION)


class ArticlePage(msgspec.Struct, frozen=True, kw_only=True):
    """Articles and how often each helped; ``next`` is the cursor of what follows."""

    items: tuple[Listed, ...]
    next: str | None


class OfIncident(msgspec.Struct, frozen=True, kw_only=True):
    """What an incident was solved by, and what else has its words, the likeliest first."""

    solved_by: tuple[Listed, ...]
    suggested: tuple[Listed, ...]


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """An article as everybody may read it."""

    id: str
    title_es: str | None
    text_es: str | None
    title_en: str | None
    text_en: str | None
    updated_at: datetime


class AllAnswered(msgspec.Struct, frozen=True, kw_only=True):
    """Articles that everybody may read."""

    items: tuple[Answered, ...]


@routes.get("/articles")
@operation(Permission.READ_INCIDENTS, query=ArticlesQuery, returns=ArticlePage)
async def list_articles(request: web.Request) -> web.Response:
    """List articles, who were changed last first, or what is looked for."""
    asked = read_query(request, ArticlesQuery)
    found, more = await found_for(request, asked, cursor=asked.cursor, limit=asked.limit)
    return answer(ArticlePage(items=tuple(found), next=more))


@routes.post("/articles")
@operation(
    Permission.WRITE_KNOWLEDGE, body=NewArticle, returns=Article, status=HTTPStatus.CREATED, takes_key=True
)
async def add_article(request: web.Request) -> web.Response:
    """Write an article."""
    identity, context = identity_of(request), request.app[CONTEXT]
    asked, now = await read_body(request, NewArticle), context.now()
    made = Article(
        id=new_id(now, secrets.token_bytes(10)),
        created_at=now,
        created_by=identity.user,
        updated_at=now,
        updated_by=identity.user,
        **_without_empty(asked.model_dump()),
    )
    kept = await context.db.run(knowledge.add, article=made, now=now)
    return answer(kept, status=HTTPStatus.CREATED, version=kept.version)


@routes.get("/articles/{id}")
@operation(Permission.READ_INCIDENTS, returns=Article)
async def get_article(request: web.Request) -> web.Response:
    """Return an article, with its version as ``ETag``."""
    found = await request.app[CONTEXT].db.read(knowledge.get, article_id=request.match_info["id"])
    return answer(found, version=found.version)


@routes.patch("/articles/{id}")
@operation(Permission.WRITE_KNOWLEDGE, body=ArticleChange, returns=Article, takes_version=True)
async def change_article(request: web.Request) -> web.Response:
    """Change an article; 412 with the newer one when somebody was quicker."""
    version, context = version_wanted(request), request.app[CONTEXT]
    asked = await read_body(request, ArticleChange)
    kept = await context.db.run(
        knowledge.change,
        article_id=request.match_info["id"],
        version=version,
        changes=_without_empty(asked.model_dump(exclude_unset=True)),
        by=identity_of(request).user,
        now=context.now(),
    )
    return answer(kept, version=kept.version)


@routes.get("/incidents/{id}/articles")
@operation(Permission.READ_INCIDENTS, returns=OfIncident)
async def articles_of_incident(request: web.Request) -> web.Response:
    """Return what an incident was solved by, and what may help with it."""
    db, incident_id = request.app[CONTEXT].db, request.match_info["id"]
    incident = await db.read(incidents.get, incident_id=incident_id)
    solved_by = await db.read(knowledge.solved_by, incident_id=incident_id)
    suggested = await db.read(knowledge.suggested, incident=incident, limit=LIKELY)
    return answer(OfIncident(solved_by=tuple(solved_by), suggested=tuple(suggested)))


@routes.put("/incidents/{id}/articles/{article_id}")
@operation(Permission.WRITE_INCIDENTS, status=HTTPStatus.NO_CONTENT)
async def link_article(request: web.Request) -> web.Response:
    """Say that an article solved an incident; said twice it is once."""
    await request.app[CONTEXT].db.run(knowledge.link, **_both(request))
    return web.Response(status=HTTPStatus.NO_CONTENT)


@routes.delete("/incidents/{id}/articles/{article_id}")
@operation(Permission.WRITE_INCIDENTS, status=HTTPStatus.NO_CONTENT)
async def unlink_article(request: web.Request) -> web.Response:
    """Say that it did not."""
    await request.app[CONTEXT].db.run(knowledge.unlink, **_both(request))
    return web.Response(status=HTTPStatus.NO_CONTENT)


@routes.get("/faq")
@operation(None, query=Questions, returns=AllAnswered)
async def list_answered(request: web.Request) -> web.Response:
    """List what everybody may read; 404 where the site shows nothing to everybody."""
    found = await answered(request, read_query(request, Questions).q)
    return answer(AllAnswered(items=tuple(_answered(one) for one in found)))


@routes.get("/faq/{id}")
@operation(None, returns=Answered)
async def get_answered(request: web.Request) -> web.Response:
    """Return an article that everybody may read."""
    return answer(_answered(await answered_one(request)))


async def found_for(
    request: web.Request, asked: ArticleFilter, *, cursor: str | None, limit: int
) -> tuple[list[Listed], str | None]:
    """Return a page of articles, and the cursor of what follows."""
    db, wanted = request.app[CONTEXT].db, asked.wanted()
    if asked.q:
        found = await db.read(knowledge.having, q=asked.q, wanted=wanted, region=region_of(request))
        return found[:limit], None
    found = await db.read(knowledge.find, wanted=wanted, place=read_time_cursor(cursor), limit=limit + 1)
    more = cursor_after(
        found, limit=limit, place=lambda one: (one.article.updated_at.isoformat(), one.article.id)
    )
    return found[:limit], more


async def answered(request: web.Request, q: str) -> list[Article]:
    """Return what everybody may read.

    Raises:
        NotFoundError: the site shows nothing to everybody.
    """
    demand_shown(request)
    db, wanted = request.app[CONTEXT].db, Wanted(is_for_everybody=True)
    if q:
        found = await db.read(knowledge.having, q=q, wanted=wanted, region=region_of(request))
    else:
        found = await db.read(knowledge.find, wanted=wanted, limit=MOST_QUESTIONS)
    return [one.article for one in found]


async def answered_one(request: web.Request) -> Article:
    """Return the article that the address names.

    Raises:
        NotFoundError: there is none that everybody may read.
    """
    demand_shown(request)
    found = await request.app[CONTEXT].db.read(knowledge.get, article_id=request.match_info["id"])
    if not found.is_for_everybody:
        raise NotFoundError("article", found.id)
    return found


def demand_shown(request: web.Request) -> None:
    """Look whether the site shows its questions and answers.

    Raises:
        NotFoundError: it does not.
    """
    if not request.app[CONTEXT].settings.public_faq:
        raise NotFoundError("page", request.path)


def _answered(one: Article) -> Answered:
    return Answered(**{name: getattr(one, name) for name in Answered.__struct_fields__})


def _both(request: web.Request) -> dict[str, object]:
    return {
        "article_id": request.match_info["article_id"],
        "incident_id": request.match_info["id"],
        "by": identity_of(request).user,
        "now": request.app[CONTEXT].now(),
    }


def _without_empty(given: dict[str, Any]) -> dict[str, Any]:
    return {name: None if value == "" else value for name, value in given.items()}
