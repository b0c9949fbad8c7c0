"""What we know, as pages: the list, an article, and the questions and answers that everybody may read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web
from pydantic import Field
from yarl import URL

from crm_core.domain.incidents import Incident
from crm_core.domain.knowledge import STANDS, Article
from crm_core.ports import UnitOfWork
from crm_core.services import knowledge
from screenpop.api.exchange import Line, read_query
from screenpop.api.knowledge import ArticleFilter, Questions, answered, answered_one, found_for
from screenpop.context import CONTEXT
from screenpop.i18n import LANGUAGES
from screenpop.lists import AskedList
from screenpop.pages.incident_records import Named, named
from screenpop.pages.markup import prose
from screenpop.pages.page import page, page_language
from screenpop.pages.saved_views import keeps_views
from screenpop.pages.sign_in import OWN_NAMES
from screenpop.permissions import Permission, public, requires

routes = web.RouteTableDef()
KNOWLEDGE: Final = "/knowledge"
FAQ: Final = "/faq"
ON_A_PAGE, SOLVED = 50, 10


class Asked(ArticleFilter, AskedList):
    """What the page's address asks for."""

    cursor: Line | None = Field(default=None, max_length=200)


class PublicAsked(Questions):
    """What a stranger asks for, and in which language."""

    language: Line | None = Field(default=None, max_length=20)


@dataclass(frozen=True, slots=True, kw_only=True)
class OnArticle:
    """An article, and what it helped with."""

    article: Article
    solved: Sequence[Incident]
    named: Named
    who: str | None


@routes.get(KNOWLEDGE)
@keeps_views("knowledge", KNOWLEDGE, Asked)
@requires(Permission.READ_INCIDENTS)
async def get_knowledge(request: web.Request) -> web.Response:
    """Return articles, who were changed last first, or what is looked for."""
    asked = Asked.model_validate({name: text for name, text in request.query.items() if text.strip()})
    found, more = await found_for(request, asked, cursor=asked.cursor, limit=ON_A_PAGE)
    choices = await request.app[CONTEXT].db.read(named, language=page_language(request))
    return page(
        request,
        "knowledge.html",
        asked=asked,
        found=found,
        more=_address(request, cursor=more) if more else None,
        named=choices,
        stands=STANDS,
    )


@routes.get(f"{KNOWLEDGE}/{{id}}")
@requires(Permission.READ_INCIDENTS)
async def get_article(request: web.Request) -> web.Response:
    """Return one article, in the reader's language or the other one."""
    language = page_language(request)
    on = await request.app[CONTEXT].db.read(_read, article_id=request.match_info["id"], language=language)
    return page(request, "article.html", on=on, stands=STANDS, **_shown(on.article, language))


@routes.get(FAQ)
@public
async def get_answers(request: web.Request) -> web.Response:
    """Return what everybody may read."""
    asked = read_query(request, PublicAsked)
    found = await answered(request, asked.q)
    return page(request, "faq.html", asked=asked, found=found, **_languages(request))


@routes.get(f"{FAQ}/{{id}}")
@public
async def get_answer(request: web.Request) -> web.Response:
    """Return one article that everybody may read."""
    found = await answered_one(request)
    shown = _shown(found, page_language(request))
    return page(request, "faq_one.html", article=found, **shown, **_languages(request))


def _read(uow: UnitOfWork, *, article_id: str, language: str) -> OnArticle:
    article = knowledge.get(uow, article_id=article_id)
    choices = named(uow, language=language)
    who = uow.users.get(article.updated_by) if article.updated_by else None
    return OnArticle(
        article=article,
        solved=knowledge.helped(uow, article_id=article_id, limit=SOLVED),
        named=choices,
        who=who.full_name if who else article.updated_by,
    )


def _shown(article: Article, language: str) -> dict[str, Any]:
    """Return the texts of *article*, the one in the reader's language first."""
    first = article.language(language)
    ordered = [first, *(one for one in article.languages if one != first)]
    return {"texts": [(one, article.title(one), prose(article.text(one))) for one in ordered]}


def _languages(request: web.Request) -> dict[str, Any]:
    """Return the other language, its own name, and this page's address in it."""
    language = page_language(request)
    other = next(one for one in LANGUAGES if one != language)
    return {
        "other": other,
        "other_name": OWN_NAMES[other],
        "other_url": request.rel_url.update_query(language=other),
    }


def _address(request: web.Request, **also: str) -> str:
    return str(URL(request.path).with_query(dict(request.query) | also))
