"""AGI as text: whatever is sent, however it is cut."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agi_scripts.protocol import (
    LONGEST_COMMAND,
    LONGEST_REPLY,
    LONGEST_REQUEST,
    MOST_HEADERS,
    AgiProtocolError,
    AgiRequest,
    Hangup,
    Reply,
    ReplyReader,
    RequestReader,
    UnsendableError,
    command_line,
    event_argument,
    read_reply,
)

# As Asterisk 22 sent it, the caller's name with a two-byte letter.
REQUEST = """\
agi_network: yes
agi_network_script: route?pbx=main&x=a%20b
agi_request: agi://127.0.0.1:4573/route?pbx=main&x=a%20b
agi_channel: PJSIP/provider-00000001
agi_language: es
agi_type: PJSIP
agi_uniqueid: 1795311086.0
agi_version: 22.10.1
agi_callerid: 957212000
agi_calleridname: Zoë "Z": Núñez
agi_rdnis: unknown
agi_dnid: 5551001
agi_extension: s
agi_threadid: 139934
agi_arg_1: 1795311086.0
agi_arg_2:
agi_arg_3: 42

""".encode()

# Each kind of answer, as res_agi.c writes it.
USAGE = "Invalid command syntax.  Proper usage follows:\nSets a variable.\n\n520 End of proper usage."
CONVERSATION: list[tuple[bytes, Reply | Hangup | None]] = [
    (b"200 result=0\n", Reply(200, "0", text="result=0")),
    (b"200 result=1 (es (MX))\n", Reply(200, "1", "es (MX)", text="result=1 (es (MX))")),
    (b"200 result= (timeout)\n", Reply(200, "", "timeout", text="result= (timeout)")),
    (b"200 result=35 endpos=16000\n", Reply(200, "35", None, 16000, "result=35 endpos=16000")),
    (
        b"200 result=1 (speech) endpos=8 results=0 \n",
        Reply(200, "1", "speech", 8, "result=1 (speech) endpos=8 results=0 "),
    ),
    (b"100 result=0 Trying...\n", None),
    (b"HANGUP\n", Hangup()),
    (b"200 result=-1\n", Reply(200, "-1", text="result=-1")),
    (b"510 Invalid or unknown command\n", Reply(510, text="Invalid or unknown command")),
    (
        b"511 Command Not Permitted on a dead channel or intercept routine\n",
        Reply(511, text="Command Not Permitted on a dead channel or intercept routine"),
    ),
    (f"520-{USAGE}\n".encode(), Reply(520, text=USAGE)),
    (
        b"520-Invalid command syntax.  Proper usage follows:\nAnswers.520 End of proper usage.\n",
        Reply(520, text="Invalid command syntax.  Proper usage follows:\nAnswers.520 End of proper usage."),
    ),
    (
        b"520 Invalid command syntax.  Proper usage not available.\n",
        Reply(520, text="Invalid command syntax.  Proper usage not available."),
    ),
    (
        b'200 result=1 ({"a":1,\n\n"b":2})\n',
        Reply(200, "1", '{"a":1,\n\n"b":2}', text='result=1 ({"a":1,\n\n"b":2})'),
    ),
    ("200 result=1 (Zoë)\r\n".encode(), Reply(200, "1", "Zoë", text="result=1 (Zoë)")),
    (b"200\n", Reply(200)),
]
SAID = b"".join(sent for sent, _ in CONVERSATION)
HEARD = [heard for _, heard in CONVERSATION if heard]


def heard_in(pieces: Iterable[bytes]) -> list[Reply | Hangup]:
    reader = ReplyReader()
    return [found for piece in pieces for found in reader.feed(piece)]


def asked_in(pieces: Iterable[bytes]) -> tuple[AgiRequest, bytes] | None:
    """Return the request and all that came after it."""
    reader, whole, rest = RequestReader(), None, b""
    for piece in pieces:
        if whole is not None:
            rest += piece
        elif found := reader.feed(piece):
            whole, rest = found
    return (whole, rest) if whole is not None else None


def cut(sent: bytes, size: int) -> list[bytes]:
    return [sent[at : at + size] for at in range(0, len(sent), size)]


def test_a_request_says_who_asks_for_what() -> None:
    found = asked_in([REQUEST])
    assert found is not None
    request, rest = found
    assert (request.script, request.query) == ("route", {"pbx": "main", "x": "a b"})
    assert request.args == ("1795311086.0", "", "42")
    assert request.headers["calleridname"] == 'Zoë "Z": Núñez'
    assert (request.known("callerid"), request.known("rdnis"), request.known("nothing")) == (
        "957212000",
        "",
        "",
    )
    assert rest == b""


@pytest.mark.parametrize("sent", [REQUEST, REQUEST.replace(b"\n", b"\r\n")], ids=["LF", "CRLF"])
def test_a_request_is_the_same_at_every_cut(sent: bytes) -> None:
    whole = asked_in([sent + SAID])
    assert whole is not None
    for at in range(len(sent) + 1):
        assert asked_in([sent[:at], sent[at:] + SAID]) == whole
    assert asked_in(cut(sent + SAID, 1)) == whole
    assert whole[1] == SAID


def test_a_truncated_request_is_none() -> None:
    for at in range(len(REQUEST)):
        assert asked_in([REQUEST[:at]]) is None


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"GET / HTTP/1.1\r\n", id="a browser"),
        pytest.param(b"\x16\x03\x01\x02", id="TLS"),
        pytest.param(b"\n", id="an empty line"),
        pytest.param(b"agx", id="nearly AGI"),
        pytest.param(b"agi_network: yes\nHANGUP\n\n", id="a line that is no header"),
        pytest.param(b"agi_network: yes\nevil: 1\n\n", id="a header that is not AGI's"),
        pytest.param(b"agi_network: yes\nagi_arg_1: 1\nagi_arg_1: 2\n\n", id="a header twice"),
        pytest.param(
            b"agi_network_script: r?" + b"&".join([b"a=1"] * 33) + b"\n\n", id="a query of 33 fields"
        ),
        pytest.param(b"agi_x: " + b"a" * LONGEST_REQUEST, id="a line without end"),
        pytest.param(b"agi_x: " + b"a" * LONGEST_REQUEST + b"\n\n", id="too long, though whole"),
        pytest.param(
            b"".join(b"agi_%d: \n" % number for number in range(MOST_HEADERS + 1)) + b"\n",
            id="too many headers",
        ),
    ],
)
def test_what_is_no_request(sent: bytes) -> None:
    with pytest.raises(AgiProtocolError):
        asked_in([sent])
    with pytest.raises(AgiProtocolError):
        asked_in(cut(sent, 1))


def test_a_request_for_nothing_has_no_script() -> None:
    found = asked_in([b"agi_network: yes\n\n"])
    assert found is not None
    assert (found[0].script, found[0].query, found[0].args) == ("", {}, ())


@pytest.mark.parametrize(("sent", "heard"), CONVERSATION)
def test_an_answer(sent: bytes, heard: Reply | Hangup | None) -> None:
    assert heard_in([sent]) == ([heard] if heard else [])


def test_answers_are_the_same_at_every_cut() -> None:
    for at in range(len(SAID) + 1):
        assert heard_in([SAID[:at], SAID[at:]]) == HEARD
    assert heard_in(cut(SAID, 1)) == HEARD


def test_a_request_may_be_as_long_as_its_bounds() -> None:
    most = b"".join(b"agi_%d: \n" % number for number in range(MOST_HEADERS))
    many = RequestReader().feed(most + b"\n")
    assert many is not None
    assert len(many[0].headers) == MOST_HEADERS
    longest = b"agi_x: " + b"a" * (LONGEST_REQUEST - len(b"agi_x: "))
    whole = RequestReader().feed(longest + b"\n\n")
    assert whole is not None
    assert len(whole[0].headers["x"]) == LONGEST_REQUEST - len(b"agi_x: ")


@given(st.lists(st.integers(min_value=0, max_value=len(SAID)), max_size=12))
def test_answers_are_the_same_cut_anywhere(places: list[int]) -> None:
    edges = [0, *sorted(places), len(SAID)]
    assert heard_in(SAID[a:b] for a, b in pairwise(edges)) == HEARD


@given(st.integers(min_value=0, max_value=len(SAID)))
def test_truncated_answers_are_a_beginning(at: int) -> None:
    heard = heard_in([SAID[:at]])
    assert heard == HEARD[: len(heard)]


@given(st.lists(st.binary(max_size=400), max_size=8))
def test_random_bytes_are_an_error_at_most(pieces: list[bytes]) -> None:
    for read in (heard_in, asked_in):
        with suppress(AgiProtocolError):
            read(pieces)


@given(st.binary(max_size=200), st.integers(min_value=0, max_value=len(SAID)))
def test_rubbish_within_answers_is_an_error_at_most(rubbish: bytes, at: int) -> None:
    try:
        heard = heard_in([SAID[:at], rubbish, SAID[at:]])
    except AgiProtocolError:
        return
    assert len(heard) <= (SAID + rubbish).count(b"\n")  # before a silent line it may give it a voice


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"hello\n", id="no code"),
        pytest.param(b"\n", id="an empty line"),
        pytest.param(b"2000 result=0\n", id="a code of four digits"),
        pytest.param(b"hangup\n", id="nearly the line"),
        pytest.param(b"200 result=0" + b" " * LONGEST_REPLY, id="a line without end"),
        pytest.param(b"520-a\n" + b"b\n" * LONGEST_REPLY, id="usage without end"),
        pytest.param(b"200 result=1 (a\n" + b"b\n" * LONGEST_REPLY, id="a value without end"),
    ],
)
def test_what_is_no_answer(sent: bytes) -> None:
    with pytest.raises(AgiProtocolError):
        heard_in([sent])
    with pytest.raises(AgiProtocolError):
        heard_in(cut(sent, 1000))


def test_a_code_that_is_not_known_is_handed_on() -> None:
    assert read_reply("777 What") == Reply(777, text="What")
    assert read_reply("200 nothing known") == Reply(200, text="nothing known")


# --- commands, read back as Asterisk reads them


def words_of(line: bytes) -> list[str]:
    """Cut a command as parse_args of Asterisk's res_agi.c does."""
    words: list[str] = []
    quoted = escaped = False
    between = True
    for sign in line.decode().removesuffix("\n"):
        if sign == '"' and not escaped:
            quoted = not quoted
            if quoted and between:
                words.append("")
                between = False
        elif sign in " \t" and not quoted and not escaped:
            between = True
        elif sign == "\\" and not escaped:
            escaped = True
        else:
            if between:
                words.append("")
                between = False
            words[-1] += sign
            escaped = False
    return words


