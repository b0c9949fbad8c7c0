"""The exchange of the storm, and who calls it: kinds of callers, each with a way through the house."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from asterisk_conf.model import Did, Phone, Queue, Settings, Trunk
from lab.floor import HOST, ground
from lab.pbx import Instance
from lab.phones import NEVER, Answers, Manner, Refuses
from lab.ports import free_port

LONGEST_S = 15.0
"""Who waits for the other side does not do so for longer: it may have died."""
RTP_PORTS = 800
TARGET = "151"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Phones of one manner, played by one SIPp; ``queue`` is the one that they serve."""

    extensions: tuple[str, ...]
    manner: Manner
    queue: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """Callers who do the same: ``rate`` a second dial ``did``. ``digit``: the second of their numbers."""

    name: str
    digit: int
    did: str
    rate: float
    hang_up_after: float = LONGEST_S
    give_up_after: float = LONGEST_S

    def number(self, turn: int) -> str:
        """Return who calls as the so many-th."""
        return f"6{self.digit}{turn:07}"


def _numbers(first: int, many: int) -> tuple[str, ...]:
    return tuple(str(first + place) for place in range(many))


SALES = Group(extensions=_numbers(101, 14), manner=Answers(after=0.4, hang_up_after=2.2), queue="sales")
PATIENCE = Group(extensions=_numbers(121, 3), manner=NEVER, queue="patience")
HANDS_ON = Group(
    extensions=_numbers(141, 6), manner=Answers(after=0.3, refer_after=0.8, refer_to=TARGET), queue="desk"
)
TAKES = Group(extensions=(TARGET,), manner=Answers(after=0.3, hang_up_after=1.0))
BUSY = Group(extensions=("161",), manner=Refuses(code=486))
AWAY = Group(extensions=("162",), manner=NEVER)
RECEPTION = Group(extensions=_numbers(171, 4), manner=NEVER, queue="reception")
GROUPS = (SALES, PATIENCE, HANDS_ON, TAKES, BUSY, AWAY, RECEPTION)
NOBODY = "closed"
"""A queue whose only phone never registers."""
KINDS = (
    Kind(name="agent hangs up", digit=0, did="5551001", rate=1.7),
    Kind(name="caller hangs up", digit=1, did="5551001", rate=1.1, hang_up_after=2.0),
    Kind(name="gives up waiting", digit=2, did="5551002", rate=0.8, hang_up_after=2.0),
    Kind(name="not let in", digit=3, did="5551003", rate=0.4),
    Kind(name="handed on", digit=4, did="5551004", rate=0.5),
    Kind(name="busy", digit=5, did="5551005", rate=0.6, give_up_after=5.0),
    Kind(name="gives up ringing", digit=6, did="5551006", rate=0.4, give_up_after=1.5),
    Kind(name="menu", digit=7, did="5551007", rate=0.5, hang_up_after=2.5),
)
RATE = sum(kind.rate for kind in KINDS)
MENU, CLOSED = KINDS[7], KINDS[3]


def settings(instance: Instance) -> Settings:
    """Return the settings of an exchange with all this, on ports of its own."""
    extensions = [extension for group in GROUPS for extension in group.extensions] + ["131"]
    queues = [_queue(group.queue, group.extensions) for group in GROUPS if group.queue]
    tree: dict[str, Any] = ground(instance, rtp_ports=RTP_PORTS) | {
        "fastagi": {"host": HOST, "port": free_port()},
        "phones": [
            Phone.model_validate({"extension": each, "name": f"Agent {each}", "secret": f"secret-of-{each}"})
            for each in extensions
        ],
        "trunks": [Trunk(name="provider", match=(f"{HOST}/32",))],
        "queues": [*queues, _queue(NOBODY, ("131",), join_empty="strict")],
        "dids": [
            Did(number="5551001", to="queue:sales"),
            Did(number="5551002", to="queue:patience"),
            Did(number="5551003", to=f"queue:{NOBODY}"),
            Did(number="5551004", to="queue:desk"),
            Did(number="5551005", to="phone:161"),
            Did(number="5551006", to="phone:162"),
            Did(number="5551007", to="agi:menu", person="queue:reception"),
        ],
    }
    return Settings.model_validate(tree)


def _queue(name: str, extensions: tuple[str, ...], **more: Any) -> Queue:
    members = [{"phone": extension} for extension in extensions]
    return Queue.model_validate({"name": name, "members": members, "max_wait": 60, "timeout": 6} | more)
