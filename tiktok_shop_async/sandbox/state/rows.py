"""What the sandbox remembers: shops with their products, orders, packages, requests of buyers and statements.

The rows are plain records; what may happen to them stands in `lifecycle`, `aftersales` and `ledger`, how they look on
the wire in `behaviour`. All times are Unix seconds, all amounts `Decimal` in the shop's currency.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal  # noqa: TC003 - msgspec reads the rows' annotations
from typing import Any

from tiktok_shop_async.sandbox.state.money import ZERO, total
from tiktok_shop_async.sandbox.state.sharing import share_values

DISPLAY_PROGRESS = ("UNPAID", "AWAITING_SHIPMENT", "AWAITING_COLLECTION", "IN_TRANSIT", "DELIVERED", "COMPLETED")

OPEN_RETURN_STATUSES = frozenset(
    {
        "RETURN_OR_REFUND_REQUEST_PENDING",
        "AWAITING_BUYER_SHIP",
        "BUYER_SHIPPED_ITEM",
        "AWAITING_BUYER_RESPONSE",
        "REPLACEMENT_REQUEST_PENDING",
    }
)


@dataclass(slots=True, kw_only=True)
class Sku:
    """A variant of a product. `stock` is what can be sold, by warehouse; what open orders hold is counted apart."""

    id: str
    seller_sku: str
    price: Decimal
    stock: dict[str, int]
    committed: dict[str, int] = field(default_factory=dict[str, int])
    attributes: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    extras: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def name(self) -> str:
        """What a buyer reads beside the product's title, such as `Moss, 350 ml`."""
        return ", ".join(str(attribute.get("value_name", "")) for attribute in self.attributes) or "Default"


@dataclass(slots=True, kw_only=True)
class Revision:
    """A version of a listing beside the one that buyers see. Its variants hold a stock only where it was given anew."""

    title: str
    skus: list[Sku]
    details: dict[str, Any]

    def sku(self, sku_id: str) -> Sku | None:
        """The variant with this id, or None."""
        return next((sku for sku in self.skus if sku.id == sku_id), None)


