"""What the gate refuses, with which code and HTTP status, and in which order."""

from __future__ import annotations

import logging
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.conftest import NOW, make_caller
from tests.sandbox.signed_calls import sign
from tiktok_shop_async.sandbox.state.clock import DAY, MovableClock

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sandbox.conformance import Conformance
    from tests.sandbox.signed_calls import Answer, Caller

SHOPS = "/authorization/202309/shops"
SEARCH = "/order/202309/orders/search"
DETAIL = "/order/202507/orders"
IMAGES = "/product/202309/images/upload"


def unsigned(caller: Caller, **changes: str | None) -> Answer:
    """A search with credentials that were changed after signing; None takes one out."""
    query = caller.signed(SEARCH, {"page_size": 10}, b"{}")
    query |= {name: value for name, value in changes.items() if value is not None}
    for name in [name for name, value in changes.items() if value is None]:
        del query[name]
    headers = {"content-type": "application/json", "x-tts-access-token": caller.token}
    return caller.send("POST", SEARCH, query, b"{}", headers)


def signed_at(caller: Caller, offset: int) -> Answer:
    """A search that was signed this many seconds from now."""
    return caller.get(SHOPS) if offset == 0 else caller.without_cipher().get(SHOPS, timestamp=caller.world.now + offset)


def typed(caller: Caller, content_type: str, body: bytes) -> Answer:
    """A search with a body of one's own making."""
    headers = {"content-type": content_type, "x-tts-access-token": caller.token}
    return caller.send("POST", SEARCH, caller.signed(SEARCH, {"page_size": 10}, body), body, headers)


def with_token(caller: Caller, **settings: Any) -> Answer:
    """A search with a token that was issued like this."""
    return caller.with_token(caller.world.issue_token(**settings).id).post(SEARCH, page_size=10)


