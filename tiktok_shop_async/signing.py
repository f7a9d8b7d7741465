"""The signature of a request, computed from its parts before any HTTP client sees them."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from tiktok_shop_async.errors import CredentialsError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["sign"]

UNSIGNED = frozenset({"sign", "access_token"})
"""Query parameters that the signature leaves out."""


def sign(
    *,
    app_secret: str,
    path: str,
    query: Mapping[str, str],
    body: bytes = b"",
    content_type: str = "application/json",
) -> str:
    """Sign one request.

    Args:
        app_secret: Secret of the app.
        path: Path as it is sent, without host and query: `/order/202309/orders/search`.
        query: Parameters as the server reads them, not percent-encoded, in any order; a list as its one
            comma-joined value. `sign` and `access_token` are left out by themselves.
        body: The very bytes that are sent. Empty where there is no body, which is not the same as `{}`.
        content_type: Type of the body, with or without parameters. A `multipart/form-data` body is not signed.

    Returns:
        64 lowercase hexadecimal digits.

    Raises:
        CredentialsError: `app_secret` is empty.
    """
    if not app_secret:
        raise CredentialsError("cannot sign: the app secret is empty")
    parameters = "".join([name + query[name] for name in sorted(query) if name not in UNSIGNED])
    # By the media type alone: a multipart header carries a boundary behind it.
    if body and content_type.partition(";")[0].strip().lower() == "multipart/form-data":
        body = b""
    secret = app_secret.encode()
    return hmac.digest(secret, b"%b%b%b%b" % (secret, f"{path}{parameters}".encode(), body, secret), "sha256").hex()
