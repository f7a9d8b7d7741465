"""The proxy that the environment names for an address, found by the rules of httpx."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies, getproxies_environment, proxy_bypass

from tiktok_shop_async.secret import hide

if TYPE_CHECKING:
    from tiktok_shop_async.secret import Secret

__all__ = ["environment_proxy"]


def environment_proxy(scheme: str, place: str) -> Secret | None:
    """The proxy for a scheme and a host, with a port where it is not the scheme's own."""
    # Hidden, since it may hold a password.
    proxy = hide(getproxies().get(scheme) or getproxies().get("all"))
    if not proxy or _is_excepted(urlsplit(f"{scheme}://{place}"), getproxies().get("no", "")):
        return None
    if not getproxies_environment() and proxy_bypass(place):  # those of the system, which has exceptions of its own
        return None
    return proxy if "://" in proxy else hide(f"http://{proxy}")


def _is_excepted(there: SplitResult, exceptions: str) -> bool:
    """Whether `no_proxy` names a host."""
    names = [each.strip() for each in exceptions.split(",")]
    return "*" in names or any(_fits(_pattern(each), there) for each in names if each)


def _pattern(name: str) -> str:
    """What `no_proxy` names, spelt out: a domain stands for those below it as well."""
    if "://" in name:
        return name
    if _is_ip(name):
        return f"all://[{name.partition('/')[0]}]" if ":" in name else f"all://{name}"
    return f"all://{name}" if name.lower() == "localhost" or name.startswith("[") else f"all://*{name}"


def _is_ip(name: str) -> bool:
    try:
        ipaddress.ip_address(name.partition("/")[0])
    except ValueError:
        return False
    return True


def _fits(pattern: str, there: SplitResult) -> bool:
    try:
        parts = urlsplit(pattern)
        scheme, name, port = parts.scheme, parts.hostname or "*", parts.port
    except ValueError:  # it names nothing
        return False
    if scheme not in {"all", there.scheme} or port not in {None, there.port}:
        return False
    host = there.hostname or ""
    if not name.startswith("*"):
        return host == name
    domain = name[1:]
    # With a dot before it, a domain stands for those below it alone.
    return host.endswith(domain) if domain.startswith(".") else not domain or f".{host}".endswith(f".{domain}")
