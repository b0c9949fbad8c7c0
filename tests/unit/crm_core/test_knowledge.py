"""Articles: in which language they are read, what they must have, and which may be meant."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from crm_core.domain.errors import ManyInvalidError
from crm_core.domain.knowledge import Article, by_rarity, changed, checked

NOON = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
LATER = datetime(2026, 11, 27, 13, 0, tzinfo=UTC)
FACTS: dict[str, Any] = {"id": "a", "created_at": NOON, "updated_at": NOON}
SPANISH = Article(**FACTS, title_es="No enfría", text_es="Limpie el filtro.")


@pytest.mark.parametrize(
    ("more", "faults"),
    [
        ({}, {("title_es", "missing")}),
        ({"title_es": "x"}, {("text_es", "missing")}),
        ({"text_en": "x"}, {("title_en", "missing")}),
        ({"title_es": " ", "text_es": "x"}, {("title_es", "missing")}),
        (
            {"title_es": "x" * 201, "text_es": "y" * 10_001},
            {("title_es", "too_long"), ("text_es", "too_long")},
        ),
        ({"title_es": "x", "text_es": "y", "title_en": "z"}, {("text_en", "missing")}),
        ({"title_es": "x", "text_es": "y", "stand": "lost"}, {("stand", "invalid")}),
    ],
)
def test_what_is_wrong_is_told_at_once(more: dict[str, Any], faults: set[tuple[str, str]]) -> None:
    with pytest.raises(ManyInvalidError) as raised:
        checked(Article(**FACTS, **more))
    assert {(one.field, one.fault) for one in raised.value.faults} == faults


def test_it_is_read_in_the_language_that_there_is() -> None:
    assert checked(SPANISH).title("en") == "No enfría"
    both = changed(SPANISH, {"title_en": "No cold", "text_en": "Clean it."}, by="eva", now=LATER)
    assert (both.title("en"), both.text("es"), both.languages) == (
        "No cold",
        "Limpie el filtro.",
        ("es", "en"),
    )
    assert (both.version, both.updated_by, both.updated_at, both.created_at) == (2, "eva", LATER, NOON)


def test_what_changes_nothing_is_no_change() -> None:
    assert changed(SPANISH, {"title_es": "No enfría"}, by="eva", now=LATER) is SPANISH
    with pytest.raises(ManyInvalidError):
        changed(SPANISH, {"created_by": "tom"}, by="eva", now=LATER)


@pytest.mark.parametrize(
    ("stand", "is_public", "is_for_everybody"),
    [
        ("draft", True, False),
        ("published", False, False),
        ("published", True, True),
        ("retired", True, False),
    ],
)
def test_who_may_read_it(stand: Any, *, is_public: bool, is_for_everybody: bool) -> None:
    assert Article(**FACTS, stand=stand, is_public=is_public).is_for_everybody is is_for_everybody


def test_a_rare_word_tells_more() -> None:
    found = {"camara": ["a", "b", "c"], "compresor": ["d"], "ruido": ["b", "c"]}
    assert by_rarity(found) == ["d", "b", "c", "a"]
