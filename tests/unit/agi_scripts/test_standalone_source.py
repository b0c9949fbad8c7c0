"""The stand-alone script keeps to Python 3.6: its syntax, and what it uses of the standard library."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[3] / "agi_scripts/standalone/centralita_route.py"
# What it uses of each module, and the minor version of Python 3 that brought it, by docs.python.org.
USED = {
    "configparser": {"ConfigParser": 0, "Error": 0},
    "http.client": {"HTTPConnection": 0, "HTTPSConnection": 0},
    "io": {"TextIOWrapper": 0},
    "json": {"loads": 0},
    "os": {"_exit": 0, "environ": 0, "fstat": 0},
    "re": {"compile": 0, "match": 0, "split": 0, "sub": 0},
    "signal": {"SIGALRM": 0, "SIGHUP": 0, "SIG_IGN": 0, "alarm": 0, "signal": 0},
    "ssl": {"create_default_context": 4},
    "stat": {"S_ISREG": 0},
    "sys": {"stdin": 0, "stdout": 0},
    "threading": {"Thread": 0},
    "time": {"monotonic": 3},
    "urllib.parse": {"urlencode": 0, "urlsplit": 0},
}
NEWER_METHODS = {"removeprefix", "removesuffix", "isascii"}
NEWER_BUILTINS = {"aiter", "anext", "breakpoint", "EncodingWarning", "ExceptionGroup", "BaseExceptionGroup"}


@pytest.fixture(scope="module")
def tree() -> ast.Module:
    return ast.parse(SOURCE.read_text(encoding="utf-8"), feature_version=(3, 6))


def imported(tree: ast.Module) -> set[str]:
    named = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return named | {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}


def used_of(tree: ast.Module, modules: set[str]) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and (module := ast.unparse(node.value)) in modules:
            yield module, node.attr


def test_its_syntax_is_that_of_python_3_6(tree: ast.Module) -> None:
    assert tree.body


def test_it_needs_the_standard_library_and_pyst2_only(tree: ast.Module) -> None:
    assert imported(tree) == {*USED, "asterisk.agi"}


def test_all_it_uses_was_there_in_python_3_6(tree: ast.Module) -> None:
    found = set(used_of(tree, set(USED))) - {("http", "client"), ("urllib", "parse")}
    assert found == {(module, name) for module, names in USED.items() for name in names}
    assert all(version <= 6 for names in USED.values() for version in names.values())


def test_it_uses_no_newer_method_or_builtin(tree: ast.Module) -> None:
    named = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert not named & NEWER_METHODS
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert not names & NEWER_BUILTINS & set(dir(builtins))


def test_calls_have_no_newer_arguments(tree: ast.Module) -> None:
    """``capture_output``, ``text`` of subprocess and the like: every keyword that is given, by name."""
    given = {word.arg for node in ast.walk(tree) if isinstance(node, ast.Call) for word in node.keywords}
    assert given == {
        *("cafile", "context", "encoding", "errors", "headers", "interpolation", "newline"),
        *("stderr", "stdin", "stdout", "target", "timeout"),
    }
