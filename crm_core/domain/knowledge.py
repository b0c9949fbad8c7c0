"""What we know: articles that say how something is solved, and which may help with an incident. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal, get_args

import msgspec
from msgspec.structs import replace

from crm_core.domain.errors import InvalidError, ManyInvalidError
from crm_core.domain.incidents import PROSE_LENGTH, SUBJECT_LENGTH

Stand = Literal["draft", "published", "retired"]
STANDS: Final[tuple[Stand, ...]] = get_args(Stand)
LANGUAGES: Final = ("es", "en")
CHANGEABLE: Final = frozenset(
    (
        "title_es",
        "text_es",
        "title_en",
        "text_en",
        "category_id",
        "product_line_id",
        "stand",
        "is_public",
    )
)


class Article(msgspec.Struct, frozen=True, kw_only=True):
    """Texts are in Markdown, in one language at least, each with its title.

    What ``is_public`` and published may be read by everybody, where the site shows its questions and answers.
    """

    id: str
    title_es: str | None = None
    text_es: str | None = None
    title_en: str | None = None
    text_en: str | None = None
    category_id: str | None = None
    product_line_id: str | None = None
    stand: Stand = "draft"
    is_public: bool = False
    created_at: datetime
    created_by: str | None = None
    updated_at: datetime
    updated_by: str | None = None
    version: int = 1

    def language(self, wanted: str) -> str:
        """Return in which language it is read by who reads *wanted*: that, or the other one."""
        return wanted if getattr(self, f"title_{wanted}", None) else self.languages[0]

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that it is written in."""
        return tuple(one for one in LANGUAGES if getattr(self, f"title_{one}"))

    def title(self, language: str) -> str:
        """Return its title for who reads *language*."""
        title: str = getattr(self, f"title_{self.language(language)}")
        return title

    def text(self, language: str) -> str:
        """Return its text for who reads *language*."""
        text: str = getattr(self, f"text_{self.language(language)}")
        return text

    @property
    def is_for_everybody(self) -> bool:
        """Whether who is not signed in may read it."""
        return self.is_public and self.stand == "published"


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """An article, and how many incidents were solved by it."""

    article: Article
    helped: int


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which articles are looked for; None asks for all."""

    stand: Stand | None = None
    category_ids: tuple[str, ...] = ()
    product_line_id: str | None = None
    is_for_everybody: bool = False


def checked(article: Article) -> Article:
    """Return *article* when it can be kept.

    Raises:
        ManyInvalidError: with everything that is wrong.
    """
    faults = [fault for language in LANGUAGES for fault in _faults(article, language)]
    if not faults and not article.languages:
        faults = [InvalidError("title_es", "write it in one language at least", fault="missing")]
    if article.stand not in STANDS:
        faults.append(InvalidError("stand", f"one of {', '.join(STANDS)}"))
    if faults:
        raise ManyInvalidError(faults)
    return article


def changed(article: Article, changes: Mapping[str, Any], *, by: str | None, now: datetime) -> Article:
    """Return the next version of *article*; itself when *changes* change nothing.

    Raises:
        ManyInvalidError: with everything that is wrong.
    """
    if unknown := sorted(changes.keys() - CHANGEABLE):
        raise ManyInvalidError([InvalidError(name, "cannot be changed") for name in unknown])
    after = replace(article, **changes)
    if after == article:
        return article
    return checked(replace(after, updated_at=now, updated_by=by, version=article.version + 1))


def by_rarity(found: Mapping[str, Sequence[str]]) -> list[str]:
    """Return what was *found* by each word, in the order of how likely it is meant.

    A word that is in few articles tells more than one that is in many; what more of the words find is before
    what one finds.
    """
    weight: dict[str, float] = {}
    for ids in found.values():
        for one in ids:
            weight[one] = weight.get(one, 0.0) + 1 / len(ids)
    return sorted(weight, key=lambda one: (-weight[one], one))


def _faults(article: Article, language: str) -> list[InvalidError]:
    title, text = getattr(article, f"title_{language}"), getattr(article, f"text_{language}")
    if not title and not text:
        return []
    return [
        InvalidError(f"{field}_{language}", f"1 to {longest} characters", fault=fault)
        for field, said, longest in (("title", title, SUBJECT_LENGTH), ("text", text, PROSE_LENGTH))
        if (fault := _fault(said, longest))
    ]


def _fault(said: str | None, longest: int) -> str | None:
    if not (said or "").strip():
        return "missing"
    return "too_long" if len(said or "") > longest else None
