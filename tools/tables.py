"""Write the tables of the documents that the code tells: REST operations, who may what, and scopes.

Each stands between two marks of its page, ``<!-- NAME -->`` and ``<!-- end -->``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from aiohttp import web

from screenpop import http_api
from screenpop.key_scopes import SCOPES
from screenpop.permissions import PERMISSIONS, PUBLIC, Permission, demanded

DOCS = Path(__file__).resolve().parent.parent / "docs"


def operations() -> Iterator[str]:
    """Yield a row for each operation: what it is called, what it does, what one must be allowed."""
    yield "| operation | what it does | permission |"
    yield "| --- | --- | --- |"
    routes = [route for module in http_api.MODULES for route in module.routes]
    for route in routes:
        if isinstance(route, web.RouteDef):
            permission = demanded(route.handler)
            asked = "" if permission in {None, PUBLIC} else f"`{permission}`"
            yield f"| `{route.method} {_plain(route.path)}` | {_summary(route)} | {asked} |"


def rights() -> Iterator[str]:
    """Yield a row for each permission: which roles have it."""
    yield f"| permission | {' | '.join(PERMISSIONS)} |"
    yield f"| --- |{' --- |' * len(PERMISSIONS)}"
    for permission in Permission:
        has = ["yes" if permission in held else "" for held in PERMISSIONS.values()]
        yield f"| `{permission}` | {' | '.join(has)} |"


def scopes() -> Iterator[str]:
    """Yield a row for each scope of a key: which permissions it gives."""
    yield "| scope | permissions |"
    yield "| --- | --- |"
    for scope, held in SCOPES.items():
        told = ", ".join(f"`{permission}`" for permission in Permission if permission in held)
        yield f"| `{scope}` | {told} |"


TABLES: Mapping[str, tuple[str, Callable[[], Iterator[str]]]] = {
    "rest.md": ("operations", operations),
    "security.md": ("rights", rights),
    "api-keys.md": ("scopes", scopes),
}


def _plain(path: str) -> str:
    """Return *path* without what its parameters must look like."""
    return re.sub(r"{(\w+)[^}]*}", r"{\1}", path)


def _summary(route: web.RouteDef) -> str:
    """Return the first line of the handler's docstring, with its code marked as Markdown does."""
    return (route.handler.__doc__ or "").partition("\n")[0].replace("``", "`").rstrip(".")


def main() -> None:
    """Write the tables."""
    for name, (mark, rows) in TABLES.items():
        page = (DOCS / name).read_text(encoding="utf-8")
        before, first, rest = page.partition(f"<!-- {mark} -->\n")
        _, last, after = rest.partition("<!-- end -->\n")
        page = before + first + "\n".join(rows()) + "\n" + last + after
        (DOCS / name).write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
