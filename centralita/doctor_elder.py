"""What the doctor asks of an exchange before Asterisk 12: does it tell two things that it need not tell."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress

from ami_bridge.domain.errors import ActionRejectedError
from ami_bridge.wire.client import AmiClient
from centralita.findings import Finding
from centralita.words import words

FIRST_INTERFACE = "1.0"
"""That of Asterisk 1.4, which has no linkedid to be told."""
TELLS = ("eventwhencalled", "eventmemberstatus")
_PLACE = re.compile(r"line-([0-9]{1,9})-[0-9]{1,9}")
CALLS_NAMED = "manager.conf: [general] channelvars = CHANNEL(linkedid)"
QUEUES_TELL = "queues.conf: [QUEUE] eventwhencalled = yes, eventmemberstatus = yes"

Conf = Mapping[str, Sequence[tuple[str, str]]]
"""The lines of a configuration file by category, as names and values."""


async def examine_elder(about: str, client: AmiClient) -> list[Finding]:
    """Return what there is to say; nothing of an exchange that always tells both.

    Raises:
        AmiBridgeError: the link was lost.
    """
    if client.version is None or not client.version.startswith("1."):
        return []
    found = (
        [] if client.version == FIRST_INTERFACE else [calls_named(about, await _read(client, "manager.conf"))]
    )
    return [*found, queues_tell(about, await _read(client, "queues.conf"))]


async def _read(client: AmiClient, file: str) -> Conf | None:
    """Return a file of the exchange's configuration; None when our user may not read it."""
    only = {"Category": "general"} if file == "manager.conf" else {}  # elsewhere in it are secrets
    with suppress(ActionRejectedError):
        return conf_in((await client.ask("GetConfig", {"Filename": file, **only})).headers)
    return None


def conf_in(headers: Mapping[str, str]) -> Conf:
    """Return the configuration that an answer to ``GetConfig`` holds."""
    names = {
        name.removeprefix("category-"): value
        for name, value in headers.items()
        if name.startswith("category-")
    }
    found: defaultdict[str, list[tuple[str, str]]] = defaultdict(list, {name: [] for name in names.values()})
    for place, line in headers.items():
        if (at := _PLACE.fullmatch(place)) and at[1] in names:
            name, _, value = line.partition("=")
            found[names[at[1]]].append((name.strip().lower(), value.lstrip(">").strip()))
    return found


def calls_named(about: str, manager: Conf | None) -> Finding:
    """Say whether a new channel names its call."""
    _ = words().gettext
    if manager is None:
        what = _(
            "Whether new channels say of which call they are cannot be seen: manager.conf may not be read."
        )
        return Finding(level="unknown", about=about, what=what, change=CALLS_NAMED)
    told = [value for name, value in manager.get("general", ()) if name == "channelvars"]
    if any("channel(linkedid)" in value.lower() for value in told):
        return Finding(level="ok", about=about, what=_("New channels say of which call they are."))
    return Finding(
        level="warning",
        about=about,
        what=_("New channels do not say of which call they are."),
        why=_("For whom a phone rings is known late, or not at all, and so is who rang in vain."),
        change=CALLS_NAMED,
    )


def queues_tell(about: str, queues: Conf | None) -> Finding:
    """Say whether the queues tell whom they call."""
    _ = words().gettext
    if not queues or set(queues) <= {"general"}:
        what = _("Whether the queues tell whom they call cannot be seen: queues.conf may not be read.")
        return Finding(level="unknown", about=about, what=what, change=QUEUES_TELL)
    silent = sorted(name for name, lines in queues.items() if name != "general" and not _tells(lines))
    if not silent:
        return Finding(level="ok", about=about, what=_("The queues tell whom they call."))
    return Finding(
        level="warning",
        about=about,
        what=_("These queues do not tell whom they call: %(queues)s.") % {"queues": ", ".join(silent)},
        why=_("Their cards pop at the answer, not before, and who rang in vain is not known."),
        change=QUEUES_TELL,
    )


def _tells(lines: Sequence[tuple[str, str]]) -> bool:
    said = dict(lines)
    return all(said.get(name, "no").lower() in ("yes", "vars", "true", "on", "1") for name in TELLS)
