"""Authorized shops, the seller's permissions and notification addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.sandbox.conftest import NOW
from tiktok_shop_async.sandbox.spec import bundled_spec

if TYPE_CHECKING:
    from tests.sandbox.signed_calls import Caller

WEBHOOKS = "/event/202309/webhooks"


def test_the_authorized_shops_carry_the_ciphers_that_other_calls_need(reader: Caller) -> None:
    shops = reader.without_cipher().get("/authorization/202309/shops").data["shops"]
    assert [shop["region"] for shop in shops][:3] == ["US", "GB", "GB"]
    assert shops[0]["cipher"] == reader.cipher


def test_a_token_shows_only_the_shops_that_it_was_granted_for(reader: Caller) -> None:
    token = reader.world.issue_token(shop_ids=[reader.shop.id]).id
    shops = reader.with_token(token).without_cipher().get("/seller/202309/shops").data["shops"]
    assert shops == [{"id": reader.shop.id, "region": "US"}]


def test_a_seller_with_a_cross_border_shop_may_manage_global_products(reader: Caller) -> None:
    assert reader.without_cipher().get("/seller/202309/permissions").data == {"permissions": ["MANAGE_GLOBAL_PRODUCT"]}
    local = reader.with_token(reader.world.issue_token(shop_ids=[reader.shop.id]).id).without_cipher()
    assert local.get("/seller/202309/permissions").code == 21008106


def test_a_webhook_is_set_changed_and_deleted(caller: Caller) -> None:
    def put(address: str) -> int:
        return caller.call("PUT", WEBHOOKS, body={"event_type": "PACKAGE_UPDATE", "address": address}).code

    assert caller.get(WEBHOOKS).data == {"webhooks": [], "total_count": 0}
    assert put("https://a.example/hook") == 0
    caller.clock.advance(60)
    assert put("https://b.example/hook") == 0
    (webhook,) = caller.get(WEBHOOKS).data["webhooks"]
    assert webhook == {
        "event_type": "PACKAGE_UPDATE",
        "address": "https://b.example/hook",
        "create_time": NOW,
        "update_time": NOW + 60,
    }
    assert caller.call("DELETE", WEBHOOKS, body={"event_type": "PACKAGE_UPDATE"}).code == 0
    assert caller.get(WEBHOOKS).data["total_count"] == 0


@pytest.mark.parametrize("address", ["https://a.example/hook", "http://127.0.0.1:9000/hook", "http://app:8000/"])
def test_a_webhook_goes_to_an_http_or_https_address(caller: Caller, address: str) -> None:
    assert caller.call("PUT", WEBHOOKS, body={"event_type": "PACKAGE_UPDATE", "address": address}).code == 0


@pytest.mark.parametrize(
    "address",
    ["ftp://a.example", "a.example/hook", "http://", "http://me@a.example", "http://169.254.169.254/", "http://[::1/"],
)
def test_an_address_that_no_receiver_has_is_refused(reader: Caller, address: str) -> None:
    answer = reader.call("PUT", WEBHOOKS, body={"event_type": "PACKAGE_UPDATE", "address": address})
    assert (answer.code, answer.status) == (36009004, 400)
    assert "`address`" in answer.message


def test_the_sandbox_does_not_notify_itself(reader: Caller) -> None:
    body = {"event_type": "PACKAGE_UPDATE", "address": f"{reader.base_url}/sandbox/control/"}
    answer = reader.call("PUT", WEBHOOKS, body=body)
    assert (answer.code, answer.status) == (36009004, 400)


def test_every_type_that_the_api_documents_an_address_for_can_be_subscribed(caller: Caller) -> None:
    names = bundled_spec().resolve({"$ref": "#/components/schemas/WebhookEventType"})["enum"]
    for event_type in names:
        body = {"event_type": event_type, "address": "https://a.example/hook"}
        assert caller.call("PUT", WEBHOOKS, body=body).code == 0
    assert caller.get(WEBHOOKS).data["total_count"] == len(names)


@pytest.mark.parametrize("event_type", ["ORDER_STATUS", "GOODS_MATCH"])
def test_a_type_of_event_that_no_shop_can_ask_for_is_refused(reader: Caller, event_type: str) -> None:
    answer = reader.call("PUT", WEBHOOKS, body={"event_type": event_type, "address": "https://a.example/hook"})
    assert (answer.code, answer.status) == (36009004, 400)
    assert "`event_type`" in answer.message
