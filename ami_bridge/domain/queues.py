"""Queues and their members, as the exchange tells them.

A member is known by its interface and, behind a Local channel, by the phone whose state it shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ami_bridge.domain.ami import QueueMember, QueueMemberRemoved
from ami_bridge.domain.events import MemberView

UNAVAILABLE, INVALID = 5, 4
"""https://docs.asterisk.org/Latest_API/API_Documentation/AMI_Events/QueueMemberStatus/ (Status)"""


class Queues:
    """The members of every queue, by queue and interface."""

    def __init__(self) -> None:
        self.members: dict[str, dict[str, QueueMember]] = {}
        self._of: dict[str, dict[str, QueueMember]] = {}

    def put(self, member: QueueMember) -> None:
        """Keep a member as it is now."""
        self.members.setdefault(member.queue, {})[member.interface] = member
        for device in _devices(member):
            self._of.setdefault(device, {})[member.queue] = member

    def remove(self, gone: QueueMemberRemoved) -> set[str]:
        """Forget a member; return the devices it was known by."""
        member = self.members.get(gone.queue, {}).pop(gone.interface, None)
        devices = _devices(member) if member else set()
        for device in devices:
            self._of.get(device, {}).pop(gone.queue, None)
        return devices

    def keep_only(self, queues: Iterable[str]) -> None:
        """Take the exchange's list of *queues* for the truth; members of other queues are forgotten."""
        listed = list(queues)
        for queue in self.members.keys() - set(listed):
            for interface in list(self.members[queue]):
                self.remove(QueueMemberRemoved(queue=queue, interface=interface))
            del self.members[queue]
        for queue in listed:
            self.members.setdefault(queue, {})

    def all(self) -> Iterator[QueueMember]:
        """Yield the members of all queues."""
        for members in self.members.values():
            yield from members.values()

    def of(self, interface: str) -> tuple[QueueMember, ...]:
        """Return *interface* as a member of each of its queues, as it was last told."""
        return tuple(self._of.get(interface, {}).values())

    def pause_of(self, interface: str) -> str | None:
        """Return why *interface* is paused in all its queues ("" without a reason), None when it is not."""
        mine = self._of.get(interface)
        if not mine or not all(member.paused for member in mine.values()):
            return None
        return next((member.paused_reason for member in mine.values() if member.paused_reason), "")

    def is_dead(self, interface: str) -> bool:
        """Return whether the exchange says that the phone cannot be reached."""
        mine = self._of.get(interface) or None
        return mine is not None and all(member.status in (UNAVAILABLE, INVALID) for member in mine.values())

    def views(self, queue: str, seats: Mapping[str, str]) -> tuple[MemberView, ...]:
        """Return the members of *queue* as the board shows them."""
        return tuple(
            MemberView(
                interface=member.interface,
                agent=seats.get(member.interface) or seats.get(member.state_interface),
                name=member.member or member.interface,
                paused=member.paused,
                paused_reason=member.paused_reason or None,
                status=member.status,
            )
            for member in self.members.get(queue, {}).values()
        )


def _devices(member: QueueMember) -> set[str]:
    return {member.interface, member.state_interface or member.interface}
