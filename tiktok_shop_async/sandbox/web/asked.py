"""What the control API can be asked: the bodies of its writes and the queries of its reads, with their bounds."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

import msgspec

from tiktok_shop_async.sandbox.life.accounts import ACCESS_TOKEN_LIFETIME
from tiktok_shop_async.sandbox.made_up.assortment import CANCEL_REASONS, RETURN_REASONS
from tiktok_shop_async.sandbox.stage import AUDIT_REASON
from tiktok_shop_async.sandbox.state.clock import DAY, FASTEST, HOUR, LATEST

Count: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
"""A number that fits wherever it is kept, sent on or read."""


class Nothing(msgspec.Struct, forbid_unknown_fields=True):
    """Nothing can be said."""


class ClockMove(msgspec.Struct, forbid_unknown_fields=True):
    advance: Annotated[float, msgspec.Meta(ge=0, le=LATEST)] | None = None
    set: Annotated[float, msgspec.Meta(ge=0, le=LATEST)] | None = None
    factor: Annotated[float, msgspec.Meta(ge=0, le=FASTEST)] | None = None


class Item(msgspec.Struct, forbid_unknown_fields=True):
    sku_id: str
    quantity: int = 1


class NewOrders(msgspec.Struct, forbid_unknown_fields=True):
    count: int = 1
    shop_id: str | None = None
    items: list[Item] = []
    buyer: dict[str, str] = {}
    shipping_type: str = "TIKTOK"
    status: str = "AWAITING_SHIPMENT"
    sample: bool = False
    message: str | None = None


class OrderFilter(msgspec.Struct, forbid_unknown_fields=True):
    shop_id: str | None = None
    status: str | None = None
    limit: int = 100


class OrderStep(msgspec.Struct, forbid_unknown_fields=True):
    step: str | None = None
    to: str | None = None


class Step(msgspec.Struct, forbid_unknown_fields=True):
    step: str


class NewCancellation(msgspec.Struct, forbid_unknown_fields=True):
    reason: str = CANCEL_REASONS[0]


class NewReturn(msgspec.Struct, forbid_unknown_fields=True):
    line_ids: list[str] = []
    type: str = "RETURN_AND_REFUND"
    reason: str = RETURN_REASONS[0]


class Audit(msgspec.Struct, forbid_unknown_fields=True):
    passed: bool
    reason: str = AUDIT_REASON


class NewFault(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    kind: str
    operation: str | None = None
    path: str | None = None
    shop_id: str | None = None
    times: Count | None = 1
    share: float = 1.0
    after: bool = False
    status: int | None = None
    code: Count | None = None
    message: str | None = None
    retry_after: Count | None = None
    delay: Annotated[float, msgspec.Meta(ge=0, le=DAY)] = 0.0
    fields: list[str] = []


class RequestFilter(msgspec.Struct, forbid_unknown_fields=True):
    operation: str | None = None
    path: str | None = None
    method: str | None = None
    shop_id: str | None = None
    code: int | None = None
    status: int | None = None
    failed: bool | None = None
    after: int = 0
    limit: int = 100


class DeliveryFilter(msgspec.Struct, forbid_unknown_fields=True):
    event_type: str | None = None
    state: str | None = None
    shop_id: str | None = None


class NewNotification(msgspec.Struct, forbid_unknown_fields=True):
    event_type: str | Count
    data: dict[str, Any] | None = None
    changes: dict[str, Any] | None = None
    address: str | None = None
    shop_id: str | None = None
    envelope: dict[str, Any] | None = None
    without: list[str] = []
    ids_as_numbers: bool = False


class Manner(msgspec.Struct, forbid_unknown_fields=True):
    address: str | msgspec.UnsetType | None = msgspec.UNSET
    duplicates: Annotated[float, msgspec.Meta(ge=0, le=1)] | msgspec.UnsetType = msgspec.UNSET
    shuffle: Count | msgspec.UnsetType = msgspec.UNSET
    timeout: Annotated[float, msgspec.Meta(gt=0, le=HOUR)] | msgspec.UnsetType = msgspec.UNSET
    seed: Count | msgspec.UnsetType = msgspec.UNSET


class NewToken(msgspec.Struct, forbid_unknown_fields=True):
    kind: Literal["seller", "creator", "partner"] = "seller"
    shop_ids: list[str] | None = None
    scopes: list[str] | None = None
    lifetime: Count = ACCESS_TOKEN_LIFETIME


class NewConsent(msgspec.Struct, forbid_unknown_fields=True):
    shop_ids: list[str] | None = None
    scopes: list[str] | None = None


class Expiry(msgspec.Struct, forbid_unknown_fields=True):
    refresh_tokens: bool = False
