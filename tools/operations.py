"""Write the list of REST operations into docs/rest.md, between its two marks, as the handlers tell it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from aiohttp import web

from screenpop import http_api
from screenpop.permissions import PUBLIC, demanded

PAGE = Path(__file__).resolve().parent.parent / "docs" / "rest.md"
FIRST, LAST = "<!-- operations -->\n", "<!-- end -->\n"


def rows() -> Iterator[str]:
    """Yield a row for each operation: what it is called, what it does, what one must be allowed."""
    yield "| operation | what it does | permission |"
    yield "| --- | --- | --- |"
    routes = [route for module in http_api.MODULES for route in module.routes]
    for route in routes:
        if isinstance(route, web.RouteDef):
            permission = demanded(route.handler)
            asked = "" if permission in {None, PUBLIC} else f"`{permission}`"
            yield f"| `{route.method} {route.path}` | {_summary(route)} | {asked} |"


def written(page: str) -> str:
    """Return *page* with the list as it is now."""
    told = FIRST + "\n".join(rows()) + "\n" + LAST
    return re.sub(f"{FIRST}.*{LAST}", lambda _: told, page, flags=re.DOTALL)


def _summary(route: web.RouteDef) -> str:
    """Return the first line of the handler's docstring, with its code marked as Markdown does."""
    return (route.handler.__doc__ or "").partition("\n")[0].replace("``", "`").rstrip(".")


def main() -> None:
    """Write the list."""
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
