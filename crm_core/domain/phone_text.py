"""From hostile text to something that may be a number: no hidden signs, plain digits, no wrapping."""

from __future__ import annotations

import re
import unicodedata

_ANGLE = re.compile(r"^[^<>]*<([^<>]*)>$")
_SCHEME = re.compile(r"^([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_CALLABLE = frozenset(("tel", "callto"))
_LABELS = (
    "tel",
    "tlf",
    "tfno",
    "telf",
    "tfn",
    "fax",
    "phone",
    "teléfono",
    "telefono",
    "móvil",
    "movil",
    "mobile",
)
_LABEL = re.compile(rf"^(?:{'|'.join(_LABELS)})\b[.:]?\s*", re.IGNORECASE)
_EXTENSION = re.compile(
    r"(?:\s*#|(?<=\d)\s*,+|[\s,;]*(?:;ext=|\bext(?:ensi[oó]n)?\b|(?<=\d)ext(?:ensi[oó]n)?\b|\bint(?:erno)?\b|\banexo\b|(?<=[\d\s])x))"
    r"[\s.:]*(\d{1,8})$",
    re.IGNORECASE,
)
# What exchanges and carriers send in place of a number that is hidden or missing, English and Spanish.
_NOBODY = frozenset(
    (
        *(
            "anonymous",
            "unknown",
            "private",
            "withheld",
            "restricted",
            "unavailable",
            "not available",
            "blocked",
        ),
        *(
            "hidden",
            "private number",
            "no caller id",
            "payphone",
            "unassigned",
            "none",
            "null",
            "s",
            "asterisk",
        ),
        *("anonimo", "desconocido", "privado", "oculto", "restringido", "no disponible", "numero oculto"),
        *("numero privado", "identidad oculta", "llamada oculta", "numero desconocido", "sin numero"),
        *("n/a", "0", "-1"),
    )
)


def cleaned(text: str) -> str:
    """Return *text* in plain signs: any script's digits as 0-9, no control or bidi marks, single spaces."""
    if not (text.isascii() and text.isprintable()):  # most are, and stay as they are
        text = "".join(map(_plain, unicodedata.normalize("NFKC", text)))
    return " ".join(text.split())


def _plain(sign: str) -> str:
    if sign.isascii():
        return sign if sign.isprintable() else " "
    kind = unicodedata.category(sign)
    if kind == "Nd":
        return str(unicodedata.decimal(sign))
    if kind == "Pd":
        return "-"
    if kind[0] == "Z":
        return " "
    return "" if kind[0] == "C" else sign


def unwrapped(text: str) -> str:
    """Return the number part of a caller ID such as ``"Ana" <612345678>``; any other text unchanged."""
    found = _ANGLE.match(text)
    return found[1].strip() if found else text


def is_nobody(text: str) -> bool:
    """Say whether *text* stands for a hidden or missing number, also as ``anonymous@anonymous.invalid``."""
    bare = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    bare = bare.strip(" \"'.()[]<>").removeprefix("sip:").partition("@")[0]
    return not bare or bare in _NOBODY


def is_uri(text: str) -> bool:
    """Say whether *text* is an address (``sip:…``, ``ana@example.org``) rather than a number."""
    scheme = _SCHEME.match(text)
    return "@" in text or (
        scheme is not None and scheme[1].lower() not in _CALLABLE and not _LABEL.match(text)
    )


def unlabelled(text: str) -> str:
    """Return *text* without ``tel:``, ``callto:`` or a word such as ``Tlf.`` before the number."""
    scheme = _SCHEME.match(text)
    if scheme and scheme[1].lower() in _CALLABLE:
        number, _, rest = text[scheme.end() :].partition(";phone-context=")
        return (rest + number if rest.startswith("+") else number).strip()  # RFC 3966 §5.1.5
    return _LABEL.sub("", text)


def without_extension(text: str) -> tuple[str, str | None]:
    """Return *text* without the extension at its end (``#12``, ``ext. 12``, ``x12``), and the extension."""
    found = _EXTENSION.search(text)
    return (text[: found.start()].strip(), found[1]) if found else (text, None)
