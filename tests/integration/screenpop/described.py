"""The API's own description, held against what it answers."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import Any

from aiohttp import web
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from screenpop.openapi import describe

HERE = "urn:description"
_known: dict[frozenset[tuple[str, Any]], Described] = {}


@dataclass
class Described:
    """An OpenAPI document that can be asked."""

    document: dict[str, Any]

    @classmethod
    def of(cls, app: web.Application) -> Described:
        """Return what *app* says of itself: the same for the same routes, so that each test need not ask."""
        routes = frozenset(
            (route.method, route.handler)
            for route in app.router.routes()
            if not isinstance(route.resource, web.StaticResource)  # each application has one of its own
        )
        if routes not in _known:
            _known[routes] = cls(json.loads(json.dumps(describe(app))))
        return _known[routes]

    def __post_init__(self) -> None:
        resource = Resource.from_contents(self.document, default_specification=DRAFT202012)
        self._registry = Registry().with_resource(HERE, resource)
        self._validator = cache(self._validator_of)
        self._paths = [
            (re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path)) + r"\Z"), path)
            for path in self.document["paths"]
        ]

    def operations(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Return method, path and operation of everything described."""
        return [
            (method.upper(), path, operation)
            for path, methods in self.document["paths"].items()
            for method, operation in methods.items()
        ]

    def check(self, method: str, path: str, status: int, content_type: str, body: Any) -> None:
        """Demand that an answer is one of those described for the operation; what has none is not checked."""
        known = next((name for pattern, name in self._paths if pattern.match(path)), None)
        operation = self.document["paths"].get(known, {}).get(method.lower())
        if operation is None:
            assert status >= 400, (method, path, status)
            return
        responses = operation["responses"]
        is_fault = status == HTTPStatus.INTERNAL_SERVER_ERROR
        told = body.get("code") if isinstance(body, dict) else None
        assert str(status) in responses or is_fault, (
            f"failures.py foresees no {status} {told} of {method} {known}"
        )
        content = responses.get(str(status), responses["default"]).get("content")
        if content is None:
            assert body == b""
            return
        assert content_type in content, (method, path, content_type)
        place = ("paths", known, method.lower(), "responses")
        which = str(status) if str(status) in responses else "default"
        self._validator((*place, which, "content", content_type, "schema")).validate(body)

    def _validator_of(self, place: tuple[str, ...]) -> Draft202012Validator:
        pointer = "/".join(part.replace("~", "~0").replace("/", "~1") for part in place)
        return Draft202012Validator({"$ref": f"{HERE}#/{pointer}"}, registry=self._registry)
