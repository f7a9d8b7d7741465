"""A sandbox of the TikTok Shop Open API on your own machine.

It checks every request as the live service does (signature, timestamp, token, scope, cipher, types and limits),
answers with the documented codes, and keeps state: orders that are shipped move on, returns are refunded, statements
add up. It knows nothing of this package's client, and any client in any language can be pointed at it.

    python -m tiktok_shop_async.sandbox --port 8080

    with SandboxServer(orders=50) as sandbox:
        ...  # sandbox.url, sandbox.app_key, sandbox.app_secret, sandbox.access_token, sandbox.shop_cipher
"""

from __future__ import annotations

from tiktok_shop_async.sandbox.state.clock import ManualClock, MovableClock

try:
    from tiktok_shop_async.sandbox.faults.rules import Fault
    from tiktok_shop_async.sandbox.handle import Sandbox
    from tiktok_shop_async.sandbox.server import SandboxServer
    from tiktok_shop_async.sandbox.stage import NotNowError
except ModuleNotFoundError as error:
    if error.name is None or error.name.startswith("tiktok_shop_async"):
        raise
    raise ModuleNotFoundError(
        f"The sandbox needs {error.name}, which comes with its extra: pip install 'tiktok-shop-async[sandbox]'",
        name=error.name,
    ) from error

__all__ = ["Fault", "ManualClock", "MovableClock", "NotNowError", "Sandbox", "SandboxServer"]
