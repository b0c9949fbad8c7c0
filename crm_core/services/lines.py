"""Lines: named, read, forgotten."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from crm_core.domain.errors import InvalidError, NotFoundError, VersionConflictError
from crm_core.domain.events import LineChanged, LineRemoved
from crm_core.domain.lines import Line, LineKey, checked
from crm_core.domain.versions import at_version
from crm_core.ports import UnitOfWork


def get(uow: UnitOfWork, *, key: LineKey) -> Line:
    """Return a line.

    Raises:
        NotFoundError: nobody named it.
    """
    line = uow.lines.get(key)
    if line is None:
        raise NotFoundError("line", "/".join(key))
    return line


def every(uow: UnitOfWork) -> list[Line]:
    """Return all lines, by exchange, kind and code."""
    return uow.lines.all()


def put(uow: UnitOfWork, *, line: Line, version: int | None, by: str | None, now: datetime) -> Line:
    """Keep what a number or a queue is called; return it as kept.

    *version* is the one that is changed, None for a line that is new. What changes nothing changes nothing.

    Raises:
        VersionConflictError: another version is kept, or none.
        InvalidError: a field cannot be.
    """
    before = uow.lines.get(line.key)
    if (before.version if before else None) != version:
        raise VersionConflictError(before)
    after = checked(replace(line, version=version or 1))
    team = uow.choices.get(after.team_id) if after.team_id else None
    if after.team_id and (team is None or team.kind != "team"):
        raise InvalidError("team_id", "there is no such team", fault="unknown")
    if after == before:
        return before
    if before is None:
        uow.lines.add(after)
    else:
        after = replace(after, version=before.version + 1)
        uow.lines.change(after)
    uow.events.append(LineChanged(at=now, by=by, line=after))
    return after


def remove(uow: UnitOfWork, *, key: LineKey, version: int, by: str | None, now: datetime) -> None:
    """Forget what a number or a queue is called.

    Raises:
        NotFoundError: nobody named it.
        VersionConflictError: *version* is not the one that is kept.
    """
    before = at_version(get(uow, key=key), version)
    uow.lines.remove(key)
    uow.events.append(LineRemoved(at=now, by=by, line=before))
