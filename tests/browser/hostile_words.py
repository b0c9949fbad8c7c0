"""HTML in every text field that REST takes: what is sent to where, and which fields there are."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator, Mapping
from typing import Any

from screenpop import api
from screenpop.api.operation import Operation, operation_of

HOSTILE = "<img src=x onerror=a()>"
ADDRESS = "<img/src=x/onerror=a()>@example.com"
SIGN = "<img"

# Fields that take no words: they are read, looked up or compared, and what is kept is something else.
NOT_KEPT: Mapping[str, str] = {
    "accounts.phones[].raw": "a number",
    "calls.disposition": "one of a list",
    "connect.host": "asked of an exchange",
    "connect.secret": "shown nowhere",
    "connect.user": "asked of an exchange",
    "contact_input.phones[].raw": "a number",
    "contact_input.raw": "a number",
    "contact_input.time_zone": "one of a list",
    "dial.number": "a number",
    "do_not_call.number": "a number",
    "incident_input.into": "an incident's number",
    "interventions.agent": "who is there",
    "interventions.interface": "what is there",
    "interventions.pbx": "what is there",
    "interventions.reason": "one of a list",
    "lines.caller_id": "a number",
    "lines.crm_url": "an address, without such signs",
    "own_sign_in.code": "shown nowhere",
    "own_sign_in.new_password": "shown nowhere",
    "own_sign_in.password": "shown nowhere",
    "own_sign_in.ticket": "shown nowhere",
    "presence.reason": "one of a list",
    "preview.note": "of a call that a campaign made: test_campaigns",
    "preview.number": "a number",
    "seats.seat": "what is there",
    "service_levels.subdivision": "one of a list",
    "service_levels.zone": "one of a list",
    "session.code": "shown nowhere",
    "session.name": "looked up",
    "session.password": "shown nowhere",
    "tasks.assignee": "looked up",
    "users.password": "shown nowhere",
    "users.seat": "what is there",
}
_PLACE = {"street": HOSTILE, "postal_code": HOSTILE[:20], "city": HOSTILE, "province": HOSTILE}
_BOTH = {"name_es": HOSTILE, "name_en": HOSTILE}
_LABELS = {"label_es": HOSTILE, "label_en": HOSTILE}
_FIELDS = tuple(
    ("POST", "/fields", {"entity": entity, "key": f"{entity}_x", "type": "text", **_LABELS})
    for entity in ("contact", "account", "incident")
)

# In this order; an id that is asked for is the one that the last request to this path gave.
SENT: tuple[tuple[str, str, dict[str, Any]], ...] = (
    *_FIELDS,
    ("POST", "/fields", {"entity": "contact", "key": "y", "type": "choice", "options": [HOSTILE], **_LABELS}),
    ("POST", "/fields", {"entity": "contact", "key": "z", "type": "text", "regex": HOSTILE, **_LABELS}),
    (
        "POST",
        "/accounts",
        {
            **dict.fromkeys(("name", "legal_name", "tax_id", "tier", "note"), HOSTILE),
            "addresses": [_PLACE],
            "tags": [HOSTILE],
            "fields": {"account_x": HOSTILE},
        },
    ),
    (
        "POST",
        "/contacts",
        {
            **dict.fromkeys(("prefix", "suffix", "given", "additional", "family", "second_family"), HOSTILE),
            **dict.fromkeys(("company", "note", "role", "source", "title"), HOSTILE),
            "subjects": [HOSTILE],
            "tags": [HOSTILE],
            "addresses": [_PLACE],
            "emails": [{"address": ADDRESS}],
            "fields": {"contact_x": HOSTILE, "y": HOSTILE},
        },
    ),
    ("POST", "/contacts/{contacts}/emails", {"address": f"a{ADDRESS}"}),
    (
        "POST",
        "/contacts/{contacts}/consents",
        {
            "purpose": "marketing",
            "channel": "call",
            "status": "given",
            "source": HOSTILE,
            "proof": HOSTILE,
        },
    ),
    ("PUT", "/contacts/{contacts}/legal-hold", {"reason": HOSTILE}),
    ("POST", "/incident-choices", {"kind": "category", **_BOTH}),
    ("POST", "/calendars", {"name": HOSTILE, "zone": "Europe/Madrid"}),
    (
        "POST",
        "/sla-policies",
        {"name": HOSTILE, "tier": HOSTILE, "calendar_id": "{calendars}", "resolve_s": 3600},
    ),
    (
        "POST",
        "/incidents",
        {
            "contact_id": "{contacts}",
            "subject": HOSTILE,
            "description": HOSTILE,
            "category_id": "{incident-choices}",
            "fields": {"incident_x": HOSTILE},
        },
    ),
    ("PATCH", "/incidents/{incidents}", {"priority": 1, "priority_reason": HOSTILE, "cause": HOSTILE}),
    ("POST", "/incidents/{incidents}/entries", {"text": HOSTILE}),
    ("POST", "/products", {"code": HOSTILE, **_BOTH}),
    (
        "POST",
        "/assets",
        {
            "product_id": "{products}",
            "contact_id": "{contacts}",
            **dict.fromkeys(("serial", "site", "note"), HOSTILE),
        },
    ),
    (
        "POST",
        "/contracts",
        {
            "name": HOSTILE,
            "covers": HOSTILE,
            "kind": "support",
            "begins_on": "2026-01-01",
            "contact_id": "{contacts}",
        },
    ),
    ("POST", "/repairs", {"asset_id": "{assets}", "fault": HOSTILE, "note": HOSTILE}),
    (
        "POST",
        "/articles",
        dict.fromkeys(("title_es", "title_en", "text_es", "text_en"), HOSTILE),
    ),
    (
        "POST",
        "/tasks",
        {
            "title": HOSTILE,
            "note": HOSTILE,
            "due_at": "2026-11-25T10:00:00Z",
            "contact_id": "{contacts}",
        },
    ),
    (
        "POST",
        "/interactions",
        {"channel": "note", "contact_id": "{contacts}", **dict.fromkeys(("subject", "body"), HOSTILE)},
    ),
    ("POST", "/teams", _BOTH),
    (
        "POST",
        "/users",
        {"name": "rosa", "full_name": HOSTILE, "role": "agent", "password": "a long way to the sea"},
    ),
    ("POST", "/webhooks", {"name": HOSTILE, "url": f"https://x.example/?{ADDRESS}", "types": ["contact.*"]}),
    ("POST", "/keys", {"name": HOSTILE, "scopes": ["contacts:read"]}),
    ("POST", "/keys/{keys}/revocation", {"why": HOSTILE}),
    ("POST", "/saved-views", {"page": "contacts", "name": HOSTILE}),
    ("POST", "/campaigns", {"name": HOSTILE, "region": "ES"}),
    ("POST", "/do-not-call", {"number": "600123456", "why": HOSTILE}),
    (
        "PUT",
        "/lines/main/queue/Cobros",
        {
            **dict.fromkeys(("name", "greeting_es", "greeting_en"), HOSTILE),
        },
    ),
    ("PUT", "/calls/{calls}/work", {"notes": HOSTILE}),
)
PAGES = (
    "/",
    "/floor",
    "/contacts",
    "/contacts/{contacts}",
    "/contacts/{contacts}/privacy",
    "/accounts",
    "/accounts/{accounts}",
    "/fields",
    "/import",
    "/duplicates",
    "/duplicates/contact/{contacts}/{maria}",
    "/calls",
    "/calls/{calls}",
    "/calls/{calls}/why",
    "/lost",
    "/incidents",
    "/incidents?view=board",
    "/incidents/{incidents}",
    "/problems",
    "/settings/incidents",
    "/tasks?view=all",
    "/knowledge",
    "/knowledge/{articles}",
    "/equipment",
    "/equipment/{assets}",
    "/repairs",
    "/products",
    "/campaigns",
    "/campaigns/{campaigns}",
    "/do-not-call",
    "/search?q=img",
    "/audit",
    "/webhooks",
    "/admin/users",
    "/admin/teams",
    "/admin/queues",
    "/admin/keys",
    "/admin/retention",
    "/admin/masking",
    "/admin/sessions",
    "/me",
    "/desk/history/{contacts}",
)


def fields_there_are() -> set[str]:
    """Return the text fields of all bodies, as ``module.path``, that HTML may stand in."""
    return {
        f"{name}.{path}"
        for name, told in _operations()
        if told.body is not None
        for path in _texts(told.body.model_json_schema())
    }


def fields_sent() -> set[str]:
    """Return those that are sent with HTML in them."""
    modules = {told: name for name, told in _operations()}
    return {
        f"{modules[_operation(method, path)]}.{where}"
        for method, path, body in SENT
        for where in _hostile(body, "")
    }


def _operations() -> Iterator[tuple[str, Operation]]:
    for _, _, name, told in _routes():
        if told.body is not None:
            yield told.body.__module__.rpartition(".")[2], told
        else:
            yield name, told


def _routes() -> Iterator[tuple[str, str, str, Operation]]:
    for found in pkgutil.iter_modules(api.__path__):
        module = importlib.import_module(f"{api.__name__}.{found.name}")
        for route in getattr(module, "routes", ()):
            if (told := operation_of(route.handler)) is not None:
                yield route.method, route.path, found.name, told


def _operation(method: str, path: str) -> Operation:
    asked = path.strip("/").split("/")
    for verb, known, _, told in _routes():
        parts = known.strip("/").split("/")
        alike = len(parts) == len(asked) and all(
            "{" in one or one == other for one, other in zip(parts, asked, strict=True)
        )
        if verb == method and alike:
            return told
    raise LookupError(path)


def _texts(schema: dict[str, Any]) -> set[str]:
    found: set[str] = set()

    def look(node: dict[str, Any], path: str, above: tuple[str, ...] = ()) -> None:
        if "$ref" in node:
            name = node["$ref"].rpartition("/")[2]
            if name not in above:
                look(schema["$defs"][name], path, (*above, name))
            return
        for one in (*node.get("anyOf", ()), *node.get("oneOf", ()), *node.get("allOf", ())):
            look(one, path, above)
        if node.get("type") == "string" and _may_be_html(node):
            found.add(path)
        for name, one in node.get("properties", {}).items():
            look(one, f"{path}.{name}".lstrip("."), above)
        if isinstance(node.get("items"), dict):
            look(node["items"], f"{path}[]", above)
        if isinstance(node.get("additionalProperties"), dict):
            look(node["additionalProperties"], f"{path}.*", above)

    look(schema, "")
    return found


def _may_be_html(node: dict[str, Any]) -> bool:
    if "enum" in node or "const" in node or "format" in node:
        return False
    return any(re.search(node.get("pattern", ""), one) for one in (HOSTILE, ADDRESS))


def _hostile(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, str) and SIGN in value:
        yield path
    elif isinstance(value, list):
        for one in value:
            yield from _hostile(one, f"{path}[]")
    elif isinstance(value, dict):
        for name, one in value.items():
            yield from _hostile(one, f"{path}.{'*' if path == 'fields' else name}".lstrip("."))
