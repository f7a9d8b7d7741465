"""Models as the generator writes them, small and invented, for the tests of decoding."""

from __future__ import annotations

from typing import Any, ClassVar

from attrs import define, field

from tiktok_shop_async.model import InputModel, Model
from tiktok_shop_async.operation import DECIMAL, TEXT, Parameter


@define(kw_only=True, eq=False, repr=False)
class Price(InputModel):
    """A price, sent and received."""

    amount: str | None = None
    currency: str | None = None

    __shapes__: ClassVar[dict[str, Parameter]] = {
        "amount": Parameter(DECIMAL, required=True),
        "currency": Parameter(TEXT),
    }


@define(kw_only=True, eq=False, repr=False)
class LabelInput(InputModel):
    """Something that only requests hold."""

    text: str
    tags: list[str] | None = None
    price: Price | None = None

    __shapes__: ClassVar[dict[str, Parameter]] = {"text": Parameter(TEXT, required=True)}


@define(kw_only=True, eq=False, repr=False)
class Payment(Model):
    """What a basket costs."""

    total: str | None = None
    tax: str | None = None
    price: Price = field(factory=Price)


@define(kw_only=True, eq=False, repr=False)
class Line(Model):
    """One article in a basket."""

    id: str = ""
    type: str | None = None
    quantity: int | None = None
    is_gift: bool | None = None
    weight: float | None = None
    date: str | None = None
    payment: Payment = field(factory=Payment)
    notes: list[str] = field(factory=list)


@define(kw_only=True, eq=False, repr=False)
class Basket(Model):
    """A row of a page."""

    id: str = ""
    status: str | None = None
    create_time: int | None = None
    is_open: bool | None = None
    payment: Payment = field(factory=Payment)
    lines: list[Line] = field(factory=list)
    codes: list[int] = field(factory=list)
    grid: list[list[str]] = field(factory=list)
    labels: dict[str, str] = field(factory=dict)
    extra: Any = None


@define(kw_only=True, eq=False, repr=False)
class BasketPage(Model):
    """A page of baskets."""

    baskets: list[Basket] = field(factory=list)
    next_page_token: str | None = None
    total_count: int | None = None


@define(kw_only=True, eq=False, repr=False)
class Branch(Model):
    """A model that contains itself."""

    name: str | None = None
    children: list[Branch] = field(factory=list)
