"""Where notifications may be sent.

A sandbox is a developer's own, on the loopback address, so their own services are what it is for: plain `http`, this
machine and private networks are allowed. Refused is what no receiver has and what a stranger who holds a token could
reach through the sandbox: link-local addresses, where clouds hand out credentials, addresses of groups, and the sandbox
itself.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import SplitResult, urlsplit

import anyio


class UnsafeTargetError(ValueError):
    """Nothing is sent to this address; the message says why."""


def parse_target(address: str) -> SplitResult:
    """The parts of an address that may be subscribed, without a look at where its name leads.

    Raises:
        UnsafeTargetError: it is no address of a receiver.
    """
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise UnsafeTargetError(f"it is no URL ({error})") from error
    if parts.scheme not in {"http", "https"}:
        raise UnsafeTargetError("it is neither http nor https")
    if not host or any(character.isspace() for character in address):
        raise UnsafeTargetError("it names no host")
    if parts.username is not None or parts.password is not None:
        raise UnsafeTargetError("it holds a user name or a password, which would show in every log")
    if (literal := _literal(host)) is not None:
        _check_ip(literal)
    return parts


async def check_target(address: str) -> None:
    """Looks where an address leads, just before something is sent there.

    Raises:
        UnsafeTargetError: it is no address of a receiver, or its name leads to none.
        OSError: its name leads nowhere.
    """
    parts = parse_target(address)
    host = parts.hostname or ""
    if _literal(host) is None:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        for *_, place in await anyio.getaddrinfo(host, port):
            if (found := _literal(str(place[0]))) is not None:
                _check_ip(found)


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _check_ip(ip: IPv4Address | IPv6Address) -> None:
    plain = getattr(ip, "ipv4_mapped", None) or ip
    if plain.is_link_local:
        raise UnsafeTargetError(f"{ip} is link-local, where clouds hand out credentials")
    if plain.is_multicast or str(plain) == "255.255.255.255":
        raise UnsafeTargetError(f"{ip} is the address of a group")
