"""By which names we are called, whose pages may speak to us, and who is really asking."""

from __future__ import annotations

import pytest

from screenpop.origins import client_address, is_loopback_name, may_call, may_speak, networks

PUBLIC = "https://desk.example.org/"


@pytest.mark.parametrize(
    ("origin", "public_url", "may"),
    [
        pytest.param("http://127.0.0.1:8080", None, True, id="our own page"),
        pytest.param("http://localhost:8080", None, True, id="by its other name"),
        pytest.param("http://[::1]:8080", None, True, id="by IPv6"),
        pytest.param("http://localhost:3000", None, False, id="another program here"),
        pytest.param("https://localhost:8080", None, False, id="another scheme"),
        pytest.param(
            "http://localhost.evil.example:8080", None, False, id="a name that only looks like ours"
        ),
        pytest.param("https://desk.example.org", PUBLIC, True, id="the public page"),
        pytest.param("https://DESK.example.org:443", PUBLIC, True, id="the same, said otherwise"),
        pytest.param("http://desk.example.org", PUBLIC, False, id="the public page without TLS"),
        pytest.param("https://desk.example.org:8443", PUBLIC, False, id="another port"),
        pytest.param("https://desk.example.org.evil.example", PUBLIC, False, id="a longer name"),
        pytest.param("http://127.0.0.1:8080", PUBLIC, False, id="loopback when there is a public page"),
        pytest.param("null", None, False, id="null"),
        pytest.param("", None, False, id="empty"),
        pytest.param(None, None, False, id="none"),
        pytest.param("http://[::1", None, False, id="broken"),
        pytest.param("http://localhost:99999", None, False, id="no port"),
        pytest.param("file:///etc/passwd", None, False, id="a file"),
    ],
)
def test_whose_pages_may_speak(origin: str | None, public_url: str | None, *, may: bool) -> None:
    assert may_speak(origin, public_url=public_url, http_port=8080) is may


@pytest.mark.parametrize(
    ("host", "is_ours"),
    [
        ("localhost", True),
        ("localhost:8080", True),
        ("127.0.0.1:1", True),
        ("[::1]:8080", True),
        ("LOCALHOST", True),
        ("192.0.2.7", False),
        ("rebound.example", False),
        ("", False),
        (None, False),
        ("localhost@evil.example", False),
    ],
)
def test_loopback_names(host: str | None, *, is_ours: bool) -> None:
    assert is_loopback_name(host) is is_ours
    assert may_call(host, public_url=None) is is_ours
    assert may_call(host, public_url=PUBLIC)


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "asks"),
    [
        pytest.param("198.51.100.7", [], [], "198.51.100.7", id="nobody between"),
        pytest.param("198.51.100.7", ["203.0.113.5"], [], "198.51.100.7", id="a liar"),
        pytest.param("10.0.0.2", ["203.0.113.5"], ["10.0.0.2"], "203.0.113.5", id="our proxy"),
        pytest.param(
            "10.0.0.2", ["6.6.6.6, 203.0.113.5"], ["10.0.0.0/8"], "203.0.113.5", id="a liar behind our proxy"
        ),
        pytest.param(
            "10.0.0.2", ["203.0.113.5, 10.0.0.3"], ["10.0.0.0/8"], "203.0.113.5", id="two proxies of ours"
        ),
        pytest.param("10.0.0.2", ["6.6.6.6", "203.0.113.5"], ["10.0.0.2"], "203.0.113.5", id="two headers"),
        pytest.param("10.0.0.2", ["unknown"], ["10.0.0.2"], "10.0.0.2", id="a proxy that does not know"),
        pytest.param("10.0.0.2", [], ["10.0.0.2"], "10.0.0.2", id="the proxy itself"),
        pytest.param("::1", ["2001:db8::7"], ["::1"], "2001:db8::7", id="IPv6"),
        pytest.param("", ["203.0.113.5"], ["10.0.0.2"], "", id="a socket without address"),
    ],
)
def test_who_is_really_asking(peer: str, forwarded: list[str], trusted: list[str], asks: str) -> None:
    assert client_address(peer, forwarded, trusted=networks(trusted)) == asks


def test_a_proxy_that_is_no_address_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"10\.0\.0\.300"):
        networks(["10.0.0.300"])
