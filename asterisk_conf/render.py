"""Settings in, the text of Asterisk's configuration files out.

Every value goes through ``escape.value`` on its way into a template, whether the template asks for it or not.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from asterisk_conf import escape
from asterisk_conf.model import Settings
from asterisk_conf.modules import MODULES, VOICEMAIL

HEADER = "; Written by centralita from its settings: change them there, what is changed here is lost.\n\n"


LONGEST_FLOW_S = 420
"""How long a caller may be in a flow: longer than the service lets him, for the day when it hangs."""


class Rights(NamedTuple):
    """The event classes a manager user hears and the command classes it may give."""

    read: str
    write: str


RIGHTS = {
    "bridge": Rights(read="system,call,agent,user", write="call,agent,user,originate,reporting"),
    "observer": Rights(read="system,call,agent,user", write="reporting"),
    "recorder": Rights(read="all", write="reporting"),
}
"""Least rights for each role. https://docs.asterisk.org/Configuration/Interfaces/Asterisk-Manager-Interface-AMI/"""


def render(settings: Settings) -> dict[str, str]:
    """Return each file's text by its name; the same settings give the same text.

    Raises:
        UnwritableError: for a value that no escaping brings into a file whole.
    """
    templates = _environment()
    given = {name: getattr(settings, name) for name in type(settings).model_fields}
    given |= {
        "settings": settings,
        "rights": RIGHTS,
        "longest_flow_s": LONGEST_FLOW_S,
        "modules": sorted({*MODULES, *settings.load_also, *(VOICEMAIL if settings.mailboxes else ())}),
        "agi_url": settings.fastagi and f"agi://{settings.fastagi.host}:{settings.fastagi.port}",
    }
    return {
        name.removesuffix(".j2"): HEADER + templates.get_template(name).render(given)
        for name in templates.list_templates(filter_func=lambda name: name.endswith(".conf.j2"))
    }


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        undefined=StrictUndefined,
        finalize=escape.value,
        trim_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - these are configuration files; finalize escapes every value for them
    )
    environment.filters |= {"quoted": escape.quoted, "argument": escape.argument}
    return environment
