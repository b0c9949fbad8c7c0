"""The OpenAPI 3.1 description, written from the handlers themselves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from inspect import cleandoc
from typing import Any

import msgspec
from aiohttp import hdrs, web
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from screenpop.api.exchange import ETAG_PATTERN
from screenpop.api.operation import Operation, operation_of
from screenpop.api.twice import HEADER, KEY_PATTERN
from screenpop.failures import WORDS, failures_of
from screenpop.key_scopes import scope_of
from screenpop.problem import CONTENT_TYPE, Problem
from screenpop.version import VERSION

_REF = "#/components/schemas/{name}"
_PARAMETER = re.compile(r"{(\w+)[^}]*}")
_MERGED = ("/api/v1/contacts/{id}", "/api/v1/accounts/{id}")
_METHODS = frozenset({hdrs.METH_GET, hdrs.METH_POST, hdrs.METH_PUT, hdrs.METH_PATCH, hdrs.METH_DELETE})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """A route, and what its handler says of itself."""

    path: str
    method: str
    name: str
    text: str
    operation: Operation


def describe(app: web.Application) -> dict[str, Any]:
    """Return the description of every API route of *app*."""
    told = sorted(_operations(app), key=lambda one: (one.path, one.method))
    inputs, input_schemas = _inputs(one.operation for one in told)
    outputs, output_schemas = _outputs(one.operation for one in told)
    paths: dict[str, Any] = {}
    for one in told:
        paths.setdefault(one.path, {})[one.method] = _operation(one, inputs, outputs)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Centralita", "version": VERSION},
        "paths": paths,
        "components": {
            "schemas": {**input_schemas, **output_schemas},
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "centralita"},
            },
        },
    }


def _operations(app: web.Application) -> Iterable[_Told]:
    for route in app.router.routes():
        told = operation_of(route.handler)
        if told is not None and route.resource is not None and route.method in _METHODS:
            yield _Told(
                path=_PARAMETER.sub(r"{\1}", route.resource.canonical),
                method=route.method.lower(),
                name=route.handler.__name__,
                text=cleandoc(route.handler.__doc__ or ""),
                operation=told,
            )


def _inputs(operations: Iterable[Operation]) -> tuple[dict[type[BaseModel], Any], dict[str, Any]]:
    models = sorted({one.body for one in operations if one.body is not None}, key=lambda one: one.__name__)
    refs, definitions = models_json_schema([(model, "validation") for model in models], ref_template=_ref())
    return {model: refs[model, "validation"] for model in models}, definitions.get("$defs", {})


def _outputs(operations: Iterable[Operation]) -> tuple[dict[Any, Any], dict[str, Any]]:
    kinds = [Problem, *{one.returns: None for one in operations if one.returns is not None}]
    schemas, components = msgspec.json.schema_components(kinds, ref_template=_REF)
    return dict(zip(kinds, schemas, strict=True)), components


def _ref() -> str:
    return _REF.replace("{name}", "{model}")


def _operation(one: _Told, inputs: dict[Any, Any], outputs: dict[Any, Any]) -> dict[str, Any]:
    told = one.operation
    summary, _, rest = one.text.partition("\n")
    described: dict[str, Any] = {
        "operationId": one.name,
        "summary": summary,
        "parameters": list(_parameters(one.path, told)),
        "responses": {
            str(told.status.value): _success(told, outputs),
            **_led_on(one.path, outputs),
            **_foreseen(one, outputs),
            "default": _failure(outputs),
        },
        "security": _security(told),
    }
    if told.unwell is not None:
        _success_too(described["responses"][str(told.unwell.value)], told, outputs)
    if rest.strip():
        described["description"] = rest.strip()
    if told.permission is not None:
        described["x-permission"] = told.permission.value
    if sent := _sent(told, inputs):
        described["requestBody"] = {"required": True, "content": sent}
    return described


def _security(told: Operation) -> list[dict[str, list[str]]]:
    """Return by what one may come: a key with scopes needs the one that is named."""
    if told.permission is None:
        return []
    scope = scope_of(told.permission)
    return [{"token": [scope] if scope else []}, {"session": []}]


def _parameters(path: str, told: Operation) -> Iterable[dict[str, Any]]:
    for name in _PARAMETER.findall(path):
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
    if told.query is not None:
        schema = told.query.model_json_schema()
        for name, field in schema.get("properties", {}).items():
            required = name in schema.get("required", ())
            yield {"name": name, "in": "query", "required": required, "schema": field}
    if told.takes_key:
        yield _header(HEADER, KEY_PATTERN)
    if told.takes_version or told.heeds_version:
        yield _header(str(hdrs.IF_MATCH), ETAG_PATTERN, is_required=told.takes_version)


def _header(name: str, pattern: str, *, is_required: bool = False) -> dict[str, Any]:
    schema = {"type": "string", "pattern": pattern}
    return {"name": name, "in": "header", "required": is_required, "schema": schema}


def _sent(told: Operation, inputs: dict[Any, Any]) -> dict[str, Any]:
    if told.sent_media is not None:
        return {told.sent_media: {"schema": {"type": "string"}}}
    return {"application/json": {"schema": inputs[told.body]}} if told.body is not None else {}


def _success(told: Operation, outputs: dict[Any, Any]) -> dict[str, Any]:
    said: dict[str, Any] = {"description": HTTPStatus(told.status).phrase}
    if told.returns is not None:
        said["content"] = {"application/json": {"schema": outputs[told.returns]}}
    if told.media is not None:
        said["content"] = {told.media: {"schema": {}}}
    return said


def _success_too(failure: dict[str, Any], told: Operation, outputs: dict[Any, Any]) -> None:
    """Let *failure* be told by what is given otherwise, too."""
    failure["content"] |= _success(told, outputs)["content"]


def _led_on(path: str, outputs: dict[Any, Any]) -> dict[str, Any]:
    """Return what is told of a record that may have become a part of another one."""
    if not path.startswith(_MERGED):
        return {}
    there = {"description": "Where the record is now", "schema": {"type": "string"}}
    return {"308": {**_failure(outputs), "headers": {"Location": there}}}


def _foreseen(one: _Told, outputs: dict[Any, Any]) -> dict[str, Any]:
    """Return every failure that is foreseen; what is none of them is a fault of ours, told by ``default``."""
    told = failures_of(
        one.operation,
        name=one.name,
        is_command=one.method != "get",
        has_record=_PARAMETER.search(one.path) is not None,
    )
    return {str(status.value): _described(status, codes, outputs) for status, codes in told.items()}


def _described(status: HTTPStatus, codes: Sequence[str], outputs: dict[Any, Any]) -> dict[str, Any]:
    """Return the problem of *status*; with *codes* its ``code`` is one of them."""
    problem = outputs[Problem]
    if codes:
        problem = {"allOf": [problem], "properties": {"code": {"enum": sorted(codes)}}}
    return {"description": WORDS[status], "content": {CONTENT_TYPE: {"schema": problem}}}


def _failure(outputs: dict[Any, Any]) -> dict[str, Any]:
    return {"description": "A problem (RFC 9457)", "content": {CONTENT_TYPE: {"schema": outputs[Problem]}}}
