"""Who has signed a notification, and what is refused before anything reads it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tiktok_shop_async import CredentialsError, TikTokShopError, WebhookSignatureError
from tiktok_shop_async.webhooks import sign, verify

KEY, SECRET = "fake_app_key", "fake_app_secret"
BODY = (
    b'{"type":1,"shop_id":"7494726673780148744","timestamp":1664095733,"data":{"order_id":"576684019603311365",'
    b'"order_status":"AWAITING_SHIPMENT","update_time":1664095610}}'
)
SIGNATURE = "21109834de72ec53c9959716d8514ae388ce1f123e5ffdcafc46713fcdf62b27"


def test_the_official_vector_is_signed_and_verified() -> None:
    assert sign(BODY, KEY, SECRET) == SIGNATURE
    assert verify(BODY, SIGNATURE, {KEY: SECRET}) == KEY


FORGED: dict[str, tuple[bytes, str | None]] = {
    "another key": (BODY, sign(BODY, "other_key", SECRET)),
    "another secret": (BODY, sign(BODY, KEY, "other_secret")),
    "a changed byte": (BODY.replace(b"AWAITING_SHIPMENT", b"AWAITING_SHIPMEN7"), SIGNATURE),
    "a byte more": (BODY + b"\n", SIGNATURE),
    "no body": (b"", SIGNATURE),
    "encoded anew": (json.dumps(json.loads(BODY)).encode(), SIGNATURE),
    "another charset": (BODY.decode().encode("utf-16"), SIGNATURE),
    "a changed digit": (BODY, SIGNATURE[:-1] + "8"),
    "a digit less": (BODY, SIGNATURE[:-1]),
    "uppercase": (BODY, SIGNATURE.upper()),
    "a blank": (BODY, f" {SIGNATURE}"),
    "a scheme": (BODY, f"Bearer {SIGNATURE}"),
    "two headers": (BODY, f"{SIGNATURE}, {SIGNATURE}"),
    "text that is not ASCII": (BODY, "é" * 64),
    "half a character": (BODY, "\ud83d"),
    "an empty header": (BODY, ""),
    "a missing header": (BODY, None),
}


@pytest.mark.parametrize("case", FORGED)
def test_a_forged_notification_is_refused(case: str) -> None:
    body, header = FORGED[case]
    with pytest.raises(WebhookSignatureError) as caught:
        verify(body, header, {KEY: SECRET})
    assert SECRET not in str(caught.value)
    assert isinstance(caught.value, TikTokShopError)


def test_several_apps_share_an_address() -> None:
    apps = {"first": "1st", KEY: SECRET, "last": "nth"}
    assert [verify(BODY, sign(BODY, key, secret), apps) for key, secret in apps.items()] == list(apps)


def test_the_old_and_the_new_secret_of_an_app_hold_while_it_is_changed() -> None:
    apps: dict[str, Any] = {KEY: ["old", "new"]}
    assert verify(BODY, sign(BODY, KEY, "old"), apps) == verify(BODY, sign(BODY, KEY, "new"), apps) == KEY
    with pytest.raises(WebhookSignatureError):
        verify(BODY, sign(BODY, KEY, "older"), apps)


@pytest.mark.parametrize("apps", [{}, {KEY: ""}, {"": SECRET}, {KEY: [SECRET, ""]}, {KEY: []}], ids=str)
def test_without_a_key_and_a_secret_nothing_can_be_verified(apps: dict[str, Any]) -> None:
    """Least of all with an empty secret, which anyone could sign with."""
    with pytest.raises(CredentialsError):
        verify(BODY, SIGNATURE, apps)
