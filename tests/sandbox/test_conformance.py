"""Every operation that the sandbox serves has an answer, and it has the shape that the spec says."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import jsonschema
import pytest

from tests.sandbox.placing import place_orders
from tests.sandbox.signed_calls import Answer, Caller
from tests.sandbox.test_compliance import KINDS
from tests.sandbox.test_compliance import create as enter
from tests.sandbox.test_external_orders import ORDERS as EXTERNAL_ORDERS
from tests.sandbox.test_external_orders import reference
from tests.sandbox.test_global_products import GLOBAL, body, british, create
from tests.sandbox.test_listing import listing
from tiktok_shop_async.sandbox.life.aftersales import refund_of, request_cancellation, request_return
from tiktok_shop_async.sandbox.made_up.picture import plain_png
from tiktok_shop_async.sandbox.registry import served
from tiktok_shop_async.sandbox.spec import bundled_spec

if TYPE_CHECKING:
    from tests.sandbox.conformance import Conformance
    from tiktok_shop_async.sandbox.state.rows import Order, Product

Call = Callable[[Caller], Answer]

FULFILLMENT = "/fulfillment/202309"
RETURN_REFUND = "/return_refund/202309"
AFTERSALE_2026 = "/return_refund/202602"
PRODUCTS = "/product/202309/products"
WEBHOOK = {"event_type": "PACKAGE_UPDATE", "address": "https://a.example/hook"}
SHIPMENT = {"tracking_number": "HP-9", "shipping_provider_id": "7215600000000000202"}
BUNDLE = {"order_ids": ["1"], "handover_method": "PICKUP"}
NO_INVOICE = {"package_id": "1", "order_ids": [], "file_type": "XML", "file": ""}
PICTURE = {"data": ("a.png", plain_png(300, 300, (1, 2, 3)))}


def product(caller: Caller) -> Product:
    """A listing that is on sale."""
    return next(product for product in caller.shop.products if product.status == "ACTIVATE")


def order(caller: Caller, status: str = "AWAITING_SHIPMENT", shipping_type: str = "TIKTOK") -> Order:
    """An order of this status that no one has asked to cancel or to return."""
    busy = {request.order_id for request in (*caller.shop.returns, *caller.shop.cancellations)}
    return next(
        order
        for order in caller.shop.orders
        if order.status == status and order.shipping_type == shipping_type and order.id not in busy
    )


def package_id(caller: Caller) -> str:
    """A package that waits to be shipped."""
    return str(order(caller).lines[0].package_id)


def shipped(caller: Caller) -> str:
    """The same package, shipped."""
    chosen = package_id(caller)
    caller.post(f"{FULFILLMENT}/packages/{chosen}/ship")
    return chosen


def cancellation_id(caller: Caller) -> str:
    """A buyer's wish to cancel that waits for an answer."""
    chosen, now = order(caller), caller.world.now
    return request_cancellation(caller.world, caller.shop, chosen, chosen.lines, now, role="BUYER", reason="late").id


def return_id(caller: Caller) -> str:
    """A refund that waits for an answer."""
    chosen, now = order(caller, "DELIVERED"), caller.world.now
    return request_return(
        caller.world,
        caller.shop,
        chosen,
        chosen.lines,
        now,
        return_type="REFUND",
        role="BUYER",
        reason="late",
        refund=refund_of(chosen, chosen.lines, now),
    ).id


def reject_reason(caller: Caller, request_id: str) -> str:
    """A reason that is allowed."""
    reasons = caller.get(f"{RETURN_REFUND}/reject_reasons", return_or_cancel_id=request_id).data["reasons"]
    return str(reasons[0]["name"])


def rejected_cancellation(caller: Caller) -> Answer:
    chosen = cancellation_id(caller)
    body = {"reject_reason": reject_reason(caller, chosen)}
    return caller.post(f"{RETURN_REFUND}/cancellations/{chosen}/reject", body)


def rejected_return(revision: str) -> Call:
    def call(caller: Caller) -> Answer:
        chosen = return_id(caller)
        body = {"decision": "REJECT_REFUND", "reject_reason": reject_reason(caller, chosen)}
        return caller.post(f"/return_refund/{revision}/returns/{chosen}/reject", body)

    return call


def recovered(caller: Caller) -> Answer:
    body = {"product_ids": [product(caller).id]}
    caller.call("DELETE", PRODUCTS, body=body)
    return caller.post(f"{PRODUCTS}/recover", body)


