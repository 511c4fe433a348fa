"""Who asks: the address behind a proxy that is ours, and who may see figures.

``X-Forwarded-For`` is believed only from proxies that are named, read from its end: whatever stands before the last
address that is no proxy of ours can be made up by whoever asks.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Sequence
from hashlib import sha256
from typing import TypeAlias

from starlette.types import Scope

from parinaya_cli.web.bodies import headers

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

_TOLD = (b"x-forwarded-for", b"forwarded", b"x-real-ip")


def networks(told: str) -> tuple[Network, ...]:
    """Addresses and networks, with commas between; the settings have seen that they can be read."""
    return tuple(ipaddress.ip_network(one.strip(), strict=False) for one in told.split(",") if one.strip())


def address(scope: Scope, proxies: Sequence[Network]) -> str:
    """The address of who asks: the peer, or whom a proxy of ours names; "" where nobody can tell."""
    client = scope.get("client")
    found = str(client[0]) if client else ""
    named = [one.strip() for line in headers(scope, b"x-forwarded-for") for one in _text(line).split(",")]
    while named and is_within(found, proxies):
        found = named.pop()
    return found


def is_within(host: str, allowed: Sequence[Network]) -> bool:
    """Is the address one of these? What is no address is not."""
    found = _address(host)
    return found is not None and any(found in one for one in allowed if one.version == found.version)


class Figures:
    """Who may see ``/metrics`` and ``/readyz``: some addresses, and whoever has the token."""

    def __init__(self, allowed: Sequence[Network], token: str, proxies: Sequence[Network]) -> None:
        self._allowed, self._proxies = allowed, proxies
        self._token = sha256(token.encode()).digest() if token else b""

    def may(self, scope: Scope) -> bool:
        """May who asks see them? What came through a proxy that is not named comes from nobody who may."""
        for line in headers(scope, b"authorization"):
            kind, _, token = line.partition(b" ")
            told = sha256(token.strip()).digest()
            if self._token and kind.lower() == b"bearer" and hmac.compare_digest(told, self._token):
                return True
        client = scope.get("client")
        passed_on = any(headers(scope, name) for name in _TOLD)
        if passed_on and not is_within(str(client[0]) if client else "", self._proxies):
            return False
        return is_within(address(scope, self._proxies), self._allowed)


def _address(host: str) -> Address | None:
    try:
        found = ipaddress.ip_address(host.strip().strip("[]").partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found


def _text(line: bytes) -> str:
    return line.decode("latin-1")
