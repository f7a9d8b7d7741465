"""No web page of another origin reaches what is under /sandbox/, neither by sending nor by taking a name over."""

from __future__ import annotations

from typing import Any

import anyio
import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from tiktok_shop_async.sandbox.sending.targets import SENDER
from tiktok_shop_async.sandbox.web.guard import Guard

HERE = "http://127.0.0.1:8080"


async def answer(_: Any) -> PlainTextResponse:
    return PlainTextResponse("inside")


def ask(method: str, url: str, hosts: tuple[str, ...] = (), **headers: str) -> httpx.Response:
    """One request to an application that says `inside` to whoever is let in."""
    methods = ["GET", "POST", "PUT", "DELETE", "OPTIONS"]
    app = Starlette(
        routes=[Route("/{path:path}", answer, methods=methods)], middleware=[Middleware(Guard, hosts=hosts)]
    )

    async def main() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            return await client.request(method, url, headers=named)

    return anyio.run(main)


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8080", "127.9.9.9", "localhost", "LOCALHOST:80", "shop.localhost", "[::1]:8080", "192.0.2.7"]
)
def test_the_names_of_this_machine_are_let_in(host: str) -> None:
    assert ask("GET", HERE + "/sandbox/", host=host).text == "inside"


@pytest.mark.parametrize(
    "host",
    [
        "rebound.example",
        "rebound.example:8080",
        "127.0.0.1.rebound.example",
        "localhost.rebound.example",
        "notlocalhost",
        "user@rebound.example",
        "localhost@rebound.example",
        "[::1",
        "",
    ],
)
def test_another_name_is_refused_even_if_it_leads_here(host: str) -> None:
    refusal = ask("GET", HERE + "/sandbox/control/", host=host)
    assert refusal.status_code == 403
    assert "none of the sandbox's names" in refusal.json()["error"]


def test_a_name_that_the_sandbox_is_told_is_its_own() -> None:
    assert ask("GET", "http://Sandbox.internal/sandbox/", hosts=("sandbox.internal",)).text == "inside"


@pytest.mark.parametrize(
    "origin",
    ["http://elsewhere.example", "http://127.0.0.1:9090", "https://127.0.0.1:8080", "http://localhost:8080", "null"],
)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_a_page_of_another_origin_is_refused(method: str, origin: str) -> None:
    refusal = ask(method, HERE + "/sandbox/control/orders", origin=origin, content_type="application/json")
    assert refusal.status_code == 403
    assert not [name for name in refusal.headers if name.startswith("access-control")]


def test_a_page_of_the_sandbox_itself_is_let_in() -> None:
    url = HERE + "/sandbox/control/orders"
    ours = ask("POST", url, origin=HERE, sec_fetch_site="same-origin", content_type="application/json")
    assert ours.text == "inside"


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_what_a_browser_sends_for_another_site_is_refused(site: str) -> None:
    """Another port of the same machine is the same site, and another origin."""
    assert ask("GET", HERE + "/sandbox/", sec_fetch_site=site).status_code == 403


def test_an_address_that_was_typed_is_let_in() -> None:
    assert ask("GET", HERE + "/sandbox/", sec_fetch_site="none").text == "inside"


@pytest.mark.parametrize(
    "media_type", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
def test_a_write_has_to_be_json(media_type: str) -> None:
    """The other types are those that a browser lets any page send without asking."""
    refusal = ask("POST", HERE + "/sandbox/control/orders", content_type=media_type)
    assert refusal.status_code == 415
    assert "application/json" in refusal.json()["error"]


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_a_write_with_json_is_let_in(method: str) -> None:
    assert ask(method, HERE + "/sandbox/control/faults", content_type="application/json; charset=utf-8").is_success


def test_a_removal_needs_no_type() -> None:
    """A browser asks before it lets a page send one to another origin."""
    assert ask("DELETE", HERE + "/sandbox/control/faults").is_success


def test_no_page_can_frame_or_embed_what_is_inside() -> None:
    headers = ask("GET", HERE + "/sandbox/").headers
    assert headers["x-frame-options"] == "DENY"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/order/202309/orders", "/sandbox/files/picture", "/sandboxes"])
def test_the_api_and_the_files_are_open(path: str) -> None:
    assert ask("GET", HERE + path, host="rebound.example", origin="http://elsewhere.example").text == "inside"


def test_the_front_door_is_guarded_without_its_slash_too() -> None:
    assert ask("GET", HERE + "/sandbox", host="rebound.example").status_code == 403


@pytest.mark.parametrize("path", ["/sandbox/control/reset", "/sandbox/", "/open/authorize"])
def test_a_notification_is_let_in_nowhere(path: str) -> None:
    """Whoever holds a token chooses where it goes."""
    refusal = ask("POST", HERE + path, content_type="application/json", user_agent=SENDER)
    assert refusal.status_code == 403
