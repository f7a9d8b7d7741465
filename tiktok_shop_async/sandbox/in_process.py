"""The way to a sandbox of the same process for clients of httpx: no port, and errors as a network would cause them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
import httpx

if TYPE_CHECKING:
    from starlette.types import ASGIApp


class InProcessTransport(httpx.AsyncBaseTransport):
    """Calls an ASGI application, on asyncio and on trio.

    What a socket would do is done here: a reset ends the request with an error of httpx, and so does silence that
    lasts longer than the request's read time-out.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Leads to this application."""
        self._transport = httpx.ASGITransport(app)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Sends one request.

        Raises:
            httpx.ReadError: the application has reset the connection.
            httpx.ReadTimeout: it has not answered in time.
        """
        timeout: float | None = request.extensions.get("timeout", {}).get("read")
        try:
            with anyio.fail_after(timeout):
                return await self._transport.handle_async_request(request)
        except TimeoutError as error:
            raise httpx.ReadTimeout("no answer in time", request=request) from error
        except ConnectionResetError as error:
            raise httpx.ReadError(str(error), request=request) from error
