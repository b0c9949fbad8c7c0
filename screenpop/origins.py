"""By which names we are called, whose pages may speak to us, and who is really asking (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

DEFAULT_PORTS = {"http": 80, "https": 443}
_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


def origin_of(url: str) -> tuple[str, str, int] | None:
    """Return scheme, host and port of *url* (RFC 6454 §4); None when it is none of http or https."""
    try:
        parts = urlsplit(url)
        port = parts.port or DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return None
    if not parts.hostname or port is None:
        return None
    return parts.scheme, parts.hostname.lower(), port


def is_loopback_name(host: str | None) -> bool:
    """Return whether a ``Host`` header names this machine itself."""
    origin = origin_of(f"http://{host or ''}")
    return origin is not None and origin[1] in _LOOPBACK_NAMES


def may_call(host: str | None, *, public_url: str | None) -> bool:
    """Return whether a request for *host* is meant for us: loopback names only without a public address."""
    return public_url is not None or is_loopback_name(host)


def may_speak(origin: str | None, *, public_url: str | None, http_port: int) -> bool:
    """Return whether pages of *origin* may send us commands: our own only."""
    asked = origin_of(origin or "")
    if asked is None:
        return False
    if public_url is not None:
        return asked == origin_of(public_url)
    return asked[0] == "http" and asked[1] in _LOOPBACK_NAMES and asked[2] == http_port


def networks(texts: Sequence[str]) -> tuple[Network, ...]:
    """Return the networks that *texts* name: addresses or ``10.0.0.0/8``.

    Raises:
        ValueError: when one is neither.
    """
    return tuple(ip_network(text, strict=False) for text in texts)


def client_address(peer: str, forwarded_for: Sequence[str], *, trusted: Sequence[Network]) -> str:
    """Return who asks: the nearest address that is not one of our own proxies.

    Args:
        peer: the other end of the connection.
        forwarded_for: the values of ``X-Forwarded-For``, first header first.
        trusted: whose word counts.
    """
    chain = [hop.strip() for header in forwarded_for for hop in header.split(",")]
    nearest = peer
    while _is_in(nearest, trusted) and chain:
        hop = chain.pop()
        if _address(hop) is None:
            break
        nearest = hop
    return nearest


def _address(text: str) -> Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def _is_in(text: str, wanted: Sequence[Network]) -> bool:
    address = _address(text)
    return address is not None and any(address in network for network in wanted)
