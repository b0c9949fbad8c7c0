"""Articles in Markdown become HTML that can do no harm."""

from __future__ import annotations

import time

import pytest

from screenpop.pages.markup import prose

REL = 'rel="noopener noreferrer"'


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("# Frío\n\nSin *prisa*", "<h2>Frío</h2>\n<p>Sin <em>prisa</em></p>\n"),
        ("###### Deep", "<h6>Deep</h6>\n"),
        ("- one\n- two", "<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n"),
        ("`a < b`", "<p><code>a &lt; b</code></p>\n"),
        ("one\ntwo", "<p>one<br />\ntwo</p>\n"),
        ("[x](https://a.example/?q=1)", f'<p><a href="https://a.example/?q=1" {REL}>x</a></p>\n'),
        ("[x](mailto:a@b.example)", f'<p><a href="mailto:a@b.example" {REL}>x</a></p>\n'),
        ("[x](/knowledge)", f'<p><a href="/knowledge" {REL}>x</a></p>\n'),
        ("<img src=x onerror=alert(1)>", "<p>&lt;img src=x onerror=alert(1)&gt;</p>\n"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>\n"),
        ("[x](JAVASCRIPT&colon;alert(1))", "<p>[x](JAVASCRIPT:alert(1))</p>\n"),
        ("[x](data:text/html,x)", "<p>[x](data:text/html,x)</p>\n"),
        ("[x](//elsewhere.example)", "<p>[x](//elsewhere.example)</p>\n"),
        ("[x](/\\elsewhere.example)", f'<p><a href="/%5Celsewhere.example" {REL}>x</a></p>\n'),
        ("<javascript:alert(1)>", "<p>&lt;javascript:alert(1)&gt;</p>\n"),
        (
            '[x](/a "b" onclick=alert(1))',
            "<p>[x](/a &quot;b&quot; onclick=alert(1))</p>\n",
        ),
    ],
)
def test_what_is_drawn(text: str, html: str) -> None:
    assert prose(text) == html


@pytest.mark.parametrize("piece", ["[", "*a_", "> ", "- ", "[a](b", "![a](", "**a", "<", "&#"])
def test_nothing_takes_long(piece: str) -> None:
    text = (piece * 10_000)[:10_000]
    began = time.process_time()
    prose(text)
    assert time.process_time() - began < 2.0
