"""What is written is what Asterisk reads, or is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asterisk_conf.escape import UnwritableError, argument, quoted, value


def read_value(line: str) -> str:
    """Read one line as Asterisk does: ``config_text_file_load``, ``process_text_line`` (main/config.c)."""
    text, start = line, 0
    while (at := text.find(";", start)) >= 0:
        if at > 0 and text[at - 1] == "\\":
            text, start = text[: at - 1] + text[at:], at
        else:
            text = text[:at]
    _, _, behind = text.partition("=")
    return behind.removeprefix(">").strip()


def split_arguments(text: str) -> list[str]:
    """Split as ``__ast_app_separate_args`` (main/app.c): at commas; backslashes and quotes go."""
    parts, quote, characters = [""], False, iter(text)
    for character in characters:
        if character == "\\":
            parts[-1] += next(characters, "")
        elif character == '"':
            quote = not quote
        elif character == "," and not quote:
            parts.append("")
        else:
            parts[-1] += character
    return parts


def unquote(text: str) -> str:
    """Take the name as ``ast_callerid_parse`` (main/callerid.c) does, backslashes undone."""
    return split_arguments(text.removeprefix('"').removesuffix('"').replace(",", "\\,"))[0]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        pytest.param("plain", "plain", id="plain"),
        pytest.param("Ana García", "Ana García", id="accents"),
        pytest.param("a;b", r"a\;b", id="a comment"),
        pytest.param(";--all gone--;", r"\;--all gone--\;", id="a block comment"),
        pytest.param(r"a\;b", r"a\\;b", id="an escaped comment"),
        pytest.param(r"C:\path", r"C:\path", id="a backslash stands for itself"),
        pytest.param("#exec ls", "#exec ls", id="a directive, harmless behind the ="),
        pytest.param("[section](!)", "[section](!)", id="a section, harmless behind the ="),
        pytest.param("${SHELL(ls)}", "${SHELL(ls)}", id="an expression, text outside the dialplan"),
        pytest.param(5038, "5038", id="a number"),
        pytest.param("", "", id="empty"),
    ],
)
def test_a_value_is_written(text: object, written: str) -> None:
    assert value(text) == written


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a\nwrite = all", id="line feed"),
        pytest.param("a\rwrite = all", id="carriage return"),
        pytest.param("a\0b", id="NUL"),
        pytest.param("a\tb", id="tab"),
        pytest.param("a\x1b[31m", id="escape"),
        pytest.param("a\x7fb", id="delete"),
        pytest.param("a\x85b", id="next line"),
        pytest.param("a\u2028b", id="line separator"),
        pytest.param("a\u2029b", id="paragraph separator"),
        pytest.param("a\ud800b", id="half a character"),
        pytest.param(" a", id="blank before"),
        pytest.param("a\xa0", id="no-break blank behind"),
        pytest.param("a" * 1025, id="too long"),
        pytest.param("é" * 513, id="too long in bytes"),
    ],
)
def test_a_value_is_refused(text: str) -> None:
    with pytest.raises(UnwritableError, match="cannot be written to an Asterisk configuration file"):
        value(text)


@given(st.text())
def test_asterisk_reads_what_was_written(text: str) -> None:
    try:
        written = value(text)
    except UnwritableError:
        return
    assert read_value(f"key = {written}") == text
    assert "\n" not in written


@given(st.text())
def test_a_display_name_comes_back(text: str) -> None:
    assert unquote(quoted(text)) == text


@given(st.text())
def test_an_argument_stays_one(text: str) -> None:
    assert split_arguments(f"PJSIP/agent101,0,{argument(text)},PJSIP/agent101")[2:3] == [text]


def test_an_error_tells_its_facts() -> None:
    with pytest.raises(UnwritableError) as caught:
        value("a\nb")
    assert (caught.value.text, caught.value.why) == ("a\nb", "it has a control character (U+000A)")
