"""Each stable code that REST can answer has a sentence for people."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from crm_core.domain.errors import CrmError
from screenpop import problem

ROOT = Path(__file__).parents[3]
SENTENCES = re.compile(r"^  (\w+): .+,$", re.MULTILINE)
ROUTER = {"not_found", "method_not_allowed"}
NOT_TOLD = {
    "error",  # no error has it: each kind has its own
    "spool",  # the recorder's own trouble, told by /health
}


def sources() -> Iterator[Path]:
    for package in ("screenpop", "centralita"):
        yield from (ROOT / package).rglob("*.py")


def raised(source: Path) -> Iterator[str]:
    """Yield the codes of the problems that are made in *source*."""
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("ProblemError"):
            yield from (
                one.value
                for one in node.args[1:2]
                if isinstance(one, ast.Constant) and isinstance(one.value, str)
            )


def kinds(of: type[Exception]) -> Iterator[type[Exception]]:
    for kind in of.__subclasses__():
        yield kind
        yield from kinds(kind)


def of_records() -> Iterator[str]:
    """Yield the codes of what can go wrong with records, in whichever module it stands."""
    for source in (ROOT / "crm_core").rglob("*.py"):
        if "migrations" not in source.parts and "(CrmError)" in source.read_text():
            import_module(".".join(source.relative_to(ROOT).with_suffix("").parts))
    for kind in kinds(CrmError):
        told = getattr(kind, "code", None)
        assert isinstance(told, str)
        yield told


def of_exchanges() -> Iterator[str]:
    return (code for _kind, _status, code in problem._BRIDGE)


def codes() -> list[str]:
    found = {code for source in sources() for code in raised(source)}
    return sorted((found | set(of_records()) | set(of_exchanges()) | ROUTER) - NOT_TOLD)


@pytest.fixture(scope="module")
def sentences() -> set[str]:
    text = (ROOT / "screenpop/static/js/reasons.js").read_text()
    return set(SENTENCES.findall(text.partition("const REASONS")[2]))


@pytest.mark.parametrize("code", codes())
def test_a_code_has_a_sentence(sentences: set[str], code: str) -> None:
    assert code in sentences


def test_what_is_looked_for_is_found() -> None:
    assert {"standby", "lease_lost", "exchange", "exchange_away", "bad_cursor", "not_allowed"} <= set(codes())
