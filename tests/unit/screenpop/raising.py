"""Which conflicts code may answer, read from the code itself: followed from a handler to what it names."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator
from functools import cache
from http import HTTPStatus
from types import FunctionType, ModuleType
from typing import Any

from centralita.import_desk import ImportDesk
from crm_core.domain.errors import CrmError
from screenpop import problem
from screenpop.imports import ImportDesk as Protocolled

OURS = ("crm_core", "screenpop", "centralita")
BUILT = {Protocolled: ImportDesk}
"""What does the work of a port that handlers ask themselves."""
UNKNOWN = "?"
NO_CONFLICT = {code for code, status in problem._STATUS.items() if status is not HTTPStatus.CONFLICT}


@cache
def conflicts(handler: object) -> frozenset[str]:
    """Return the codes of the conflicts that may come of *handler*; what it does by ports is not followed.

    ``UNKNOWN`` stands for one whose code is not written there.
    """
    seen: set[object] = set()
    wanted = [inspect.unwrap(handler)]  # type: ignore[arg-type]
    codes: set[str] = set()
    while wanted:
        function = wanted.pop()
        if function in seen or function.__code__.co_filename.startswith("<"):
            continue
        seen.add(function)
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
        codes |= set(_told(tree, function))
        wanted += [inspect.unwrap(one) for one in _named(tree, function)]
    return frozenset(codes)


def _named(tree: ast.AST, function: FunctionType) -> Iterator[Any]:
    """Return the functions of ours that *function* names, called or handed on."""
    for node in ast.walk(tree):
        found = _value(node, function)
        if isinstance(found, FunctionType) and found.__module__.startswith(OURS):
            yield found


def _told(tree: ast.AST, function: FunctionType) -> Iterator[str]:
    """Return the codes of what *function* raises, or makes to be raised."""
    for node in ast.walk(tree):
        made: object = None
        if isinstance(node, ast.Call):
            made = _value(node.func, function)
        elif isinstance(node, ast.Raise) and node.exc is not None and not isinstance(node.exc, ast.Call):
            made = _value(node.exc, function)
        if not (inspect.isclass(made) and issubclass(made, Exception)):
            continue
        if issubclass(made, CrmError) and made.code not in NO_CONFLICT:
            yield made.code
        elif made is problem.ProblemError and isinstance(node, ast.Call):
            yield from _of_problem(node, function)


def _of_problem(node: ast.Call, function: FunctionType) -> Iterator[str]:
    status, *code = node.args
    if _value(status, function) is HTTPStatus.CONFLICT:
        yield ast.literal_eval(code[0]) if isinstance(code[0], ast.Constant) else UNKNOWN


def _value(node: ast.AST, function: FunctionType) -> Any:
    """Return what *node* stands for in *function*, of an object its class; None: nothing known."""
    match node:
        case ast.Name(id="self"):
            return function.__globals__.get(function.__qualname__.partition(".")[0])
        case ast.Name():
            return function.__globals__.get(node.id)
        case ast.Attribute():
            whole = _value(node.value, function)
            is_open = isinstance(whole, ModuleType) or inspect.isclass(whole)
            return getattr(whole, node.attr, None) if is_open else None
        case ast.Call():
            return _returned(_value(node.func, function))
    return None


def _returned(maker: object) -> Any:
    """Return of which class is what a function of ours says that it returns."""
    if not isinstance(maker, FunctionType):
        return None
    told = maker.__annotations__.get("return")
    kind = maker.__globals__.get(told) if isinstance(told, str) else told
    return BUILT.get(kind, kind)
