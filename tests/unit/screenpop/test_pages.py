"""How figures and names are written on pages; where a sign-in leads; what a page is made of."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import get_args

import jinja2
import pytest
from unit.screenpop.fakes import START, who

from ami_bridge.domain.events import AgentStateName
from crm_core.domain.calls import SegmentKind
from screenpop.i18n import translator
from screenpop.identity import Identity
from screenpop.pages import looks
from screenpop.pages.environment import draw, environment
from screenpop.pages.page import home_of
from screenpop.pages.sign_in import local
from screenpop.permissions import Permission

SCREENPOP = Path(looks.__file__).parents[1]
VENDOR = SCREENPOP / "static" / "vendor"


def written(template: str, language: str = "es", **values: object) -> str:
    return environment(language).from_string(template).render(values)


@pytest.mark.parametrize(
    ("e164", "region", "text"),
    [
        pytest.param("+34957212000", "ES", "957 21 20 00", id="at home"),
        pytest.param("+34957212000", None, "+34 957 21 20 00", id="nobody's home"),
        pytest.param("+442079460321", "ES", "+44 20 7946 0321", id="abroad"),
        pytest.param("101", "ES", "101", id="no number of the world"),
        pytest.param("<b>", "ES", "&lt;b&gt;", id="hostile"),
    ],
)
def test_a_number_as_people_write_it(e164: str, region: str | None, text: str) -> None:
    assert written("{{ e164 | number }}", e164=e164, region=region) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "00:00"), (402.9, "06:42"), (3599, "59:59"), (3600, "1:00:00"), (-3, "00:00"), (90061, "25:01:01")],
)
def test_a_running_time(seconds: float, text: str) -> None:
    assert written("{{ seconds | clock }}", seconds=seconds) == text


def test_an_instant_is_told_in_utc() -> None:
    at = datetime(2026, 11, 24, 18, 6, 0, 4500, tzinfo=timezone(timedelta(hours=1)))
    assert written("{{ at | moment }}", at=at) == (
        '<time datetime="2026-11-24T17:06:00.004Z" data-moment></time>'
    )


@pytest.mark.parametrize(
    ("template", "text"),
    [
        pytest.param("{{ 'Lucía Ortega Ruiz' | initials }}", "LO", id="initials"),
        pytest.param("{{ '  ' | initials }}", "", id="initials of nobody"),
        pytest.param("{{ 'en-GB' | language_name }}", "inglés británico", id="a language of a country"),
        pytest.param("{{ 'en-IN' | language_name }}", "inglés", id="a language"),
        pytest.param("{{ 'xx' | language_name }}", "xx", id="a language nobody knows"),
        pytest.param("{{ ('ñ' * 300) | clip | length }}", "200", id="long text"),
        pytest.param("{{ 'ES' | country_code }}{{ none | country_code }}", "34", id="country code"),
    ],
)
def test_words_of_pages(template: str, text: str) -> None:
    assert written(template) == text


def test_every_state_and_segment_has_a_look() -> None:
    assert set(looks.AGENT_STATES) == set(get_args(AgentStateName))
    assert set(looks.SEGMENTS) == set(get_args(SegmentKind))


def test_scripts_get_the_looks_in_the_readers_language() -> None:
    told = looks.for_scripts(translator("es"))
    assert (told["agent"]["ready"].word, told["segment"]["hold"].word) == ("Disponible", "Retenida")


@pytest.mark.parametrize(
    ("address", "leads_to"),
    [
        pytest.param("/floor", "/floor", id="a page of ours"),
        pytest.param("/floor?x=1", "/floor?x=1", id="with a question"),
        pytest.param(None, None, id="nothing"),
        pytest.param("", None, id="empty"),
        pytest.param("https://evil.example/", None, id="another host"),
        pytest.param("//evil.example/", None, id="another host without a scheme"),
        pytest.param("/\\evil.example/", None, id="another host for browsers"),
        pytest.param("/\t/evil.example/", None, id="another host behind a tab that browsers drop"),
        pytest.param("javascript:alert(1)", None, id="a script"),
        pytest.param("floor", None, id="not from the root"),
    ],
)
def test_a_sign_in_leads_to_our_own_pages_only(address: str | None, leads_to: str | None) -> None:
    assert local(address) == leads_to


@pytest.mark.parametrize(
    ("me", "home"),
    [
        pytest.param(who(), "/", id="agent"),
        pytest.param(who("eva", role="supervisor", agent=None, seat=None), "/floor", id="supervisor"),
        pytest.param(who("sue", role="supervisor"), "/", id="supervisor who takes calls"),
        pytest.param(who("pat", role="agent", agent=None, seat=None), "/", id="agent without a code"),
        pytest.param(who("max", role="auditor", agent=None, seat=None), "/floor", id="auditor"),
    ],
)
def test_where_somebody_begins(me: Identity, home: str) -> None:
    assert home_of(me) == home


def test_json_in_a_page_cannot_end_its_element() -> None:
    from screenpop.pages.environment import _json

    assert _json({"x": "</script><script>alert(1)</script>"}).count("<") == 0


def test_a_name_that_a_page_does_not_know_is_an_error() -> None:
    with pytest.raises(jinja2.UndefinedError):
        written("{{ nobody }}")


def test_text_from_outside_is_escaped() -> None:
    assert written("{{ text }}", text="<script>") == "&lt;script&gt;"


def rail(language: str, me: Identity | None) -> list[tuple[str, str]]:
    drawn = draw(
        "shell.html",
        language,
        me=me,
        may={one.value: me is not None and me.may(one) for one in Permission},
        home=home_of(me) if me else "/",
        here="/floor",
        now=START,
        ws_url="ws://x",
        csrf_token="",
        version="1",
        region="ES",
        pause_reasons={},
    )
    return re.findall(r'<a href="([^"]+)"( aria-current="page")?>', drawn)


@pytest.mark.parametrize("language", ["es", "en"])
def test_the_rail_holds_what_one_may_open(language: str) -> None:
    desk, floor = ("/", ""), ("/floor", ' aria-current="page"')
    records = [("/contacts", ""), ("/incidents", "")]
    assert rail(language, who()) == [desk, *records]
    more = [("/calls", ""), *records, ("/campaigns", "")]
    assert rail(language, who(role="supervisor")) == [desk, floor, *more]
    assert rail(language, who(role="supervisor", agent=None, seat=None)) == [floor, *more]
    assert rail(language, None) == []


def test_no_page_has_an_inline_style_or_script() -> None:
    """The content security policy would not let them work."""
    inline = re.compile(r'\sstyle=|\son[a-z]+=|<style|<script(?![^>]*\b(src=|type="application/json"))')
    found = [
        f"{path.name}: {match[0]}"
        for path in (SCREENPOP / "templates").rglob("*.html")
        for match in inline.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_vendored_files_are_those_of_the_lock() -> None:
    told = json.loads((VENDOR / "vendor.json").read_text(encoding="utf-8"))["files"]
    there = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in VENDOR.iterdir()}
    del there["vendor.json"]
    assert {one["file"]: one["sha256"] for one in told} == there
    tools = SCREENPOP.parent / "tools" / "browser"
    locked = json.loads((tools / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    for one in told:
        assert locked[f"node_modules/{one['package']}"]["version"] == one["version"]
        assert one["license"]


def test_the_sprite_holds_the_icons_in_use_and_no_other() -> None:
    there = set(re.findall(r'id="i-([\w-]+)"', (VENDOR / "icons.svg").read_text(encoding="utf-8")))
    sources = [
        *SCREENPOP.glob("pages/*.py"),
        *SCREENPOP.glob("templates/**/*.html"),
        *SCREENPOP.glob("static/js/*.js"),
    ]
    said = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    quoted = set(re.findall(r"""["']([a-z][a-z0-9-]*)["']""", said))
    called = set(re.findall(r"""icon\(\s*["']([a-z0-9-]+)["']""", said)) | set(
        re.findall(r"#i-([a-z][\w-]*)", said)
    )
    assert called - there == set(), "add them to tools/browser/icons.txt and run tools/vendor"
    assert there - quoted - called == set(), "no page shows them"


def test_no_form_puts_what_is_typed_into_an_address_before_its_script_listens() -> None:
    forms = [
        (path.name, form)
        for path in sorted((SCREENPOP / "templates").rglob("*.html"))
        for form in re.findall(r"<form\b[^>]*>", path.read_text(encoding="utf-8"))
    ]
    assert len(forms) > 20
    assert [one for one in forms if not re.search(r'method="(post|dialog)"|role="search"', one[1])] == []
