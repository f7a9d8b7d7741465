"""What takes the place of what the API had: its endpoints and codes before 202309, and superseded revisions.

    from tiktok_shop_async.migration import order_status, successor

    successor("Get Order List").methods        # ("orders.get_order_list",)
    successor("/api/orders/search").methods    # the same, by its path
    order_status(111)                          # OrderStatus.AWAITING_SHIPMENT

From a shell: `python -m tiktok_shop_async.migration NAME`. Nothing of the client needs this module.
"""

from __future__ import annotations

import argparse
import re
import sys
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from types import MethodType
from typing import TYPE_CHECKING

import msgspec

from tiktok_shop_async.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tiktok_shop_async.models import OrderStatus

__all__ = ["Successor", "order_status", "successor", "successors"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Successor:
    """What takes the place of an API, a webhook or a revision."""

    name: str
    """What is superseded: a title (`Get Order List`), or a method (`orders.get_order_detail_202309`)."""
    area: str
    """What the API before 202309 called the group that it belongs to; `Revision` for one of today's methods."""
    endpoint: str = ""
    """Method and path of what is superseded; empty where they are not known."""
    methods: tuple[str, ...] = ()
    """What to call now: `orders.get_order_list` is `client.orders.get_order_list`."""
    events: tuple[str, ...] = ()
    """The classes of `tiktok_shop_async.events` that come in place of a webhook."""
    note: str = ""
    """What to know besides."""

    def __str__(self) -> str:
        lines = [f"{self.name} ({self.area}{f', {self.endpoint}' if self.endpoint else ''})"]
        lines += [f"  client.{method}" for method in self.methods]
        lines += [f"  tiktok_shop_async.events.{event}" for event in self.events]
        lines += [f"  {self.note}"] if self.note else []
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class _Data:
    apis: tuple[Successor, ...]
    revisions: tuple[Successor, ...]
    codes: dict[str, dict[str, str]]


def successor(name: str) -> Successor:
    """Tell what takes the place of an API before 202309, or of a superseded revision.

    Args:
        name: The title of the API, in any spelling (`Get Order List`, `get_order_list`); its path or URL, with the HTTP
            method where several share it (`PUT /api/products`); the title of a webhook; a superseded method
            (`orders.get_order_detail_202309`), by its plain name too (`returns.search_returns`), or its path.

    Raises:
        ArgumentError: Nothing of that name is superseded, or several things are. The text names those that are near, or
            says that this is what to call today.
    """
    known = _index()
    found = known.get(_key(name), ())
    method = "" if found else _method_of_today(name)
    found = found or known.get(_key(method), ())
    if len(found) == 1:
        return found[0]
    if found:
        choices = ", ".join(f"{each.endpoint} ({each.name})" for each in found)
        raise ArgumentError(f"name: {name!r} is several APIs; give one of {choices}")
    if method:
        raise ArgumentError(f"name: {name!r} is a method of today's API; nothing has taken its place")
    near = [known[key][0].name for key in get_close_matches(_key(name), known, n=3)]
    hint = f"; did you mean {' or '.join(dict.fromkeys(near))}?" if near else ""
    raise ArgumentError(f"name: nothing that is called {name!r} has a successor{hint}")


def _method_of_today(name: str) -> str:
    """The method that a name such as `returns.search_returns` calls, with its version; empty where there is none."""
    from tiktok_shop_async.client import TikTokShop

    resource, _, method = name.removeprefix("client.").partition(".")
    if not resource.isidentifier() or not method.isidentifier() or method.startswith("_"):
        return ""
    found = getattr(getattr(TikTokShop("app-key", "app-secret"), resource, None), method, None)
    return f"{resource}.{found.__name__}" if isinstance(found, MethodType) else ""


def successors() -> tuple[Successor, ...]:
    """Everything that is superseded: the APIs and webhooks before 202309, then the revisions of today's methods."""
    return _data().apis + _data().revisions


def order_status(code: int | str) -> OrderStatus:
    """The status that an integer stood for before 202309: 111 is `OrderStatus.AWAITING_SHIPMENT`.

    Raises:
        ArgumentError: No status had this code.
    """
    from tiktok_shop_async.models import OrderStatus

    codes = _data().codes["OrderStatus"]
    if str(code) not in codes:
        raise ArgumentError(f"code: got {code!r}; the codes of order statuses were {', '.join(codes)}")
    return OrderStatus(codes[str(code)])


@cache
def _data() -> _Data:
    content = files("tiktok_shop_async").joinpath("migration.json").read_bytes()
    return msgspec.json.decode(content, type=_Data)


@cache
def _index() -> Mapping[str, tuple[Successor, ...]]:
    """Everything that is superseded, by each spelling that leads to it."""
    found: dict[str, tuple[Successor, ...]] = {}
    for each in successors():
        for key in _keys(each):
            found[key] = (*found.get(key, ()), each)
    return found


def _keys(each: Successor) -> Iterator[str]:
    keys = {each.name, each.name.partition(": ")[2], each.endpoint, each.endpoint.partition(" ")[2]}
    yield from sorted({_key(key) for key in keys if key})


def _key(name: str) -> str:
    """A name without what spellings differ in: host, query, placeholders, capitals, spaces and underscores."""
    path = re.sub(r"https?://[^/]+|\?.*|\{[^}]*\}", "", name)
    return re.sub(r"[^a-z0-9]+", "", path.lower())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Returns:
        0 where everything that was asked for is known, or else 1.
    """
    parser = argparse.ArgumentParser(
        prog="python -m tiktok_shop_async.migration",
        description="Tell what takes the place of APIs before 202309, and of superseded revisions.",
    )
    parser.add_argument(
        "name", nargs="*", help="an API, a path, a method, or the code of an order status; everything if none is given"
    )
    names = parser.parse_args(arguments).name
    if not names:
        print("\n".join(map(str, successors())))
    failed = False
    for name in names:
        try:
            print(f"{name}: OrderStatus.{order_status(name).name}" if name.isdecimal() else successor(name))
        except ArgumentError as error:
            print(error, file=sys.stderr)
            failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
