"""Keeps web pages of other origins away from everything under `/sandbox/`.

A page that somebody has open in a browser on this machine can send requests to loopback addresses, and can give its
own name the address 127.0.0.1 (DNS rebinding) to be of the same origin. The control API hands out secrets and changes
everything, so it answers only

- under a name of the sandbox's own: an IP address, which no attacker can give away as a name, `localhost`, or what the
  sandbox was told it is called;
- to requests that no page of another origin has sent, which browsers tell by `Origin` and `Sec-Fetch-Site`;
- to writes of a content type that browsers do not let other origins send unasked.

The consent page is where apps send people to, so links to it are let through; answers to its form only from the page
itself. Notifications, whose addresses are chosen by whoever holds a token, are let in nowhere. No answer ever carries a
CORS header. Programs that are no browsers send none of these headers and notice nothing. Files stay open: they are
pictures that a shop's page may well show.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response

from tiktok_shop_async.sandbox.sending.targets import SENDER

if TYPE_CHECKING:
    from collections.abc import Collection

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

GUARDED = "/sandbox/"
CONTROL = "/sandbox/control/"
FILES = "/sandbox/files/"
CONSENT = frozenset({"/open/authorize", "/alliance/creator/auth"})
READING = frozenset({"GET", "HEAD"})
SAFE = READING | {"DELETE"}
"""What a page of another origin cannot send without the browser asking first, which is refused."""

_HEADERS = {
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


class Guard:
    """An ASGI application in front of another one."""

    def __init__(self, app: ASGIApp, hosts: Collection[str] = ()) -> None:
        """Guards an application.

        Args:
            app: what is guarded.
            hosts: names that the sandbox goes by besides `localhost` and IP addresses.
        """
        self._app = app
        self._hosts = frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets a request through, or refuses it."""
        path = scope.get("path", "")
        if scope["type"] != "http" or not _is_guarded(path):
            await self._app(scope, receive, send)
            return
        objection = self._objection(scope, Headers(scope=scope))
        if objection is not None:
            status, error = objection
            content = msgspec.json.encode({"error": error})
            await Response(content, status, dict(_HEADERS), "application/json")(scope, receive, send)
            return
        if path in CONSENT:  # An app may have opened it in a window of its own, and waits for that to come back.
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_guarded)

    def _objection(self, scope: Scope, headers: Headers) -> tuple[int, str] | None:
        host = headers.get("host", "")
        if not self._is_own(host):
            return 403, f"{host or 'no name'} is none of the sandbox's names; start it with --allow-host to make it one"
        if headers.get("user-agent") == SENDER:
            # Whoever holds a token chooses where notifications go, and nothing here is for them to reach.
            return 403, "notifications of a sandbox may not use this"
        if scope["path"] in CONSENT and scope["method"] in READING:
            return None
        origins = headers.getlist("origin")
        if any(origin.lower() != f"{scope['scheme']}://{host}".lower() for origin in origins):
            return 403, "pages of other origins may not use this"
        if headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}:
            return 403, "pages of other origins may not use this; type the address into the browser"
        media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
        # A form of another page can send a POST without asking first, but no JSON, and no DELETE.
        if scope["path"].startswith(CONTROL) and scope["method"] not in SAFE and media_type != "application/json":
            return 415, "send it with the header content-type: application/json"
        return None

    def _is_own(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        if name == "localhost" or name.endswith(".localhost") or name in self._hosts:
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True


def _is_guarded(path: str) -> bool:
    return path in CONSENT or ((path + "/").startswith(GUARDED) and not path.startswith(FILES))