@dataclass(slots=True, kw_only=True)
class Product:
    """A listing. `details` holds the fields that the sandbox keeps and hands back without acting on them.

    What is edited while buyers see it is `under_review` or a `draft`. `submission` counts what was handed in to audit.
    """

    id: str
    title: str
    status: str
    skus: list[Sku]
    create_time: int
    update_time: int
    details: dict[str, Any] = field(default_factory=dict[str, Any])
    submission: int = 0
    failures: list[AuditFailure] = field(default_factory=list["AuditFailure"])
    under_review: Revision | None = None
    draft: Revision | None = None
    replicas: dict[str, str] = field(default_factory=dict[str, str])
    """Its copies in shops of the same seller in other markets: product ids by shop id."""

    @property
    def audit_status(self) -> str:
        """How far the audit of its latest version is, as the API names it."""
        if self.status == "PENDING" or self.under_review is not None:
            return "AUDITING"
        if self.status == "FAILED" or (self.status == "ACTIVATE" and self.failures):
            return "FAILED"
        return "APPROVED" if self.status == "ACTIVATE" else "NONE"

    @property
    def has_draft(self) -> bool:
        """Whether there is a version that is not handed in yet."""
        return self.status == "DRAFT" or self.draft is not None

    def sku(self, sku_id: str) -> Sku | None:
        """The variant with this id, or None."""
        return next((sku for sku in self.skus if sku.id == sku_id), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFailure:
    """Why a listing, or an edit of one, was turned down: what is wrong, where, and what to do about it."""

    position: str
    reason: str
    suggestion: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """Who bought, and where the parcel goes."""

    user_id: str
    first_name: str
    last_name: str
    phone: str
    street: str
    unit: str
    city: str
    state: str
    postal_code: str
    region: str

    def __post_init__(self) -> None:
        share_values(self)


@dataclass(slots=True, kw_only=True)
class LineItem:
    """One unit of an order."""

    id: str
    product_id: str
    product_name: str
    sku_id: str
    sku_name: str
    seller_sku: str
    image_uri: str
    original_price: Decimal
    seller_discount: Decimal
    platform_discount: Decimal
    tax: Decimal
    status: str = "UNPAID"
    package_id: str | None = None
    shipped_at: int | None = None
    cancelled_by: str | None = None
    cancel_reason: str | None = None
    refunded: Decimal = ZERO
    """What the buyer got back of this unit's price, without tax and shipping."""

    def __post_init__(self) -> None:
        share_values(self)

    @property
    def sale_price(self) -> Decimal:
        """What the buyer paid for this unit, without tax and shipping."""
        return self.original_price - self.seller_discount - self.platform_discount

    @property
    def is_cancelled(self) -> bool:
        """Whether this unit is out of the order."""
        return self.status == "CANCELLED"


@dataclass(slots=True, kw_only=True)
class ExternalOrder:
    """An order as another system knows it. `lines` tells that system's id of each line."""

    id: str
    platform: str
    lines: dict[str, str]


@dataclass(slots=True, kw_only=True)
class Order:
    """An order with its lines. Its status follows from theirs."""

    id: str
    buyer: Buyer
    lines: list[LineItem]
    shipping_type: str
    warehouse_id: str
    create_time: int
    update_time: int
    shipping_list_price: Decimal
    shipping_seller_discount: Decimal
    shipping_platform_discount: Decimal
    shipping_tax: Decimal
    carrier_cost: Decimal
    tax_rate: Decimal
    is_on_hold: bool = False
    is_sample: bool = False
    buyer_message: str = ""
    paid_time: int | None = None
    shipped_time: int | None = None
    collection_time: int | None = None
    delivery_time: int | None = None
    completion_time: int | None = None
    cancel_time: int | None = None
    cancel_request_time: int | None = None
    cancel_initiator: str | None = None
    cancel_reason: str | None = None
    refunds: list[Refund] = field(default_factory=list["Refund"])
    external_orders: list[ExternalOrder] = field(default_factory=list[ExternalOrder])
    bundle_id: str | None = None
    replaced_order_id: str | None = None

    def __post_init__(self) -> None:
        share_values(self)

    @property
    def status(self) -> str:
        """The status of the whole order, as the API names it."""
        open_statuses = [line.status for line in self.lines if not line.is_cancelled]
        if not open_statuses:
            return "CANCELLED"
        progress = sorted({DISPLAY_PROGRESS.index(status) for status in open_statuses})
        if self.is_on_hold:
            return "ON_HOLD"
        if DISPLAY_PROGRESS[progress[0]] == "AWAITING_SHIPMENT" and len(progress) > 1:
            return "PARTIALLY_SHIPPING"
        return DISPLAY_PROGRESS[progress[0]]

    @property
    def shipping_fee(self) -> Decimal:
        """What the buyer paid for shipping."""
        return self.shipping_list_price - self.shipping_seller_discount - self.shipping_platform_discount

    @property
    def total_amount(self) -> Decimal:
        """What the buyer paid in all."""
        goods = total(line.sale_price + line.tax for line in self.lines)
        return goods + self.shipping_fee + self.shipping_tax

    def select(self, line_ids: list[str]) -> list[LineItem]:
        """The lines with these ids."""
        return [line for line in self.lines if line.id in line_ids]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """Money that went back to the buyer: of goods (by line), of tax and of shipping."""

    goods: dict[str, Decimal]
    tax: Decimal
    shipping: Decimal
    time: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackingStep:
    """Something that happened to a parcel on its way."""

    description: str
    time: int


@dataclass(slots=True, kw_only=True)
class Package:
    """A parcel of one order, or of several orders that were combined."""

    id: str
    order_ids: list[str]
    line_ids: list[str]
    status: str
    create_time: int
    update_time: int
    shipping_provider_id: str = ""
    tracking_number: str = ""
    handover_method: str | None = None
    pickup_slot: dict[str, int] | None = None
    dimension: dict[str, str] | None = None
    weight: dict[str, str] | None = None
    steps: list[TrackingStep] = field(default_factory=list[TrackingStep])
    proof_url: str = ""
    has_invoice: bool = False

    @property
    def is_combined(self) -> bool:
        """Whether it holds more than one order."""
        return len(self.order_ids) > 1

    def __post_init__(self) -> None:
        share_values(self)


@dataclass(slots=True, kw_only=True)
class Cancellation:
    """A request to cancel an order or a part of it, by the buyer or by the seller."""

    id: str
    order_id: str
    line_ids: list[str]
    role: str
    reason: str
    status: str
    create_time: int
    update_time: int
    refund: Refund


@dataclass(slots=True, kw_only=True)
class ReturnRequest:
    """A request for a refund after delivery, with or without sending the goods back."""

    id: str
    order_id: str
    line_ids: list[str]
    type: str
    role: str
    reason: str
    status: str
    create_time: int
    update_time: int
    refund: Refund
    shipment_type: str = "PLATFORM"
    handover_method: str = "DROP_OFF"
    tracking_number: str = ""
    buyer_keeps_item: bool = False
    offered_amount: Decimal | None = None
    is_offer_refused: bool = False
    records: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    @property
    def is_open(self) -> bool:
        """Whether someone still has to decide or to send something."""
        return self.status in OPEN_RETURN_STATUSES


@dataclass(slots=True, kw_only=True)
class Webhook:
    """Where notifications of one type are to go."""

    id: str
    address: str
    create_time: int
    update_time: int


@dataclass(slots=True, kw_only=True)
class Upload:
    """A file that can be fetched from the sandbox."""

    id: str
    content: bytes
    media_type: str
    details: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomBrand:
    """A brand that the seller has made."""

    id: str
    name: str


@dataclass(slots=True, kw_only=True)
class GlobalSku:
    """A variant of a global product. `stock` is by global warehouse, `quantity` what is shared out among markets."""

    id: str
    seller_sku: str
    price: Decimal
    currency: str
    quantity: int | None
    stock: dict[str, int]
    attributes: list[dict[str, Any]]
    extras: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """The listing that a global product has in one shop; its variants by those of the global product."""

    shop_id: str
    product_id: str
    skus: dict[str, str]


@dataclass(slots=True, kw_only=True)
class GlobalProduct:
    """A product of a seller, from which listings in the seller's shops are made."""

    id: str
    title: str
    status: str
    skus: list[GlobalSku]
    create_time: int
    update_time: int
    details: dict[str, Any]
    publications: list[Publication] = field(default_factory=list[Publication])

    def sku(self, sku_id: str) -> GlobalSku | None:
        """The variant with this id, or None."""
        return next((sku for sku in self.skus if sku.id == sku_id), None)


@dataclass(slots=True, kw_only=True)
class Contact:
    """A manufacturer or a responsible person, with its particulars by language."""

    id: str
    create_time: int
    profiles: dict[str, dict[str, Any]]