REFUSALS: dict[str, tuple[Callable[[Caller], Answer], int, int, str]] = {
    "an unknown path": (lambda c: c.get("/order/202309/parcels"), 36009009, 404, "path"),
    "an id that is empty": (lambda c: c.get("/product/202309/products/"), 36009009, 404, "path"),
    "an unknown version": (lambda c: c.post("/order/202001/orders/search"), 36009014, 400, "202001"),
    "an unknown method": (lambda c: c.call("PATCH", SEARCH), 36009010, 405, "PATCH"),
    "no app key": (lambda c: unsigned(c, app_key=None), 36009004, 400, "app_key"),
    "another app key": (lambda c: unsigned(c, app_key="someone"), 36009004, 400, "app_key"),
    "a wrong app key before a wrong signature": (
        lambda c: unsigned(c, app_key="someone", sign="0"), 36009004, 400, "app_key",
    ),
    "no timestamp": (lambda c: unsigned(c, timestamp=None), 36009004, 400, "timestamp"),
    "a timestamp that is no number": (lambda c: unsigned(c, timestamp="1.7e9"), 36009004, 400, "timestamp"),
    "a timestamp five minutes and a second old": (lambda c: signed_at(c, -301), 36009004, 400, "-301 seconds"),
    "a timestamp 31 seconds ahead": (lambda c: signed_at(c, 31), 36009004, 400, "+31 seconds"),
    "no signature": (lambda c: unsigned(c, sign=None), 36009004, 400, "sign"),
    "a wrong signature": (lambda c: unsigned(c, sign="0" * 64), 106001, 401, "sign"),
    "a signature that something was added to": (lambda c: unsigned(c, sort_order="ASC"), 106001, 401, "sign"),
    "no token": (lambda c: c.with_token("").post(SEARCH, page_size=10), 36009004, 401, "x-tts-access-token"),
    "an unknown token": (lambda c: c.with_token("none").post(SEARCH), 36009004, 401, "x-tts-access-token"),
    "an expired token": (lambda c: with_token(c, lifetime=0), 105002, 401, "Expired"),
    "a token of another kind": (lambda c: with_token(c, kind="creator"), 101000, 401, "seller"),
    "a token without the scope": (
        lambda c: with_token(c, scopes=["seller.product.basic"]), 105005, 403, "seller.order.info",
    ),
    "a token of another shop": (lambda c: with_token(c, shop_ids=[]), 101000, 401, "shop_cipher"),
    "no cipher": (lambda c: c.without_cipher().post(SEARCH, page_size=10), 106013, 400, "shop_cipher"),
    "an unknown cipher": (lambda c: c.post(SEARCH, page_size=10, shop_cipher="TTP_x"), 36009004, 400, "shop_cipher"),
    "a cipher where none is taken": (lambda c: c.get(SHOPS), 36009004, 400, "shop_cipher"),
    "another identifier where none is taken": (
        lambda c: c.post(SEARCH, page_size=10, category_asset_cipher="x"), 36009004, 400, "category_asset_cipher",
    ),
    "a form in place of JSON": (
        lambda c: typed(c, "application/x-www-form-urlencoded", b"a=1"), 36009022, 400, "content-type",
    ),
    "a body that is no JSON": (lambda c: typed(c, "application/json", b"{"), 36009022, 400, "JSON"),
    "a body that is no object": (lambda c: typed(c, "application/json", b"[]"), 36009022, 400, "object"),
    "JSON in place of a form": (lambda c: c.without_cipher().post(IMAGES), 36009023, 400, "multipart/form-data"),
    "a page size of zero": (lambda c: c.post(SEARCH, page_size=0), 98001004, 400, "page_size"),
    "a page size beyond the limit": (lambda c: c.post(SEARCH, page_size=101), 98001004, 400, "at most 100"),
    "a page size that is no number": (lambda c: c.post(SEARCH, page_size="ten"), 36009004, 400, "page_size"),
    "a boolean that is none": (
        lambda c: c.get("/product/202309/brands", page_size=10, is_authorized="maybe"), 36009004, 400, "boolean",
    ),
    "a required parameter left out": (lambda c: c.get(DETAIL), 36009004, 400, "ids"),
    "too many entries in a list": (lambda c: c.get(DETAIL, ids=["1"] * 51), 98001004, 400, "50 entries"),
    "a field of the wrong type": (
        lambda c: c.post(SEARCH, {"create_time_ge": "1"}, page_size=10), 36009004, 400, "expects integer, got string",
    ),
    "a boolean for a number": (
        lambda c: c.post(SEARCH, {"create_time_ge": True}, page_size=10), 36009004, 400, "got boolean",
    ),
    "a wrong type within a list": (
        lambda c: c.post(SEARCH, {"warehouse_ids": ["1", 2]}, page_size=10), 36009004, 400, "warehouse_ids[1]",
    ),
    "a required field left out": (
        lambda c: c.call("PUT", "/event/202309/webhooks", body={"address": "https://a.example"}),
        36009004, 400, "event_type",
    ),
    "a required body left out": (lambda c: c.call("DELETE", "/event/202309/webhooks"), 36009004, 400, "event_type"),
    "a page token of other filters": (
        lambda c: c.post(
            SEARCH,
            page_size=10,
            sort_order="ASC",
            page_token=c.post(SEARCH, page_size=10).data["next_page_token"],
        ),
        36009004, 400, "page_token",
    ),
    "a page token that was made up": (lambda c: c.post(SEARCH, page_token="5"), 36009004, 400, "page_token"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSALS)
def test_the_gate_refuses(reader: Caller, what: str) -> None:
    """Each with the documented code, and a message that names what was wrong."""
    request, code, status, word = REFUSALS[what]
    answer = request(reader)
    assert (answer.code, answer.status) == (code, status), answer.message
    assert word in answer.message


@pytest.mark.parametrize("offset", [-300, 30])
def test_a_timestamp_at_either_end_of_the_window_passes(reader: Caller, offset: int) -> None:
    assert signed_at(reader, offset).code == 0


def test_a_refusal_carries_a_request_id_and_no_news_of_the_secret(reader: Caller) -> None:
    answer = unsigned(reader, sign="0" * 64)
    assert answer.envelope["request_id"]
    assert reader.world.app_secret not in str(answer.envelope)


def test_an_unknown_field_of_the_body_is_ignored_and_logged(reader: Caller, caplog: pytest.LogCaptureFixture) -> None:
    """As live; the log is where the sandbox says more than the live service."""
    every = reader.post(SEARCH, page_size=10).data["total_count"]
    assert reader.post(SEARCH, {"status": "UNPAID"}, page_size=10).data["total_count"] == every
    assert "get_order_list does not read `status` in the body, which is unknown" in caplog.text


def test_an_unknown_parameter_of_the_query_is_ignored_and_logged(
    reader: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    assert len(reader.post(SEARCH, pagesize=5).data["orders"]) == 20
    assert "get_order_list does not read `pagesize` in the query, which is unknown" in caplog.text


def test_an_absent_field_may_be_null(reader: Caller) -> None:
    every = reader.post(SEARCH, page_size=10).data["total_count"]
    assert reader.post(SEARCH, {"order_status": None}, page_size=10).data["total_count"] == every


def test_a_null_within_an_object_counts_as_left_out(caller: Caller) -> None:
    """Wherever it stands: the rest of the sandbox never sees one."""
    product = next(product for product in caller.shop.products if product.status == "ACTIVATE")
    sku = {"id": product.skus[0].id, "seller_sku": "NEW", "price": None, "inventory": None, "sales_attributes": None}
    body = {"title": None, "main_images": None, "skus": [sku]}
    before = (product.title, product.skus[0].price, product.skus[0].stock)
    caller.world.audit_time = 0
    assert caller.post(f"/product/202309/products/{product.id}/partial_edit", body).code == 0
    caller.world.catch_up()
    assert (product.title, product.skus[0].price, product.skus[0].stock) == before
    assert product.skus[0].seller_sku == "NEW"


def test_an_endpoint_that_can_do_without_the_cipher_takes_the_first_shop_of_the_token(reader: Caller) -> None:
    search = "/fulfillment/202309/packages/search"
    named = reader.post(search, page_size=10).data
    assert reader.without_cipher().post(search, page_size=10).data["packages"] == named["packages"]
    without_shop = reader.with_token(reader.world.issue_token(shop_ids=[]).id).without_cipher()
    assert without_shop.post(search, page_size=10).code == 101000


def test_a_page_size_that_is_left_out_is_the_default(reader: Caller) -> None:
    assert len(reader.post(SEARCH).data["orders"]) == 20


TRACKING = "/fulfillment/202309/orders/{}/tracking"


def test_a_category_asset_is_taken_where_the_endpoint_takes_one(reader: Caller) -> None:
    """Its cipher comes from the list of those that a partner's token opens."""
    partner = reader.with_token(reader.world.issue_token("partner").id).without_cipher()
    assets = partner.get("/authorization/202405/category_assets").data["category_assets"]
    tracking = TRACKING.format(next(order.id for order in reader.shop.orders if order.status == "COMPLETED"))
    assert reader.get(tracking, category_asset_cipher=assets[0]["cipher"]).code == 0
    unknown = reader.get(tracking, category_asset_cipher="CAT_x")
    assert (unknown.code, unknown.status) == (36009004, 400)
    assert "category_asset_cipher" in unknown.message


def test_a_revision_can_be_switched_off(caller: Caller) -> None:
    caller.world.retired.add("get_order_detail_202507")
    answer = caller.get(DETAIL, ids=["1"])
    assert (answer.code, answer.status) == (36009014, 400)
    assert "202507" in answer.message


def test_the_date_header_tells_the_time_of_the_sandbox(reader: Caller) -> None:
    """So a client that is told its timestamp is off can correct its clock by it."""
    assert signed_at(reader, -301).headers["date"] == "Mon, 21 Sep 2026 14:13:20 GMT"


def test_a_failure_of_the_sandbox_itself_is_an_internal_error(
    caller: Caller, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(type(caller.shop), "sales_warehouse")
    package_id = next(iter(caller.shop.packages)).id
    answer = caller.get(f"/fulfillment/202309/packages/{package_id}")
    assert (answer.code, answer.status) == (36009003, 500)
    assert "AttributeError" in caplog.text


def test_every_request_is_logged_without_its_credentials(reader: Caller, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="tiktok_shop_async.sandbox"):
        reader.post(SEARCH, page_size=10)
    assert "POST /order/202309/orders/search -> 200, code 0" in caplog.text
    assert str(reader.cipher) not in caplog.text
    assert reader.token not in caplog.text


def test_timestamps_and_tokens_go_by_the_callers_time_when_the_shops_is_moved(conformance: Conformance) -> None:
    """A client's own clock cannot be moved along with the sandbox's."""
    caller = make_caller(conformance, orders=1)
    caller.world.clock = MovableClock(NOW, source=lambda: NOW)
    caller.world.clock.advance(400 * DAY)
    query = {"app_key": caller.world.app_key, "timestamp": str(NOW), "shop_cipher": str(caller.cipher)}
    query["sign"] = sign(caller.world.app_secret, SEARCH, query, b"{}")
    headers = {"content-type": "application/json", "x-tts-access-token": caller.token}
    answer = caller.send("POST", SEARCH, query, b"{}", headers)
    assert answer.code == 0
    assert answer.headers["date"] == formatdate(NOW, usegmt=True)
    assert answer.data["orders"][0]["status"] != "UNPAID"