def arguments_of(text: str) -> list[str]:
    """Cut an application's arguments as __ast_app_separate_args of Asterisk's app.c does."""
    found, depth, quoted = [""], {"(": 0, "[": 0}, False
    signs = iter(text)
    for sign in signs:
        if sign == "\\":
            found[-1] += next(signs, "")
        elif sign == '"':
            quoted = not quoted
        elif sign == "," and not quoted and not any(depth.values()):
            found.append("")
        else:
            if sign in depth:
                depth[sign] += 1
            elif sign in ")]":
                opener = "(" if sign == ")" else "["
                depth[opener] = max(0, depth[opener] - 1)
            found[-1] += sign
    return found


SENDABLE = st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]), max_size=60)


@given(st.lists(SENDABLE, max_size=5))
def test_arguments_arrive_as_they_were(args: list[str]) -> None:
    line = command_line("SET VARIABLE", *args)
    assert words_of(line) == ["SET", "VARIABLE", *args]
    assert line.count(b"\n") == 1


@given(st.lists(SENDABLE.map(str.lstrip), max_size=5))
def test_told_headers_arrive_as_they_were(texts: list[str]) -> None:
    headers = {f"Field{place}": text for place, text in enumerate(texts)}
    *_, argument = words_of(command_line("EXEC", "UserEvent", event_argument("Centralita", headers)))
    name, *fields = arguments_of(argument)
    told = dict(field.split(":", 1) for field in fields)
    assert name == "Centralita"
    assert {word: text.lstrip(" ") for word, text in told.items()} == headers


