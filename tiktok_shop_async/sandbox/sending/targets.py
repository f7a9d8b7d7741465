"""Where notifications may be sent.

A sandbox is a developer's own, on the loopback address, so their own services are what it is for: plain `http`, this
machine and private networks are allowed. Refused is what no receiver has and what a stranger who holds a token could
reach through the sandbox: link-local addresses, where clouds hand out credentials, addresses of groups, and the sandbox
itself.
"""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import SplitResult, urlsplit

import anyio

SENDER = "tiktok-shop-sandbox"
"""The user agent of notifications, which by this are told from requests of others."""


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


async def check_target(address: str, own_port: int | None = None) -> None:
    """Looks where an address leads, just before something is sent there.

    Args:
        address: where that is.
        own_port: the port of this machine that the sandbox listens on, if it does.

    Raises:
        UnsafeTargetError: it is no address of a receiver, or its name leads to none.
        OSError: its name leads nowhere.
    """
    parts = parse_target(address)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    for *_, place in await anyio.getaddrinfo(host, port):
        if (found := _literal(str(place[0]))) is not None:
            _check_ip(found)
            if port == own_port and _is_of_this_machine(found):
                raise UnsafeTargetError("it is the sandbox itself")


def _is_of_this_machine(ip: IPv4Address | IPv6Address) -> bool:
    plain = getattr(ip, "ipv4_mapped", None) or ip
    family = socket.AF_INET if plain.version == 4 else socket.AF_INET6
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((str(plain), 0))  # Any port, and nothing is sent: only a machine's own addresses can be bound.
        except OSError:
            return False
    return True


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