def statement_id(caller: Caller) -> str:
    return caller.shop.ledger.issued(caller.world.now)[-1].id


def create_return(caller: Caller) -> Answer:
    body = {"order_id": order(caller, "DELIVERED").id, "return_type": "REFUND", "return_reason": "reason_late"}
    return caller.post(f"{RETURN_REFUND}/returns", body)


def reason(caller: Caller, order_id: str, request_type: str) -> str:
    """A reason that such a request can give."""
    path = f"{AFTERSALE_2026}/orders/{order_id}/aftersale_eligibility"
    (row, *_) = caller.get(path, request_types=[request_type]).data["sku_eligibility"]
    return str(row["line_item_eligibility"][0]["available_reason_names"][0])


def create_return_202602(caller: Caller) -> Answer:
    chosen = order(caller, "DELIVERED").id
    body = {"order_id": chosen, "return_type": "REFUND", "return_reason": reason(caller, chosen, "REFUND")}
    return caller.post(f"{AFTERSALE_2026}/returns", body)


def cancel_order_202602(caller: Caller) -> Answer:
    chosen = order(caller).id
    body = {"order_id": chosen, "cancel_reason": reason(caller, chosen, "CANCEL")}
    return caller.post(f"{AFTERSALE_2026}/cancellations", body)


def search_cancellations_202602(caller: Caller) -> Answer:
    """With one that waits for an answer, whose shape differs."""
    cancellation_id(caller)
    return caller.post(f"{AFTERSALE_2026}/cancellations/search", page_size=50, sort_order="DESC")


def mark_as_shipped(caller: Caller) -> Answer:
    body = {"tracking_number": "HP-9", "shipping_provider_id": "7215600000000000202"}
    chosen = order(caller, shipping_type="SELLER")
    return caller.post(f"{FULFILLMENT}/orders/{chosen.id}/packages", body)


def priced(caller: Caller) -> Answer:
    chosen = product(caller)
    body = {"skus": [{"id": chosen.skus[0].id, "price": {"amount": "3.00", "currency": "USD"}}]}
    return caller.post(f"{PRODUCTS}/{chosen.id}/prices/update", body)


def stocked(caller: Caller) -> Answer:
    """With a failed item, whose shape is the interesting one."""
    body = {"skus": [{"id": "1", "inventory": [{"quantity": 1}]}]}
    return caller.post(f"{PRODUCTS}/{product(caller).id}/inventory/update", body)


def refund_calculated(revision: str) -> Call:
    def call(caller: Caller) -> Answer:
        body = {"order_id": order(caller, "DELIVERED").id, "request_type": "REFUND", "reason_name": "reason_late"}
        return caller.post(f"/return_refund/{revision}/refunds/calculate", body)

    return call


def edited(path: str) -> Call:
    def call(caller: Caller) -> Answer:
        return caller.call("PUT", path.format(product(caller).id), body=listing(caller))

    return call


def partly_edited(path: str) -> Call:
    return lambda caller: caller.post(path.format(product(caller).id), {"title": "A better title"})


def referred(caller: Caller) -> Caller:
    """The caller, once the order has a reference."""
    caller.post(f"{EXTERNAL_ORDERS}/external_orders", {"orders": [reference(order(caller), "A-1")]})
    return caller


def confirmed_split(caller: Caller) -> Answer:
    (chosen,) = place_orders(caller, quantity=2)
    group = {"id": "a", "order_line_item_ids": [chosen.lines[0].id]}
    return caller.post(f"{FULFILLMENT}/orders/{chosen.id}/split", {"splittable_groups": [group]})


def combinable_id(caller: Caller) -> str:
    """A group of orders that can be combined."""
    data = caller.get(f"{FULFILLMENT}/combinable_packages/search", page_size=50).data
    return str(data["combinable_packages"][0]["id"])


def uncombined(caller: Caller) -> Answer:
    chosen = combinable_id(caller)
    caller.post(f"{FULFILLMENT}/packages/combine", {"combinable_packages": [{"id": chosen}]})
    return caller.post(f"{FULFILLMENT}/packages/{chosen}/uncombine")


def on_its_way(caller: Caller) -> Order:
    """An order that the seller has sent."""
    (chosen,) = place_orders(caller, "IN_TRANSIT", shipping_type="SELLER")
    return chosen


