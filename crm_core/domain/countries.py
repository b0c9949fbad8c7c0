"""Countries by their code or by what they are called in Spanish and English (pure)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Final

from babel.core import Locale

from crm_core.domain.rows import plain

_CODE = re.compile(r"[A-Z]{2}")
_LANGUAGES: Final = ("es", "en")
_NO_COUNTRIES: Final = frozenset(
    ("EU", "EZ", "QO", "UN", "XA", "XB", "ZZ", "AC", "CP", "CQ", "DG", "EA", "IC", "TA")
)
"""What CLDR has beside countries: unions, the unknown, what is made up for tests, and parts of countries."""
_ALSO: Final[Mapping[str, str]] = {
    "US": "usa, united states of america, eeuu, ee uu, estados unidos de america",
    "GB": "great britain, england, scotland, wales, northern ireland, gran bretana, inglaterra, escocia,"
    " gales, irlanda del norte",
    "ES": "canary islands, islas canarias, canarias, ceuta y melilla",
    "NL": "holland, the netherlands, holanda",
    "CZ": "czech republic, republica checa",
    "KR": "korea, corea",
    "RU": "russian federation, federacion rusa",
    "TR": "turkey, turquia",
}
"""What many write, and CLDR does not."""


def country_called(text: str) -> str | None:
    """Return the code (ISO 3166-1 alpha-2) of the country that *text* names; None when it names none.

    Source:
        the names of territories in Unicode's CLDR, by Babel.
    """
    if _CODE.fullmatch(code := text.upper()):
        return code
    return _by_name().get(plain(text))


@cache
def _by_name() -> Mapping[str, str]:
    named = {
        plain(name): code
        for language in _LANGUAGES
        for code, name in Locale(language).territories.items()
        if _CODE.fullmatch(code) and code not in _NO_COUNTRIES
    }
    return named | {name.strip(): code for code, names in _ALSO.items() for name in names.split(",")}
