"""Every sound that a menu can play has its words, in both languages."""

from __future__ import annotations

import ast
import inspect
import re

import pytest

from agi_scripts import menus
from agi_scripts.prompts import LANGUAGES, VOICES, WORDS, Language, numbers, words
from crm_core.domain.incidents import STATES


def test_each_sound_of_the_menus_is_in_the_table_and_no_other() -> None:
    texts = {
        node.value
        for node in ast.walk(ast.parse(inspect.getsource(menus)))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    spoken = {text for text in texts if text in WORDS} | {f"state-{state}" for state in STATES}
    asked = re.findall(r"(?:_sounds|Sound|_missed)\(([^()]*)", inspect.getsource(menus))
    named = {name for call in asked for name in re.findall(r'"([a-z-]+)"', call)}
    assert named <= WORDS.keys()
    assert spoken == WORDS.keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_both_languages_say_something_of_their_own(language: Language) -> None:
    for name in WORDS:
        assert words(name, language).strip()
    differ = [name for name in WORDS if words(name, "es") != words(name, "en")]
    assert {*WORDS} - {*differ} == {*VOICES}


@pytest.mark.parametrize(
    ("language", "number", "parts"),
    [
        # Asterisk's main/say.c: ast_say_number_full_en and _es.
        ("en", 21, ["20", "1"]),
        ("en", 999, ["9", "hundred", "90", "9"]),
        ("es", 21, ["21"]),
        ("es", 47, ["40", "and", "7"]),
        ("es", 100, ["100"]),
        ("es", 101, ["100-and", "1"]),
        ("es", 999, ["900", "90", "and", "9"]),
    ],
)
def test_numbers_have_their_parts(language: Language, number: int, parts: list[str]) -> None:
    assert set(parts) <= numbers(language).keys(), number