def published(caller: Caller) -> Answer:
    product_id, sku_id = create(caller)
    target = {"region": "GB", "skus": [{"related_global_sku_id": sku_id}]}
    return caller.without_cipher().post(f"{GLOBAL}/{product_id}/publish", {"publish_target": [target]})


def globally_stocked(caller: Caller) -> Answer:
    product_id, sku_id = create(caller)
    path = f"{GLOBAL}/{product_id}/inventory/update"
    return caller.without_cipher().post(path, {"global_skus": [{"id": sku_id, "inventory": []}]})


def entered(kind: str) -> Call:
    plural, body = KINDS[kind]
    return lambda caller: caller.without_cipher().post(f"/product/202409/compliance/{plural}", body)


def renamed(kind: str) -> Call:
    path = f"/product/202409/compliance/{KINDS[kind][0]}/{{}}/partial_edit"
    return lambda caller: caller.without_cipher().post(path.format(enter(caller, kind)), {"name": "Another"})


def searched(kind: str) -> Call:
    def call(caller: Caller) -> Answer:
        enter(caller, kind)
        return caller.without_cipher().post(f"/product/202501/compliance/{KINDS[kind][0]}/search", page_size=10)

    return call


def warehouse_id(caller: Caller) -> str:
    return caller.shop.sales_warehouse.id


