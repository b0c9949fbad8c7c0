"""Words in the languages we speak: one catalogue each, for Python, templates and scripts.

Message ids are English, so what a catalogue lacks is English. ``tools/messages`` keeps the catalogues.
"""

from __future__ import annotations

from functools import cache
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.core import negotiate_locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LANGUAGES: Final = ("es", "en")
LOCALE = Path(__file__).with_name("locale")
SCRIPTS: Final = "screenpop/static/js/"
ScriptWords = dict[str, str | list[str]]


class Translator:
    """Speaks one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        catalogue = _read(language)
        self.translations = _compiled(catalogue)
        self.script_words = _script_words(catalogue)

    def gettext(self, text: str) -> str:
        """Return *text* in this language."""
        return self.translations.gettext(text)

    def ngettext(self, one: str, many: str, n: int) -> str:
        """Return *one* or *many* as *n* asks for, in this language."""
        return self.translations.ngettext(one, many, n)


@cache
def translator(language: str) -> Translator:
    """Return who speaks *language*; English when we do not speak it."""
    return Translator(language if language in LANGUAGES else "en")


def language_of(accept_language: str | None, *, otherwise: str) -> str:
    """Return the language we speak that a browser wants most (RFC 9110 §12.5.4), else *otherwise*."""
    wanted = sorted(map(_preference, (accept_language or "").split(",")), key=lambda one: -one[1])
    names = [name for name, quality in wanted if quality > 0 and name]
    return negotiate_locale(names, LANGUAGES, sep="-") or otherwise


def _preference(text: str) -> tuple[str, float]:
    name, _, weight = text.strip().partition(";")
    try:
        return name.strip(), float(weight.strip().removeprefix("q=") or 1)
    except ValueError:
        return name.strip(), 0.0


def _read(language: str) -> Catalog:
    with (LOCALE / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def _compiled(catalogue: Catalog) -> GNUTranslations:
    made = BytesIO()
    write_mo(made, catalogue)
    made.seek(0)
    return GNUTranslations(made)


def _script_words(catalogue: Catalog) -> ScriptWords:
    """Return what the scripts say: by message id its translation, or the list of its plural forms."""
    words: ScriptWords = {}
    for message in catalogue:
        if not any(place.startswith(SCRIPTS) for place, _ in message.locations) or not message.string:
            continue
        if isinstance(message.id, str):
            words[message.id] = str(message.string)
        elif all(message.string):
            words[message.id[0]] = list(message.string)
    return words
