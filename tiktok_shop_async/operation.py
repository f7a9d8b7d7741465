"""The vocabulary that the generated clients are written in: what an operation is, as data.

An `Operation` says everything the runtime needs to know about one endpoint; the runtime itself knows none of them.
The shapes (`Text`, `Integer`, `Items`, …) describe what a request may hold, so that `encoding` can refuse a wrong
value before anything is sent. All of it are structs of msgspec, which are made faster than dataclasses, classes and
instances alike: a resource has hundreds, and they are made at the start of a program.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, Literal, TypeAlias, TypeVar

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Mapping

AnswerT = TypeVar("AnswerT")
PageT = TypeVar("PageT")
ItemT = TypeVar("ItemT")

Safety: TypeAlias = Literal["read", "idempotent", "unsafe"]
Token: TypeAlias = Literal["seller", "creator", "partner"]
Need: TypeAlias = Literal["required", "optional"]


class Text(Struct, frozen=True):
    """A string; `format` is `decimal`, `date` or empty, `max_length` counts characters."""

    max_length: int | None = None
    format: str = ""


class Integer(Struct, frozen=True):
    """A whole number within inclusive bounds."""

    minimum: int | None = None
    maximum: int | None = None


class Number(Struct, frozen=True):
    """A JSON number within inclusive bounds."""

    minimum: float | None = None
    maximum: float | None = None


class Boolean(Struct, frozen=True):
    """True or false."""


class Anything(Struct, frozen=True):
    """Any JSON value: the reference does not say which."""


class File(Struct, frozen=True):
    """The content of a file, sent as a streamed multipart part."""


class Items(Struct, frozen=True):
    """A list whose members all have one shape."""

    of: Shape
    min_items: int | None = None
    max_items: int | None = None


class Object(Struct, frozen=True):
    """A nested object, by the place of its input class under `tiktok_shop_async.models`: `"product_input.SkuInput"`.

    Named and not imported, so that a resource loads without its models.
    """

    model: str


Shape: TypeAlias = Text | Integer | Number | Boolean | Anything | File | Items | Object

TEXT = Text()
DECIMAL = Text(format="decimal")
INTEGER = Integer()
NUMBER = Number()
BOOLEAN = Boolean()
ANYTHING = Anything()
FILE = File()


class Parameter(Struct, frozen=True):
    """One thing that a request can carry: its shape, whether it has to, and whether it is a preview."""

    shape: Shape
    required: bool = False
    preview: bool = False


class Window(Struct, frozen=True):
    """Filters of a time that cut a list into ranges: where a request says their ends. Dotted names are paths in it.

    `since` is part of the range, `until` where it is `inclusive`. `sort` is the `sort_field` for the order of that
    time, None where the list cannot be sorted so.
    """

    since: str
    until: str
    inclusive: bool = False
    sort: str | None = None


class Paging(Struct, frozen=True):
    """Where a list endpoint keeps its rows and its position. Dotted names are paths within `data`.

    Pages follow each other by token, or are counted where `number` names the parameter, beginning with `first`.
    `size` names the parameter for the rows of a page, of which there are `largest` at most. `windows` are the times by
    which the list can be filtered, by the field of a row.
    """

    items: str
    key: str | None = None
    token: str = "page_token"
    token_in: Literal["query", "body"] = "query"
    next_token: str = "next_page_token"
    number: str | None = None
    first: int = 1
    total: str | None = None
    size: str | None = None
    largest: int | None = None
    windows: Mapping[str, Window] = field(default_factory=dict[str, Window])

    @property
    def parameter(self) -> str:
        """What a request says its position with."""
        return self.number or self.token


class PartialErrors(Struct, frozen=True):
    """Where an answer of code 0 lists the items that failed, and where an entry names its item."""

    errors: str
    item: str | None = None


class Operation(Struct, Generic[AnswerT], frozen=True, kw_only=True):
    """One revision of one endpoint.

    `name` is what a caller writes (`orders.get_order_list`); `path` is a template with `{placeholders}`;
    `answer` is the place of the answer's class under `tiktok_shop_async.models`, or None where `data` is empty.
    """

    name: str
    method: str
    path: str
    version: str
    safety: Safety
    token: Token = "seller"
    scopes: tuple[str, ...] = ()
    shop_cipher: Need | None = None
    category_asset_cipher: Need | None = None
    idempotency_key: str | None = None
    path_parameters: Mapping[str, Parameter] = field(default_factory=dict[str, Parameter])
    query: Mapping[str, Parameter] = field(default_factory=dict[str, Parameter])
    body: Mapping[str, Parameter] = field(default_factory=dict[str, Parameter])
    multipart: bool = False
    answer: str | None = None
    partial_errors: PartialErrors | None = None
    successor: str | None = None
    preview: bool = False


class PagedOperation(Operation[PageT], Generic[PageT, ItemT], frozen=True, kw_only=True):
    """A list endpoint: its answers are pages of `PageT` that hold rows of `ItemT`."""

    paging: Paging
