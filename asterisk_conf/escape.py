"""Text on its way into an Asterisk configuration file. Pure.

What ``main/config.c`` does with a line decides what must be done to a value: only ``;`` is special
behind the ``=`` (a comment, or ``;--`` over many lines) and is taken literally after a backslash;
any other backslash stands for itself; blanks at both ends fall away; a line longer than its buffer
(8,192 bytes) goes on as a line of its own, and so does text after a line break. Nothing else is
interpreted there, so ``#exec`` and ``[section]`` are harmless inside a value.
"""

import unicodedata

LONGEST = 1024
UNPRINTABLE = {
    "Cc": "a control character",
    "Cs": "half a character",
    "Zl": "a line break",
    "Zp": "a line break",
}


class UnwritableError(ValueError):
    """A text that no escaping brings into a configuration file whole."""

    def __init__(self, text: str, why: str) -> None:
        super().__init__(text, why)
        self.text, self.why = text, why

    def __str__(self) -> str:
        return f"{self.text[:40]!r} cannot be written to an Asterisk configuration file: {self.why}"


def value(text: object) -> str:
    r"""Return *text* as it has to stand behind the ``=`` so that Asterisk reads it whole.

    ``value("a;b")`` is ``a\;b``.

    Raises:
        UnwritableError: for control characters (line breaks and NUL among them), blanks at an end,
            and more than 1,024 bytes.
    """
    plain = str(text)
    for character in plain:
        if (kind := unicodedata.category(character)) in UNPRINTABLE:
            raise UnwritableError(plain, f"it has {UNPRINTABLE[kind]} (U+{ord(character):04X})")
    if plain != plain.strip():
        raise UnwritableError(plain, "it begins or ends with a blank, which Asterisk drops")
    if len(plain.encode()) > LONGEST:
        raise UnwritableError(plain, f"it is longer than {LONGEST} bytes")
    return plain.replace(";", r"\;")


def quoted(text: str) -> str:
    r"""Return a display name for ``callerid = "…" <101>``: backslashes and quotes escaped.

    ``quoted('Ana "La" García')`` is ``"Ana \"La\" García"`` with its outer quotes.
    """
    inner = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{inner}"'


def argument(text: str) -> str:
    r"""Return *text* as one of several comma-separated arguments (a queue member's name).

    Asterisk splits them with backslash as the escape and drops quotes, so comma, quote and backslash get one.
    """
    return "".join("\\" + character if character in '\\,"' else character for character in text)
