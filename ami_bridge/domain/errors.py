"""What can go wrong when something is asked of an exchange."""

from __future__ import annotations


class AmiBridgeError(Exception):
    """Something asked of an exchange did not work."""


class ActionRejectedError(AmiBridgeError):
    """Asterisk answered an AMI action with ``Response: Error``."""

    def __init__(self, action: str, reason: str) -> None:
        super().__init__(action, reason)
        self.action, self.reason = action, reason

    def __str__(self) -> str:
        return f"Asterisk rejected {self.action}: {self.reason}"


class LinkDownError(AmiBridgeError):
    """There is no link to the exchange, or it was lost before the answer."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why

    def __str__(self) -> str:
        return f"no link to the exchange: {self.why}"


class NotLeadingError(LinkDownError):
    """It is not sure that we lead this exchange: another process may, or we were late to say that we do."""

    def __init__(self) -> None:
        super().__init__("another process leads this exchange")


class ActionTimeoutError(AmiBridgeError):
    """The exchange did not answer in time; whether it acted is not known."""

    def __init__(self, action: str, seconds: float) -> None:
        super().__init__(action, seconds)
        self.action, self.seconds = action, seconds

    def __str__(self) -> str:
        return f"no answer to {self.action} within {self.seconds:g} s"


class LoginRefusedError(AmiBridgeError):
    """The exchange does not accept our name and secret."""

    def __init__(self, user: str, reason: str) -> None:
        super().__init__(user, reason)
        self.user, self.reason = user, reason

    def __str__(self) -> str:
        return f"the exchange refuses the manager user {self.user!r}: {self.reason}"


class ObserveOnlyError(AmiBridgeError):
    """This exchange is only observed: no command is sent to it."""

    def __init__(self, action: str) -> None:
        super().__init__(action)
        self.action = action

    def __str__(self) -> str:
        return f"{self.action} was not sent: this exchange is only observed"


class UnsafeValueError(AmiBridgeError):
    """A value would not stay in its line on the wire."""

    def __init__(self, name: str, why: str = "holds a line break or a NUL") -> None:
        super().__init__(name, why)
        self.name, self.why = name, why

    def __str__(self) -> str:
        return f"{self.name} {self.why}"


class NotConfirmedError(AmiBridgeError):
    """The exchange did not tell in time that what was asked had happened."""

    def __init__(self, what: str, seconds: float) -> None:
        super().__init__(what, seconds)
        self.what, self.seconds = what, seconds

    def __str__(self) -> str:
        return f"the exchange did not confirm within {self.seconds:g} s: {self.what}"


class NoMemberError(AmiBridgeError):
    """A phone is in no queue, where something is asked that concerns members."""

    def __init__(self, interface: str) -> None:
        super().__init__(interface)
        self.interface = interface

    def __str__(self) -> str:
        return f"{self.interface} is in no queue"


class RecordsError(AmiBridgeError):
    """The exchange's own records cannot be read."""

    def __init__(self, what: str, why: str) -> None:
        super().__init__(what, why)
        self.what, self.why = what, why

    def __str__(self) -> str:
        return f"{self.what}: {self.why}"


class NothingWrittenError(RecordsError):
    """There are no records yet: the exchange makes the file when the first call comes."""


class HoldNotPossibleError(AmiBridgeError):
    """This exchange cannot part two who talk and join them again."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why

    def __str__(self) -> str:
        return f"nobody can be put on hold at this exchange: {self.why}"


class NotInTalkError(AmiBridgeError):
    """A phone talks to nobody alone in that call, whom it could put on hold."""

    def __init__(self, interface: str) -> None:
        super().__init__(interface)
        self.interface = interface

    def __str__(self) -> str:
        return f"{self.interface} talks to nobody alone there"


class HeldAlreadyError(NotInTalkError):
    """A phone has the other on hold already."""

    def __str__(self) -> str:
        return f"{self.interface} has the other on hold already"


class NotHeldError(NotInTalkError):
    """A phone has nobody on hold by our doing."""

    def __str__(self) -> str:
        return f"{self.interface} has nobody on hold from the desk"