CALLS: dict[str, Call] = {
    "get_authorized_shops": lambda c: c.without_cipher().get("/authorization/202309/shops"),
    "get_authorized_category_assets": lambda c: (
        c.without_cipher().with_token(c.world.issue_token("partner").id).get("/authorization/202405/category_assets")
    ),
    "get_active_shops": lambda c: c.without_cipher().get("/seller/202309/shops"),
    "get_global_product_permission": lambda c: c.without_cipher().get("/seller/202309/permissions"),
    "get_shop_webhooks": lambda c: c.get("/event/202309/webhooks"),
    "update_shop_webhook": lambda c: c.call("PUT", "/event/202309/webhooks", body=WEBHOOK),
    "delete_webhook_for_an_event": lambda c: c.call("DELETE", "/event/202309/webhooks", body=WEBHOOK),
    "get_order_list": lambda c: c.post("/order/202309/orders/search", page_size=100),
    "get_order_detail_202309": lambda c: c.get("/order/202309/orders", ids=[order(c).id]),
    "get_order_detail_202507": lambda c: c.get("/order/202507/orders", ids=[order(c).id]),
    "get_order_price_details": lambda c: c.get(f"/order/202407/orders/{order(c).id}/price_detail"),
    "add_external_order_references": lambda c: c.post(
        f"{EXTERNAL_ORDERS}/external_orders",
        {"orders": [reference(order(c), "1"), {**reference(order(c), "1"), "id": "1"}]},
    ),
    "get_external_order_references": lambda c: referred(c).get(
        f"{EXTERNAL_ORDERS}/{order(c).id}/external_orders", platform="SHOPIFY"
    ),
    "search_orders_by_external_order_reference": lambda c: referred(c).call(
        "POST",
        f"{EXTERNAL_ORDERS}/external_order_search",
        query={"platform": "SHOPIFY", "external_order_id": "A-1"},
    ),
    "search_products_202309": lambda c: c.post("/product/202309/products/search", page_size=100),
    "search_products_202502": lambda c: c.post("/product/202502/products/search", page_size=100),
    "get_product": lambda c: c.get(f"{PRODUCTS}/{product(c).id}"),
    "create_product": lambda c: c.post(PRODUCTS, listing(c)),
    "edit_product_202309": edited("/product/202309/products/{}"),
    "edit_product_202509": edited("/product/202509/products/{}"),
    "partial_edit_product_202309": partly_edited("/product/202309/products/{}/partial_edit"),
    "partial_edit_product_202509": partly_edited("/product/202509/products/{}/partial_edit"),
    "activate_products": lambda c: c.post(f"{PRODUCTS}/activate", {"product_ids": [product(c).id]}),
    "deactivate_products": lambda c: c.post(f"{PRODUCTS}/deactivate", {"product_ids": ["1"]}),
    "delete_products": lambda c: c.call("DELETE", PRODUCTS, body={"product_ids": ["1"]}),
    "recover_products": recovered,
    "update_price": priced,
    "update_inventory": stocked,
    "inventory_search": lambda c: c.post("/product/202309/inventory/search", {"product_ids": [product(c).id]}),
    "get_categories": lambda c: c.get("/product/202309/categories"),
    "create_custom_brands": lambda c: c.without_cipher().post("/product/202309/brands", {"name": "Wrenfold"}),
    "recommend_category": lambda c: c.post("/product/202309/categories/recommend", {"product_title": "Mug"}),
    "recommend_global_categories": lambda c: c.without_cipher().post(
        "/product/202309/global_categories/recommend", {"product_title": "Mug"}
    ),
    "get_global_categories": lambda c: c.without_cipher().get("/product/202309/global_categories"),
    "get_category_attributes": lambda c: c.get("/product/202309/categories/820300/attributes"),
    "get_global_attributes": lambda c: c.without_cipher().get("/product/202309/categories/820300/global_attributes"),
    "get_category_rules": lambda c: c.within("DE").get("/product/202309/categories/820400/rules"),
    "get_global_category_rules": lambda c: c.without_cipher().get("/product/202309/categories/820400/global_rules"),
    "check_listing_prerequisites_202309": lambda c: c.get("/product/202309/prerequisites"),
    "check_listing_prerequisites_202312": lambda c: c.get("/product/202312/prerequisites"),
    "check_product_listing": lambda c: c.post(f"{PRODUCTS}/listing_check", listing(c, title="Counterfeit", skus=[])),
    "get_product_diagnoses": lambda c: c.get("/product/202405/products/diagnoses", product_ids=[product(c).id]),
    "diagnose_and_optimize_product": lambda c: c.post(
        "/product/202411/products/diagnose_optimize",
        {"product_id": product(c).id, "category_id": "820300", "title": "Apron", "optimization_fields": ["ALL"]},
    ),
    "get_products_seo_words": lambda c: c.get("/product/202405/products/seo_words", product_ids=[product(c).id]),
    "get_recommended_product_title_and_description": lambda c: c.get(
        "/product/202405/products/suggestions", product_ids=[product(c).id]
    ),
    "get_global_seller_warehouses": lambda c: c.without_cipher().get("/logistics/202309/global_warehouses"),
    "create_global_product": lambda c: c.without_cipher().post(GLOBAL, body(c)),
    "edit_global_product": lambda c: c.without_cipher().call("PUT", f"{GLOBAL}/{create(c)[0]}", body=body(c)),
    "partial_edit_global_product": lambda c: c.without_cipher().call(
        "PUT", f"/product/202509/global_products/{create(c)[0]}/partial_edit", body={"title": "A better title"}
    ),
    "get_global_product": lambda c: c.without_cipher().get(f"{GLOBAL}/{create(c)[0]}"),
    "publish_global_product": published,
    "update_global_inventory": globally_stocked,
    "search_global_products_202309": lambda c: c.without_cipher().post(f"{GLOBAL}/search", page_size=10),
    "search_global_products_202312": lambda c: c.without_cipher().post(
        "/product/202312/global_products/search", page_size=10
    ),
    "delete_global_products": lambda c: c.without_cipher().call("DELETE", GLOBAL, body={"global_product_ids": ["1"]}),
    "get_global_listing_rules": lambda c: british(c).get("/product/202507/global_listing_rules"),
    "replicate_product": lambda c: british(c).post(
        f"/product/202507/products/{product(british(c)).id}/global_replicate", {"replicate_target": [{"region": "US"}]}
    ),
    "get_global_replicated_products": lambda c: british(c).get(
        f"/product/202507/products/{product(british(c)).id}/replicated_products"
    ),
    "create_manufacturer": entered("manufacturer"),
    "partial_edit_manufacturer": renamed("manufacturer"),
    "search_manufacturers": searched("manufacturer"),
    "create_responsible_person": entered("responsible_person"),
    "partial_edit_responsible_person": renamed("responsible_person"),
    "search_responsible_persons": searched("responsible_person"),
    "get_brands": lambda c: c.get("/product/202309/brands", page_size=10),
    "upload_product_image": lambda c: c.without_cipher().upload("/product/202309/images/upload", {}, PICTURE),
    "upload_product_file": lambda c: c.without_cipher().upload(
        "/product/202309/files/upload", {"name": "a.pdf"}, {"data": ("a.pdf", b"%PDF")}
    ),
    "search_package": lambda c: c.post(f"{FULFILLMENT}/packages/search", page_size=50),
    "get_package_detail": lambda c: c.get(f"{FULFILLMENT}/packages/{shipped(c)}"),
    "ship_package": lambda c: c.post(f"{FULFILLMENT}/packages/{package_id(c)}/ship"),
    "batch_ship_packages": lambda c: c.post(f"{FULFILLMENT}/packages/ship", {"packages": [{"id": "1"}]}),
    "get_package_shipping_document": lambda c: c.get(
        f"{FULFILLMENT}/packages/{shipped(c)}/shipping_documents", document_type="SHIPPING_LABEL"
    ),
    "get_order_tracking": lambda c: c.get(f"{FULFILLMENT}/orders/{order(c, 'COMPLETED').id}/tracking"),
    "create_packages_202309": lambda c: c.post(f"{FULFILLMENT}/packages", {"order_id": order(c).id}),
    "create_packages_202512": lambda c: c.post(
        "/fulfillment/202512/packages", {"ship_type": "1", "order_id": order(c).id}
    ),
    "mark_package_as_shipped_202610": lambda c: c.post(
        f"/fulfillment/202610/orders/{order(c, shipping_type='SELLER').id}/packages", {"shipping_info_list": [SHIPMENT]}
    ),
    "mark_package_as_shipped_202309": mark_as_shipped,
    "get_order_split_attributes": lambda c: c.get(
        f"{FULFILLMENT}/orders/split_attributes", order_ids=[order(c).id, order(c, "COMPLETED").id]
    ),
    "confirm_order_split": confirmed_split,
    "search_combinable_packages": lambda c: c.get(f"{FULFILLMENT}/combinable_packages/search", page_size=50),
    "combine_package": lambda c: c.post(
        f"{FULFILLMENT}/packages/combine", {"combinable_packages": [{"id": combinable_id(c)}, {"id": "1"}]}
    ),
    "uncombine_packages": uncombined,
    "get_package_handover_time_slots": lambda c: c.within("GB").get(
        f"{FULFILLMENT}/packages/{package_id(c.within('GB'))}/handover_time_slots"
    ),
    "get_eligible_shipping_services": lambda c: c.post(f"{FULFILLMENT}/orders/{order(c).id}/shipping_services/query"),
    "check_tiktok_shipping_and_collection_by_tiktok_coverage": lambda c: c.get(
        "/fulfillment/202508/tts_tracking_validation", tracking_number="NW1"
    ),
    "update_package_shipping_info_202309": lambda c: c.post(
        f"{FULFILLMENT}/packages/{on_its_way(c).lines[0].package_id}/shipping_info/update", SHIPMENT
    ),
    "update_package_shipping_info_202610": lambda c: c.post(
        f"/fulfillment/202610/packages/{on_its_way(c).lines[0].package_id}/shipping_info/update",
        {"shipping_info_list": [SHIPMENT]},
    ),
    "update_order_shipping_info": lambda c: c.post(
        f"{FULFILLMENT}/orders/{on_its_way(c).id}/shipping_info/update", SHIPMENT
    ),
    "upload_proof_of_delivery_file": lambda c: c.upload(
        f"{FULFILLMENT}/files/upload", {"name": "a.pdf"}, {"data": ("a.pdf", b"%PDF")}
    ),
    "upload_proof_of_delivery_image": lambda c: c.upload(f"{FULFILLMENT}/images/upload", {}, PICTURE),
    "update_package_delivery_status": lambda c: c.within("ID").post(
        f"{FULFILLMENT}/packages/deliver", {"packages": [{"id": "1", "delivery_type": "DELIVERY_SUCCESS"}]}
    ),
    "create_first_mile_bundle": lambda c: c.without_cipher().post("/fulfillment/202407/bundles", BUNDLE),
    "create_first_mile_bundle_v2": lambda c: c.within("DE").post("/fulfillment/202510/first_mile_bundle", BUNDLE),
    "upload_invoice": lambda c: c.within("BR").post("/fulfillment/202502/invoice/upload", {"invoices": [NO_INVOICE]}),
    "get_warehouse_list": lambda c: c.get("/logistics/202309/warehouses"),
    "get_warehouse_delivery_options": lambda c: c.get(
        f"/logistics/202309/warehouses/{warehouse_id(c)}/delivery_options"
    ),
    "get_shipping_providers": lambda c: c.get(
        "/logistics/202309/delivery_options/7215600000000000102/shipping_providers"
    ),
    "get_reject_reasons": lambda c: c.get(f"{RETURN_REFUND}/reject_reasons", return_or_cancel_id=return_id(c)),
    "get_aftersale_eligibility_202309": lambda c: c.get(f"{RETURN_REFUND}/orders/{order(c).id}/aftersale_eligibility"),
    "get_aftersale_eligibility_202602": lambda c: c.get(f"{AFTERSALE_2026}/orders/{order(c).id}/aftersale_eligibility"),
    "calculate_refund_202309": refund_calculated("202309"),
    "calculate_refund_202602": refund_calculated("202602"),
    "cancel_order_202309": lambda c: c.post(
        f"{RETURN_REFUND}/cancellations", {"order_id": order(c).id, "cancel_reason": "reason_late"}
    ),
    "cancel_order_202602": cancel_order_202602,
    "search_cancellations_202602": search_cancellations_202602,
    "search_cancellations_202309": lambda c: c.post(f"{RETURN_REFUND}/cancellations/search", page_size=50),
    "approve_cancellation": lambda c: c.post(f"{RETURN_REFUND}/cancellations/{cancellation_id(c)}/approve"),
    "reject_cancellation": rejected_cancellation,
    "create_return_202309": create_return,
    "create_return_202602": create_return_202602,
    "search_returns_202602": lambda c: c.post(f"{AFTERSALE_2026}/returns/search", page_size=50),
    "search_returns_202309": lambda c: c.post(f"{RETURN_REFUND}/returns/search", page_size=50),
    "get_return_records": lambda c: c.get(f"{RETURN_REFUND}/returns/{return_id(c)}/records"),
    "approve_return": lambda c: c.post(
        f"{RETURN_REFUND}/returns/{return_id(c)}/approve", {"decision": "APPROVE_REFUND"}
    ),
    "reject_return_202309": rejected_return("202309"),
    "reject_return_202606": rejected_return("202606"),
    "get_statements": lambda c: c.get("/finance/202309/statements", sort_field="statement_time"),
    "get_transactions_by_statement_202501": lambda c: c.get(
        f"/finance/202501/statements/{statement_id(c)}/statement_transactions", sort_field="order_create_time"
    ),
    "get_transactions_by_order_202501": lambda c: c.get(
        f"/finance/202501/orders/{order(c, 'COMPLETED').id}/statement_transactions"
    ),
    "get_transactions_by_statement_202309": lambda c: c.get(
        f"/finance/202309/statements/{statement_id(c)}/statement_transactions", sort_field="order_create_time"
    ),
    "get_transactions_by_order_202309": lambda c: c.get(
        f"/finance/202309/orders/{order(c, 'COMPLETED').id}/statement_transactions"
    ),
    "get_unsettled_transactions": lambda c: c.get("/finance/202507/orders/unsettled", sort_field="order_create_time"),
    "get_payments_202309": lambda c: c.get("/finance/202309/payments", sort_field="create_time"),
    "get_payments_202605": lambda c: c.get("/finance/202605/payments", sort_field="create_time"),
    "get_seller_financial_transactions": lambda c: c.within("ID").get(
        "/finance/202309/withdrawals", types=["SETTLE", "WITHDRAW"], page_size=100
    ),
}


@pytest.mark.parametrize("operation_id", CALLS)
def test_an_answer_has_the_shape_of_the_spec(caller: Caller, operation_id: str) -> None:
    """The caller fails on any field, type or format that the spec does not have."""
    caller.conformance.checked.clear()
    assert CALLS[operation_id](caller).code == 0
    assert operation_id in caller.conformance.checked


def test_every_operation_that_is_served_is_in_the_table() -> None:
    operations = bundled_spec().operations
    assert set(CALLS) == {each.id for each in operations if (each.method, each.path) in served()}


@pytest.mark.parametrize(
    "data", [{"orders": [{"id": 5}]}, {"orders": [{"surprise": "x"}]}, {"orders": [{"create_time": 1}]}]
)
def test_an_answer_of_another_shape_would_be_noticed(conformance: Conformance, data: dict[str, object]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        conformance.check("POST", "/order/202309/orders/search", {"code": 0, "data": data})
