"""What the browser's test of HTML in text fields tries: no field and no page is forgotten."""

from __future__ import annotations

import re

from browser.hostile_words import NOT_KEPT, PAGES, fields_sent, fields_there_are

from screenpop.pages.routes import routes

NOT_SEEN = {  # what is no page of records, or another's test looks at
    "/campaigns/{id}/figures",
    "/connect",
    "/desk/lists",
    "/desk/preview",
    "/faq",
    "/faq/{id}",
    "/import/{id}",  # it is, with a file
    "/lost/list",
    "/search/options",
    "/seat",
    "/sign-in",
    "/sign-in/provider",
    "/sign-in/provider/back",
    "/sign-out/provider",
    "/admin",
    "/admin/roles",
    "/contacts/{id}/privacy/consents",
}


def test_no_text_field_is_forgotten() -> None:
    assert fields_there_are() - fields_sent() == set(NOT_KEPT)


def test_no_page_is_forgotten() -> None:
    there = {one.path for one in routes if getattr(one, "method", "") == "GET" and "." not in one.path}
    seen = [one.partition("?")[0] for one in PAGES]
    missing = {one for one in there - NOT_SEEN if not any(map(_pattern(one).fullmatch, seen))}
    assert missing == set()


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"{\w+}", "[^/]+", path))
