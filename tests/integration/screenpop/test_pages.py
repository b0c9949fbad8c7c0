"""Pages over HTTP: who is led where, and what browsers are told of caching and of what may run."""

from __future__ import annotations

import pytest
from integration.screenpop.house import House


@pytest.mark.parametrize(
    ("asked", "leads_to"),
    [
        pytest.param("/", "/sign-in", id="the first page"),
        pytest.param("/floor?a=1&b=/x", "/sign-in?next=/floor?a%3D1%26b%3D/x", id="a page, kept for later"),
    ],
)
async def test_a_stranger_is_led_to_the_sign_in(house: House, asked: str, leads_to: str) -> None:
    answer = await house.stranger().get(asked)
    assert (answer.status, answer.headers["Location"]) == (303, leads_to)


async def test_a_page_says_its_language_and_what_may_run(house: House) -> None:
    answer = await house.stranger().get("/sign-in", headers={"Accept-Language": "en"})
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert answer.headers["Content-Language"] == "en"
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert answer.headers["Cache-Control"] == "no-store"


async def test_scripts_are_asked_for_anew_and_sent_once(house: House) -> None:
    """After an update nobody runs yesterday's scripts; without one nothing is sent again."""
    browser = house.stranger()
    first = await browser.get("/static/js/live.js")
    assert (first.status, first.headers["Cache-Control"]) == (200, "no-cache")
    again = await browser.get("/static/js/live.js", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        pytest.param("/nothing", 404, "text/html", id="a page"),
        pytest.param("/api/v1/nothing", 404, "application/problem+json", id="the API"),
    ],
)
async def test_what_is_not_there_is_told_in_the_askers_way(
    house: House, path: str, status: int, kind: str
) -> None:
    answer = await house.stranger().get(path)
    assert (answer.status, answer.headers["Content-Type"].partition(";")[0]) == (status, kind)


async def test_an_agent_may_not_see_the_floor(house: House) -> None:
    ana = await house.person("ana")
    answer = await ana.get("/floor")
    assert answer.status == 403
    assert "No puedes abrir esta página" in answer.body.decode()
