"""What every page is drawn with: templates in the reader's language, and how figures are written.

Text from outside is escaped by default; a name that a template does not know is an error.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

import jinja2
import msgspec
import phonenumbers
from babel.core import Locale
from markupsafe import Markup
from phonenumbers import PhoneNumber, PhoneNumberFormat

from crm_core.domain.phone import number_of
from screenpop.i18n import Translator, translator
from screenpop.pages import (
    audit_words,
    call_words,
    campaign_words,
    customer_words,
    duplicate_words,
    equipment_words,
    import_words,
    incident_words,
    interaction_words,
    key_words,
    knowledge_words,
    list_words,
    looks,
    privacy_words,
    retention_words,
    role_words,
    webhook_words,
    why_words,
    words,
)
from screenpop.pages.constants import Constants
from screenpop.pages.marks import marked, marked_number
from screenpop.pages.settings_places import places_of
from screenpop.pages.skyline import skyline

TEMPLATES = Path(__file__).parent.with_name("templates")
SPRITE = Path(__file__).parent.with_name("static") / "vendor" / "icons.svg"
LONGEST_TEXT: Final = 200
WORDS_KEPT: Final = 2_048
NUMBERS_KEPT: Final = 1_024  # a card shows the same number more than once, and is drawn again


@cache
def environment(language: str) -> jinja2.Environment:
    """Return the templates in *language*; filters that a page adds are there for every page."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        extensions=["jinja2.ext.i18n", Constants],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    t = translator(language)
    made.install_gettext_translations(t.translations, newstyle=True)  # type: ignore[attr-defined]
    made.globals["_"] = _words_of(t)
    made.filters |= {
        "clip": clip,
        "clock": looks.clock,
        "country_code": country_code,
        "initials": initials,
        "instant": instant,
        "language_name": lambda code: language_name(code, language),
        "marked": marked,
        "marked_number": marked_number,
        "moment": moment,
        "number": number,
        "skyline": lambda spans, is_lost=False, size="": skyline(
            spans, language=t.language, is_lost=is_lost, size=size
        ),
    }
    made.filters |= words.filters(t) | call_words.filters(t) | campaign_words.filters(t)
    made.filters |= customer_words.filters(t) | equipment_words.filters(t) | duplicate_words.filters(t)
    made.filters |= import_words.filters(t)
    made.filters |= knowledge_words.filters(t) | incident_words.filters(t)
    made.filters |= retention_words.filters(t) | interaction_words.filters(t)
    made.filters |= why_words.filters(t) | audit_words.filters(t) | privacy_words.filters(t)
    made.filters |= role_words.filters(t)
    made.filters |= webhook_words.filters(t) | key_words.filters(t) | list_words.filters(t)
    made.tests["lost"] = words.is_lost
    made.globals |= {
        "deeds": audit_words.DEEDS,
        "icon": icon,
        "language": language,
        "looks": looks.for_scripts(t),
        "places_of": places_of,
        "script_words": _json({"words": t.script_words, "looks": looks.for_scripts(t)}),
        "sprite": Markup(SPRITE.read_text(encoding="utf-8")),  # noqa: S704 - our own file
    }
    return made


def draw(name: str, language: str, **values: object) -> str:
    """Return the template *name* drawn in *language*."""
    return environment(language).get_template(name).render(values)


def _words_of(t: Translator) -> Callable[..., Markup]:
    """Return the ``_`` of templates: as the extension's own, but words without values are looked up once."""

    @lru_cache(maxsize=WORDS_KEPT)
    def plain(text: str) -> Markup:
        return Markup(t.gettext(text)) % {}  # noqa: S704 - our own words

    def words(text: str, /, **values: object) -> Markup:
        return Markup(t.gettext(text)) % values if values else plain(text)  # noqa: S704 - our own words

    return words


@cache
def icon(name: str, size: str = "") -> Markup:
    """Return the icon *name* as the macro of parts.html draws it; quicker, for the card."""
    return Markup('<svg class="ic {}" aria-hidden="true"><use href="#i-{}"/></svg>').format(size, name)


def clip(text: str) -> str:
    """Return *text* from outside, cut to what a page can bear."""
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


def country_code(region: str | None) -> str:
    """Return the country code of *region*: ``34``; empty when there is no one region."""
    return str(phonenumbers.country_code_for_region(region)) if region else ""


def initials(name: str) -> str:
    """Return the first letters of the first two words: ``LO`` of Lucía Ortega."""
    return "".join(word[0] for word in name.split()[:2]).upper()


def instant(at: datetime) -> str:
    """Return *at* as attributes hold it: RFC 3339 in UTC, to the millisecond."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment(at: datetime, detail: str = "") -> Markup:
    """Return *at* for people; a script says it in the reader's time zone (``14:01``, ``ayer 18:06``).

    *detail* "full" tells the hour of older days too.
    """
    how = Markup('data-moment="{}"').format(detail) if detail else Markup("data-moment")
    return Markup('<time datetime="{}" {}></time>').format(instant(at), how)


def language_name(code: str, language: str) -> str:
    """Return what the language *code* (BCP 47) is called in *language*; *code* itself when nobody knows."""
    names: Any = Locale(language).languages
    return str(names.get(code.replace("-", "_")) or names.get(code.partition("-")[0]) or code)


@jinja2.pass_context
def number(context: jinja2.runtime.Context, e164: str) -> str:
    """Return *e164* as people write it: as at home when it is of the page's region, else with its country."""
    return _written(e164, context.get("region"))


@lru_cache(maxsize=NUMBERS_KEPT)
def _written(e164: str, region: str | None) -> str:
    read, home = _read(e164)
    if read is None:
        return clip(e164)
    return phonenumbers.format_number(
        read, PhoneNumberFormat.NATIONAL if home == region else PhoneNumberFormat.INTERNATIONAL
    )


def region_of(e164: str) -> str | None:
    """Return the region of a number (ISO 3166-1); None when there is no one region, or it is no number."""
    return _read(e164)[1]


@lru_cache(maxsize=NUMBERS_KEPT)
def _read(e164: str) -> tuple[PhoneNumber | None, str | None]:
    read = number_of(e164)
    return read, phonenumbers.region_code_for_number(read) if read else None


def _json(value: object) -> Markup:
    """Return *value* as JSON that can stand in a script element: nothing in it can end the element."""
    text = msgspec.json.encode(value).decode()
    return Markup(text.replace("<", "\\u003c"))  # noqa: S704 - made harmless
