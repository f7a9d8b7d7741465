"""Deliveries by the seller's own fleet, and the pictures and files that prove them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tiktok_shop_async.sandbox.behaviour.fulfillment import find_package, first_order
from tiktok_shop_async.sandbox.behaviour.uploads import (
    ANY_USE_SIDES,
    IMAGE_TYPES,
    NOT_AN_IMAGE,
    file_part,
    file_url,
    read_image,
)
from tiktok_shop_async.sandbox.life.lifecycle import miss
from tiktok_shop_async.sandbox.refusal import RefusalError
from tiktok_shop_async.sandbox.registry import Data, serves
from tiktok_shop_async.sandbox.state.rows import Upload

if TYPE_CHECKING:
    from tiktok_shop_async.sandbox.call import Call
    from tiktok_shop_async.sandbox.state.rows import Package

WRONG_DELIVERY = 21001011
UNSUITABLE_SIDES = 12019116


@serves("POST", "/fulfillment/202309/files/upload")
def upload_delivery_file(call: Call) -> Data:
    """Takes a PDF."""
    part, name = file_part(call), str(call.body["name"])
    if not part.content.startswith(b"%PDF") or not name.lower().endswith(".pdf"):
        raise RefusalError(NOT_AN_IMAGE, "Unsuitable `data`: a PDF, whose `name` says so, is expected.")
    return {"url": _keep(call, part.content, "application/pdf"), "name": name}


@serves("POST", "/fulfillment/202309/images/upload")
def upload_delivery_image(call: Call) -> Data:
    """Takes a PNG or JPEG."""
    part = file_part(call)
    image_format, width, height = read_image(part.content)
    low, high = ANY_USE_SIDES
    if not (low <= width <= high and low <= height <= high):
        raise RefusalError(UNSUITABLE_SIDES, f"Unsuitable `data`: sides of {low} to {high} pixels are expected.")
    return {"url": _keep(call, part.content, IMAGE_TYPES[image_format]), "width": width, "height": height}


@serves("POST", "/fulfillment/202309/packages/deliver")
def update_delivery_status(call: Call) -> Data:
    """Reports what became of packages that the seller delivers. What fails is listed; the rest is done."""
    errors: list[dict[str, Any]] = []
    for entry in call.body["packages"]:
        try:
            _report(call, find_package(call, entry["id"]), entry)
        except RefusalError as refusal:
            detail = {"package_id": entry["id"]}
            errors.append({"code": refusal.code, "message": refusal.message, "detail": detail})
    return {"errors": errors} if errors else {}


def _report(call: Call, package: Package, entry: dict[str, Any]) -> None:
    if first_order(call, package).shipping_type != "SELLER":
        raise RefusalError(WRONG_DELIVERY, f"Package {package.id} is delivered by TikTok's carrier.")
    outcome = entry["delivery_type"]
    expected = "COMPLETED" if outcome == "UPDATE_POD" else "FULFILLING"
    if package.status != expected:
        raise RefusalError(WRONG_DELIVERY, f"Package {package.id} is {package.status}; {outcome} takes {expected}.")
    proof = str(entry.get("file_url") or "")
    if proof and proof.rpartition("/")[2] not in call.world.uploads:
        raise RefusalError(WRONG_DELIVERY, "Unknown `file_url`: the file has to be uploaded first.")
    if outcome == "DELIVERY_FAILED":
        reason = entry.get("fail_delivery_reason")
        if not reason:
            raise RefusalError(WRONG_DELIVERY, "Missing `fail_delivery_reason`: DELIVERY_FAILED needs it.")
        miss(package, str(reason), call.now)
    elif outcome == "DELIVERY_SUCCESS":
        call.world.agenda.happen(call.world, call.now, "deliver", call.shop.id, package.id)
    elif outcome != "UPDATE_POD" or not proof:
        raise RefusalError(WRONG_DELIVERY, "Unknown `delivery_type`, or UPDATE_POD without a `file_url`.")
    package.proof_url = proof or package.proof_url
    package.update_time = call.now


def _keep(call: Call, content: bytes, media_type: str) -> str:
    file_id = f"sandbox-{call.world.ids.hexadecimal(24)}"
    call.world.uploads.put(Upload(id=file_id, content=content, media_type=media_type))
    return file_url(call, file_id)
