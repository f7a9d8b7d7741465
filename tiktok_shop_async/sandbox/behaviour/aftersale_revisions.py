"""Cancellations and returns in the revisions of 2026: those of 2023, and what differs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tiktok_shop_async.sandbox.behaviour import aftersale_terms, cancellations, returns
from tiktok_shop_async.sandbox.behaviour.aftersale_terms import UNKNOWN_REASON, reject_reason
from tiktok_shop_async.sandbox.behaviour.returns import WRONG_PARAMETER, check_decision, find_return, part_offered
from tiktok_shop_async.sandbox.life.aftersales import REJECTIONS, due_decision, offer_part
from tiktok_shop_async.sandbox.made_up.assortment import CANCEL_REASONS, RETURN_REASONS, SELLER_CANCEL_REASONS
from tiktok_shop_async.sandbox.refusal import RefusalError
from tiktok_shop_async.sandbox.registry import Data, serves

if TYPE_CHECKING:
    from collections.abc import Collection

    from tiktok_shop_async.sandbox.call import Call

OFFER = "OFFER_PARTIAL_REFUND_AFTER_RECEIVING_PKG"
LONGEST_COMMENT = 500
MOST_IMAGES = 6


@serves("POST", "/return_refund/202602/returns/search")
def search_returns(call: Call) -> Data:
    """As before, without pictures. Whether the buyer keeps the goods is said of replacements alone."""
    data = returns.search_returns(call)
    for row in data["return_orders"]:
        del row["can_buyer_keep_item"]
        if row["return_type"] == "REPLACEMENT":
            row["can_buyer_keep_item"] = True
        row["is_quick_refund"] = False
        _drop_pictures(row["return_line_items"])
    return data


@serves("POST", "/return_refund/202602/cancellations/search")
def search_cancellations(call: Call) -> Data:
    """As before, without pictures. The answer that the seller owes has another name."""
    data = cancellations.search_cancellations(call)
    for row in data["cancellations"]:
        for due in row.get("seller_next_action_response", ()):
            due["action"] = "SELLER_RESPOND_BUYER_CANCEL"
        _drop_pictures(row["cancel_line_items"])
    return data


@serves("POST", "/return_refund/202602/cancellations")
def cancel_order(call: Call) -> Data:
    """As before, for one of the reasons that the eligibility lists."""
    _check_reason(call, "cancel_reason", SELLER_CANCEL_REASONS)
    return cancellations.cancel_order(call)


@serves("POST", "/return_refund/202602/returns")
def create_return(call: Call) -> Data:
    """As before, for one of the reasons that the eligibility lists."""
    _check_reason(call, "return_reason", RETURN_REASONS)
    if call.body.get("refund_total") and not call.body.get("currency"):
        raise RefusalError(WRONG_PARAMETER, "Missing `currency`: it is needed with `refund_total`.")
    return returns.create_return(call)


@serves("GET", "/return_refund/202602/orders/{order_id}/aftersale_eligibility")
def get_aftersale_eligibility(call: Call) -> Data:
    """As before, for the types of request that are asked about, and with the reasons that each can give."""
    by_buyer = call.query.get("initiate_aftersale_user") == "BUYER"
    wanted = call.query.get("request_types")
    data = aftersale_terms.get_aftersale_eligibility(call)
    for row in data["sku_eligibility"]:
        entries = [each for each in row["line_item_eligibility"] if not wanted or each["request_type"] in wanted]
        for entry in entries:
            entry["order_line_list"] = [{"order_line_item_id": line_id} for line_id in entry["order_line_items_ids"]]
            if entry["eligible"]:
                to_cancel = CANCEL_REASONS if by_buyer else SELLER_CANCEL_REASONS
                entry["available_reason_names"] = list(
                    to_cancel if entry["request_type"] == "CANCEL" else RETURN_REASONS
                )
        row["line_item_eligibility"] = entries
    return data


@serves("POST", "/return_refund/202606/returns/{return_id}/reject")
def reject_return(call: Call) -> Data:
    """As before, and of goods that came back the seller may offer a part of the price."""
    if call.body["decision"] != OFFER:
        return returns.reject_return(call)
    request = find_return(call)
    due = due_decision(request)
    allowed = set(REJECTIONS.get(due or "", {}))
    check_decision(request, allowed | {OFFER} if due == "SELLER_RESPOND_RECEIVE_PACKAGE" else allowed, OFFER)
    reason = reject_reason(call.body)
    comment = str(call.body.get("comment") or "")
    if len(comment) > LONGEST_COMMENT or len(call.body.get("images") or ()) > MOST_IMAGES:
        raise RefusalError(
            WRONG_PARAMETER,
            f"Too long `comment` or too many `images`: {LONGEST_COMMENT} characters and {MOST_IMAGES} are the most.",
        )
    offer: dict[str, Any] = call.body.get("partial_refund_amount") or {}
    if offer.get("currency") != call.shop.currency:
        raise RefusalError(
            WRONG_PARAMETER, f"Wrong `partial_refund_amount.currency`: {call.shop.currency} is that of the return."
        )
    amount = part_offered(request, offer.get("partial_refund_total", "0"), "partial_refund_amount.partial_refund_total")
    offer_part(call.world, call.shop, request, OFFER, amount, call.now, reason=reason, comment=comment)
    return {}


def _check_reason(call: Call, name: str, allowed: Collection[str]) -> None:
    if call.body[name] not in allowed:
        raise RefusalError(UNKNOWN_REASON, f"Unknown `{name}`: the endpoint of eligibility lists what is allowed.")


def _drop_pictures(lines: list[dict[str, Any]]) -> None:
    for line in lines:
        del line["product_image"]
