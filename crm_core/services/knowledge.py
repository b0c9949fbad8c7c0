"""What we know: articles written, found, and told to have helped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from msgspec.structs import replace

from crm_core.domain.audit import Change
from crm_core.domain.choices import FIELDS
from crm_core.domain.errors import InvalidError, NotFoundError
from crm_core.domain.events import ArticleChanged, IncidentSolvedBy
from crm_core.domain.found import FoundArticle
from crm_core.domain.incidents import Incident
from crm_core.domain.knowledge import Article, Listed, Wanted, by_rarity, changed, checked
from crm_core.domain.looking import MOST_TERMS, SHORTEST_SPELT, Token, words_in
from crm_core.domain.versions import at_version
from crm_core.ports import UnitOfWork
from crm_core.ports.places import Place
from crm_core.services import audit, incident_lists, incidents, search

CHOSEN: Final = ("category_id", "product_line_id")
NOTED: Final = ("stand", "is_public")
OF_A_WORD, MOST_FOUND = 50, 50


def add(uow: UnitOfWork, *, article: Article, now: datetime) -> Article:
    """Keep a new article.

    Raises:
        ManyInvalidError: it cannot be kept.
        InvalidError: what it is sorted by is not there.
    """
    _demand_known(uow, checked(article), None)
    return _keep(uow, article, None, by=article.created_by, now=now)


def get(uow: UnitOfWork, *, article_id: str) -> Article:
    """Return one article.

    Raises:
        NotFoundError: there is none.
    """
    found = uow.knowledge.get(article_id)
    if found is None:
        raise NotFoundError("article", article_id)
    return found


def change(
    uow: UnitOfWork,
    *,
    article_id: str,
    version: int,
    changes: Mapping[str, Any],
    by: str | None,
    now: datetime,
) -> Article:
    """Return the article's next version, with *changes*; as it is when they change nothing.

    Raises:
        NotFoundError: there is none.
        VersionConflictError: *version* is not the one that is kept.
        ManyInvalidError: a change cannot be.
        InvalidError: what it is sorted by is not there.
    """
    before = at_version(get(uow, article_id=article_id), version)
    after = changed(before, changes, by=by, now=now)
    if after is before:
        return before
    _demand_known(uow, after, before)
    return _keep(uow, after, before, by=by, now=now)


def find(uow: UnitOfWork, *, wanted: Wanted, place: Place | None = None, limit: int) -> list[Listed]:
    """Return articles, who were changed last first; a category stands for those beneath it, too."""
    return uow.knowledge.find(_with_branches(uow, wanted), place=place, limit=limit)


def having(uow: UnitOfWork, *, q: str, wanted: Wanted, region: str) -> list[Listed]:
    """Return the articles that *q* finds, the surest first, of those that are looked for; 50 at most."""
    asked = _with_branches(uow, wanted)
    group = search.of_kind(uow, q=q, kind="article", after=None, limit=MOST_FOUND, region=region)
    return [one for one in uow.knowledge.at([one.id for one in group.items]) if _fits(one.article, asked)]


def suggested(uow: UnitOfWork, *, incident: Incident, limit: int) -> list[Listed]:
    """Return published articles that have words of an incident's subject, the likeliest first."""
    words = [word for word in words_in(incident.subject) if len(word) >= SHORTEST_SPELT][:MOST_TERMS]
    found = {word: _published(uow, word) for word in words}
    known = {one.article.id for one in uow.knowledge.of_incident(incident.id)}
    likely = [one for one in by_rarity({word: ids for word, ids in found.items() if ids}) if one not in known]
    return uow.knowledge.at(likely[:limit])


def solved_by(uow: UnitOfWork, *, incident_id: str) -> list[Listed]:
    """Return what an incident was solved by.

    Raises:
        NotFoundError: there is no such incident.
    """
    return uow.knowledge.of_incident(incidents.get(uow, incident_id=incident_id).id)


def helped(uow: UnitOfWork, *, article_id: str, limit: int) -> list[Incident]:
    """Return the incidents that an article solved, the last first."""
    return uow.knowledge.solved_by(article_id, limit=limit)


def link(uow: UnitOfWork, *, article_id: str, incident_id: str, by: str | None, now: datetime) -> None:
    """Keep that an incident was solved by an article; said twice it is once.

    Raises:
        NotFoundError: one of them is not there.
    """
    _demand_both(uow, article_id, incident_id)
    if uow.knowledge.link(article_id, incident_id, by=by, now=now):
        uow.events.append(IncidentSolvedBy(at=now, by=by, incident_id=incident_id, article_id=article_id))


def unlink(uow: UnitOfWork, *, article_id: str, incident_id: str, by: str | None, now: datetime) -> None:
    """Keep that an incident was not solved by an article.

    Raises:
        NotFoundError: one of them is not there.
    """
    _demand_both(uow, article_id, incident_id)
    if uow.knowledge.unlink(article_id, incident_id):
        said = IncidentSolvedBy(at=now, by=by, incident_id=incident_id, article_id=article_id, is_so=False)
        uow.events.append(said)


def _keep(
    uow: UnitOfWork, after: Article, before: Article | None, *, by: str | None, now: datetime
) -> Article:
    uow.knowledge.put(after)
    uow.events.append(ArticleChanged(at=now, by=by, article_id=after.id, version=after.version))
    if moved := _moved(after, before):
        audit.note(
            uow,
            who=by or "",
            what=f"article {after.stand}",
            address=None,
            now=now,
            kind="article",
            record_id=after.id,
            changes=moved,
        )
    return after


def _moved(after: Article, before: Article | None) -> dict[str, Change]:
    """Return what changed of who may read it."""
    was = before or replace(after, stand="draft", is_public=False)
    return {
        name: (str(getattr(was, name)), str(getattr(after, name)))
        for name in NOTED
        if getattr(was, name) != getattr(after, name)
    }


def _demand_known(uow: UnitOfWork, after: Article, before: Article | None) -> None:
    for field in CHOSEN:
        chosen = getattr(after, field)
        if chosen is None or (before and getattr(before, field) == chosen):
            continue
        choice = uow.choices.get(chosen)
        if choice is None or choice.kind != FIELDS[field] or not choice.is_active:
            raise InvalidError(field, f"there is no such {FIELDS[field]}", fault="unknown")


def _demand_both(uow: UnitOfWork, article_id: str, incident_id: str) -> None:
    get(uow, article_id=article_id)
    incidents.get(uow, incident_id=incident_id)


def _published(uow: UnitOfWork, word: str) -> Sequence[str]:
    places = uow.search.having("article", (((Token(word),),),), below=None, limit=OF_A_WORD)
    found = uow.search.at("article", [place for place, _ in places])
    return [one.id for one in found if isinstance(one, FoundArticle) and one.stand == "published"]


def _with_branches(uow: UnitOfWork, wanted: Wanted) -> Wanted:
    return replace(wanted, category_ids=incident_lists.branches(uow, wanted.category_ids))


def _fits(article: Article, wanted: Wanted) -> bool:
    return (
        (article.is_for_everybody or not wanted.is_for_everybody)
        and wanted.stand in (None, article.stand)
        and wanted.product_line_id in (None, article.product_line_id)
        and (not wanted.category_ids or article.category_id in wanted.category_ids)
    )
