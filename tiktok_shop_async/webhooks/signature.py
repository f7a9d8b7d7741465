"""The signature of a notification: checked over the raw bytes before anything reads them.

Usable from any framework, with nothing but the body and the `Authorization` header.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from tiktok_shop_async.errors import CredentialsError, WebhookSignatureError
from tiktok_shop_async.secret import hide

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["sign", "verify"]


def sign(raw_body: bytes, app_key: str, app_secret: str) -> str:
    """Sign a notification as the platform does. For tests.

    Args:
        raw_body: The very bytes that are sent.
        app_key: Key of the app.
        app_secret: Its secret.

    Returns:
        What goes into the `Authorization` header: 64 lowercase hexadecimal digits.

    Raises:
        CredentialsError: The key or the secret is empty.
    """
    app_secret = hide(app_secret)
    if not app_key or not app_secret:
        raise CredentialsError("notifications are signed with the app's key and secret: one of them is empty")
    return hmac.new(app_secret.encode(), app_key.encode() + raw_body, "sha256").hexdigest()


def verify(raw_body: bytes, authorization: str | None, apps: Mapping[str, str | Sequence[str]]) -> str:
    """Check that a notification comes from the platform.

    The signature covers the body alone, without a time: whoever has seen a notification can send it again. Drop
    repetitions by `key_of`.

    Args:
        raw_body: The body as it arrived, neither decoded nor parsed.
        authorization: The `Authorization` header; None or "" where there is none.
        apps: The secrets of the apps that are told something at this address, by app key; of an app whose secret is
            being changed, the old and the new one.

    Returns:
        The key of the app that it was sent to.

    Raises:
        WebhookSignatureError: No app has signed it. Answer 401, and read nothing of it.
        CredentialsError: There is no app, or a key or a secret is empty.
    """
    # Tracebacks show the variables of this frame.
    authorization = hide(authorization)
    secrets = {key: [hide(each) for each in ((of,) if isinstance(of, str) else of)] for key, of in apps.items()}
    apps = {}
    if not secrets or not all(key and of and all(of) for key, of in secrets.items()):
        raise CredentialsError("notifications are verified with the app's key and secret: one of them is missing")
    app_key = _signer(raw_body, authorization or "", secrets)
    if app_key is not None:
        return app_key
    raise WebhookSignatureError(
        "the signature is of none of the apps: it is forged, the body was changed on its way, or the secret is wrong"
        if authorization
        else "there is no signature: the Authorization header is missing or empty"
    )


def _signer(raw_body: bytes, authorization: str, secrets: Mapping[str, Sequence[str]]) -> str | None:
    # The header as it is: an uppercase digest, a blank or a second header joined by a comma is no signature.
    given = authorization.encode("utf-8", "surrogatepass")
    found: str | None = None
    # All are tried, and a comparison does not end at the first difference, so that the time it takes tells nothing.
    for app_key, of in secrets.items():
        for secret in of:
            if hmac.compare_digest(sign(raw_body, app_key, secret).encode(), given):
                found = app_key
    return found
