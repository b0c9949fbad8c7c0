"""The sockets that the service is called at, bound before anything starts: a taken port is told at once."""

from __future__ import annotations

import errno
import os
import socket
from contextlib import ExitStack
from dataclasses import dataclass

from centralita.errors import UnusableError
from centralita.settings import Settings

BACKLOG = 1024
REASONS = {
    errno.EADDRINUSE: "is taken by another program",
    errno.EADDRNOTAVAIL: "is not an address of this machine",
    errno.EACCES: "may not be used without special rights",
}


class CannotListenError(UnusableError):
    """An address of the settings cannot be used; ``key`` is its place there."""

    def __init__(self, key: str, host: str, port: int, error: OSError) -> None:
        super().__init__(key, host, port, error)
        self.key, self.host, self.port, self.error = key, host, port, error

    def __str__(self) -> str:
        why = REASONS.get(self.error.errno or 0) or self.error.strerror or str(self.error)
        return f"{self.key}: {self.host}:{self.port} {why}"


@dataclass(frozen=True, slots=True)
class Listeners:
    """Bound sockets; ``agi`` is None when FastAGI is left out."""

    http: socket.socket
    ws: socket.socket
    agi: socket.socket | None

    def listen(self) -> None:
        """Let the exchange and the desktops in, too; until now they are refused, which they understand.

        Raises:
            CannotListenError: another program took the port meanwhile.
        """
        _listen("http.ws_port", self.ws)
        if self.agi is not None:
            _listen("agi.port", self.agi)

    def close(self) -> None:
        """Take no more connections."""
        for listener in (self.http, self.ws, self.agi):
            if listener is not None:
                listener.close()


def bind(settings: Settings) -> Listeners:
    """Return the bound sockets of *settings*, of which HTTP's listens; a port 0 is chosen by the system.

    Raises:
        CannotListenError: at the first address that cannot be had; nothing stays bound.
    """
    http, agi = settings.http, settings.agi
    with ExitStack() as opened:

        def one(key: str, host: str, port: int) -> socket.socket:
            return opened.enter_context(_bound(key, host, port))

        listeners = Listeners(
            http=one("http.port", http.host, http.port),
            ws=one("http.ws_port", http.ws_host, http.ws_port),
            agi=one("agi.port", agi.host, agi.port) if agi.enabled else None,
        )
        _listen("http.port", listeners.http)
        opened.pop_all()
    return listeners


def port_of(listener: socket.socket) -> int:
    """Return the port that *listener* is bound to."""
    return int(listener.getsockname()[1])


def _bound(key: str, host: str, port: int) -> socket.socket:
    listener = None
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind((host, port))
    except OSError as error:
        if listener is not None:
            listener.close()
        if error.errno is None and isinstance(error, socket.gaierror):
            error = OSError(errno.EADDRNOTAVAIL, os.strerror(errno.EADDRNOTAVAIL))
        raise CannotListenError(key, host, port, error) from error
    return listener


def _listen(key: str, listener: socket.socket) -> None:
    try:
        listener.listen(BACKLOG)
    except OSError as error:
        host, port = listener.getsockname()[:2]
        raise CannotListenError(key, host, port, error) from error