@pytest.mark.parametrize("sign", ["\r", "\n", "\0"], ids=["CR", "LF", "NUL"])
def test_a_second_command_cannot_be_slipped_in(sign: str) -> None:
    with pytest.raises(UnsendableError):
        command_line("SET VARIABLE", "A", f"1{sign}EXEC System reboot")
    with pytest.raises(UnsendableError):
        command_line(f"ANSWER{sign}EXEC System reboot")
    with pytest.raises(UnsendableError):
        event_argument("Centralita", {f"Kind{sign}": "route"})


def test_a_command_fits_into_what_asterisk_reads() -> None:
    # SET VARIABLE "A" "…" and the line feed: 20 bytes beside the text.
    longest = "x" * (LONGEST_COMMAND - 20)
    assert len(command_line("SET VARIABLE", "A", longest)) == LONGEST_COMMAND
    with pytest.raises(UnsendableError):
        command_line("SET VARIABLE", "A", longest + "x")


def test_a_lone_surrogate_is_sent_as_a_question_mark() -> None:
    assert command_line("SET VARIABLE", "A", "\ud800") == b'SET VARIABLE "A" "?"\n'


@pytest.mark.parametrize("word", ["", "Kind: x", "a,b", "é", "(x"])
def test_a_header_is_named_by_letters_and_digits(word: str) -> None:
    with pytest.raises(UnsendableError):
        event_argument("Centralita", {word: "route"})
