"""The sandbox's pages: templates, the style that they share, and the headers that keep them harmless.

They load nothing from elsewhere, run no script, and cannot be framed.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

if TYPE_CHECKING:
    from starlette.requests import Request

STYLE = "/sandbox/style.css"
ICON = "/favicon.ico"

_FOLDER = Path(__file__).parent


def render(template: str, *, status: int = 200, form_target: str = "", **values: object) -> Response:
    """A page.

    Args:
        template: its file in this folder.
        status: the HTTP status.
        form_target: the origin that an answer to the page's form leads to, if it is another one.
        values: what the template shows.
    """
    policy = {
        "default-src": "'none'",
        "style-src": "'self'",
        "img-src": "'self'",
        "form-action": f"'self' {form_target}".strip(),
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    headers = {
        "content-security-policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "cache-control": "no-store",
        # Not `no-referrer`, under which browsers send `Origin: null` with a page's own form.
        "referrer-policy": "same-origin",
        "x-content-type-options": "nosniff",
    }
    return HTMLResponse(_environment.get_template(template).render(style=STYLE, icon=ICON, **values), status, headers)


def page_routes() -> list[Route]:
    """Where the pages find their style and their icon. Browsers ask for the icon whatever the page says."""
    return [_file(STYLE, "style.css", "text/css"), _file(ICON, "icon.svg", "image/svg+xml")]


def _file(path: str, name: str, media_type: str) -> Route:
    content = (_FOLDER / name).read_bytes()

    async def send(request: Request) -> Response:
        return Response(content, media_type=media_type)

    return Route(path, send, methods=["GET"])


def _moment(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}"


def _iso(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


_environment = Environment(
    loader=FileSystemLoader(_FOLDER),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
_environment.filters |= {"moment": _moment, "iso": _iso}
