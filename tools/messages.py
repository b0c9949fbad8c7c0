"""Gathers what people read out of Python, templates and scripts, into one catalogue a language.

Run by ``tools/messages``; ``--check`` changes nothing and fails when a catalogue is not up to date.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

from screenpop.i18n import LANGUAGES

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "screenpop" / "locale"
"""Of this checkout, whichever one is installed."""
SOURCES = (
    ("centralita/**/*.py", "python"),
    ("screenpop/**/*.py", "python"),
    ("screenpop/templates/**/*.html", "jinja2.ext:babel_extract"),
    ("screenpop/static/js/**/*.js", "javascript"),
)
KEYWORDS = {"_": None, "gettext": None, "N_": None, "ngettext": (1, 2)}
HEADER = "# The words of Centralita. Kept by tools/messages: change only what stands after msgstr.\n"


def gathered() -> Catalog:
    """Return every message that the sources say, in order of place and of words."""
    template = Catalog(charset="utf-8")
    for path, method in _files():
        place = path.relative_to(ROOT).as_posix()
        with path.open("rb") as file:
            for line, words, comments, _ in extract(method, file, KEYWORDS, ("i18n:",)):
                template.add(words, None, [(place, line)], auto_comments=comments)
    return template


def text_of(catalogue: Catalog) -> str:
    """Return *catalogue* as its file holds it: no dates, no lines: it changes with words only."""
    made = BytesIO()
    write_po(made, catalogue, width=110, omit_header=True, sort_output=True, include_lineno=False)
    plural = f"Language: {catalogue.locale}\\n" if catalogue.locale else ""
    head = (
        f'{HEADER}msgid ""\nmsgstr ""\n"{plural}"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
        f'"Plural-Forms: {catalogue.plural_forms}\\n"\n\n'
    )
    return head + made.getvalue().decode()


def updated(language: str) -> str:
    """Return the catalogue of *language* as it should be: new words empty, words no longer said gone."""
    path = LOCALE / f"{language}.po"
    catalogue = Catalog(locale=language, charset="utf-8")
    if path.exists():
        with path.open("rb") as file:
            catalogue = read_po(file, locale=language)
    catalogue.update(gathered(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    return text_of(catalogue)


def main(arguments: list[str]) -> int:
    """Write the catalogues, or with ``--check`` say which are not up to date."""
    is_stale = False
    for language in LANGUAGES:
        path, text = LOCALE / f"{language}.po", updated(language)
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        is_stale = True
        if "--check" not in arguments:
            path.write_text(text, encoding="utf-8")
        missing = len(re.findall(r'^msgstr(\[\d\])? ""\n\n', text, re.MULTILINE))
        told = f"{path.relative_to(ROOT)}: changed" + (f", {missing} without words" if missing else "")
        sys.stdout.write(f"{told}\n")
    return int(is_stale and "--check" in arguments)


def _files() -> Iterator[tuple[Path, str]]:
    for pattern, method in SOURCES:
        for path in sorted(ROOT.glob(pattern)):
            yield path, method


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
