"""Every word in both languages, catalogues up to date, and the language a browser gets."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from screenpop.i18n import LANGUAGES, LOCALE, language_of, translator

ROOT = Path(__file__).parents[3]
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}")


def catalogue(language: str) -> Catalog:
    with (LOCALE / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language)


def both(text: object) -> list[str]:
    return [str(text)] if isinstance(text, str) else [str(one) for one in text]


def faults_of(message: Message) -> list[str]:
    ids, words = both(message.id), both(message.string)
    faults = ["fuzzy"] if message.fuzzy else []
    if not all(words):
        faults.append("without words")
    wanted = [set(PLACEHOLDER.findall(one)) for one in ids]
    if any(set(PLACEHOLDER.findall(one)) not in wanted for one in words if one):
        faults.append("other placeholders")
    return faults


def test_every_message_has_words_in_spanish() -> None:
    faults = {str(one.id): faults_of(one) for one in catalogue("es") if one.id and faults_of(one)}
    assert faults == {}


@pytest.mark.parametrize(
    ("message", "faults"),
    [
        pytest.param(Message("Call", "Llamar"), [], id="good"),
        pytest.param(Message("Call", ""), ["without words"], id="missing"),
        pytest.param(Message(("one", "many"), ("uno", "")), ["without words"], id="half a plural"),
        pytest.param(Message("Call", "Llamar", flags=["fuzzy"]), ["fuzzy"], id="guessed"),
        pytest.param(Message("{n} on hold", "{m} retenidas"), ["other placeholders"], id="misspelt place"),
        pytest.param(Message(("%(n)d call", "%(n)d calls"), ("%(n)d", "%(n)d")), [], id="plural"),
    ],
)
def test_a_faulty_message_is_found(message: Message, faults: list[str]) -> None:
    assert faults_of(message) == faults


def test_the_catalogues_are_up_to_date() -> None:
    asked = [sys.executable, str(ROOT / "tools/messages.py"), "--check"]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), "run tools/messages"


@pytest.mark.parametrize("language", LANGUAGES)
def test_spanish_and_english_are_spoken(language: str) -> None:
    t = translator(language)
    assert (t.language, t.gettext("On hold")) == (language, {"es": "Retenida", "en": "On hold"}[language])
    assert t.ngettext(
        "Too many tries. Wait {n} second.", "Too many tries. Wait {n} seconds.", 1
    ) != t.ngettext("Too many tries. Wait {n} second.", "Too many tries. Wait {n} seconds.", 2)


def test_who_speaks_another_language_reads_english() -> None:
    assert translator("fr").language == "en"


def test_scripts_get_their_own_words_only() -> None:
    words = translator("es").script_words
    assert words["No connection to Centralita."] == "Sin conexión con Centralita."
    assert words["Too many tries. Wait {n} second."] == [
        "Demasiados intentos. Espera {n} segundo.",
        "Demasiados intentos. Espera {n} segundos.",
    ]
    assert "Skip to content" not in words
    assert translator("en").script_words == {}


@pytest.mark.parametrize(
    ("header", "language"),
    [
        pytest.param("es-ES,es;q=0.9,en;q=0.8", "es", id="Spain"),
        pytest.param("en-GB,en;q=0.9", "en", id="Britain"),
        pytest.param("en;q=0.5, es;q=0.9", "es", id="the second wanted more"),
        pytest.param("fr-FR,fr;q=0.9,en;q=0.5", "en", id="the first we speak"),
        pytest.param("es;q=0, en", "en", id="one that is not wanted"),
        pytest.param("eu, gl;q=0.8", "xx", id="none we speak"),
        pytest.param("", "xx", id="nothing said"),
        pytest.param(None, "xx", id="no header"),
        pytest.param(";;q=,es;q=much", "xx", id="rubbish"),
    ],
)
def test_the_language_a_browser_wants(header: str | None, language: str) -> None:
    assert language_of(header, otherwise="xx") == language
