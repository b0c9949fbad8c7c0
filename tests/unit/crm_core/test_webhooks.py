"""Where events may be sent, how they are signed, and how long we try."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from crm_core.domain.errors import InvalidError
from crm_core.domain.webhooks import (
    Keys,
    Patience,
    Progress,
    Webhook,
    arrived,
    checked,
    failed,
    is_hopeless,
    may_reach,
    sealed_by,
    secret_of,
    signature,
    wait_of,
    wants,
    why_not,
)

NOW = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
ONE = Webhook(
    id="w", name="CRM", url="https://crm.example/in", types=("*",), created_at=NOW, progress=Progress(pos=0)
)


def test_a_signature_is_as_the_others_make_it() -> None:
    """The values are those of the libraries of Standard Webhooks."""
    signed = signature(
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
        message="msg_p5jXN8AQM9LWM0D4loKWxJek",
        at=1614265330,
        body=b'{"test": 2432232314}',
    )
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(
    ("kept", "after"),
    [
        pytest.param(Keys(sealed="whsec_bg=="), Keys(sealed="S:whsec_bg=="), id="one from before"),
        pytest.param(
            Keys(sealed="S:n", former_sealed="whsec_bw==", former_until=NOW),
            Keys(sealed="S:n", former_sealed="S:whsec_bw==", former_until=NOW),
            id="a former one from before",
        ),
        pytest.param(Keys(sealed="S:n"), Keys(sealed="S:n"), id="sealed already"),
    ],
)
def test_nothing_is_left_that_anybody_can_read(kept: Keys, after: Keys) -> None:
    assert sealed_by("S:{}".format, kept) == after


def test_two_secrets_sign_while_one_takes_over() -> None:
    keys = Keys(sealed=secret_of(b"n" * 32), former_sealed=secret_of(b"o" * 32), former_until=NOW)
    before, after = keys.at(NOW - timedelta(seconds=1)), keys.at(NOW)
    assert (len(before), after) == (2, (keys.sealed,))
    signed = signature(before, message="evt_1", at=1, body=b"{}").split(" ")
    assert signed == [signature([one], message="evt_1", at=1, body=b"{}") for one in before]


@pytest.mark.parametrize(
    ("types", "kind", "wanted"),
    [
        (("*",), "call.ended", True),
        (("incident.*",), "incident.opened", True),
        (("incident.*",), "incidents.opened", False),
        (("incident.opened",), "incident.updated", False),
        (("call.ended", "incident.opened"), "incident.opened", True),
    ],
)
def test_what_is_wanted(types: tuple[str, ...], kind: str, wanted: bool) -> None:
    assert wants(types, kind) is wanted


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("https://crm.example/in?a=1", None),
        ("https://[2001:db8::1]:8443/", None),
        ("http://intranet:8080/in", None),
        ("http://crm.example/in", "no_https"),
        ("ftp://intranet/in", "no_https"),
        ("crm.example", "bad_url"),
        ("https://eva:secret@crm.example/", "bad_url"),
        ("https://crm.example/#here", "bad_url"),
        ("https://crm.example:0/", "bad_url"),
        ("https://crm.example:99999/", "bad_url"),
        ("https://crm.example/a\nb", "bad_url"),
        ("https://crm.example/" + "a" * 500, "bad_url"),
        ("https://", "bad_url"),
        ("https://señor.example/", "bad_url"),
    ],
)
def test_where_events_may_be_sent(url: str, fault: str | None) -> None:
    one = replace(ONE, url=url)
    if fault is None:
        assert checked(one, allowed=("intranet",)) == one
        return
    with pytest.raises(InvalidError) as told:
        checked(one, allowed=("intranet",))
    assert (told.value.field, told.value.fault) == ("url", fault)


@pytest.mark.parametrize(
    ("address", "may"),
    [
        ("93.184.215.14", True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.31.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("ff0e::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:93.184.215.14", True),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::5db8:d70e", True),
        ("2002:7f00:1::", False),
        ("no address", False),
    ],
)
def test_which_addresses_are_spoken_to(address: str, may: bool) -> None:
    assert may_reach(address) is may


@pytest.mark.parametrize(
    ("text", "wait_s"),
    [
        ("120", 120),
        ("0", 0),
        ("999999999", 3600),
        ("Tue, 24 Nov 2026 16:05:00 GMT", 300),
        ("Tue, 24 Nov 2026 15:00:00 GMT", 0),
        ("Tue, 24 Nov 2099 15:00:00 GMT", 3600),
        ("-5", None),
        ("soon", None),
        ("9" * 99, None),
        ("", None),
        (None, None),
    ],
)
def test_how_long_a_receiver_asks_us_to_wait(text: str | None, wait_s: int | None) -> None:
    assert wait_of(text, now=NOW) == (None if wait_s is None else timedelta(seconds=wait_s))


def test_pauses_grow_and_spread() -> None:
    patience = Patience()
    assert [patience.pause(n, 0.5).total_seconds() for n in range(1, 8)] == [5, 20, 80, 320, 1280, 3600, 3600]
    assert [patience.pause(1, chance).total_seconds() for chance in (0, 1)] == [4, 6]
    assert patience.pause(10_000, 1).total_seconds() == 4320


def test_a_failure_is_counted_until_something_arrives() -> None:
    asked = {"why": "http_503", "chance": 0.5, "patience": Patience(), "now": NOW}
    once = failed(Progress(pos=7), wait=timedelta(seconds=60), **asked)  # type: ignore[arg-type]
    assert (once.pos, once.tries, once.next_at) == (7, 1, NOW + timedelta(seconds=60))
    twice = failed(once, wait=None, **asked | {"now": NOW + timedelta(hours=1)})  # type: ignore[arg-type]
    assert (twice.tries, twice.failing_since) == (2, NOW)
    assert arrived(twice, pos=8, now=NOW) == Progress(pos=8, arrived_at=NOW)


@pytest.mark.parametrize(
    ("why", "hours", "hopeless"),
    [("http_500", 23, False), ("http_500", 24, True), ("http_410", 0, True), ("timeout", 30, True)],
)
def test_who_takes_nothing_is_left_alone(why: str, hours: int, hopeless: bool) -> None:
    after = Progress(pos=0, why=why, failing_since=NOW - timedelta(hours=hours))
    assert is_hopeless(after, patience=Patience(), now=NOW) is hopeless


@pytest.mark.parametrize(
    ("status", "why"), [(200, None), (204, None), (302, "http_302"), (404, "http_404"), (100, "http_100")]
)
def test_what_is_a_receipt(status: int, why: str | None) -> None:
    assert why_not(status) == why
