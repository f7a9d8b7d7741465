"""Invoices of packages, which local sellers in Brazil upload."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from tiktok_shop_async.sandbox.behaviour.fulfillment import find_package
from tiktok_shop_async.sandbox.gate.file_size import MEGABYTE
from tiktok_shop_async.sandbox.life.occasions import invoice_uploaded
from tiktok_shop_async.sandbox.refusal import BAD_REQUEST, RefusalError
from tiktok_shop_async.sandbox.registry import Data, serves

if TYPE_CHECKING:
    from tiktok_shop_async.sandbox.call import Call


@serves("POST", "/fulfillment/202502/invoice/upload")
def upload_invoices(call: Call) -> Data:
    """Takes an invoice for each package. What fails is listed; the rest is taken."""
    errors: list[dict[str, Any]] = []
    invoices: list[dict[str, Any]] = call.body.get("invoices") or []
    for entry in invoices:
        try:
            _take(call, entry)
        except RefusalError as refusal:
            detail: dict[str, Any] = {name: entry[name] for name in ("package_id", "order_ids")}
            errors.append({"code": refusal.code, "message": refusal.message, "detail": detail})
    return {"errors": errors} if errors else {}


def _take(call: Call, entry: dict[str, Any]) -> None:
    package = find_package(call, entry["package_id"])
    if package.status == "CANCELLED":
        raise RefusalError(BAD_REQUEST, f"Package {package.id} is cancelled.")
    if package.has_invoice:
        raise RefusalError(BAD_REQUEST, f"Package {package.id} has its invoice already.")
    if set(entry["order_ids"]) != set(package.order_ids):
        raise RefusalError(BAD_REQUEST, f"Wrong `order_ids`: those in package {package.id} are expected.")
    try:
        content = base64.b64decode(entry["file"], validate=True)
    except ValueError:
        raise RefusalError(BAD_REQUEST, "Wrong `file`: Base64 is expected.") from None
    if entry["file_type"] != "XML" or not content.lstrip().startswith(b"<") or len(content) > MEGABYTE:
        raise RefusalError(BAD_REQUEST, "Wrong `file`: an XML document of 1 MB at most is expected.")
    package.has_invoice = True
    package.update_time = call.now
    invoice_uploaded(call.world, call.shop, package, call.now)
